# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What an older release wrote is brought up to date, and views are made for the host's Asterisk.

``data/schema-1.sql`` is a database that release 1.0.0 wrote.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import realtime, schema, store, views
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    ExtensionGroup,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.number_form import by_form
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import DirectoryError
from ansible_collections.voiceops.asterisk.tests.unit.databases import (
    apply,
    definitions,
    read,
    rows,
    write_extensions,
    write_ports,
    write_profiles,
    write_trunks,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    OTHER_SECRET,
    SECRET,
    all_of,
    allow,
    directory,
    ext,
    line,
    profile,
)

VERSION_1 = (Path(__file__).parents[1] / "data" / "schema-1.sql").read_text(encoding="utf-8")
SOUTH = 'Büro "Süd"; [x]'
EMPTY_SETTINGS = [{"key": "realm", "value": "asterisk"}]


@pytest.fixture
def old(tmp_path):
    """A database of version 1."""
    database = str(tmp_path / "old.sqlite3")
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(VERSION_1)
    return database


def version(path):
    return rows(path, "PRAGMA user_version")[0]["user_version"]


def dump(path):
    """Everything that a database holds, as SQL."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def write_nothing(path):
    with store.writing(path):
        pass


OF_VERSION_1 = directory(
    ConnectionPort("Masa telefonları", "udp", "0.0.0.0", 5060),
    ConnectionPort(SOUTH, "tcp", "192.0.2.10", 5061),
    ConnectionPort("v6", "udp", "::", 5060),
    *map(ExtensionGroup, ("Yönetim", "Geschäftsführung", "مكتب الاستقبال", 'O\'Hara "& Söhne"')),
    ext(
        "1001",
        "Ayşe Yılmaz",
        SECRET,
        ["Yönetim", "مكتب الاستقبال"],
        connection_port="Masa telefonları",
    ),
    ext(
        "1002",
        'Jürgen "Jogi" Groß; Vertrieb',
        OTHER_SECRET,
        ["Geschäftsführung", 'O\'Hara "& Söhne"'],
        ["Yönetim", "Geschäftsführung", "مكتب الاستقبال"],
        connection_port=SOUTH,
        max_devices=3,
        ring_timeout=12,
        forward_to="1001",
        language="de",
        email="jürgen@example.org",
        labels=(("Raum-Nr", 'B "12"'), ("asset", "7")),
    ),
    ext(
        "1003",
        "ليلى حداد",
        SECRET,
        (),
        [],
        enabled=False,
        max_devices=20,
        ring_timeout=300,
        forward_to="1009",
        language="ar",
        labels=(("oda", "ğ; 🏢"),),
    ),
    ext(
        "007",
        "O'Hara'); DROP TABLE extension; --",
        None,
        ['O\'Hara "& Söhne"'],
        connection_port="v6",
        ring_timeout=5,
        language="en_GB",
    ),
    ext("905321234567890", "ü" * 80, forward_to="007"),
)


# --- from version 1 --------------------------------------------------------------------------


def test_the_old_database_is_of_version_1_and_lacks_what_came_later(old):
    assert version(old) == 1
    assert ("table", "trunk") not in definitions(old)
    assert rows(old, "SELECT * FROM setting") == EMPTY_SETTINGS


def test_an_old_database_keeps_everything_when_it_is_brought_up_to_date(old):
    write_nothing(old)
    assert version(old) == schema.VERSION
    assert read(old) == OF_VERSION_1
    assert {port.name: port.id for port in read(old).ports.values()} == {
        "Masa telefonları": 2,
        SOUTH: 3,
        "v6": 4,
    }


def test_an_old_database_becomes_the_same_as_a_new_one(old, path):
    write_nothing(old)
    assert definitions(old) == definitions(path)
    for kind, name in definitions(path):
        if kind in ("table", "view"):
            columns = f"PRAGMA table_xinfo('{name}')"
            assert rows(old, columns) == rows(path, columns)
    assert rows(old, "SELECT * FROM setting ORDER BY key") == rows(path, "SELECT * FROM setting ORDER BY key")
    assert rows(old, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert rows(old, "PRAGMA foreign_key_check") == []


def test_the_rows_of_an_old_database_are_those_of_a_new_one_with_the_same_things(old, path):
    write_nothing(old)
    apply(path, all_of(OF_VERSION_1))
    assert read(path) == read(old)
    for view in ("ps_endpoints", "ps_auths", "ps_aors"):
        of_both = [rows(each, f"SELECT * FROM {view} ORDER BY id") for each in (old, path)]  # noqa: S608
        for row in (*of_both[0], *of_both[1]):
            row.pop("transport", None)  # it is named by an identifier
            if "@callee" in row:
                row["@callee"] = row["@callee"].split(",")[:6]  # what follows names the ports, too
        assert of_both[0] == of_both[1]
        assert [row["id"] for row in of_both[0]] == ["1001", "1002"]


def test_a_port_of_an_old_database_is_never_given_the_identifier_of_another(old):
    write_ports(old, {"name": "new", "port": 5070})
    assert read(old).ports["new"].id == 5


def test_what_is_new_can_be_written_into_an_old_database(old):
    write_trunks(old, {"name": "line", "host": "sip.example.net", "connection_port": "v6"})
    write_profiles(old, {"name": "office", "rules": [{"pattern": "0X.", "trunks": ["line"]}]})
    write_extensions(old, {"number": "1001", "outbound_profile": "office", "record": True})
    found = read(old)
    assert found.trunks == {"line": line(connection_port="v6")}
    assert found.profiles == {"office": profile("office", allow("0X.", "line"))}
    assert found.extensions["1001"].outbound_profile == "office"
    assert found.extensions["1002"] == OF_VERSION_1.extensions["1002"]


def test_bringing_up_to_date_is_done_once(old):
    write_nothing(old)
    before = dump(old)
    write_nothing(old)
    assert dump(old) == before


def fail_in_the_last_step(monkeypatch):
    *steps, last = schema.STEPS
    monkeypatch.setattr(schema, "STEPS", (*steps, last + "INSERT INTO nowhere VALUES (1);\n"))  # noqa: S608


def test_a_step_that_fails_leaves_the_database_as_it_was(old, monkeypatch):
    before = dump(old)
    fail_in_the_last_step(monkeypatch)
    with pytest.raises(DirectoryError, match="no such table: nowhere"):
        write_nothing(old)
    assert dump(old) == before
    assert version(old) == 1
    monkeypatch.undo()
    write_nothing(old)
    assert read(old) == OF_VERSION_1


def test_a_run_that_fails_later_leaves_the_version_as_it_was(old):
    def write_and_fail():
        with store.writing(old) as database:
            assert database.read() == OF_VERSION_1
            raise ValueError("mistake")

    before = dump(old)
    with pytest.raises(ValueError, match="mistake"):
        write_and_fail()
    assert dump(old) == before
    assert version(old) == 1


def test_asterisk_reads_the_old_views_until_the_transaction_is_over(old):
    with store.writing(old):
        assert "webrtc" not in rows(old, "SELECT * FROM ps_endpoints")[0]
    assert rows(old, "SELECT * FROM ps_endpoints")[0]["webrtc"] == "no"


def test_who_was_there_before_calls_were_limited_gets_the_usual_limits(old):
    write_nothing(old)
    assert rows(old, "SELECT DISTINCT max_calls FROM extension") == [{"max_calls": 10}]
    assert read(old).media_timeouts == (60, 1800)


def test_who_was_there_before_user_names_authenticates_by_the_number(old):
    write_nothing(old)
    assert rows(old, "SELECT id, username FROM ps_auths WHERE id != username") == []
    assert {extension.username for extension in read(old).extensions.values()} == {None}


def test_numbers_from_before_numbers_had_forms_have_them(tmp_path):
    database = str(tmp_path / "old.sqlite3")
    before = next(i for i, step in enumerate(schema.STEPS) if "CREATE TABLE trunk_inbound_form" in step)
    numbers = [
        "+902121112201",
        "902121112201",
        "00442071234567",
        "02121112203",
        "1001",
        "*",
        "+15",
        "00",
        "0",
    ]
    with contextlib.closing(sqlite3.connect(database)) as connection:
        for step in schema.STEPS[:before]:
            connection.executescript(step)
        connection.execute(
            "INSERT INTO trunk (id, name, host, port, register, realm, codecs, inbound_addresses, emergency)"
            " VALUES (7, 'line', 'sip.example.net', 5060, 0, '', '[]', '[]', 1)"
        )
        connection.executemany(
            "INSERT INTO trunk_inbound_number VALUES (7, ?, '1001')", ((number,) for number in numbers)
        )
        connection.execute(
            "INSERT INTO trunk (id, name, host, port, register, realm, codecs, inbound_addresses, emergency)"
            " VALUES (8, 'other', 'other.example.net', 5060, 0, '', '[]', '[\"sip.example.net\"]', 1)"
        )
        connection.execute("INSERT INTO trunk_inbound_number VALUES (8, '*', '1002')")
        connection.executescript(schema.STEPS[before])
        found = dict(connection.execute("SELECT id, number FROM trunk_inbound_form"))
        some = "SELECT id, trunk_id FROM trunk_inbound_form WHERE id IN ('7-*', '8-*', '8-1001')"
        owner = set(connection.execute(some))
    forms = by_form(numbers)
    own = {f"7-{form}": number for form, number in forms.items()}
    # Another one at the same address has them too, but for its own.
    others = {f"8-{form}": number for form, number in forms.items()} | {"8-*": "*"}
    assert found == own | others
    assert owner == {("7-*", 7), ("8-*", 8), ("8-1001", 7)}


def test_an_old_database_is_read_as_it_will_be_and_not_touched(old, tmp_path):
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with store.reading(old) as database:
        assert database.read() == OF_VERSION_1
        assert database.has_views_for(store.OLDEST_ASTERISK)
    assert Path(old).read_bytes() == before["old.sqlite3"]
    assert version(old) == 1
    assert rows(old, "SELECT * FROM setting") == EMPTY_SETTINGS


def test_a_step_that_fails_is_told_when_an_old_database_is_read(old, monkeypatch):
    before = dump(old)
    fail_in_the_last_step(monkeypatch)
    with pytest.raises(DirectoryError, match=r"old\.sqlite3: no such table: nowhere"):
        read(old)
    assert dump(old) == before


@pytest.mark.parametrize("open_", [store.reading, store.writing], ids=["reading", "writing"])
def test_what_a_newer_release_wrote_is_refused_and_not_touched(old, open_, monkeypatch):
    write_nothing(old)
    before = dump(old)
    newer = schema.VERSION
    monkeypatch.setattr(schema, "VERSION", 1)
    monkeypatch.setattr(schema, "STEPS", schema.STEPS[:1])
    with pytest.raises(DirectoryError) as refused, open_(old):
        pass
    assert str(refused.value) == (
        f"directory database {old} has schema {newer}, and this collection reads 1:"
        " a newer release of this collection wrote it; use that one"
    )
    assert dump(old) == before


def test_a_step_that_was_released_is_never_changed(path):
    """What 1.0.0 made with its first step is what its database holds."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(VERSION_1)
        was = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type != 'view'"))
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema.STEPS[0])
        assert dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type != 'view'")) == was


