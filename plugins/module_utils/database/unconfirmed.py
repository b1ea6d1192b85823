# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which changes of a directory wait to be confirmed: a file beside the database, root's alone.

It is there before the change is, also where the change is never committed. It is written and removed only
by the process with the database's write lock, so there is one answer at a time.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3

from ..definition.problem import DirectoryError
from ..host import beneath, clock, reserve
from ..planning import deadline
from ..planning.deadline import Moment, Past, Waiting
from . import realtime

#: Under this key stands the number of the first change that waits: the history keeps it and all later ones.
FIRST = "unconfirmed_from"

#: The longest wait for the database, in seconds.
_PATIENCE = 10.0
#: The longest file that is read.
_LONGEST = 65536
#: What is written besides the database's pages, in bytes.
_ROOM_BESIDES = 1 << 20


class UnconfirmedError(DirectoryError):
    """A change waits to be confirmed, so another one is refused."""


def place(path: str) -> str:
    """Return the path of the file, from that of the database."""
    return f"{path}-unconfirmed"


def reserved(path: str) -> str:
    """Return the path of the room that is kept beside the database."""
    return f"{path}-reserve"


def now() -> Moment:
    """Return this moment. Raises DirectoryError."""
    try:
        return Moment(*clock.now())
    except OSError as error:
        raise DirectoryError(f"{error.filename}: {error.strerror or error}") from error


def read(path: str) -> Waiting | None:
    """Return what waits, or None. Raises DirectoryError."""
    try:
        told = json.loads(beneath.read(place(path), _LONGEST))
        since = Moment(*(told["since"][name] for name in Moment._fields))
        waiting = Waiting(**{**{name: told[name] for name in Waiting._fields}, "since": since})
        # What is computed with later is a number.
        int(waiting.before), int(waiting.within), float(since.clock), float(since.up)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DirectoryError(f"{place(path)}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DirectoryError(
            f"{place(path)} does not say which change waits to be confirmed; remove it, and no change is"
            " taken back by itself"
        ) from error
    return waiting


def write(path: str, waiting: Waiting) -> None:
    """Say what waits. Raises OSError."""
    told = {**waiting._asdict(), "since": waiting.since._asdict()}
    beneath.replace(place(path), json.dumps(told, indent=1).encode("utf-8"), mode=0o600)


def remove(path: str) -> None:
    """Have nothing wait, and give free the room that is kept beside the database. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        beneath.remove(place(path))
    reserve.release(reserved(path))


def past(path: str, waiting: Waiting) -> Past:
    """Return what the history says of changes that wait, without a lock. Raises DirectoryError."""
    where = "file:{}?mode=ro".format(path.replace("%", "%25").replace("?", "%3f").replace("#", "%23"))
    try:
        with contextlib.closing(sqlite3.connect(where, uri=True, timeout=_PATIENCE)) as connection:
            return _past(connection, waiting.before)
    except sqlite3.DatabaseError as error:
        raise DirectoryError(f"directory database {path}: {error}") from error


def _past(connection: sqlite3.Connection, before: int) -> Past:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'history'").fetchone()
    went_back = connection.execute(
        "SELECT 1 FROM history WHERE number >= ? AND back_to <= ? LIMIT 1", (before, before)
    ).fetchone()
    return Past(int(row[0]) if row else 0, went_back is not None)


class Unconfirmed:
    """What waits, in an open transaction. ``Store.unconfirmed`` is one."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self._connection = connection
        self._path = path

    def waiting(self) -> Waiting | None:
        """Return what waits and has been changed, or None. Raises DirectoryError."""
        waiting = read(self._path) if self._path else None
        if waiting is not None and deadline.has_changed(waiting, self.past(waiting)):
            return waiting
        return None

    def past(self, waiting: Waiting) -> Past:
        """Return what the history says of changes that wait."""
        return _past(self._connection, waiting.before)

    def first(self) -> int:
        """Return the number of the first change that will have to be confirmed with the next one."""
        waiting = self.waiting()
        return waiting.before if waiting else _past(self._connection, 0).newest + 1

    def refuse(self) -> None:
        """Raise UnconfirmedError where something waits: to take that back would take back the next too."""
        waiting = self.waiting()
        if waiting is not None:
            raise _refused(waiting)

    def keep(self) -> None:
        """Have the history keep the next change, and what waits already."""
        self._connection.execute("REPLACE INTO setting VALUES (?, ?)", (FIRST, str(self.first())))

    def make_way(self, *, is_way_back: bool) -> None:
        """Let a change be made that is not to be confirmed. Raises UnconfirmedError.

        What a run that was killed meant to change is forgotten, for this change gets that one's number.
        """
        if not is_way_back:
            self.refuse()
        if self._path and self.waiting() is None:
            self.end()

    def end(self) -> None:
        """Have nothing wait any more. Raises DirectoryError."""
        try:
            remove(self._path)
        except OSError as error:
            raise DirectoryError(f"{place(self._path)}: {error.strerror or error}") from error
        self._connection.execute("DELETE FROM setting WHERE key = ?", (FIRST,))

    def room(self) -> int:
        """Return how many bytes the way back writes at most, as the database is within this transaction.

        All pages go to the write-ahead log once, with 24 bytes more each, and then to the database, which
        grows by what does not fit into pages that are free (https://sqlite.org/walformat.html).
        """
        realtime.renew(self._connection)
        ((pages,),) = self._connection.execute("PRAGMA page_count")
        ((size,),) = self._connection.execute("PRAGMA page_size")
        return 3 * int(pages) * int(size) + _ROOM_BESIDES


def _refused(waiting: Waiting) -> UnconfirmedError:
    from .history import utc  # noqa: PLC0415 - what only looks at the file does without

    moment = now()
    until = utc(moment.clock + max(deadline.left(waiting, moment), 0))
    return UnconfirmedError(
        f"change {waiting.before}, of {waiting.user}@{waiting.controller}, waits to be confirmed; at {until}"
        " it is taken back, with all that was changed since. Nothing was changed. Confirm it (playbook"
        " confirm), or take it back (playbook rollback), or have this change wait with it: pbx_confirm_within"
        " (confirm_within of pbx_directory)"
    )
