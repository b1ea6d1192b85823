# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The directory database is root's to write, and Asterisk's to read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import files as database_files
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import DirectoryError

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has files that others cannot write")


@pytest.fixture
def path(tmp_path):
    """A database as the first release has left it, with a log that Asterisk has made."""
    folder = tmp_path / "voiceops"
    folder.mkdir()
    path = str(folder / "directory.sqlite3")
    store.create(path, os.getgid())
    for each in (path, path + "-wal", path + "-shm"):
        os.chmod(each, 0o660)
    folder.chmod(0o770)
    if os.geteuid() == 0:
        os.chown(path + "-shm", NOBODY, -1)
    return path


def modes(path):
    folder = os.path.dirname(path)
    return {
        name or ".": stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
        for name in ("", *sorted(os.listdir(folder)))
    }


CLOSED = {
    ".": 0o750,
    "directory.sqlite3": 0o640,
    "directory.sqlite3-shm": 0o640,
    "directory.sqlite3-wal": 0o640,
}


@as_root
def test_what_an_older_release_has_left_is_closed_once(path):
    before = modes(path)
    assert not database_files.are_closed(path)
    assert modes(path) == before
    assert database_files.close(path)
    assert modes(path) == CLOSED
    assert {os.stat(path + suffix).st_uid for suffix in ("", "-wal", "-shm")} == {0}
    assert database_files.are_closed(path)
    assert not database_files.close(path)


@as_root
@pytest.mark.parametrize("act", ["write", "create"])
def test_whoever_writes_closes_it_first(path, act):
    if act == "create":
        os.unlink(path)
        store.create(path, os.getgid())
    else:
        with store.writing(path):
            assert modes(path)["."] == 0o750
    assert modes(path) == CLOSED


@as_root
@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
@pytest.mark.parametrize("what", ["link", "FIFO", "folder", "another name"])
def test_what_others_have_put_there_is_left_as_it_is(tmp_path, path, suffix, what):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    victim.chmod(0o664)
    os.unlink(path + suffix)
    if what == "link":
        os.symlink(victim, path + suffix)
    elif what == "FIFO":
        os.mkfifo(path + suffix)
    elif what == "folder":
        os.mkdir(path + suffix)
    else:
        os.link(victim, path + suffix)
    for act in (lambda: database_files.close(path), lambda: store.writing(path).__enter__()):
        with pytest.raises(DirectoryError, match=r"not an ordinary file; move it|another name too; remove"):
            act()
    assert (victim.read_text(), stat.S_IMODE(victim.stat().st_mode)) == ("precious", 0o664)


@as_root
def test_nothing_is_done_in_a_folder_of_somebody_else(path):
    os.chown(os.path.dirname(path), NOBODY, -1)
    with pytest.raises(DirectoryError, match="users other than root may write its folder"):
        database_files.close(path)
    # In check mode, which tries the directory before the role has put its folder right, it is only outdated.
    assert not database_files.are_closed(path)
    os.chown(os.path.dirname(path), 0, -1)
    os.chmod(os.path.dirname(path), 0o777)  # noqa: S103 # what is refused
    with pytest.raises(DirectoryError, match="chmod 0750"):
        store.create(path + "2", os.getgid())


@as_root
def test_a_new_database_has_no_log_of_somebody_else(path):
    os.unlink(path)
    os.chown(path + "-wal", NOBODY, -1)
    with open(path + "-wal", "wb") as log:
        log.write(b"\x37\x7f\x06\x82" + bytes(100))
    store.create(path, os.getgid())
    assert os.stat(path + "-wal").st_size == 0
    assert os.stat(path + "-wal").st_uid == 0


def test_the_log_is_there_whoever_closes_last(path):
    for suffix in ("-wal", "-shm"):
        os.unlink(path + suffix)
    with store.writing(path):
        pass
    assert set(os.listdir(os.path.dirname(path))) == set(CLOSED) - {"."}


READING = """
import os, sqlite3, sys
os.setgid(65534)
os.setuid(65534)
reader = sqlite3.connect(sys.argv[1])
print(reader.execute("SELECT value FROM setting WHERE key = 'realm'").fetchone()[0])
try:
    reader.execute("UPDATE setting SET value = 'x'")
except sqlite3.Error as error:
    print(error)
"""


@as_root
def test_who_may_only_read_sees_what_is_written():
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/directory.sqlite3"
        store.create(path, NOBODY)
        os.chown(folder, 0, NOBODY)
        os.chmod(folder, 0o750)  # noqa: S103 # as on a host
        run = subprocess.run(
            [sys.executable, "-c", READING, path], check=True, capture_output=True, text=True
        )
    assert run.stdout.splitlines() == ["asterisk", "attempt to write a readonly database"]
