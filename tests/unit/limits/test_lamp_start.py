# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Which lamps Asterisk goes on with when it starts."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.limits import lamp_start
from ansible_collections.voiceops.asterisk.plugins.module_utils.limits.lamp_start import LONGEST, MOST

NOW = 1_796_000_000.5


def lamp(number, seconds=600):
    return json.dumps({"endpoint": number, "expires": str(int(NOW) + seconds), "packet": "SUBSCRIBE …"})


def lamps(number, count):
    return {f"{lamp_start.FAMILY}{number}-{i}": lamp(number) for i in range(count)}


def database(folder, entries):
    path = str(folder / "astdb.sqlite3")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE astdb(key VARCHAR(256), value VARCHAR(256), PRIMARY KEY(key))")
        connection.executemany("INSERT INTO astdb VALUES (?, ?)", entries.items())
        connection.commit()
    return path


def content(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT * FROM astdb").fetchall())


def test_a_phone_with_too_many_lamps_gets_none_back_and_the_others_keep_theirs(tmp_path):
    many, few = lamps("1001", MOST + 1), lamps("1002", MOST)
    other = {"/registrar/contact/1001;@abc": "{}", "/SUBSCRIPTION/x": lamp("1001")}
    path = database(tmp_path, {**many, **few, **other})
    assert lamp_start.tidy(path, NOW, MOST) == len(many)
    assert content(path) == {**few, **other}
    assert lamp_start.tidy(path, NOW, MOST) == 0


@pytest.mark.parametrize(
    ("asked", "lasts"),
    [(-5, -5), (600, 600), (LONGEST, LONGEST), (LONGEST + 1, LONGEST), (4_000_000_000, LONGEST)],
)
def test_a_lamp_lasts_no_longer_than_one_that_is_asked_for(asked, lasts):
    found = lamp_start.changes({"a": lamp("1001", asked)}, NOW, MOST)
    assert found == ({} if asked == lasts else {"a": lamp("1001", lasts)})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        "null",
        '{"endpoint": "1001"}',
        '{"endpoint": 1, "expires": "1"}',
        "[" * 9999,
    ],
)
def test_what_is_no_subscription_goes(text):
    assert lamp_start.changes({"a": text, "b": lamp("1001")}, NOW, MOST) == {"a": None}


def test_asterisk_starts_whatever_is_wrong_with_its_database(tmp_path, capsys):
    assert lamp_start.main(str(tmp_path / "not there yet")) == 0
    (tmp_path / "broken").write_text("no database " * 1000)
    assert lamp_start.main(str(tmp_path / "broken")) == 0
    assert "lamps stay as they are" in capsys.readouterr().err


def test_it_says_what_it_did(tmp_path, capsys):
    assert lamp_start.main(database(tmp_path, {f"{lamp_start.FAMILY}a": "rubbish"})) == 0
    assert "1 lamps were too many or lasted too long" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# Written by the role\nmax_lamps = 77\n", 77),
        ("", MOST),
        ("max_lamps = many\n", MOST),
        ("max_lamps = 7 7\n", MOST),
    ],
)
def test_how_many_lamps_there_may_be_is_what_the_role_has_written(tmp_path, text, found):
    (tmp_path / "lamps.conf").write_text(text)
    assert lamp_start.most(str(tmp_path / "lamps.conf")) == found
    assert lamp_start.most(str(tmp_path / "not there yet")) == MOST
