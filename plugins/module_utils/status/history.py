# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the history of a directory tells, without secrets."""

from __future__ import annotations

import typing as t

from ..database.history import History, utc
from ..definition.problem import DirectoryError
from ..planning.history import Change, between, compared, done, summary
from ..planning.plan import Directory


def told(history: History, most: int) -> list[dict[str, t.Any]]:
    """Return the newest changes, at most so many, the newest first."""
    return [
        {
            "line": _line(change),
            "number": change.number,
            "at": utc(change.at),
            "user": change.user,
            "controller": change.controller,
            "comment": change.comment,
            "back_to": change.back_to,
            "changes": done(change),
        }
        for change in history.changes(most=max(most, 0))
    ]


def _line(change: Change) -> str:
    why = [change.comment] if change.comment else []
    if change.back_to is not None:
        why.append(f"back to before {change.back_to}")
    who = f"{change.user}@{change.controller}"
    return "  ".join([str(change.number), utc(change.at), who, *why, summary(change)])


def comparison(history: History, now: Directory, numbers: t.Sequence[int]) -> list[str]:
    """Return as the lines of a diff what a change did, or all changes from one to another.

    ``numbers`` are those of the first and the last of them; ``now`` is the directory as it is. Raises
    DirectoryError where they are not in the history.
    """
    first, last = min(numbers), max(numbers)
    if last > history.newest():
        raise DirectoryError(f"there is no change {last}; the newest is {history.newest()}")
    return compared(between(history.before(first, now), history.before(last + 1, now)))
