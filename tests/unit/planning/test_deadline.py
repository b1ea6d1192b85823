# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""When a change is taken back that nobody confirms, whatever clocks and hosts do."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning import deadline
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.deadline import (
    Moment,
    Past,
    Waiting,
)
from hypothesis import assume, given
from hypothesis import strategies as st

#: Noon of a day on which a host has run for an hour.
NOON = Moment(clock=1_800_000_000.0, boot="first", up=3600.0)

#: Clocks are set to any time, also before 1970, and a host runs for up to ten years.
clocks = st.floats(-1e10, 1e11)
ups = st.floats(0, 3e8)
waits = st.integers(deadline.SHORTEST, deadline.LONGEST)


def waiting(within=600, since=NOON, before=12):
    return Waiting(before, within, since, may_restart=True, user="ayse", controller="ansible.example.com")


def later(seconds, clock=0.0):
    """A moment of the same boot, with the clock also set by so much."""
    return Moment(NOON.clock + seconds + clock, NOON.boot, NOON.up + seconds)


def after_boot(off, up, clock=0.0):
    """A moment of another boot, after which the host was off for so many seconds."""
    return Moment(NOON.clock + off + up + clock, "second", up)


@pytest.mark.parametrize(
    ("now", "is_due"),
    [
        (later(0), False),
        (later(599), False),
        (later(600), True),
        (later(100_000), True),
        # The clock was set forward by a year, or back.
        (later(10, clock=31_536_000), False),
        (later(599, clock=-31_536_000), False),
        (later(601, clock=-31_536_000), True),
        # Booted in time, at the end, and too late.
        (after_boot(off=60, up=30), False),
        (after_boot(off=60, up=540), True),
        (after_boot(off=86_400, up=1), True),
        # Its clock has begun again: it is 1970, or the day on which the kernel was built.
        (after_boot(off=60, up=599, clock=-1_700_000_000), False),
        (after_boot(off=60, up=600, clock=-1_700_000_000), True),
    ],
)
def test_it_is_due_once_its_time_is_over(now, is_due):
    assert deadline.is_due(waiting(), now) is is_due


@given(within=waits, seconds=ups, clock=clocks)
def test_as_long_as_the_host_runs_its_clock_changes_nothing(within, seconds, clock):
    now = Moment(clock, NOON.boot, NOON.up + seconds)
    assert deadline.is_due(waiting(within), now) == (NOON.up + within - now.up <= 0)


@given(within=waits, clock=clocks, up=ups)
def test_after_a_boot_it_never_waits_longer_than_from_the_boot_on(within, clock, up):
    assume(up >= within)
    assert deadline.is_due(waiting(within), Moment(clock, "second", up))


@given(within=waits, off=st.floats(0, 1e8), up=ups)
def test_with_a_clock_that_is_right_a_boot_changes_nothing(within, off, up):
    left = deadline.left(waiting(within), after_boot(off, up))
    assert left == pytest.approx(within - off - up, abs=1e-3)


@given(within=waits, clock=clocks, up=ups, boot=st.sampled_from(["first", "second"]), more=ups)
def test_what_is_due_stays_due_as_time_passes(within, clock, up, boot, more):
    now = Moment(clock, boot, NOON.up + up)
    assert deadline.left(waiting(within), Moment(clock + more, boot, now.up + more)) <= deadline.left(
        waiting(within), now
    )


@pytest.mark.parametrize(
    ("past", "has_changed", "is_over"),
    [
        (Past(newest=12, went_back=False), True, False),
        # A second one has taken the deadline over.
        (Past(newest=13, went_back=False), True, False),
        # It is about to be committed, or its run was killed before that.
        (Past(newest=11, went_back=False), False, False),
        # Somebody has gone back already.
        (Past(newest=13, went_back=True), False, True),
        # The database is an older one, from a backup.
        (Past(newest=9, went_back=False), False, True),
    ],
)
def test_what_the_history_says_of_it(past, has_changed, is_over):
    assert deadline.has_changed(waiting(), past) is has_changed
    assert deadline.is_over(waiting(), past) is is_over


def test_why_it_was_taken_back_is_known_again():
    said = deadline.reason(600)
    assert said == "not confirmed in 600 s"
    assert deadline.is_reason(said, back_to=12)
    assert not deadline.is_reason(said, back_to=None), "somebody's comment"
    assert not deadline.is_reason(f"{said}, they said", back_to=12)
