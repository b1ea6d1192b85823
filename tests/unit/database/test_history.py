# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The history in the database: kept with each change, for so many and so long, and a way back."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import tempfile
import zlib

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import history, schema, store
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import DirectoryError
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.history import between
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    Changes,
    ExtensionGroup,
    Plan,
)
from ansible_collections.voiceops.asterisk.tests.unit.databases import (
    assert_written_down,
    read,
    rows,
    write_extensions,
    write_groups,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import SECRET
from ansible_collections.voiceops.asterisk.tests.unit.strategies import directories
from hypothesis import given, settings
from hypothesis import strategies as st

DAY = 86400
ANNA = history.Origin("anna", "controller.example.net", "ticket 4711")


def changes(path, **which):
    with store.reading(path) as database:
        return list(database.history.changes(**which))


def group(name):
    return Plan(groups=Changes(create=(ExtensionGroup(name),)))


def apply_at(path, plan, at, origin=ANNA):
    """Apply a plan at a time, in seconds since 1970."""
    with store.writing(path) as database, pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.time, "time", lambda: float(at))
        database.apply(plan, origin)


def keep(path, **limits):
    with store.writing(path) as database:
        for name, value in limits.items():
            database.note(f"history_{name}", str(value))


def numbers(path):
    return [change.number for change in changes(path)]


# --- what is kept ----------------------------------------------------------------------------


def test_a_change_is_kept_with_who_made_it_and_when_and_why(path):
    apply_at(path, group("Sales"), 1_800_000_000)
    (change,) = changes(path)
    assert change[:5] == (1, 1_800_000_000, "anna", "controller.example.net", "ticket 4711")
    assert change.kept == {"extension_groups": {"created": ["Sales"], "changed": {}, "deleted": []}}
    assert change.back_to is None


def test_who_changes_something_on_the_host_itself_is_known_too(path):
    write_groups(path, {"name": "Sales"})
    (change,) = changes(path)
    assert change.user
    assert change.controller == os.uname().nodename


def test_a_user_without_a_name_is_known_by_number(monkeypatch):
    monkeypatch.setattr(history.os, "geteuid", lambda: 4_000_000)
    assert history.of_this_process().user == "4000000"


def test_what_changes_nothing_leaves_nothing(path):
    write_extensions(path, {"number": "1001"})
    write_extensions(path, {"number": "1001"})
    assert numbers(path) == [1]


def test_a_change_that_fails_leaves_nothing(path):
    def apply_and_fail():
        with store.writing(path) as database:
            database.apply(group("Sales"))
            raise ValueError("mistake")

    with pytest.raises(ValueError, match="mistake"):
        apply_and_fail()
    assert numbers(path) == []


def test_no_password_is_kept_and_nothing_is_readable_by_more_than_read_the_directory(path):
    write_extensions(path, {"number": "1001", "password": SECRET})
    write_extensions(path, {"number": "1001", "state": "absent"})
    (kept, _first) = [
        zlib.decompress(row["kept"]) for row in rows(path, "SELECT kept FROM history ORDER BY -number")
    ]
    assert b"digest" in kept
    assert SECRET.encode() not in kept


def test_texts_are_bounded_and_hold_nothing_that_a_terminal_obeys(path):
    hostile = "\x1b[2J\u202egpj\ud800" + "x" * 1000
    apply_at(path, group("Sales"), 1, history.Origin(hostile, hostile, hostile))
    (change,) = changes(path)
    assert change.user == change.controller == ("\ufffd[2J\ufffdgpj\ufffd" + "x" * 1000)[:255]
    assert len(change.comment) == schema.LONGEST_COMMENT
    assert not re.search("[\x1b\u202e]", change.user + change.comment)


# --- for how long ----------------------------------------------------------------------------


def test_so_many_changes_are_kept(path):
    keep(path, changes=3)
    for i in range(5):
        apply_at(path, group(f"g{i}"), 1000 + i)
    assert numbers(path) == [5, 4, 3]


def test_none_is_kept_where_none_is_wanted_and_numbers_go_on(path):
    keep(path, changes=0)
    apply_at(path, group("A"), 1000)
    assert numbers(path) == []
    keep(path, changes=10)
    apply_at(path, group("B"), 1001)
    assert numbers(path) == [2]


def test_changes_are_kept_for_so_many_days(path):
    keep(path, days=2)
    for day in range(4):
        apply_at(path, group(f"g{day}"), 10 * DAY + day * DAY)
    assert numbers(path) == [4, 3, 2]


def test_a_clock_that_was_wrong_makes_no_gap(path):
    keep(path, days=2)
    for name, day in (("A", 500), ("B", 10), ("C", 500)):
        apply_at(path, group(name), day * DAY)
    assert numbers(path) == [3, 2, 1]


def test_what_one_change_removes_is_bounded(path):
    for i in range(150):
        apply_at(path, group(f"g{i}"), DAY)
    apply_at(path, group("later"), 1000 * DAY)
    assert len(numbers(path)) == 51
    apply_at(path, group("last"), 1000 * DAY)
    assert numbers(path) == [152, 151]


def test_usually_a_thousand_changes_of_four_hundred_days_are_kept(path):
    with store.reading(path) as database:
        assert database.history.keeping() == (1000, 400)


# --- the way back ----------------------------------------------------------------------------


