# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What waits to be confirmed on a host, and what was taken back because nobody did."""

from __future__ import annotations

import typing as t

from ..database import store, unconfirmed
from ..database.history import History, utc
from ..planning import deadline


def told(directory: store.Store, problem: str | None) -> dict[str, t.Any]:
    """Return what waits, and what was taken back; ``problem`` is why something could not be."""
    waiting = directory.unconfirmed.waiting()
    return {
        "waiting": _waiting(waiting, problem) if waiting is not None else None,
        "taken_back": taken_back(directory.history),
    }


def _waiting(waiting: deadline.Waiting, problem: str | None) -> dict[str, t.Any]:
    moment = unconfirmed.now()
    return {
        "before": waiting.before,
        "until": utc(moment.clock + deadline.left(waiting, moment)),
        "user": waiting.user,
        "controller": waiting.controller,
        "problem": problem or "",
    }


def taken_back(history: History) -> dict[str, t.Any] | None:
    """Return what was taken back, as long as nothing was changed since; None where nothing was."""
    for change in history.changes(most=1):
        if deadline.is_reason(change.comment, change.back_to):
            return {
                "before": change.back_to,
                "at": utc(change.at),
                "number": change.number,
                "comment": change.comment,
            }
    return None
