# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Asterisk reads the directory again after each change, whichever program has written it."""

from __future__ import annotations

import contextlib
import os
import sqlite3

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store
from ansible_collections.voiceops.asterisk.plugins.module_utils.limits.directory_watch import DirectoryWatch
from ansible_collections.voiceops.asterisk.tests.unit.databases import write_extensions


class Looking:
    """A watch, and how often it has had Asterisk read again."""

    def __init__(self, path):
        self.watch, self.times = DirectoryWatch(path), 0

    def looks(self, times=1):
        """Look so many times; return how often Asterisk was told."""
        before = self.times
        for _each in range(times):
            self.watch.look(self.expire)
        return self.times - before

    def expire(self):
        self.times += 1


@pytest.fixture
def looking(path):
    write_extensions(path, {"number": "1001"})
    looking = Looking(path)
    with contextlib.closing(sqlite3.connect(path)) as asterisk:
        # It has the database open as long as it runs.
        asterisk.execute("SELECT * FROM extension").fetchall()
        looking.looks(5)
        yield looking


def test_a_watch_that_begins_does_not_know_what_it_has_missed(path):
    assert Looking(path).looks() == 1


def test_where_nothing_is_written_asterisk_is_not_told(looking, path):
    with store.reading(path) as directory:
        directory.read()
    assert looking.looks(10) == 0


def by_a_run(path):
    write_extensions(path, {"number": "1002"})


def by_hand(path):
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE extension SET forward_to = '1001'")
    connection.close()


def by_a_backup(path):
    with sqlite3.connect(path) as old, sqlite3.connect(path + ".new") as new:
        old.backup(new)
    old.close()
    new.close()
    os.replace(path + ".new", path)


@pytest.mark.parametrize("writes", [by_a_run, by_hand, by_a_backup])
def test_it_is_told_at_the_next_look_and_once_more_at_the_one_after(looking, path, writes):
    writes(path)
    assert looking.looks() == 1
    assert looking.looks() == 1
    assert looking.looks(5) == 0


def test_where_it_could_not_be_told_it_is_told_at_the_next_look(looking, path):
    by_hand(path)

    def fails():
        raise OSError("no answer")

    for _attempt in range(2):
        with pytest.raises(OSError, match="no answer"):
            looking.watch.look(fails)
    assert looking.looks(5) == 2


def test_a_directory_that_is_gone_has_changed(looking, path):
    os.unlink(path)
    assert looking.looks() == 1
