# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What fail2ban has written down of its blocks is read as it stands, and never written."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import fail2ban

NOW = 1_700_000_000
#: As fail2ban 0.11.2 and 1.1.1 make them (server/database.py).
TABLES = """
CREATE TABLE fail2banDb(version INTEGER);
CREATE TABLE jails(name TEXT NOT NULL UNIQUE, enabled INTEGER NOT NULL DEFAULT 1);
CREATE TABLE bips(ip TEXT NOT NULL, jail TEXT NOT NULL, timeofban INTEGER NOT NULL, bantime INTEGER NOT NULL,
    bancount INTEGER NOT NULL default 1, data JSON, PRIMARY KEY(ip, jail));
INSERT INTO jails VALUES ('voiceops-asterisk', 1), ('sshd', 1);
"""


class Fail2ban:
    """A fail2ban that runs the role's jail."""

    def __init__(self, folder):
        self.database, self.socket = folder / "fail2ban.sqlite3", folder / "fail2ban.sock"
        self.socket.touch()
        self.do(TABLES)

    def do(self, script):
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            connection.executescript(script)

    def ban(self, address, ago=60, seconds=3600, jail=fail2ban.JAIL, data=b"{}"):
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            connection.execute(
                "INSERT INTO bips VALUES (?, ?, ?, ?, 1, ?)", (address, jail, NOW - ago, seconds, data)
            )
            connection.commit()

    def bans(self):
        return fail2ban.bans(NOW, str(self.database), str(self.socket))

    @property
    def addresses(self):
        return [row[0] for row in self.bans().rows]


@pytest.fixture
def running(tmp_path):
    return Fail2ban(tmp_path)


def test_without_blocks_none_is_told(running):
    assert running.bans() == (0, ())


def test_a_block_is_told_as_it_stands(running):
    running.ban("192.0.2.7", data=b'{"failures": 30}')
    assert running.bans() == (1, [("192.0.2.7", NOW - 60, 3600, b'{"failures": 30}')])


@pytest.mark.parametrize(
    ("row", "is_told"),
    [
        ({}, True),
        ({"ago": 3600}, False),
        ({"ago": 3599}, True),
        ({"ago": 10**9, "seconds": -1}, True),
        ({"jail": "sshd"}, False),
        ({"ago": -5}, True),
    ],
    ids=["now", "expired", "its last second", "permanently", "of another jail", "the clock was set back"],
)
def test_only_what_is_blocked_now_by_the_role_is_told(running, row, is_told):
    running.ban("192.0.2.7", **row)
    assert running.addresses == (["192.0.2.7"] if is_told else [])


def test_the_newest_come_first_and_no_more_than_can_be_looked_at(running):
    for number in range(fail2ban.MOST + 5):
        running.ban(f"2001:db8::{number:x}", ago=number)
    count, rows = running.bans()
    assert (count, len(rows), rows[0][0]) == (fail2ban.MOST + 5, fail2ban.MOST, "2001:db8::0")


def test_of_a_block_with_too_many_lines_these_are_left_out(running):
    running.ban("192.0.2.7", data=b"x" * 70000)
    assert running.bans().rows == [("192.0.2.7", NOW - 60, 3600, None)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE jails SET enabled = 0 WHERE name = 'voiceops-asterisk'",
        "DELETE FROM jails WHERE name = 'voiceops-asterisk'",
    ],
    ids=["stopped", "never there"],
)
def test_a_jail_that_does_not_run_blocks_nobody_whatever_rows_it_has_left(running, change):
    running.ban("192.0.2.7")
    running.do(change)
    assert running.bans() is None


@pytest.mark.parametrize("missing", ["database", "socket"])
def test_where_fail2ban_is_not_there_or_does_not_run_nothing_is_known(running, missing):
    running.ban("192.0.2.7")
    getattr(running, missing).unlink()
    assert running.bans() is None


def test_nothing_is_made_where_nothing_is(tmp_path):
    assert fail2ban.bans(NOW, str(tmp_path / "none"), str(tmp_path)) is None
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_version_is_said_to_be_unreadable(running):
    running.do("DROP TABLE bips")
    with pytest.raises(fail2ban.NotReadableError, match=r"sqlite3: no such table: bips"):
        running.bans()


def test_a_file_that_is_no_database_is_said_to_be_unreadable(running):
    running.database.write_bytes(b"anything" * 1000)
    with pytest.raises(fail2ban.NotReadableError, match="not a database"):
        running.bans()


def test_a_database_that_fail2ban_does_not_let_go_of_is_said_to_be_unreadable(running, monkeypatch):
    monkeypatch.setattr(fail2ban, "_PATIENCE", 0.01)
    with contextlib.closing(sqlite3.connect(running.database)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(fail2ban.NotReadableError, match="locked"):
            running.bans()
