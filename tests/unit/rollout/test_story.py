# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The story of a rollout: what is written down event by event is what is known of it, also after a kill."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import story
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout.story import Story
from hypothesis import given
from hypothesis import strategies as st

GATE = {"passed": True, "registered": 3, "expected": 3}
BEGIN = {
    "event": "begin",
    "at": 100.0,
    "digest": "d",
    "salt": "00",
    "batches": [["a"], ["b", "c"]],
    "settings": {},
}


def of(host, event, **values):
    return {"event": event, "host": host, "at": 110.0, **values}


def mark(host="a"):
    return of(host, "mark", mark="m", phones=3)


def told(*events):
    return story.told("".join(map(story.line, [BEGIN, *events])))


def state(*events):
    return told(*events).hosts["a"].state


PLAN = {"trouble": "", "unreachable": False}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], story.WAITING),
        ([of("a", "plan", plan=PLAN)], story.WAITING),
        ([of("a", "plan", plan={"trouble": "x", "unreachable": False})], story.FAILED),
        ([of("a", "plan", plan={"trouble": "x", "unreachable": True})], story.UNREACHABLE),
        ([mark()], story.WORKING),
        ([mark(), of("a", "done", changed=True)], story.DONE),
        ([mark(), of("a", "done", changed=False)], story.SAME),
        ([mark(), of("a", "back", whole=True, why="x")], story.BACK),
        ([mark(), of("a", "back", whole=False, why="x", why_not="y")], story.STUCK),
        ([of("a", "failed", why="x", unreachable=False)], story.FAILED),
        # Nobody knows what has been done to it.
        ([mark(), of("a", "failed", why="x", unreachable=False)], story.STUCK),
        ([mark(), of("a", "failed", why="x", unreachable=True)], story.UNREACHABLE),
        ([mark(), of("a", "plan", plan={"trouble": "x", "unreachable": False})], story.STUCK),
        ([mark(), of("a", "done", changed=True), of("a", "plan", plan=PLAN)], story.DONE),
    ],
)
def test_what_becomes_of_a_host(events, expected):
    assert state(*events) == expected


def test_how_a_host_was_is_known_until_it_is_well_or_put_back():
    assert told(mark()).hosts["a"].mark == "m"
    assert told(mark(), of("a", "failed", why="x", unreachable=True)).hosts["a"].mark == "m"
    assert told(mark(), of("a", "back", whole=False, why="x")).hosts["a"].mark == "m"
    assert told(mark(), of("a", "back", whole=True, why="x")).hosts["a"].mark == ""
    assert told(mark(), of("a", "done", changed=True)).hosts["a"].mark == ""


def test_what_a_rollout_goes_on_with():
    whole = told(
        mark(), of("a", "done", changed=True), {"event": "end", "at": 120, "state": "stopped", "why": "x"}
    )
    assert (whole.state, whole.why, whole.settled, whole.resumed) == (story.STOPPED, "x", {"a"}, 0)
    whole.take({**BEGIN, "at": 200.0})
    assert (whole.state, whole.why, whole.settled, whole.resumed) == (story.RUNNING, "", {"a"}, 1)
    assert whole.began == 100.0
    assert [host.batch for host in whole.hosts.values()] == [1, 2, 2]


def test_how_long_a_host_took():
    whole = told(mark(), {**of("a", "done", changed=True), "at": 131.6})
    assert whole.hosts["a"].seconds == 22
    assert whole.hosts["b"].seconds is None


def test_a_line_that_is_not_whole_was_not_written():
    lines = story.line(BEGIN) + story.line(mark())
    assert (
        story.told(lines + story.line(of("a", "done", changed=True))[:-4]).hosts["a"].state == story.WORKING
    )
    assert story.told("") == Story()


@pytest.mark.parametrize("text", ["x\n", "[]\n", '{"event":"begin"}\n', "{}\n", "1\n"])
def test_somebody_elses_file_is_refused(text):
    with pytest.raises(ValueError, match="line 1 is not an event of a rollout"):
        story.told(text)


def test_an_event_of_a_host_that_is_not_there_is_nobodys():
    assert told(of("z", "mark", mark="m", phones=1)) == told()


EVENTS = st.one_of(
    st.builds(mark, st.sampled_from("abc")),
    st.builds(lambda host, changed: of(host, "done", changed=changed), st.sampled_from("abc"), st.booleans()),
    st.builds(
        lambda host, whole: of(host, "back", whole=whole, why="x"), st.sampled_from("abc"), st.booleans()
    ),
    st.builds(
        lambda host, off: of(host, "failed", why="\u2028\n", unreachable=off),
        st.sampled_from("abc"),
        st.booleans(),
    ),
    st.just(BEGIN),
)


@given(st.lists(EVENTS), st.integers(0, 10**6))
def test_a_file_that_is_cut_anywhere_is_the_story_so_far(events, cut):
    lines = [story.line(event) for event in [BEGIN, *events]]
    text = "".join(lines)
    kept = text[: cut % (len(text) + 1)]
    whole = [line for line, end in zip(lines, _ends(lines)) if end <= len(kept)]
    assert story.told(kept) == story.told("".join(whole))


def _ends(lines):
    end = 0
    for line in lines:
        end += len(line)
        yield end
