# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done with a commit that is believed, and what has become of it. Pure.

A commit that has made the host worse is not tried again: each try would cost its phones their registration.
One that could not be carried out is. One that was left in the middle, as by a loss of power, is first brought
to its end, because only then it is known how the host was before it.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import asdict, dataclass

#: What can have become of a commit.
BEGUN, DONE, BACK, FAILED = ("begun", "done", "back", "failed")

#: So many digits of a commit are shown.
_DIGITS = 12


@dataclass(frozen=True)
class Outcome:
    """What has become of the last commit that was carried out, and of the last look at the repository."""

    commit: str = ""
    state: str = ""
    why: str = ""
    #: When it was carried out, and when the repository was looked at, in seconds since 1970.
    ran: int = 0
    looked: int = 0
    #: What was wrong with the look; empty where nothing was.
    trouble: str = ""


@dataclass(frozen=True)
class Step:
    """What is to be done: run a commit, or nothing, for a reason."""

    commit: str
    runs: bool
    goes_on: bool = False


def next_step(fetched: str, last: Outcome, *, can_go_on: bool) -> Step:
    """Return what is to be done, now that this commit is what the repository has."""
    if last.state == BEGUN and last.commit and can_go_on:
        return Step(last.commit, runs=True, goes_on=True)
    if last.commit == fetched and last.state in (DONE, BACK):
        return Step(fetched, runs=False)
    return Step(fetched, runs=True)


def judged(status: int, report: t.Any, host: str) -> tuple[str, str]:
    """Return what has become of a run, and why, by how it ended and the report of the playbook rollout.

    There is no report where another playbook was run.

    >>> judged(0, None, "pbx-istanbul"), judged(4, None, "pbx-istanbul")
    (('done', ''), ('failed', 'ansible-playbook ended with 4'))
    """
    ended = f"ansible-playbook ended with {status}"
    told = report.get("hosts", {}).get(host, {}) if isinstance(report, dict) else {}
    reasons = "; ".join(str(each) for each in told.get("reasons", ()))
    if told.get("state") == BACK:
        return BACK, reasons or ended
    if status == 0:
        return DONE, ""
    return FAILED, reasons or ended


def said(outcome: Outcome, host: str) -> str:
    """Return the line for the journal of what has become of a commit.

    >>> said(Outcome("4c1d2e7a90b3f00d", BACK, "1001 is missing"), "pbx-1")
    'pbx-1 was put back to what it was before 4c1d2e7a90b3, which is not tried again: 1001 is missing'
    """
    commit = outcome.commit[:_DIGITS]
    if outcome.state == DONE:
        return f"{host} is what {commit} says"
    if outcome.state == BACK:
        what = f"{host} was put back to what it was before {commit}, which is not tried again"
        return f"{what}: {outcome.why}"
    return f"{host} could not be made what {commit} says, and it is tried again: {outcome.why}"


def read(text: str) -> Outcome:
    """Return the outcome that was written; an empty one where the text is none."""
    try:
        return Outcome(**json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return Outcome()


def written(outcome: Outcome) -> str:
    """Return an outcome as text."""
    return json.dumps(asdict(outcome), indent=1) + "\n"
