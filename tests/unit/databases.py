# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""For tests: directory databases, written as modules do and read as Asterisk does."""

from __future__ import annotations

import contextlib
import functools
import sqlite3

from ansible_collections.voiceops.asterisk.plugins.module_utils.database import realtime, store
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    EXTENSIONS,
    GROUPS,
    PORTS,
    PROFILES,
    TRUNKS,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import planned


def read(path):
    with store.reading(path) as database:
        return database.read()


def apply(path, plan):
    with store.writing(path) as database:
        database.apply(plan)
    assert_written_down(path)


def assert_written_down(path):
    """Asterisk's tables have what the views say, whatever has changed."""
    for view, table in realtime.TABLES.items():
        made = rows(path, f"SELECT * FROM {view} ORDER BY id")  # noqa: S608
        assert rows(path, f"SELECT * FROM {table} ORDER BY id") == made  # noqa: S608


def write(kind, path, *items, **policy):
    """Carry out a list as the module for this kind does."""
    with store.writing(path) as database:
        database.apply(planned(kind, database.read(), *items, **policy))
    assert_written_down(path)


write_ports = functools.partial(write, PORTS)
write_trunks = functools.partial(write, TRUNKS)
write_profiles = functools.partial(write, PROFILES)
write_groups = functools.partial(write, GROUPS)
write_extensions = functools.partial(write, EXTENSIONS, create_groups=True, allow_weak_password=True)


def rows(path, sql):
    """What Asterisk would get: rows as dictionaries."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql)]


def definitions(path):
    """Every table, index and view, by type and name, as the SQL that made it."""
    made = rows(path, "SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
    return {(row["type"], row["name"]): row["sql"] for row in made}
