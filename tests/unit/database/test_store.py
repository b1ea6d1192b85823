# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The directory database: its file and its transactions."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import schema, store
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import REALM
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    Extension,
    ExtensionGroup,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import DirectoryError
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import Changes, Directory, Plan
from ansible_collections.voiceops.asterisk.tests.unit.databases import (
    apply,
    read,
    rows,
    write_extensions,
    write_ports,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    plan_ext,
)


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
    assert stat.S_IMODE(found.st_mode) == 0o640
    assert found.st_gid == os.getgid()
    assert found.st_uid == os.geteuid()


def test_a_new_directory_lets_asterisk_read_while_we_write(path):
    assert rows(path, "PRAGMA journal_mode") == [{"journal_mode": "wal"}]
    with store.writing(path) as database:
        database.apply(Plan(extensions=Changes(create=(Extension("1001"),))))
        assert rows(path, "SELECT number FROM extension") == []
    assert rows(path, "SELECT number FROM extension") == [{"number": "1001"}]


#: A database, and its log, which those who only read it cannot make.
FILES = {"directory.sqlite3", "directory.sqlite3-wal", "directory.sqlite3-shm"}


def test_creation_leaves_the_database_and_its_log(path):
    assert set(os.listdir(os.path.dirname(path))) == FILES


def test_what_an_interrupted_creation_left_is_in_nobodys_way(tmp_path):
    path = str(tmp_path / "directory.sqlite3")
    Path(path + ".new").write_text("half a database")
    store.create(path, os.getgid())
    assert set(os.listdir(tmp_path)) == FILES
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
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning import decide, judgement
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning import plan, request
path, first = sys.argv[1], int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(first, first + 10):
    with store.writing(path) as database:
        have = database.read()
        groups = set(have.extensions["1"].groups) | {str(number)}
        wanted = [{"number": str(number)}, {"number": "1", "groups": sorted(groups)}]
        asked, policy = request.ask_extensions(wanted, ""), judgement.Policy(create_groups=True)
        database.apply(decide.plan_kind(plan.EXTENSIONS, have, asked, policy))
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
                database.apply(plan_ext(have, *wanted, create_groups=True))

    threads = [threading.Thread(target=write, args=(first,)) for first in (100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert read(path).extensions["1"].groups == {str(first + i) for first in (100, 200) for i in range(10)}


# Renames every extension, again and again, one transaction each time; tells when it has begun.
RENAMER = """
import dataclasses, itertools, sys
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning import plan
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
