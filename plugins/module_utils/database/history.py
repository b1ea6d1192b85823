# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of a directory: what was changed, who did it, what it was before, in an open transaction.

It is written in the transaction of the change itself, so neither is there without the other.
"""

from __future__ import annotations

import datetime
import json
import os
import pwd
import socket
import sqlite3
import typing as t
import zlib

from ..definition.plain_text import clean
from ..definition.problem import DirectoryError
from ..planning.going_back import plan_back
from ..planning.history import Change, before, kept_of
from ..planning.plan import Directory, Plan
from .schema import KEPT_HISTORY, LONGEST_COMMENT
from .unconfirmed import FIRST


class Keeping(t.NamedTuple):
    """How much of a history is kept; in the order of KEPT_HISTORY."""

    #: The newest changes; 0 keeps none.
    changes: int
    #: Those of so many days.
    days: int


#: How many old changes a new one removes at most: what it costs must not depend on what has gathered.
_FORGOTTEN_AT_ONCE = 100
#: The longest name of a user that is kept with a change, in characters.
LONGEST_NAME = 255

_SECONDS_OF_A_DAY = 86400


class Origin(t.NamedTuple):
    """The user who changes a directory, from where, and why."""

    user: str
    controller: str
    comment: str = ""


def of_this_process(comment: str = "") -> Origin:
    """Return the origin of what a program on the host itself changes."""
    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        user = str(os.geteuid())
    return Origin(user, socket.gethostname(), comment)


class History:
    """The history in an open database. ``Store.history`` is one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def remember(self, plan: Plan, origin: Origin, now: float, back_to: int | None = None) -> None:
        """Keep a change, and remove what is older than is kept; ``now`` is in seconds since 1970.

        ``back_to`` is for a way back: the change before which the directory was as it is to be.
        """
        kept = json.dumps(kept_of(plan), ensure_ascii=False, separators=(",", ":"))
        self._connection.execute(
            "INSERT INTO history (at, user, controller, comment, kept, back_to) VALUES (?, ?, ?, ?, ?, ?)",
            (
                int(now),
                clean(origin.user)[:LONGEST_NAME],
                clean(origin.controller)[:LONGEST_NAME],
                clean(origin.comment)[:LONGEST_COMMENT],
                zlib.compress(kept.encode("utf-8")),
                back_to,
            ),
        )
        self._forget(now)

    def _forget(self, now: float) -> None:
        """Remove the oldest changes as far as they are too many or too old, and no more than some at once."""
        keeping = self.keeping()
        last = self.newest() - keeping.changes
        since = now - keeping.days * _SECONDS_OF_A_DAY
        too_old = 0
        # Only from the oldest on, whatever a clock has said: without one in between no way leads further.
        for number, at in self._connection.execute(
            "SELECT number, at FROM history ORDER BY number LIMIT ?", (_FORGOTTEN_AT_ONCE,)
        ):
            if number > last and at >= since:
                break
            too_old = number
        # What waits to be confirmed can be taken back, however little is kept.
        unconfirmed = self._connection.execute("SELECT value FROM setting WHERE key = ?", (FIRST,)).fetchone()
        if unconfirmed is not None:
            too_old = min(too_old, int(unconfirmed[0]) - 1)
        self._connection.execute("DELETE FROM history WHERE number <= ?", (too_old,))

    def keeping(self) -> Keeping:
        """Return how much is kept, as the host's settings say."""
        noted = dict(self._connection.execute("SELECT key, value FROM setting WHERE key LIKE 'history_%'"))
        return Keeping(*(int(noted.get(key, usual)) for key, usual in KEPT_HISTORY.items()))

    def newest(self) -> int:
        """Return the number of the newest change, which may be forgotten already; 0 where there was none."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'history'").fetchone()
        return int(row[0]) if row else 0

    def changes(self, since: int = 0, most: int = -1) -> t.Iterator[Change]:
        """Give the changes from number ``since`` on, newest first, at most ``most`` of them (-1: all)."""
        for number, at, user, controller, comment, kept, back_to in self._connection.execute(
            "SELECT number, at, user, controller, comment, kept, back_to FROM history WHERE number >= ?"
            " ORDER BY number DESC LIMIT ?",
            (since, most),
        ):
            read = json.loads(zlib.decompress(kept).decode("utf-8"))
            yield Change(number, at, user, controller, comment, read, back_to)

    def first_after(self, at: float) -> int:
        """Return the number of the first change after a time, in seconds since 1970: of the next, if none.

        Raises DirectoryError where the history does not go back to that time.
        """
        first = "SELECT number, at FROM history ORDER BY number LIMIT 1"
        oldest = self._connection.execute(first).fetchone()
        if oldest is None or at < oldest[1]:
            begins = "it is empty"
            if oldest is not None:
                begins = f"it begins with change {oldest[0]}, at {utc(oldest[1])}"
            raise DirectoryError(f"the history does not go back to {utc(at)}: {begins}")
        later = "SELECT min(number) FROM history WHERE at > ?"
        (number,) = self._connection.execute(later, (at,)).fetchone()
        return self.newest() + 1 if number is None else int(number)

    def before(self, number: int, now: Directory) -> Directory:
        """Return the directory as it was before a change; ``now`` is all of it as it is.

        Before the change that comes next is now. Raises DirectoryError where the history does not go so far.
        """
        last = self.newest()
        (oldest,) = self._connection.execute("SELECT min(number) FROM history").fetchone()
        if not (last + 1 if oldest is None else oldest) <= number <= last + 1:
            there = "it is empty" if oldest is None else f"it has the changes {oldest} to {last}"
            raise DirectoryError(f"the history does not go back to change {number}: {there}")
        return before(now, self.changes(number))

    def way_back(self, number: int, now: Directory) -> Plan:
        """Return the plan that makes the directory what it was before a change, judged.

        ``now`` is all of it as it is. Raises DirectoryError and InvalidInputError.
        """
        return plan_back(now, self.before(number, now))


def utc(at: float) -> str:
    """Return a time, in seconds since 1970, as people and programs read it (ISO 8601)."""
    try:
        moment = datetime.datetime.fromtimestamp(at, tz=datetime.timezone.utc)
    except (ValueError, OverflowError, OSError):
        return f"{at:.0f} s after 1970"  # a clock can be set to any time
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
