# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What waits to be confirmed: what it keeps others from, and what the history keeps for it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store, unconfirmed
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import DirectoryError
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import clock
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.deadline import Waiting
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    Changes,
    ExtensionGroup,
    Plan,
)
from ansible_collections.voiceops.asterisk.tests.unit.databases import rows, write_extensions, write_groups


@pytest.fixture(autouse=True)
def boot(tmp_path, monkeypatch):
    monkeypatch.setattr(clock, "BOOT", str(tmp_path / "boot"))


def group(name):
    return Plan(groups=Changes(create=(ExtensionGroup(name),)))


def waits(path, within=600, plan=None):
    """Make a change that is to be confirmed, as arming.py does; return what waits."""
    with store.writing(path) as database:
        database.apply(plan or group(f"of {within}"), to_confirm=True)
        before = int(database.setting(unconfirmed.FIRST))
        waiting = Waiting(before, within, unconfirmed.now(), True, "ayse", "ansible.example.com")
        unconfirmed.write(path, waiting)
    return waiting


def numbers(path):
    return [
        number for row in rows(path, "SELECT number FROM history ORDER BY number") for number in row.values()
    ]


def goes_back(path, before):
    with store.writing(path) as database:
        plan = database.history.way_back(before, database.read())
        database.apply(plan, back_to=before)


def waiting_of(path):
    with store.reading(path) as database:
        return database.unconfirmed.waiting()


def test_what_was_written_is_read_again(path):
    write_groups(path, {"name": "Sales"})
    waiting = waits(path)
    assert unconfirmed.read(path) == waiting
    assert waiting_of(path) == waiting
    assert waiting.before == 2
    assert stat.S_IMODE(os.stat(unconfirmed.place(path)).st_mode) == 0o600


def test_nothing_waits_where_nobody_has_asked_for_it(path):
    write_groups(path, {"name": "Sales"})
    assert unconfirmed.read(path) is None
    assert waiting_of(path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"before": 1}', "null", "\xff"])
def test_a_file_that_says_nothing_is_named(path, text):
    with open(unconfirmed.place(path), "w", encoding="latin-1") as file:
        file.write(text)
    with pytest.raises(DirectoryError, match=r"-unconfirmed does not say which change waits"):
        unconfirmed.read(path)


def test_a_link_in_its_place_is_refused(path, tmp_path):
    os.mkfifo(unconfirmed.place(path))
    with pytest.raises(DirectoryError, match="FIFO"):
        unconfirmed.read(path)


def test_the_next_change_is_refused_for_to_take_back_the_first_would_take_back_both(path):
    waits(path)
    with pytest.raises(unconfirmed.UnconfirmedError) as refused:
        write_groups(path, {"name": "Sales"})
    said = str(refused.value)
    assert said.startswith("change 1, of ayse@ansible.example.com, waits to be confirmed; at 20")
    assert "Nothing was changed. Confirm it (playbook confirm)" in said
    assert numbers(path) == [1]
    with store.reading(path) as database, pytest.raises(unconfirmed.UnconfirmedError):
        database.unconfirmed.refuse()


def test_one_that_waits_as_well_takes_the_deadline_over_and_the_way_back_stays_the_first_ones(path):
    first = waits(path, within=60)
    second = waits(path, within=600)
    assert (first.before, second.before) == (1, 1)
    assert waiting_of(path) == second
    goes_back(path, 1)
    assert waiting_of(path) is None, "it is taken back"
    third = waits(path, within=30)
    assert third.before == 4


def test_a_way_back_is_never_refused_and_ends_it_where_it_leads_far_enough(path):
    write_groups(path, {"name": "Sales"})
    waits(path, within=60)
    waits(path, within=600)
    goes_back(path, 3)
    assert waiting_of(path), "the first of the two is still there"
    goes_back(path, 1)
    assert waiting_of(path) is None
    write_groups(path, {"name": "Destek"})
    assert unconfirmed.read(path) is None


def test_what_a_run_that_was_killed_never_committed_does_not_hold_up_the_next(path):
    now = unconfirmed.now()
    unconfirmed.write(path, Waiting(1, 600, now, True, "ayse", "ansible.example.com"))
    assert waiting_of(path) is None
    write_groups(path, {"name": "Sales"})
    # Otherwise this one, which has the number now, would be taken back.
    assert unconfirmed.read(path) is None


def test_the_history_keeps_what_waits_however_little_it_is_to_keep(path):
    with store.writing(path) as database:
        database.note("history_changes", "0")
    write_groups(path, {"name": "Sales"})
    assert numbers(path) == []
    waits(path, within=60)
    waits(path, within=600)
    assert numbers(path) == [2, 3]
    goes_back(path, 2)
    assert numbers(path) == [2, 3, 4]
    with store.writing(path) as database:
        database.unconfirmed.end()
    write_groups(path, {"name": "Destek"})
    assert numbers(path) == []


@pytest.mark.parametrize("before", [1, 2], ids=["which creates them", "which deletes them"])
def test_the_room_that_is_kept_is_enough_for_the_way_back(path, before):
    many = [
        {"number": str(2000 + i), "password": f"a-strong-horse-{i}", "name": "x" * 60} for i in range(1500)
    ]
    write_extensions(path, *many)
    with store.writing(path) as database:
        if before == 2:
            database.apply(database.history.way_back(1, database.read()))
        kept = database.unconfirmed.room()
    size = os.stat(path).st_size
    # As long as somebody reads, the log is not removed.
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM extension").fetchall()
        goes_back(path, before)
        log = os.stat(f"{path}-wal").st_size
    grown = max(os.stat(path).st_size - size, 0)
    assert 100_000 < log + grown < kept
