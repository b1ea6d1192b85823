# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Counts what strangers try, so that a flood of them is a few records and not a flood of records.

Pure.
"""

from __future__ import annotations

from . import record
from .record import Attempt, Record

#: How many attempts are told one by one in an interval: those that were made most often.
MOST_TOLD = 20
#: How many are told apart at all, so that a stranger with many names takes no memory.
MOST_KEPT = 1000


class Attempts:
    """What was tried in an interval."""

    def __init__(self) -> None:
        self._counts: dict[Attempt, int] = {}

    def take(self, what: Attempt) -> None:
        """Count an attempt."""
        if what not in self._counts and len(self._counts) >= MOST_KEPT:
            what = Attempt(what.problem, "", "")
        self._counts[what] = self._counts.get(what, 0) + 1

    def told(self) -> list[Record]:
        """Return what has been tried since the last time: the rest of it by problem alone."""
        ordered = sorted(self._counts.items(), key=lambda each: (-each[1], each[0]))
        self._counts = {}
        rest: dict[Attempt, int] = {}
        for what, count in ordered[MOST_TOLD:]:
            others = Attempt(what.problem, "", "")
            rest[others] = rest.get(others, 0) + count
        return [record.attempts(what, count) for what, count in (*ordered[:MOST_TOLD], *sorted(rest.items()))]
