# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Which recordings go, and why."""

from __future__ import annotations

import fnmatch
import time
from datetime import date, datetime, timedelta, timezone

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.recording import retention
from ansible_collections.voiceops.asterisk.plugins.module_utils.recording.retention import DAY, Hold, Policy
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc).timestamp()
PLENTY = 10**15


def path(days: float, number: str = "1002", unique: int = 1) -> str:
    """The name of a recording that began so many days ago."""
    began = time.gmtime(NOW - days * DAY)
    return time.strftime("%Y/%m/%d/%H%M%S", began) + f"-{unique}.1-{number}.wav"


def recorded(
    days: float, *, size: int = 1000, number: str = "1002", unique: int = 1, written: float | None = None
):
    found = retention.recording(
        path(days, number, unique), size, size, NOW - (days if written is None else written) * DAY
    )
    assert found
    return found


def decided(recordings, policy, free=PLENTY, total=2 * PLENTY):
    decision = retention.decide(recordings, policy, NOW, free, total)
    return [removal.recording for removal in decision.remove], decision


@pytest.mark.parametrize(
    "name",
    [
        "2026/11/23/081530-1795422556.176-1002.wav.part",
        "2026/11/23/.081530-1795422556.176-1002.wav",
        "2026/11/23/081530-1795422556.176-abc.wav",
        "2026/11/23/x/081530-1795422556.176-1002.wav",
        "2026/02/31/081530-1795422556.176-1002.wav",
        "2026/11/23/241530-1795422556.176-1002.wav",
        "0000/11/23/081530-1795422556.176-1002.wav",
        "lost+found/a",
        ".storage",
    ],
)
def test_what_is_not_named_like_a_recording_is_none(name):
    assert retention.recording(name, 1, 1, 1.0) is None


def test_the_name_tells_when_it_began_and_whose_it_is():
    found = retention.recording("2026/11/23/081530-1795422556.176-007.wav", 44, 4096, 5.0)
    assert found
    assert datetime.fromtimestamp(found.began, timezone.utc) == datetime(
        2026, 11, 23, 8, 15, 30, tzinfo=timezone.utc
    )
    assert (found.number, found.size, found.room, found.changed) == ("007", 44, 4096, 5.0)


def test_by_age_what_is_older_goes_the_oldest_first():
    files = [recorded(days) for days in (29.9, 400, 31, 1, 30.1)]
    gone, decision = decided(files, Policy(keep_days=30))
    assert gone == [files[1], files[2], files[4]]
    assert {removal.why for removal in decision.remove} == {"older than 30 days"}


def test_for_ever_is_the_default():
    assert decided([recorded(20 * 365)], Policy())[0] == []


def test_by_room_the_oldest_go_until_there_is_enough():
    files = [recorded(days, size=1000) for days in (5, 50, 500, 2)]
    gone, decision = decided(files, Policy(keep_free_bytes=5000), free=3500)
    assert gone == [files[2], files[1]]
    assert {removal.why for removal in decision.remove} == {"room is needed"}
    assert decision.missing == 0


def test_what_goes_by_age_counts_as_room():
    files = [recorded(days, size=1000) for days in (500, 5)]
    gone, decision = decided(files, Policy(keep_days=100, keep_free_percent=50), free=4000, total=10000)
    assert (gone, decision.missing) == ([files[0]], 0)


def test_what_may_be_written_still_stays_and_what_is_missing_then_is_told():
    files = [recorded(400, written=0.5), recorded(3, written=0.9), recorded(-1, written=5)]
    gone, decision = decided(files, Policy(keep_days=30, keep_free_bytes=9000), free=500)
    assert (gone, decision.missing) == ([], 8500)


HELD = [
    (Hold("a", number="1002"), True),
    (Hold("a", number="1003"), False),
    (Hold("a", number="2"), False),
    (Hold("a", first=date(2026, 10, 14), last=date(2026, 10, 14)), True),
    (Hold("a", first=date(2026, 10, 15)), False),
    (Hold("a", last=date(2026, 10, 13)), False),
    (Hold("a", number="1003", first=date(2026, 10, 14)), False),
    (Hold("a", file="2026/10/*"), True),
    (Hold("a", file="*-1002.wav"), True),
    (Hold("a", file="*-100[13].wav"), False),
    (Hold("a", file="2026/10/*", number="1003"), False),
]


@pytest.mark.parametrize(("hold", "held"), HELD)
def test_what_is_on_hold_stays_whatever_the_policy_says(hold, held):
    one = recorded(40)
    gone, decision = decided([one], Policy(keep_days=30, keep_free_bytes=PLENTY, holds=(hold,)), free=0)
    assert (gone == []) is held
    assert (decision.held, decision.held_back) == (held, held)


WRONG = [
    ({"keep_days": -1}, "keep_days"),
    ({"keep_days": True}, "keep_days"),
    ({"keep_days": "30"}, "keep_days"),
    ({"keep_free": "10"}, "keep_free"),
    ({"keep_free": "100%"}, "keep_free"),
    ({"keep_free": "-1GiB"}, "keep_free"),
    ({"holds": "all"}, "holds"),
    ({"holds": ["all"]}, "holds[0]"),
    ({"holds": [{"number": "1"}]}, "holds[0].name"),
    ({"holds": [{"name": "a"}]}, "holds[0]"),
    ({"holds": [{"name": "a", "number": ""}]}, "holds[0]"),
    ({"holds": [{"name": "a", "number": "x"}]}, "holds[0].number"),
    ({"holds": [{"name": "a", "form": "2026-01-01"}]}, "holds[0].form"),
    ({"holds": [{"name": "a", "from": "01.02.2026"}]}, "holds[0].from"),
    ({"holds": [{"name": "a", "from": "2026-02-01", "to": "2026-01-01"}]}, "holds[0].to"),
]


