# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory database of a host: created once, read whole, written in one transaction.

Asterisk reads the same file while we write it (SQLite's write-ahead log), so a
committed transaction is the new configuration and nothing has to be reloaded.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import typing as t

from . import schema
from .digest import REALM
from .model import ConnectionPort, Extension, ExtensionGroup
from .plan import Changes, Directory, Plan
from .problem import DirectoryError

DEFAULT_PATH = "/var/lib/voiceops/directory.sqlite3"

#: Longest wait for another writer, in seconds. A write of 10,000 extensions takes well under one.
LOCK_TIMEOUT = 30.0

#: What of a name Asterisk can hold, in bytes (char cid_name[80], res/res_pjsip/pjsip_configuration.c).
CALLER_ID_MAX_BYTES = 79


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
        # The folder is Asterisk's to write; root must not follow where it could lead.
        raise DirectoryError(f"directory database {path} is not an ordinary file; move it away")
    return True


def create(path: str, gid: int) -> None:
    """Create an empty directory, readable and writable by root and group ``gid`` (Asterisk's) alone.

    It appears under its name only when it is complete, and never in the place of another.
    Raises DirectoryError.
    """
    try:
        _create(path, gid)
    except OSError as error:
        raise DirectoryError(f"directory database {path}: {error.strerror or error}") from error


def _create(path: str, gid: int) -> None:
    partial = path + ".new"
    with _explained(path):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        with contextlib.closing(_connect(partial, "rw")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript("BEGIN;" + schema.TABLES + schema.VIEWS)
            connection.execute("INSERT INTO setting VALUES ('realm', ?)", (REALM,))
            connection.execute(f"PRAGMA user_version = {schema.VERSION}")
            connection.execute("COMMIT")
        os.chown(partial, 0 if os.geteuid() == 0 else -1, gid)
        os.chmod(partial, 0o660)
        # Not rename: that would put an empty directory in the place of one that another run has made.
        os.link(partial, path)
        os.unlink(partial)


class Store:
    """An open directory database. Use ``reading`` or ``writing`` to get one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _rows(self, sql: str) -> t.Iterable[t.Any]:
        return self._connection.execute(sql)

    def read(self) -> Directory:
        """Read everything; digests are in it, so it is for planning and never for showing."""
        groups = self._groups_by_extension("extension_membership")
        callable_groups = self._groups_by_extension("extension_callable_group")
        nobody: frozenset[str] = frozenset()
        ((realm,),) = self._rows("SELECT value FROM setting WHERE key = 'realm'")
        return Directory(
            realm=realm,
            ports={
                name: ConnectionPort(name, protocol, address, port, port_id)
                for port_id, name, protocol, address, port in self._rows(
                    "SELECT id, name, protocol, address, port FROM connection_port"
                )
            },
            groups={name: ExtensionGroup(name) for (name,) in self._rows("SELECT name FROM extension_group")},
            extensions={
                number: Extension(
                    number=number,
                    name=name,
                    connection_port=port,
                    groups=groups.get(row_id, nobody),
                    callable_groups=callable_groups.get(row_id, nobody) if restricted else None,
                    enabled=bool(enabled),
                    max_devices=max_devices,
                    ring_timeout=ring_timeout,
                    forward_to=forward_to,
                    language=language,
                    email=email,
                    labels=tuple(sorted(json.loads(labels).items())) if labels != "{}" else (),
                    digest=digest,
                )
                for (
                    row_id,
                    number,
                    name,
                    port,
                    restricted,
                    enabled,
                    max_devices,
                    ring_timeout,
                    forward_to,
                    language,
                    email,
                    labels,
                    digest,
                ) in self._rows(
                    "SELECT extension.id, number, extension.name, connection_port.name, restricted, enabled,"
                    " max_devices, ring_timeout, forward_to, language, email, labels, digest FROM extension"
                    " LEFT JOIN connection_port ON connection_port.id = connection_port_id"
                )
            },
        )

    def _groups_by_extension(self, table: str) -> dict[int, frozenset[str]]:
        found: dict[int, list[str]] = {}
        for extension_id, group in self._rows(
            f"SELECT extension_id, name FROM {table} JOIN extension_group ON extension_group.id = group_id"  # noqa: S608
        ):
            found.setdefault(extension_id, []).append(group)
        return {extension_id: frozenset(names) for extension_id, names in found.items()}

    def apply(self, plan: Plan) -> None:
        """Write what the plan says, in the order in which nothing refers to what is not there."""
        many = self._connection.executemany
        many("DELETE FROM extension WHERE number = ?", ((e.number,) for e in plan.extensions.delete))
        self._apply_ports(plan.ports)
        many("INSERT INTO extension_group (name) VALUES (?)", ((g.name,) for g in plan.groups.create))
        self._write_extensions(plan.extensions)
        many("DELETE FROM extension_group WHERE name = ?", ((g.name,) for g in plan.groups.delete))

    def _apply_ports(self, ports: Changes[ConnectionPort]) -> None:
        many = self._connection.executemany
        many("DELETE FROM connection_port WHERE name = ?", ((p.name,) for p in ports.delete))
        # Two ports may swap their addresses: clear the way first, for UNIQUE is checked row by row.
        many("UPDATE connection_port SET port = -id WHERE name = ?", ((p.name,) for p, _new in ports.change))
        many(
            "UPDATE connection_port SET protocol = ?, address = ?, port = ? WHERE name = ?",
            ((p.protocol, p.address, p.port, p.name) for _old, p in ports.change),
        )
        many(
            "INSERT INTO connection_port (protocol, address, port, name) VALUES (?, ?, ?, ?)",
            ((p.protocol, p.address, p.port, p.name) for p in ports.create),
        )

    def _write_extensions(self, extensions: Changes[Extension]) -> None:
        written = [*extensions.create, *(new for _old, new in extensions.change)]
        if not written:
            return
        port_ids = dict(self._rows("SELECT name, id FROM connection_port"))
        self._connection.executemany(
            "INSERT INTO extension (number, name, caller_id_name, connection_port_id, restricted, enabled,"
            " max_devices, ring_timeout, forward_to, language, email, labels, digest)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (number) DO UPDATE SET name = excluded.name,"
            " caller_id_name = excluded.caller_id_name, connection_port_id = excluded.connection_port_id,"
            " restricted = excluded.restricted, enabled = excluded.enabled,"
            " max_devices = excluded.max_devices, ring_timeout = excluded.ring_timeout,"
            " forward_to = excluded.forward_to, language = excluded.language, email = excluded.email,"
            " labels = excluded.labels, digest = excluded.digest",
            (
                (
                    e.number,
                    e.name,
                    caller_id_name(e.name),
                    port_ids.get(e.connection_port or ""),
                    e.callable_groups is not None,
                    e.enabled,
                    e.max_devices,
                    e.ring_timeout,
                    e.forward_to,
                    e.language,
                    e.email,
                    json.dumps(dict(e.labels), ensure_ascii=False),
                    e.digest,
                )
                for e in written
            ),
        )
        self._write_groups("extension_membership", extensions, lambda e: e.groups)
        nobody: frozenset[str] = frozenset()
        self._write_groups("extension_callable_group", extensions, lambda e: e.callable_groups or nobody)

    def _write_groups(
        self,
        table: str,
        extensions: Changes[Extension],
        groups: t.Callable[[Extension], frozenset[str]],
    ) -> None:
        regrouped = [new for old, new in extensions.change if groups(old) != groups(new)]
        written = [*(e for e in extensions.create if groups(e)), *regrouped]
        if not written:
            return
        group_ids = dict(self._rows("SELECT name, id FROM extension_group"))
        many = self._connection.executemany
        many(
            f"DELETE FROM {table} WHERE extension_id = (SELECT id FROM extension WHERE number = ?)",  # noqa: S608
            ((e.number,) for e in regrouped),
        )
        many(
            f"INSERT INTO {table} SELECT id, ? FROM extension WHERE number = ?",  # noqa: S608
            ((group_ids[group], e.number) for e in written for group in groups(e)),
        )


def caller_id_name(name: str) -> str:
    """Return as much of a name as Asterisk can show, never half a character."""
    return name.encode("utf-8")[:CALLER_ID_MAX_BYTES].decode("utf-8", "ignore")


def _check_version(connection: sqlite3.Connection, path: str) -> None:
    ((version,),) = connection.execute("PRAGMA user_version")
    if version > schema.VERSION:
        raise DirectoryError(
            f"directory database {path} has schema {version}, and this collection reads {schema.VERSION}:"
            " a newer release of this collection wrote it; use that one"
        )
    if version < schema.VERSION:
        raise DirectoryError(
            f"{path} is not a directory database of this collection: move it away and apply the role"
            " voiceops.asterisk.pbx, which creates one"
        )


@contextlib.contextmanager
def _open(path: str, mode: str, begin: str) -> t.Iterator[Store]:
    if not exists(path):
        raise DirectoryError(
            f"there is no directory database {path} on this host; the role voiceops.asterisk.pbx"
            " (or the module pbx_directory) creates it"
        )
    with _explained(path), contextlib.closing(_connect(path, mode)) as connection:
        _check_version(connection, path)
        connection.execute(begin)
        try:
            yield Store(connection)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def reading(path: str = DEFAULT_PATH) -> t.ContextManager[Store]:
    """Open the directory to read one consistent state of it. Raises DirectoryError."""
    return _open(path, "ro", "BEGIN")


def writing(path: str = DEFAULT_PATH) -> t.ContextManager[Store]:
    """Open the directory for one transaction, committed at the end of the block, or not at all.

    The lock is taken before anything is read, so that two runs at once lose no update.
    Raises DirectoryError.
    """
    return _open(path, "rw", "BEGIN IMMEDIATE")