# --- views for the release of Asterisk -------------------------------------------------------

RELEASES = [
    ((13, 38), False),
    ((16, 0), False),
    ((16, 21), False),
    ((16, 22), True),
    ((16, 28), True),
    ((17, 9), False),
    ((18, 7), False),
    ((18, 8), True),
    ((18, 26), True),
    ((20, 0), True),
    ((21, 1), True),
    ((22, 10), True),
    ((23, 0), True),
]


@pytest.mark.parametrize(("release", "knows"), RELEASES, ids=str)
def test_a_phone_that_is_gone_makes_room_where_asterisk_knows_how(tmp_path, release, knows):
    path = str(tmp_path / "directory.sqlite3")
    store.create(path, os.getgid(), release)
    write_extensions(path, {"number": "1001", "password": SECRET})
    (aor,) = rows(path, "SELECT * FROM ps_aors")
    assert aor.get("remove_unavailable") == ("yes" if knows else None)
    assert views.knows("remove_unavailable", release) is knows


def test_a_database_knows_for_which_release_its_views_are(tmp_path):
    path = str(tmp_path / "directory.sqlite3")
    store.create(path, os.getgid(), (22, 10))
    with store.reading(path) as database:
        assert database.asterisk() == (22, 10)
        assert database.has_views_for((22, 10))
        assert not database.has_views_for((22, 1))
        assert not database.has_views_for((16, 28))