@pytest.mark.parametrize(("written", "place"), WRONG)
def test_a_policy_that_is_wrong_anywhere_is_none_at_all(written, place):
    right = {"keep_days": 30, "holds": [{"name": "right", "number": "1002"}]}
    with pytest.raises(InvalidInputError) as refused:
        retention.policy_of({**right, **written})
    assert [problem.path for problem in refused.value.problems] == [place]


def test_a_policy_as_an_inventory_writes_it():
    policy = retention.policy_of(
        {
            "keep_days": 90,
            "keep_free": "1.5 GiB",
            "holds": [{"name": "Case 7", "number": 1002, "from": date(2026, 1, 1), "to": "2026-02-28"}],
        }
    )
    hold = Hold("Case 7", "1002", date(2026, 1, 1), date(2026, 2, 28))
    assert policy == Policy(90, 0.0, 3 * 2**29, (hold,))
    assert retention.policy_of({"keep_free": "12.5%"}).to_keep_free(1000) == 125
    assert retention.policy_of({}) == Policy()


def test_the_days_left_are_those_at_the_present_rate():
    files = [recorded(day + 0.5, size=100) for day in range(20)]
    assert retention.bytes_per_day(files, NOW) == 100
    assert retention.days_left(files, Policy(), NOW, 1050, PLENTY) == 11
    assert retention.days_left(files, Policy(keep_free_bytes=500), NOW, 1050, PLENTY) == 6
    assert retention.days_left(files, Policy(keep_free_bytes=500), NOW, 400, PLENTY) == 0
    assert retention.days_left([], Policy(), NOW, 10, PLENTY) is None


def test_where_as_much_leaves_as_comes_there_is_no_end():
    files = [recorded(day + 0.5, size=100) for day in range(30)]
    assert retention.days_left(files, Policy(keep_days=30), NOW, 250, PLENTY) is None
    assert retention.days_left(files[:10], Policy(keep_days=30), NOW, 250, PLENTY) == 3


RECORDINGS = st.lists(
    st.builds(
        lambda days, size, number, written, unique: recorded(
            days, size=size, number=number, written=min(days, written), unique=unique
        ),
        st.floats(-2, 800, allow_nan=False),
        st.integers(0, 10_000),
        st.sampled_from(["1001", "1002"]),
        st.floats(0, 30),
        st.integers(1, 10**6),
    ),
    max_size=40,
    unique_by=lambda one: one.path,
)
HOLDS = st.lists(
    st.builds(
        Hold,
        st.just("held"),
        st.sampled_from(["", "1001"]),
        st.none() | st.dates(date(2024, 1, 1), date(2026, 12, 31)),
        st.none() | st.dates(date(2024, 1, 1), date(2026, 12, 31)),
        st.sampled_from(["", "*1.wav", "2025/*"]),
    ).filter(lambda hold: hold.number or hold.first or hold.last or hold.file),
    max_size=3,
)
POLICIES = st.builds(
    lambda days, percent, room, holds: Policy(days, percent, room, tuple(holds)),
    st.integers(0, 400),
    st.sampled_from([0.0, 5.0, 50.0]),
    st.integers(0, 200_000),
    HOLDS,
)


@given(RECORDINGS, POLICIES, st.integers(0, 200_000))
def test_whatever_there_is(files, policy, free):
    decision = retention.decide(files, policy, NOW, free, 400_000)
    gone = [removal.recording for removal in decision.remove]
    assert len(set(gone)) == len(gone)
    for one in files:
        day = date(*map(int, one.path[:10].split("/")))
        held = any(
            (not hold.number or hold.number == one.number)
            and (hold.first or day) <= day <= (hold.last or day)
            and (not hold.file or fnmatch.fnmatchcase(one.path, hold.file))
            for hold in policy.holds
        )
        free_to_go = not held and one.changed <= NOW - DAY and one.began <= NOW
        if one in gone:
            assert free_to_go
        elif free_to_go:
            # Whatever could go and stays is young enough, and its room is not needed.
            assert not policy.keep_days or one.began >= NOW - policy.keep_days * DAY
            assert decision.missing == 0 or one.room == 0
    enough = free + sum(one.room for one in gone) >= policy.to_keep_free(400_000)
    assert enough is (decision.missing == 0)
    by_room = [removal.recording for removal in decision.remove if removal.why == "room is needed"]
    if by_room:
        # Not one too many, and none older than they has been skipped.
        without = free + sum(one.room for one in gone) - by_room[-1].room
        assert without < policy.to_keep_free(400_000)
    # To do it once is enough.
    left = [one for one in files if one not in gone]
    again = retention.decide(left, policy, NOW, free + sum(one.room for one in gone), 400_000)
    assert again.remove == ()


@given(st.integers(0, 3000), st.integers(1, 3000))
def test_more_room_never_lasts_shorter(free, more):
    files = [recorded(day + 0.5, size=10 * day) for day in range(8)]
    shorter, longer = (
        retention.days_left(files, Policy(keep_days=5), NOW, room, PLENTY) for room in (free, free + more)
    )
    assert longer is None or (shorter is not None and shorter <= longer)


def test_names_and_holds_speak_of_the_same_days():
    midnight = datetime(2026, 3, 1, tzinfo=timezone.utc)
    hold = Hold("a", first=date(2026, 3, 1), last=date(2026, 3, 1))
    for moment, held in ((midnight, True), (midnight - timedelta(seconds=1), False)):
        name = moment.strftime("%Y/%m/%d/%H%M%S") + "-1.1-1002.wav"
        found = retention.recording(name, 1, 1, 1.0)
        assert found
        assert hold.covers(found) is held
