# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a change is taken back that nobody confirms. Pure.

As with NETCONF's confirmed commit (RFC 6241, 8.4): a later change may take the deadline over, and what is
gone back to is what was before the first of them.
"""

from __future__ import annotations

import re
import typing as t

#: Why a change was taken back, as its entry in the history says it.
_REASON = "not confirmed in {} s"
_REASON_READ = re.compile(r"not confirmed in [0-9]+ s")

#: For how long a change may wait, in seconds.
SHORTEST, LONGEST = 30, 86400


class Moment(t.NamedTuple):
    """What a host's clocks say."""

    #: The time of day, in seconds since 1970; anybody may set it.
    clock: float
    #: What tells this boot from any other.
    boot: str
    #: The seconds since then; nobody can set them.
    up: float


class Waiting(t.NamedTuple):
    """Changes that wait to be confirmed."""

    #: The number of the first of them. To go back is to go back to before this one.
    before: int
    #: For how many seconds the last of them waits.
    within: int
    #: Since when.
    since: Moment
    #: Whether Asterisk may be restarted to go back.
    may_restart: bool
    #: The user who made the last of them.
    user: str
    controller: str


def left(waiting: Waiting, now: Moment) -> float:
    """Return how many seconds are left to confirm in; none are where it is 0 or less.

    As long as the host runs, a clock that is set changes nothing. After a boot only the clock tells how long
    it was off. It may be wrong, so the wait never ends later than if it had begun with the boot.
    """
    if now.boot == waiting.since.boot:
        return waiting.since.up + waiting.within - now.up
    by_clock = waiting.since.clock + waiting.within - now.clock
    return min(by_clock, waiting.within - now.up)


def is_due(waiting: Waiting, now: Moment) -> bool:
    """Tell whether it is to be taken back now."""
    return left(waiting, now) <= 0


class Past(t.NamedTuple):
    """What the history says of changes that wait."""

    #: The number of the newest change.
    newest: int
    #: Whether a way back has led to before the first of them, or further.
    went_back: bool


def has_changed(waiting: Waiting, past: Past) -> bool:
    """Tell whether there is a change that waits; a run that was killed may have made none."""
    return past.newest >= waiting.before and not past.went_back


def is_over(waiting: Waiting, past: Past) -> bool:
    """Tell whether nothing will have to be taken back any more.

    Where the change is not there yet, a run may be about to commit it, or was killed and has left text
    behind.
    """
    return past.went_back or past.newest < waiting.before - 1


def reason(within: int) -> str:
    """Return why changes are taken back, for the history."""
    return _REASON.format(within)


def is_reason(comment: str, back_to: int | None) -> bool:
    """Tell whether a change with this comment has taken back what nobody confirmed."""
    return back_to is not None and _REASON_READ.fullmatch(comment) is not None