def test_a_database_that_does_not_know_has_views_for_the_oldest_release(path):
    with store.writing(path) as database:
        assert database.asterisk() == store.OLDEST_ASTERISK
        database.note("asterisk", None)
        assert database.asterisk() == store.OLDEST_ASTERISK
        database.note("asterisk", "22")
        assert database.asterisk() == store.OLDEST_ASTERISK


@pytest.mark.parametrize("release", [(16, 28), (22, 10)], ids=str)
def test_views_are_made_anew_for_another_release(path, tmp_path, release):
    other = str(tmp_path / "other.sqlite3")
    store.create(other, os.getgid(), release)
    with store.writing(path) as database:
        database.make_views_for(release)
    assert definitions(path) == definitions(other)
    with store.reading(path) as database:
        assert database.has_views_for(release)


def made_anew(path, monkeypatch):
    """Tell whether opening a database to write makes the views again."""
    made = []
    real = store.Store.make_views_for
    with monkeypatch.context() as patched:
        patched.setattr(
            store.Store, "make_views_for", lambda self, release: (made.append(release), real(self, release))
        )
        write_nothing(path)
    return made


def test_views_stay_as_long_as_their_text_does(path, monkeypatch):
    before = dump(path)
    assert made_anew(path, monkeypatch) == []
    assert dump(path) == before


