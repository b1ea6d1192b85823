# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory database of a host: created once, read whole, written in one transaction.

Asterisk reads the same file while we write it (SQLite's write-ahead log), so a
committed transaction is the new configuration and nothing has to be reloaded.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import sqlite3
import stat
import time
import typing as t

from ..definition.digest import REALM
from ..definition.problem import DirectoryError
from ..planning.plan import Directory, Part, Plan
from . import files as database_files
from . import realtime, rows, schema, views

if t.TYPE_CHECKING:
    from .history import History, Origin
    from .unconfirmed import Unconfirmed

DEFAULT_PATH = "/var/lib/voiceops/directory.sqlite3"

#: Longest wait for another writer, in seconds. A write of 10,000 extensions takes well under one.
LOCK_TIMEOUT = 30.0

#: Under this key is noted that a running Asterisk has not been told yet whose lamps there are.
LAMPS_DUE = "lamps_due"

#: The oldest release of Asterisk that there are views for, as (branch, minor).
OLDEST_ASTERISK = (16, 0)


@contextlib.contextmanager
def _explained(path: str) -> t.Iterator[None]:
    """Turn SQLite's errors into one that says what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        text = str(error)
        if "disk is full" in text or "disk I/O error" in text:
            text += "; is the disk full? Nothing was changed"
        elif "locked" in text:
            text += f"; another run has been writing for more than {LOCK_TIMEOUT:.0f} s. Nothing was changed"
        elif "not a database" in text or "malformed" in text:
            text += "; restore it from a backup, or move it away and apply the role again"
        raise DirectoryError(f"directory database {path}: {text}") from error


def _connect(path: str, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        "file:{}?mode={}".format(path.replace("%", "%25").replace("?", "%3f").replace("#", "%23"), mode),
        uri=True,
        timeout=LOCK_TIMEOUT,
        isolation_level=None,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def exists(path: str) -> bool:
    """Tell whether there is a database; a link or a folder in its place is an error."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return False
    except OSError as error:
        raise DirectoryError(f"directory database {path}: {error.strerror or error}") from error
    if not stat.S_ISREG(mode):
        # Root must not follow where somebody else could lead.
        raise DirectoryError(f"directory database {path} is not an ordinary file; move it away")
    return True


def create(path: str, gid: int, asterisk: tuple[int, int] = OLDEST_ASTERISK) -> None:
    """Create an empty directory, which root writes, and group ``gid`` (Asterisk's) reads.

    It appears under its name only when it is complete, and never in the place of another.
    Raises DirectoryError.
    """
    try:
        _create(path, gid, asterisk)
    except OSError as error:
        raise DirectoryError(f"directory database {path}: {error.strerror or error}") from error


def _create(path: str, gid: int, asterisk: tuple[int, int]) -> None:
    partial = f"{path}.new"
    database_files.close_folder(path)
    database_files.forget_log(path)
    with _explained(path), _new_file(partial, gid):
        with contextlib.closing(_connect(partial, "rw")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN")
            _upgrade(connection, from_version=0)
            connection.execute("INSERT INTO setting VALUES ('realm', ?)", (REALM,))
            Store(connection).make_views_for(asterisk)
            realtime.renew(connection)
            connection.execute("COMMIT")
        # Not rename: that would put an empty directory in the place of one that another run has made.
        os.link(partial, path)
    database_files.keep_log(path)


@contextlib.contextmanager
def _new_file(path: str, gid: int) -> t.Iterator[None]:
    """Have a new file there, with whose it is to be; the name is free again at the end of the block."""
    _remove(path)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.fchown(descriptor, -1, gid)
        os.fchmod(descriptor, database_files.FILE_MODE)
    finally:
        os.close(descriptor)
    try:
        yield
    finally:
        _remove(path)


def _remove(path: str) -> None:
    for each in (path, *(path + suffix for suffix in database_files.OF_THE_LOG)):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(each)


def _upgrade(connection: sqlite3.Connection, from_version: int) -> None:
    """Bring the tables to the present version, within the transaction that is open."""
    for step in schema.STEPS[from_version:]:
        _run(connection, step)
    connection.execute(f"PRAGMA user_version = {schema.VERSION}")


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Run several statements; sqlite3's own executescript would commit the transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


class Store:
    """An open directory database. Use ``reading`` or ``writing`` to get one."""

    def __init__(self, connection: sqlite3.Connection, path: str = "") -> None:
        self._connection = connection
        self._path = path

    @property
    def has_changed(self) -> bool:
        """Whether this transaction has written anything, also what no plan has, such as marks of ports."""
        return self._connection.total_changes > 0

    def read(self, part: Part | None = None) -> Directory:
        """Read everything, or all but the extensions that are not of the part.

        Digests are in it, so it is for planning and never for showing.
        """
        return rows.read(self._connection, part)

    def apply(
        self,
        plan: Plan,
        origin: Origin | None = None,
        back_to: int | None = None,
        *,
        to_confirm: bool = False,
    ) -> None:
        """Write what the plan says, and keep in the history what was before.

        Unless an origin is told it is this process's. ``back_to``: see History.remember. One that is
        ``to_confirm`` the history keeps until it is confirmed. Raises UnconfirmedError.
        """
        # A process that only reads does not wait for them.
        from . import history, writing  # noqa: PLC0415

        if not plan:
            return
        if to_confirm:
            self.unconfirmed.keep()
        else:
            self.unconfirmed.make_way(is_way_back=back_to is not None)
        self.history.remember(plan, origin or history.of_this_process(), time.time(), back_to)
        writing.write(self._connection, plan)
        if plan.extensions.create or plan.extensions.delete:
            self.note(LAMPS_DUE, "yes")

    @property
    def unconfirmed(self) -> Unconfirmed:
        """Which changes wait to be confirmed."""
        from .unconfirmed import Unconfirmed  # noqa: PLC0415 - most runs change nothing

        return Unconfirmed(self._connection, self._path)

    @property
    def history(self) -> History:
        """What was changed, and the way back."""
        from .history import History  # noqa: PLC0415 - most runs change nothing

        return History(self._connection)

    def lamps(self) -> frozenset[str]:
        """Return the dialplan's patterns of all numbers whose lamps can be watched."""
        lines = self._connection.execute("SELECT var_val FROM pbx_lamps").fetchall()
        return frozenset(line.partition(",")[0] for (line,) in lines)

    def refused_lamps(self, now: float) -> frozenset[str]:
        """Return which extensions get no more lamps at ``now``, in seconds since 1970 (lamp_watch.py)."""
        rows = self._connection.execute("SELECT number FROM lamp_refusal WHERE until > ?", (now,))
        return frozenset(number for (number,) in rows)

    def setting(self, key: str) -> str | None:
        """Return what was noted under this key about the host, or None."""
        row = self._connection.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def note(self, key: str, value: str | None) -> None:
        """Note something about the host; None takes the note away."""
        if value is None:
            self._connection.execute("DELETE FROM setting WHERE key = ?", (key,))
        else:
            self._connection.execute("REPLACE INTO setting VALUES (?, ?)", (key, value))

    def mark_ports(self) -> None:
        """Give the ports that lack one their mark, and note that there may be contacts without one.

        Asterisk has to start with the new names: it cannot bind the same address under another one.
        """
        ports = self._connection.execute(
            "SELECT id FROM connection_port WHERE protocol = 'udp' AND mark = ''"
        )
        for (port_id,) in ports.fetchall():
            self._connection.execute(
                "UPDATE connection_port SET mark = ? WHERE id = ?", (secrets.token_hex(16), port_id)
            )
        self.note("earlier_contacts", schema.UNMARKED)

    def asterisk(self) -> tuple[int, int]:
        """Return the release of Asterisk, as (branch, minor), that the views are made for."""
        branch, _dot, minor = (self.setting("asterisk") or "").partition(".")
        return (int(branch), int(minor)) if branch and minor else OLDEST_ASTERISK

    def has_views_for(self, asterisk: tuple[int, int]) -> bool:
        """Tell whether the views are those of this release of this collection."""
        return self.asterisk() == asterisk and self.setting("views") == _fingerprint(asterisk)

    def make_views_for(self, asterisk: tuple[int, int]) -> None:
        """Make the views and tables again. Asterisk sees the old ones until the transaction commits."""
        made = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
        for (name,) in made:
            self._connection.execute(f'DROP VIEW "{name}"')
        realtime.remove(self._connection)
        _run(self._connection, views.made_for(asterisk))
        realtime.make(self._connection)
        _run(self._connection, realtime.triggers())
        self.note("asterisk", "{}.{}".format(*asterisk))
        self.note("views", _fingerprint(asterisk))
        self.note(LAMPS_DUE, "yes")


def _fingerprint(asterisk: tuple[int, int]) -> str:
    return hashlib.sha256((views.made_for(asterisk) + realtime.text()).encode()).hexdigest()


def _version(connection: sqlite3.Connection, path: str) -> int:
    """Return the version of the tables, which is at most the present one."""
    ((version,),) = connection.execute("PRAGMA user_version")
    if version > schema.VERSION:
        raise DirectoryError(
            f"directory database {path} has schema {version}, and this collection reads {schema.VERSION}:"
            " a newer release of this collection wrote it; use that one"
        )
    if version < 1:
        raise DirectoryError(
            f"{path} is not a directory database of this collection: move it away and apply the role"
            " voiceops.asterisk.pbx, which creates one"
        )
    return int(version)


def _bring_up_to_date(connection: sqlite3.Connection, version: int) -> None:
    if version < schema.VERSION:
        _upgrade(connection, version)
    directory = Store(connection)
    asterisk = directory.asterisk()
    if not directory.has_views_for(asterisk):
        directory.make_views_for(asterisk)


@contextlib.contextmanager
def _open(path: str, mode: str, begin: str) -> t.Iterator[sqlite3.Connection]:
    if not exists(path):
        raise DirectoryError(
            f"there is no directory database {path} on this host; the role voiceops.asterisk.pbx"
            " (or the module pbx_directory) creates it"
        )
    with _explained(path), _log_kept(path, mode), contextlib.closing(_connect(path, mode)) as connection:
        connection.execute(begin)
        try:
            yield connection
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        else:
            connection.execute("COMMIT")


@contextlib.contextmanager
def _log_kept(path: str, mode: str) -> t.Iterator[None]:
    """Have Asterisk, and nobody else, able to read what is written in the block."""
    if mode == "ro":
        yield
        return
    _told(database_files.close, path)
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            database_files.keep_log(path)
        raise
    _told(database_files.keep_log, path)


def _told(act: t.Callable[[str], object], path: str) -> None:
    try:
        act(path)
    except OSError as error:
        raise DirectoryError(f"directory database {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def reading(path: str = DEFAULT_PATH) -> t.Iterator[Store]:
    """Open the directory to read one consistent state of it. Raises DirectoryError.

    One that an older release wrote is read as it will be once it is written to.
    """
    with _open(path, "ro", "BEGIN") as connection:
        version = _version(connection, path)
        if version == schema.VERSION:
            yield Store(connection, path)
            return
        with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
            connection.backup(copy)
            copy.execute("BEGIN")
            _bring_up_to_date(copy, version)
            yield Store(copy, path)


@contextlib.contextmanager
def writing(path: str = DEFAULT_PATH) -> t.Iterator[Store]:
    """Open the directory for one transaction, committed at the end of the block, or not at all.

    The lock is taken before anything is read, so that two runs at once lose no update. What an
    older release wrote is brought up to date in the same transaction. Raises DirectoryError.
    """
    with _open(path, "rw", "BEGIN IMMEDIATE") as connection:
        _bring_up_to_date(connection, _version(connection, path))
        yield Store(connection, path)
        realtime.renew(connection)
