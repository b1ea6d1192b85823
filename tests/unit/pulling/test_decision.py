# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Which commit a host carries out, and what it says has become of it."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.pulling import decision
from ansible_collections.voiceops.asterisk.plugins.module_utils.pulling.decision import (
    BACK,
    BEGUN,
    DONE,
    FAILED,
    Outcome,
    Step,
)

OLD, NEW = "0" * 40, "1" * 40
HOST = "pbx-istanbul"


@pytest.mark.parametrize(
    ("last", "can_go_on", "step"),
    [
        (Outcome(), False, Step(NEW, runs=True)),
        (Outcome(OLD, DONE), True, Step(NEW, runs=True)),
        (Outcome(NEW, DONE), True, Step(NEW, runs=False)),
        # It would cost the phones their registration each time.
        (Outcome(NEW, BACK), True, Step(NEW, runs=False)),
        (Outcome(OLD, BACK), True, Step(NEW, runs=True)),
        (Outcome(NEW, FAILED), True, Step(NEW, runs=True)),
        # Left in the middle: to its end first, whatever has come since.
        (Outcome(OLD, BEGUN), True, Step(OLD, runs=True, goes_on=True)),
        (Outcome(NEW, BEGUN), True, Step(NEW, runs=True, goes_on=True)),
        # Left before anything was begun, or with a playbook that cannot go on.
        (Outcome(OLD, BEGUN), False, Step(NEW, runs=True)),
    ],
)
def test_what_is_done_follows_from_what_was_done(last: Outcome, can_go_on: bool, step: Step):
    assert decision.next_step(NEW, last, can_go_on=can_go_on) == step


@pytest.mark.parametrize(
    ("status", "report", "state", "why"),
    [
        (0, None, DONE, ""),
        (2, None, FAILED, "ansible-playbook ended with 2"),
        (0, {"hosts": {HOST: {"state": "done", "reasons": []}}}, DONE, ""),
        (2, {"hosts": {HOST: {"state": "back", "reasons": ["1001 is missing", "as before"]}}}, BACK, None),
        (2, {"hosts": {HOST: {"state": "failed", "reasons": ["no such group"]}}}, FAILED, "no such group"),
        (2, {"hosts": {}}, FAILED, "ansible-playbook ended with 2"),
        (1, ["not a report"], FAILED, "ansible-playbook ended with 1"),
    ],
)
def test_what_has_become_of_it_is_told_by_the_report(
    status: int, report: object, state: str, why: str | None
):
    assert decision.judged(status, report, HOST) == (
        state,
        "1001 is missing; as before" if why is None else why,
    )


def test_an_outcome_is_read_as_it_was_written():
    outcome = Outcome(NEW, FAILED, 'a "reason" ş', 1, 2, "no way")
    assert decision.read(decision.written(outcome)) == outcome


@pytest.mark.parametrize("text", ["", "[]", "{", '{"other": 1}', "[" * 100_000])
def test_a_file_that_is_damaged_is_no_outcome(text: str):
    assert decision.read(text) == Outcome()


def test_each_outcome_is_one_line_that_names_the_commit():
    for state in (DONE, BACK, FAILED):
        said = decision.said(Outcome(NEW, state, "why not"), HOST)
        assert said.startswith(HOST)
        assert "1" * 12 in said
        assert ("why not" in said) is (state != DONE)