@pytest.mark.parametrize("release", [(16, 0), (22, 10)], ids=str)
def test_views_are_made_anew_once_their_text_has_changed(path, monkeypatch, release):
    with store.writing(path) as database:
        database.make_views_for(release)
    monkeypatch.setattr(views, "_VIEWS", views._VIEWS.replace("3600", "7200"))
    with store.reading(path) as database:
        assert database.asterisk() == release
        assert not database.has_views_for(release)
    assert made_anew(path, monkeypatch) == [release]
    write_extensions(path, {"number": "1001", "password": SECRET})
    (aor,) = rows(path, "SELECT * FROM ps_aors")
    assert aor["maximum_expiration"] == 7200
    assert ("remove_unavailable" in aor) is (release == (22, 10))
    assert made_anew(path, monkeypatch) == []


def test_tables_that_another_release_made_in_another_order_are_made_anew(path, monkeypatch):
    with monkeypatch.context() as older:
        older.setattr(realtime, "_TABLE", realtime._TABLE.replace(" DESC", ""))
        write_nothing(path)
        write_extensions(path, *({"number": number, "password": SECRET} for number in ("1001", "1002")))
    assert [row["id"] for row in rows(path, "SELECT * FROM ps_endpoints")] == ["1001", "1002"]
    write_nothing(path)
    assert [row["id"] for row in rows(path, "SELECT * FROM ps_endpoints")] == ["1002", "1001"]
    assert made_anew(path, monkeypatch) == []


def test_views_that_are_gone_from_the_text_are_dropped(path, monkeypatch):
    there = {name for kind, name in definitions(path) if kind == "view"}
    text, _gone = views._VIEWS.split("CREATE VIEW pbx_inbound")
    monkeypatch.setattr(views, "_VIEWS", text)
    write_nothing(path)
    assert {name for kind, name in definitions(path) if kind == "view"} == there - {"pbx_inbound"}


def test_a_reader_does_not_make_views(path, monkeypatch):
    before = Path(path).read_bytes()
    monkeypatch.setattr(views, "_VIEWS", views._VIEWS.replace("3600", "7200"))
    assert read(path).extensions == {}
    assert Path(path).read_bytes() == before


# --- notes about the host --------------------------------------------------------------------


def test_what_is_noted_about_the_host_is_told_until_it_is_taken_away(path):
    told = []
    for value in ("a", "b' ğ", None):
        with store.writing(path) as database:
            database.note("something", value)
        with store.reading(path) as database:
            told.append(database.setting("something"))
    assert told == ["a", "b' ğ", None]


def test_what_is_noted_is_taken_back_with_the_transaction(path):
    def note_and_fail():
        with store.writing(path) as database:
            database.note("something", "a")
            raise ValueError("mistake")

    with pytest.raises(ValueError, match="mistake"):
        note_and_fail()
    with store.reading(path) as database:
        assert database.setting("something") is None


def test_no_password_of_an_old_database_is_lost(old):
    write_nothing(old)
    assert {row["id"]: row["md5_cred"] for row in rows(old, "SELECT * FROM ps_auths")} == {
        "1001": ha1("1001", "asterisk", SECRET),
        "1002": ha1("1002", "asterisk", OTHER_SECRET),
    }
    assert read(old).extensions["1003"].digest == ha1("1003", "asterisk", SECRET)