def before(path, number):
    with store.reading(path) as database:
        return database.history.before(number, database.read())


def first_after(path, at):
    with store.reading(path) as database:
        return database.history.first_after(at)


def go_back(path, number):
    with store.writing(path) as database:
        have = database.read()
        database.apply(between(have, database.history.before(number, have)))
    assert_written_down(path)


#: What Asterisk reads, and our own tables, without what a thing is called that has come back.
SEEN = {
    "ps_auths": "SELECT * FROM ps_auths ORDER BY id",
    "ps_aors": "SELECT * FROM ps_aors ORDER BY id",
    "callees": "SELECT number, endpoint, ring_timeout, forward_to, record FROM pbx_callee ORDER BY number",
    "lamps": "SELECT var_val FROM pbx_lamps ORDER BY var_val",
    "emergency": "SELECT * FROM emergency_number ORDER BY number",
    "settings": "SELECT * FROM setting WHERE key != 'lamps_due' ORDER BY key",
    "endpoints": "SELECT id, callerid FROM ps_endpoints ORDER BY id",
}


def seen(path):
    found = {name: rows(path, sql) for name, sql in SEEN.items()}
    for row in found["ps_aors"]:
        # Groups, profiles and ports are identifiers in them.
        del row["@caller"], row["@callee"]
    return found


@settings(max_examples=15)
@given(st.lists(directories(), min_size=2, max_size=5), st.data())
def test_any_sequence_of_changes_leads_back_to_each_state_there_was(states, data):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "directory.sqlite3")
        store.create(path, os.getgid())
        reached = [(read(path), seen(path))]
        for state in states:
            count = len(numbers(path))
            with store.writing(path) as database:
                database.apply(between(database.read(), state))
            if len(numbers(path)) > count:
                reached.append((read(path), seen(path)))
        for k in data.draw(st.permutations(range(len(reached)))):
            assert before(path, k + 1) == reached[k][0]
            go_back(path, k + 1)
            assert (read(path), seen(path)) == reached[k]
            known = numbers(path)
            go_back(path, k + 1)
            assert numbers(path) == known, "a second time changes nothing"
            assert rows(path, "PRAGMA foreign_key_check") == []


def test_a_way_back_can_be_taken_back(path):
    write_extensions(path, {"number": "1001", "password": SECRET})
    write_extensions(path, {"number": "1001", "state": "absent"})
    there = read(path)
    go_back(path, 2)
    assert list(read(path).extensions) == ["1001"]
    go_back(path, 3)
    assert read(path) == there


def test_before_the_change_that_comes_next_is_now(path):
    assert before(path, 1) == read(path)
    write_groups(path, {"name": "Sales"})
    assert before(path, 2) == read(path)


@pytest.mark.parametrize("number", [-1, 0, 5])
def test_a_change_that_is_not_there_is_told(path, number):
    for name in "ABC":
        write_groups(path, {"name": name})
    with pytest.raises(DirectoryError) as refused:
        before(path, number)
    assert str(refused.value) == (
        f"the history does not go back to change {number}: it has the changes 1 to 3"
    )


def test_without_a_history_there_is_no_way_back(path):
    with pytest.raises(DirectoryError, match="does not go back to change 2: it is empty"):
        before(path, 2)
    with pytest.raises(DirectoryError, match="does not go back to 1970-01-01T00:00:01Z: it is empty"):
        first_after(path, 1)


def test_a_time_is_that_of_the_first_change_after_it(path):
    for name, at in (("A", 100), ("B", 200), ("C", 200)):
        apply_at(path, group(name), at)
    assert [first_after(path, at) for at in (100, 199, 200, 10**12)] == [2, 2, 4, 4]
    with pytest.raises(DirectoryError) as refused:
        first_after(path, 99)
    assert str(refused.value) == (
        "the history does not go back to 1970-01-01T00:01:39Z:"
        " it begins with change 1, at 1970-01-01T00:01:40Z"
    )


@pytest.mark.parametrize("at", [10**15, 10**300, -(10**15)])
def test_any_time_can_be_said(at):
    assert history.utc(at).endswith("s after 1970")


# --- over a new version of the tables --------------------------------------------------------


def test_what_an_earlier_version_of_the_tables_has_kept_leads_back(path, monkeypatch):
    write_extensions(path, {"number": "1001", "name": "Anna", "password": SECRET})
    there = read(path)
    write_extensions(path, {"number": "1001", "state": "absent"})
    step = "ALTER TABLE extension ADD COLUMN fax INTEGER NOT NULL DEFAULT 1;\n"
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, step))
    monkeypatch.setattr(schema, "VERSION", len(schema.STEPS))
    assert before(path, 2) == there
    go_back(path, 2)
    assert read(path) == there
    assert rows(path, "SELECT fax FROM extension") == [{"fax": 1}]


def test_a_database_from_before_there_was_a_history_has_one_from_its_next_change_on(tmp_path):
    path = str(tmp_path / "old.sqlite3")
    store.create(path, os.getgid())
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TABLE history")
        made = next(i for i, step in enumerate(schema.STEPS) if "CREATE TABLE history" in step)
        connection.execute(f"PRAGMA user_version = {made}")
    assert changes(path) == []
    write_groups(path, {"name": "Sales"})
    assert numbers(path) == [1]
    assert before(path, 1).groups == {}
