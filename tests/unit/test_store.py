# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The directory database: its file, its transactions, and what Asterisk reads from it."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils import schema, store
from ansible_collections.voiceops.asterisk.plugins.module_utils.decide import (
    Policy,
    plan_connection_ports,
    plan_extension_groups,
    plan_extensions,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.digest import REALM, ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import (
    ConnectionPort,
    Extension,
    ExtensionGroup,
    read_connection_ports,
    read_extension_groups,
    read_extensions,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.plan import (
    Changes,
    Directory,
    Plan,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.problem import DirectoryError
from hypothesis import given
from hypothesis import strategies as st

SECRET = "Kx7#mQ2p-old"


@pytest.fixture
def path(tmp_path):
    """A new, empty directory database."""
    database = str(tmp_path / "directory.sqlite3")
    store.create(database, os.getgid())
    return database


@pytest.fixture(scope="module")
def shared_database(tmp_path_factory):
    """A directory database for the examples of a property, which are many."""
    database = str(tmp_path_factory.mktemp("store") / "directory.sqlite3")
    store.create(database, os.getgid())
    return database


def read(path):
    with store.reading(path) as database:
        return database.read()


def apply(path, plan):
    with store.writing(path) as database:
        database.apply(plan)


def write_extensions(path, *items, **policy):
    """Carry out a list of extensions as the module does."""
    policy = Policy(create_groups=True, allow_weak_password=True, **policy)
    with store.writing(path) as database:
        database.apply(plan_extensions(database.read(), read_extensions(items, "extensions"), policy))


def write_ports(path, *items):
    """Carry out a list of connection ports as the module does."""
    with store.writing(path) as database:
        database.apply(
            plan_connection_ports(database.read(), read_connection_ports(items, "connection_ports"))
        )


def write_groups(path, *items, **policy):
    """Carry out a list of extension groups as the module does."""
    requests = read_extension_groups(items, "extension_groups")
    with store.writing(path) as database:
        database.apply(plan_extension_groups(database.read(), requests, Policy(**policy)))


def write_in(database, *extensions):
    """Create extensions in an open transaction."""
    database.apply(Plan(extensions=Changes(create=extensions)))


def write_and_raise(path, raised, before=lambda database: None):
    """Create 1001, see it, and fail before the end of the transaction."""
    with store.writing(path) as database:
        write_in(database, Extension("1001"))
        assert "1001" in database.read().extensions
        before(database)
        raise raised


def rows(path, sql):
    """What Asterisk would get: rows as dictionaries."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql)]


def alter(path, sql):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(sql)


def failure(open_, path):
    """What is said where a database cannot be opened."""
    with pytest.raises(DirectoryError) as failed, open_(path) as database:
        database.read()
    return str(failed.value)


# --- creation --------------------------------------------------------------------------------


def test_a_new_directory_is_empty(path):
    assert read(path) == Directory(realm=REALM)


def test_a_new_directory_is_for_its_owner_and_group_alone(path):
    found = os.stat(path)
    assert stat.S_IMODE(found.st_mode) == 0o660
    assert found.st_gid == os.getgid()
    assert found.st_uid == os.geteuid()


def test_a_new_directory_lets_asterisk_read_while_we_write(path):
    assert rows(path, "PRAGMA journal_mode") == [{"journal_mode": "wal"}]
    with store.writing(path) as database:
        database.apply(Plan(extensions=Changes(create=(Extension("1001"),))))
        assert rows(path, "SELECT number FROM extension") == []
    assert rows(path, "SELECT number FROM extension") == [{"number": "1001"}]


def test_creation_leaves_one_file(path):
    assert os.listdir(os.path.dirname(path)) == [os.path.basename(path)]


def test_what_an_interrupted_creation_left_is_in_nobodys_way(tmp_path):
    path = str(tmp_path / "directory.sqlite3")
    Path(path + ".new").write_text("half a database")
    store.create(path, os.getgid())
    assert os.listdir(tmp_path) == ["directory.sqlite3"]
    assert read(path) == Directory(realm=REALM)


def test_creation_does_not_follow_a_link_laid_in_its_way(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    path = str(tmp_path / "directory.sqlite3")
    os.symlink(victim, path + ".new")
    store.create(path, os.getgid())
    assert victim.read_text() == "precious"
    assert not os.path.islink(path)


def test_creation_where_there_is_no_folder_says_so(tmp_path):
    with pytest.raises(DirectoryError, match="No such file or directory"):
        store.create(str(tmp_path / "missing" / "directory.sqlite3"), os.getgid())


def test_creation_in_place_of_a_folder_is_refused(tmp_path):
    folder = tmp_path / "directory.sqlite3"
    folder.mkdir()
    with pytest.raises(DirectoryError, match="File exists"):
        store.create(str(folder), os.getgid())
    assert folder.is_dir()


@pytest.mark.parametrize(
    "name", ["50% off?#1.sqlite3", "dizin ğüş.sqlite3", "a&mode=memory.sqlite3", "'; --"]
)
def test_a_path_may_hold_any_character(tmp_path, name):
    path = str(tmp_path / name)
    store.create(path, os.getgid())
    write_extensions(path, {"number": "1001"})
    assert list(read(path).extensions) == ["1001"]
    assert {file.removesuffix("-wal").removesuffix("-shm") for file in os.listdir(tmp_path)} == {name}


# --- is there one ----------------------------------------------------------------------------


def test_a_database_exists_after_its_creation(tmp_path):
    path = str(tmp_path / "directory.sqlite3")
    assert store.exists(path) is False
    assert store.exists(str(tmp_path / "missing" / "directory.sqlite3")) is False
    store.create(path, os.getgid())
    assert store.exists(path) is True


@pytest.mark.parametrize("lay", ["link to a database", "dangling link", "folder", "pipe"])
@pytest.mark.parametrize("open_", [store.reading, store.writing], ids=["reading", "writing"])
def test_what_is_not_an_ordinary_file_is_refused(tmp_path, path, lay, open_):
    odd = str(tmp_path / "odd.sqlite3")
    if lay == "link to a database":
        os.symlink(path, odd)
    elif lay == "dangling link":
        os.symlink(str(tmp_path / "nowhere"), odd)
    elif lay == "folder":
        os.mkdir(odd)
    else:
        os.mkfifo(odd)
    message = f"directory database {odd} is not an ordinary file; move it away"
    with pytest.raises(DirectoryError) as refused:
        store.exists(odd)
    assert str(refused.value) == message
    assert failure(open_, odd) == message


def test_a_file_in_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DirectoryError, match="Not a directory"):
        store.exists(str(tmp_path / "file" / "directory.sqlite3"))


# --- a database that cannot be used ----------------------------------------------------------


@pytest.mark.parametrize("open_", [store.reading, store.writing], ids=["reading", "writing"])
def test_a_missing_database_says_who_creates_it(tmp_path, open_):
    path = str(tmp_path / "directory.sqlite3")
    message = failure(open_, path)
    assert message.startswith(f"there is no directory database {path} on this host")
    assert "pbx_directory" in message
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("version", "told"),
    [
        pytest.param(
            schema.VERSION + 1,
            f"has schema {schema.VERSION + 1}, and this collection reads {schema.VERSION}: a newer release",
            id="newer",
        ),
        pytest.param(0, "is not a directory database of this collection: move it away", id="somebody else's"),
    ],
)
@pytest.mark.parametrize("open_", [store.reading, store.writing], ids=["reading", "writing"])
def test_another_schema_is_refused(path, version, told, open_):
    alter(path, f"PRAGMA user_version = {version}")
    assert told in failure(open_, path)


def test_creation_never_replaces_a_directory(path):
    write_extensions(path, {"number": "1001"})
    with pytest.raises(DirectoryError, match="File exists"):
        store.create(path, os.getgid())
    assert list(read(path).extensions) == ["1001"]


@pytest.mark.parametrize("open_", [store.reading, store.writing], ids=["reading", "writing"])
def test_what_is_not_a_database_is_told(tmp_path, open_):
    path = tmp_path / "directory.sqlite3"
    path.write_text("this is a letter to my aunt\n" * 100)
    message = failure(open_, str(path))
    assert message.startswith(f"directory database {path}: file is not a database; restore it from a backup")


def test_a_writer_that_waits_too_long_is_told(path, monkeypatch):
    monkeypatch.setattr(store, "LOCK_TIMEOUT", 0.05)
    with store.writing(path):
        assert "database is locked; another run has been writing" in failure(store.writing, path)


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        pytest.param(
            sqlite3.OperationalError("database or disk is full"), "is the disk full?", id="disk full"
        ),
        pytest.param(sqlite3.OperationalError("disk I/O error"), "Nothing was changed", id="disk error"),
        pytest.param(
            sqlite3.DatabaseError("database disk image is malformed"), "from a backup", id="malformed"
        ),
        pytest.param(sqlite3.OperationalError("no such table: x"), ": no such table: x", id="anything else"),
    ],
)
def test_an_error_of_the_database_is_explained(path, raised, told):
    with pytest.raises(DirectoryError) as failed:
        write_and_raise(path, raised)
    assert str(failed.value).startswith(f"directory database {path}: ")
    assert told in str(failed.value)
    assert failed.value.__cause__ is raised
    assert read(path) == Directory(realm=REALM)


# --- transactions ----------------------------------------------------------------------------


@pytest.mark.parametrize("raised", [ValueError("mistake"), KeyboardInterrupt(), SystemExit(1)], ids=repr)
def test_an_exception_takes_everything_back(path, raised):
    write_extensions(path, {"number": "1000"})
    with pytest.raises(type(raised)):
        write_and_raise(path, raised)
    assert set(read(path).extensions) == {"1000"}


def test_an_error_in_the_middle_of_a_plan_takes_everything_back(path):
    impossible = Plan(
        groups=Changes(create=(ExtensionGroup("Sales"),)),
        extensions=Changes(create=(Extension("1001", groups=frozenset({"no such group"})),)),
    )
    with pytest.raises(KeyError):
        apply(path, impossible)
    assert read(path) == Directory(realm=REALM)


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(Plan(ports=Changes(delete=(ConnectionPort("desk"),))), id="a port in use"),
        pytest.param(Plan(groups=Changes(delete=(ExtensionGroup("Sales"),))), id="a group with members"),
        pytest.param(Plan(groups=Changes(delete=(ExtensionGroup("IT"),))), id="a group with callers"),
        pytest.param(Plan(ports=Changes(create=(ConnectionPort("other"),))), id="a listener twice"),
    ],
)
def test_the_database_itself_refuses_what_the_plan_would_have_refused(path, plan):
    write_ports(path, {"name": "desk"})
    asked = {"number": "1001", "connection_port": "desk", "groups": ["Sales"], "callable_groups": ["IT"]}
    write_extensions(path, asked)
    before = read(path)
    with pytest.raises(DirectoryError, match="constraint failed"):
        apply(path, plan)
    assert read(path) == before


def test_a_transaction_that_is_already_over_is_not_taken_back_twice(path):
    with pytest.raises(ValueError, match="mistake"):
        write_and_raise(path, ValueError("mistake"), before=lambda d: d._connection.execute("ROLLBACK"))


def test_reading_writes_nothing(path):
    write_extensions(path, {"number": "1001", "groups": ["Sales"]})
    before = Path(path).read_bytes()
    with store.reading(path) as database:
        database.read()
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            write_in(database, Extension("1002"))
    assert Path(path).read_bytes() == before


def test_a_reader_sees_one_state_while_another_writes(path):
    write_extensions(path, {"number": "1001"})
    with store.reading(path) as database:
        first = database.read()
        write_extensions(path, {"number": "1002"})
        assert database.read() == first
    assert set(read(path).extensions) == {"1001", "1002"}


# Adds extensions of its own, and its own groups to an extension that everybody changes.
WRITER = """
import sys
from ansible_collections.voiceops.asterisk.plugins.module_utils import decide, model, store
path, first = sys.argv[1], int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(first, first + 10):
    with store.writing(path) as database:
        have = database.read()
        groups = set(have.extensions["1"].groups) | {str(number)}
        wanted = [{"number": str(number)}, {"number": "1", "groups": sorted(groups)}]
        requests = model.read_extensions(wanted)
        database.apply(decide.plan_extensions(have, requests, decide.Policy(create_groups=True)))
"""


def python(script, *arguments, **options):
    """Start another Python that finds the library where this one does."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen([sys.executable, "-c", script, *arguments], env=environment, **options)


def test_writers_in_several_processes_lose_no_update(path):
    write_extensions(path, {"number": "1"})
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    writers = [python(WRITER, path, str(first), **pipes) for first in (100, 200, 300)]
    for writer in writers:
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        writer.stdin.close()
    for writer in writers:
        with writer:
            assert writer.wait(30) == 0
    expected = {str(first + i) for first in (100, 200, 300) for i in range(10)}
    found = read(path)
    assert set(found.extensions) == {"1"} | expected
    assert found.extensions["1"].groups == expected == set(found.groups)


def test_writers_in_several_threads_lose_no_update(path):
    write_extensions(path, {"number": "1"})

    def write(first):
        for number in range(first, first + 10):
            with store.writing(path) as database:
                have = database.read()
                wanted = [{"number": "1", "groups": [*have.extensions["1"].groups, str(number)]}]
                policy = Policy(create_groups=True)
                database.apply(plan_extensions(have, read_extensions(wanted), policy))

    threads = [threading.Thread(target=write, args=(first,)) for first in (100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert read(path).extensions["1"].groups == {str(first + i) for first in (100, 200) for i in range(10)}


# Renames every extension, again and again, one transaction each time; tells when it has begun.
RENAMER = """
import dataclasses, itertools, sys
from ansible_collections.voiceops.asterisk.plugins.module_utils import plan, store
path, stop_in_the_middle = sys.argv[1], sys.argv[2] == "stop"
for turn in itertools.count():
    with store.writing(path) as database:
        have = database.read().extensions.values()
        change = tuple((e, dataclasses.replace(e, name=f"turn {turn}")) for e in have)
        database.apply(plan.Plan(extensions=plan.Changes(change=change)))
        if stop_in_the_middle:
            print("begun", flush=True)
            sys.stdin.read()
    print("begun", flush=True)
"""


def kill_a_renamer(path, how, after):
    renamer = python(RENAMER, path, how, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with renamer:
        assert renamer.stdout.readline() == b"begun\n"
        time.sleep(after)
        renamer.kill()


def test_a_process_killed_before_its_commit_has_changed_nothing(path):
    write_extensions(path, *({"number": str(number), "name": "before"} for number in range(500)))
    before = read(path)
    kill_a_renamer(path, "stop", after=0)
    assert read(path) == before
    write_extensions(path, {"number": "0", "name": "after"})
    assert read(path).extensions["0"].name == "after"


def test_a_process_killed_at_any_moment_leaves_no_half_transaction(path):
    write_extensions(path, *({"number": str(number), "name": "before"} for number in range(500)))
    for i in range(10):
        kill_a_renamer(path, "go", after=i * 0.004)
        found = read(path)
        assert len(found.extensions) == 500
        assert len({extension.name for extension in found.extensions.values()}) == 1
    assert rows(path, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]


# --- what is stored --------------------------------------------------------------------------


def test_what_was_written_is_read(path):
    write_ports(path, {"name": "desk"}, {"name": "wan", "protocol": "tcp", "address": "::", "port": 5061})
    write_extensions(
        path,
        {
            "number": "007",
            "name": "Ayşe",
            "connection_port": "wan",
            "groups": ["B", "A"],
            "callable_groups": ["C", "A"],
            "enabled": False,
            "max_devices": 3,
            "ring_timeout": 12,
            "forward_to": "7",
            "language": "en_GB",
            "email": "ayşe@example.org",
            "labels": {"room": 'B "12"', "asset": 7},
            "password": SECRET,
        },
        {"number": "7"},
    )
    assert read(path) == Directory(
        realm=REALM,
        ports={"desk": ConnectionPort("desk"), "wan": ConnectionPort("wan", "tcp", "::", 5061)},
        groups={name: ExtensionGroup(name) for name in "ABC"},
        extensions={
            "007": Extension(
                "007",
                "Ayşe",
                connection_port="wan",
                groups=frozenset({"A", "B"}),
                callable_groups=frozenset({"A", "C"}),
                enabled=False,
                max_devices=3,
                ring_timeout=12,
                forward_to="7",
                language="en_GB",
                email="ayşe@example.org",
                labels=(("asset", "7"), ("room", 'B "12"')),
                digest=ha1("007", REALM, SECRET),
            ),
            "7": Extension("7"),
        },
    )


def test_no_password_is_in_the_files(path, tmp_path):
    with store.reading(path):  # an open reader keeps the log from being folded into the database
        write_extensions(path, {"number": "1001", "password": SECRET})
        for file in tmp_path.iterdir():
            assert SECRET.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    ("option", "table"),
    [("groups", "extension_membership"), ("callable_groups", "extension_callable_group")],
)
def test_a_deleted_extension_takes_its_memberships_along(path, option, table):
    write_extensions(path, {"number": "1001", option: ["Sales"]})
    write_extensions(path, {"number": "1001", "state": "absent"})
    assert rows(path, f"SELECT * FROM {table}") == []  # noqa: S608
    assert set(read(path).groups) == {"Sales"}


def test_a_deleted_extension_leaves_those_that_forward_to_it(path):
    write_extensions(path, {"number": "1001", "forward_to": "1002"}, {"number": "1002"})
    write_extensions(path, {"number": "1002", "state": "absent"})
    assert read(path).extensions == {"1001": Extension("1001", forward_to="1002")}


def test_a_restriction_is_set_narrowed_and_lifted(path):
    found = []
    for callable_groups in (["*"], ["A", "B"], ["B"], [], ["*"], ["A"]):
        write_extensions(path, {"number": "1001", "callable_groups": callable_groups})
        found.append(read(path).extensions["1001"].callable_groups)
    assert found == [None, {"A", "B"}, {"B"}, frozenset(), None, {"A"}]


def test_whom_one_may_call_and_where_one_belongs_are_two_things(path):
    write_extensions(path, {"number": "1001", "groups": ["A"], "callable_groups": ["B"]})
    write_extensions(path, {"number": "1001", "groups": ["B"]})
    write_extensions(path, {"number": "1002", "groups": ["A"]})
    assert read(path).extensions == {
        "1001": Extension("1001", groups=frozenset({"B"}), callable_groups=frozenset({"B"})),
        "1002": Extension("1002", groups=frozenset({"A"})),
    }


def test_a_group_that_is_deleted_by_force_leaves_its_extensions(path):
    write_extensions(
        path,
        {"number": "1001", "groups": ["A", "B"], "callable_groups": ["A"]},
        {"number": "1002", "callable_groups": ["A", "B"]},
    )
    write_groups(path, {"name": "A", "state": "absent"}, force=True)
    assert set(read(path).groups) == {"B"}
    assert read(path).extensions == {
        "1001": Extension("1001", groups=frozenset({"B"}), callable_groups=frozenset()),
        "1002": Extension("1002", callable_groups=frozenset({"B"})),
    }


def test_a_deletion_and_a_creation_of_one_listener_fit_in_one_plan(path):
    write_ports(path, {"name": "old"})
    write_ports(path, {"name": "old", "state": "absent"}, {"name": "new"})
    assert set(read(path).ports) == {"new"}


def test_an_identifier_of_a_port_is_never_given_twice(path):
    given = []
    for name in ("first", "second", "third"):
        write_ports(path, {"name": name})
        given.append(read(path).ports[name].id)
        write_ports(path, {"name": name, "state": "absent"})
    assert given == [1, 2, 3]


def test_two_ports_can_swap_what_they_listen_on(path):
    write_ports(path, {"name": "a", "port": 5060}, {"name": "b", "protocol": "tcp", "port": 5070})
    ids = {port.name: port.id for port in read(path).ports.values()}
    write_ports(
        path, {"name": "a", "protocol": "tcp", "port": 5070}, {"name": "b", "protocol": "udp", "port": 5060}
    )
    ports = read(path).ports
    assert ports == {"a": ConnectionPort("a", "tcp", port=5070), "b": ConnectionPort("b", "udp", port=5060)}
    assert {port.name: port.id for port in ports.values()} == ids


def test_three_ports_can_move_round(path):
    numbers = {"a": 1, "b": 2, "c": 3}
    write_ports(path, *({"name": name, "port": number} for name, number in numbers.items()))
    moved = {"a": 2, "b": 3, "c": 1}
    write_ports(path, *({"name": name, "port": number} for name, number in moved.items()))
    assert {port.name: port.port for port in read(path).ports.values()} == moved


def test_a_port_that_changes_keeps_its_extensions(path):
    write_ports(path, {"name": "desk"})
    write_extensions(path, {"number": "1001", "connection_port": "desk"})
    write_ports(path, {"name": "desk", "port": 5070})
    assert read(path).extensions["1001"].connection_port == "desk"


# --- the views that Asterisk reads -----------------------------------------------------------


def test_an_extension_without_password_has_no_endpoint_auth_or_aor(path):
    write_extensions(path, {"number": "1001"}, {"number": "1002", "password": SECRET})
    for view in ("ps_endpoints", "ps_auths", "ps_aors"):
        assert rows(path, f"SELECT id FROM {view}") == [{"id": "1002"}]  # noqa: S608
    assert rows(path, "SELECT number, endpoint FROM pbx_callee ORDER BY number") == [
        {"number": "1001", "endpoint": ""},
        {"number": "1002", "endpoint": "1002"},
    ]


def test_a_disabled_extension_has_no_endpoint_auth_or_aor_until_it_is_enabled(path):
    write_extensions(path, *({"number": number, "password": SECRET} for number in ("1001", "1002")))
    for enabled, shown in ((False, ["1002"]), (True, ["1001", "1002"])):
        write_extensions(path, {"number": "1001", "enabled": enabled})
        for view in ("ps_endpoints", "ps_auths", "ps_aors"):
            assert [row["id"] for row in rows(path, f"SELECT id FROM {view} ORDER BY id")] == shown  # noqa: S608
        assert rows(path, "SELECT endpoint FROM pbx_callee WHERE number = '1001'") == [
            {"endpoint": "1001" if enabled else ""}
        ]


def test_an_extension_that_loses_its_password_loses_its_endpoint(path):
    write_extensions(path, {"number": "1001", "password": SECRET})
    write_extensions(path, {"number": "1001", "password": ""})
    assert rows(path, "SELECT id FROM ps_endpoints") == []


def test_the_endpoint_of_an_extension(path):
    write_extensions(path, {"number": "1001", "name": "Ayşe Yılmaz", "password": SECRET})
    assert rows(path, "SELECT * FROM ps_endpoints") == [
        {
            "id": "1001",
            "transport": "",
            "aors": "1001",
            "auth": "1001",
            "context": "extensions",
            "callerid": '"Ayşe Yılmaz" <1001>',
            "disallow": "all",
            "allow": "g722,alaw,ulaw",
            "direct_media": "no",
            "rtp_symmetric": "yes",
            "force_rport": "yes",
            "rewrite_contact": "yes",
            "language": "",
        }
    ]


def test_the_credential_of_an_extension(path):
    write_extensions(path, {"number": "007", "password": SECRET})
    assert rows(path, "SELECT * FROM ps_auths") == [
        {
            "id": "007",
            "auth_type": "md5",
            "username": "007",
            "realm": "asterisk",
            "md5_cred": ha1("007", "asterisk", SECRET),
        }
    ]


@pytest.mark.parametrize(("asked", "phones"), [({}, 1), ({"max_devices": 3}, 3)], ids=["one", "three"])
def test_an_extension_takes_so_many_phones_and_the_newest_wins(path, asked, phones):
    write_extensions(path, {"number": "1001", "password": SECRET, **asked})
    assert rows(path, "SELECT * FROM ps_aors") == [
        {
            "id": "1001",
            "max_contacts": phones,
            "remove_existing": "yes",
            "minimum_expiration": 60,
            "maximum_expiration": 3600,
            "qualify_frequency": 60,
        }
    ]


def test_an_endpoint_speaks_the_language_of_its_extension(path):
    for language in ("tr", "en_GB", ""):
        write_extensions(path, {"number": "1001", "password": SECRET, "language": language})
        assert rows(path, "SELECT language FROM ps_endpoints") == [{"language": language}]


def test_what_the_dialplan_asks_of_a_dialled_number(path):
    write_extensions(
        path,
        {"number": "1", "password": SECRET, "ring_timeout": 12, "forward_to": "2", "groups": ["A", "B"]},
        {"number": "2"},
    )
    assert rows(path, "SELECT * FROM pbx_callee ORDER BY number") == [
        {"number": "1", "endpoint": "1", "ring_timeout": 12, "forward_to": "2", "groups": ":1:2:"},
        {"number": "2", "endpoint": "", "ring_timeout": 30, "forward_to": "", "groups": ":"},
    ]


def test_a_disabled_extension_still_says_where_its_calls_go(path):
    write_extensions(
        path,
        {"number": "1", "password": SECRET, "enabled": False, "forward_to": "2", "groups": ["A"]},
        {"number": "2"},
    )
    (callee,) = rows(path, "SELECT endpoint, forward_to, groups FROM pbx_callee WHERE number = '1'")
    assert callee == {"endpoint": "", "forward_to": "2", "groups": ":1:"}


def test_what_the_dialplan_asks_of_a_caller(path):
    write_extensions(
        path,
        {"number": "1"},
        {"number": "2", "callable_groups": []},
        {"number": "3", "callable_groups": ["A"]},
        {"number": "4", "callable_groups": ["A", "B"]},
    )
    assert rows(path, "SELECT * FROM pbx_caller ORDER BY number") == [
        {"number": "1", "callable": "*"},
        {"number": "2", "callable": "^nobody$"},
        {"number": "3", "callable": ":(1):"},
        {"number": "4", "callable": ":(1|2):"},
    ]


# More than ten, so that one identifier is the beginning of another.
GROUPS = [f"group {n:02}" for n in range(1, 13)]
GROUP_SETS = st.sets(st.sampled_from(["group 01", "group 02", "group 11", "group 12"]))


@given(may_call=st.one_of(st.none(), GROUP_SETS), belongs_to=st.lists(GROUP_SETS, min_size=1, max_size=4))
def test_a_caller_reaches_exactly_those_in_its_callable_groups(shared_database, may_call, belongs_to):
    write_groups(shared_database, *({"name": name} for name in GROUPS))
    callees = {str(number): groups for number, groups in enumerate(belongs_to)}
    write_extensions(
        shared_database,
        {"number": "1001", "callable_groups": ["*"] if may_call is None else sorted(may_call)},
        *({"number": number, "groups": sorted(groups)} for number, groups in callees.items()),
        purge=True,
        purge_limit=100,
    )
    ((pattern,),) = [
        row.values() for row in rows(shared_database, "SELECT callable FROM pbx_caller WHERE number = '1001'")
    ]
    groups = {
        row["number"]: row["groups"] for row in rows(shared_database, "SELECT number, groups FROM pbx_callee")
    }
    for number, its_groups in callees.items():
        reached = pattern == "*" or re.search(pattern, groups[number]) is not None
        assert reached is (may_call is None or bool(may_call & its_groups))


def test_a_transport_is_named_by_the_identifier_of_its_port(path):
    write_ports(path, {"name": "gone"}, {"name": "Ofis; [x]", "port": 5070})
    write_ports(path, {"name": "gone", "state": "absent"})
    write_extensions(path, {"number": "1001", "connection_port": "Ofis; [x]", "password": SECRET})
    identifier = read(path).ports["Ofis; [x]"].id
    assert rows(path, "SELECT transport FROM ps_endpoints") == [{"transport": f"port-{identifier}"}]


@pytest.mark.parametrize(
    ("name", "callerid"),
    [
        pytest.param("", "<1001>", id="no name"),
        pytest.param('Ada "Boss" Hara', r'"Ada \"Boss\" Hara" <1001>', id="quotes"),
        pytest.param("back\\slash", r'"back\\slash" <1001>', id="a backslash"),
        pytest.param('end\\"', r'"end\\\"" <1001>', id="a backslash before a quote"),
        pytest.param("a;b", '"a;b" <1001>', id="a semicolon"),
        pytest.param("${SHELL(id)}", '"${SHELL(id)}" <1001>', id="a dialplan function"),
        pytest.param("Eve <911>", '"Eve <911>" <1001>', id="another number in brackets"),
        pytest.param('" <911>', r'"\" <911>" <1001>', id="an escape from the quotes"),
        pytest.param("Ofis 🏢", '"Ofis 🏢" <1001>', id="emoji"),
        pytest.param("שלום", '"שלום" <1001>', id="right to left"),
        pytest.param("x" * 80, '"' + "x" * 79 + '" <1001>', id="one character too long for Asterisk"),
        pytest.param("ü" * 40, '"' + "ü" * 39 + '" <1001>', id="longer than Asterisk can show"),
    ],
)
def test_a_caller_id_quotes_the_name(path, name, callerid):
    write_extensions(path, {"number": "1001", "name": name, "password": SECRET})
    assert rows(path, "SELECT callerid FROM ps_endpoints") == [{"callerid": callerid}]
    assert read(path).extensions["1001"].name == name


def test_a_rename_renames_the_caller_id(path):
    write_extensions(path, {"number": "1001", "name": "Ayşe", "password": SECRET})
    write_extensions(path, {"number": "1001", "name": "Fatma"})
    assert rows(path, "SELECT callerid FROM ps_endpoints") == [{"callerid": '"Fatma" <1001>'}]


@given(name=st.text(st.sampled_from("aü€🏢"), max_size=80))
def test_a_caller_id_name_is_as_much_as_fits_and_never_half_a_character(name):
    shown = store.caller_id_name(name)
    size = len(shown.encode())
    assert name.startswith(shown)
    assert size <= 79
    assert shown == name or size + len(name[len(shown)].encode()) > 79


quotable = st.text(st.sampled_from('a"\\ ;<>$é'), max_size=12)


@given(name=quotable)
def test_a_caller_id_can_be_read_back_whatever_the_name(shared_database, name):
    asked = {"number": "1001", "name": name, "password": SECRET}
    write_extensions(shared_database, asked, purge=True, purge_limit=100)
    ((callerid,),) = [
        tuple(row.values()) for row in rows(shared_database, "SELECT callerid FROM ps_endpoints")
    ]
    text = name.strip()
    if not text:
        assert callerid == "<1001>"
        return
    characters, quoted, unescaped = iter(callerid[1:]), True, ""
    while quoted:
        character = next(characters)
        if character == '"':
            quoted = False
        else:
            unescaped += next(characters) if character == "\\" else character
    assert unescaped == text
    assert "".join(characters) == " <1001>"
