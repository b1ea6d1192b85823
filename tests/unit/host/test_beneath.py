# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Whatever another user puts in the place of a name: a file is read or replaced there, or not at all."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import threading
import time

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import beneath
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes things of other users")
in_a_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "victim").chmod(0o600)
    return tmp_path / "theirs"


def laid(path, what, victim):
    """Put something that is not an ordinary file there."""
    if what == "a FIFO":
        os.mkfifo(path)
    elif what == "a socket":
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(path))
    elif what == "a folder":
        path.mkdir()
    elif what == "a device":
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))
    else:
        path.symlink_to(victim)
        os.lchown(path, NOBODY, NOBODY)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("a FIFO", "it is a FIFO of .*, and no ordinary file: move it away"),
        ("a socket", "it is a socket of .*, and no ordinary file: move it away"),
        ("a folder", "Is a directory"),
        pytest.param("a device", "it is a device of .*, and no ordinary file: move it away", marks=as_root),
        pytest.param("a link", "a link that nobody has made is on the way: remove it", marks=as_root),
    ],
)
def test_what_is_no_ordinary_file_is_not_read_and_nobody_waits(folder, what, says):
    laid(folder / "state.json", what, folder.parent / "victim")
    with pytest.raises(OSError, match=says) as refused:
        beneath.read(str(folder / "state.json"))
    assert refused.value.filename == str(folder / "state.json")


@as_root
def test_a_link_of_somebody_else_is_not_followed_on_the_way_either(folder):
    (folder / "way").symlink_to(folder.parent)
    os.lchown(folder / "way", NOBODY, NOBODY)
    for act in (beneath.read, beneath.remove, lambda path: beneath.replace(path, b"changed")):
        with pytest.raises(OSError, match="a link that nobody has made is on the way"):
            act(str(folder / "way" / "victim"))
    assert (folder.parent / "victim").read_text() == "precious"


def test_links_of_ones_own_are_followed(folder):
    (folder / "above").symlink_to("..")
    (folder / "absolute").symlink_to(folder / "above" / "theirs")
    (folder / "file").symlink_to("absolute/../victim")
    assert beneath.read(str(folder / "file")) == b"precious"
    assert beneath.read(str(folder / "absolute" / "above" / "victim"), 4) == b"prec"
    (folder / "round").symlink_to("round")
    with pytest.raises(OSError, match="Too many levels"):
        beneath.read(str(folder / "round"))


@pytest.mark.parametrize("what", ["a FIFO", "a socket", pytest.param("a link", marks=as_root)])
def test_a_new_file_takes_the_place_of_whatever_is_there(folder, what):
    laid(folder / "rtp.conf", what, folder.parent / "victim")
    beneath.replace(str(folder / "rtp.conf"), b"new", mode=0o640)
    found = os.lstat(folder / "rtp.conf")
    assert (stat.S_ISREG(found.st_mode), stat.S_IMODE(found.st_mode)) == (True, 0o640)
    assert (folder / "rtp.conf").read_text() == "new"
    assert (folder.parent / "victim").read_text() == "precious"
    assert os.listdir(folder) == ["rtp.conf"]


def test_another_name_of_a_file_keeps_what_was_in_it(folder):
    os.link(folder.parent / "victim", folder / "rtp.conf")
    beneath.replace(str(folder / "rtp.conf"), b"new", gid=os.getgid(), mode=0o644)
    assert (folder.parent / "victim").read_text() == "precious"
    assert stat.S_IMODE(os.stat(folder.parent / "victim").st_mode) == 0o600


def test_what_cannot_be_finished_leaves_nothing(folder):
    (folder / "rtp.conf").mkdir()
    with pytest.raises(OSError, match=r"Is a directory|exists"):
        beneath.replace(str(folder / "rtp.conf"), b"new")
    with pytest.raises(OSError, match=r"Is a directory|exists"):
        beneath.link(str(folder / "rtp.conf"), "there")
    assert os.listdir(folder) == ["rtp.conf"]


def test_folders_that_are_missing_are_made_where_that_is_asked_for(folder):
    path = str(folder / "a" / "b" / "file")
    with pytest.raises(FileNotFoundError) as missing:
        beneath.replace(path, b"")
    assert missing.value.filename == str(folder / "a" / "b")
    with beneath.parent(path, make=True) as (_opened, name):
        assert name == "file"
    beneath.replace(path, b"x")
    assert beneath.read(path) == b"x"


def test_a_file_in_place_of_a_folder_is_told(folder):
    with pytest.raises(NotADirectoryError):
        beneath.read(str(folder.parent / "victim" / "file"))
    with pytest.raises(IsADirectoryError):
        beneath.read("/")


@in_a_folder
@given(content=st.binary(max_size=200), limit=st.integers(0, 250))
def test_what_was_written_is_what_is_read(folder, content, limit):
    path = str(folder / "file")
    beneath.replace(path, content)
    assert beneath.read(path) == content
    assert beneath.read(path, limit) == content[:limit]


#: Names of a tree, some of which lead elsewhere; what leads is a link of another user.
NAMES = st.sampled_from(["a", "b", "out", "..", ".", "file"])


@as_root
@in_a_folder
@given(parts=st.lists(NAMES, min_size=1, max_size=6))
def test_no_path_leads_through_a_link_of_somebody_else(folder, parts):
    tree = folder / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    for below in (tree, tree / "a", tree / "b", tree / "a" / "a"):
        below.mkdir()
        (below / "file").write_text("inside")
        (below / "out").symlink_to(folder.parent)
        os.lchown(below / "out", NOBODY, NOBODY)
    (folder.parent / "file").write_text("outside")
    # As it is written, and not as it is resolved: `..` after a link would be another folder.
    path = f"{tree}/{'/'.join(parts)}"
    try:
        read = beneath.read(path)
    except OSError:
        return
    assert read in (b"inside", (folder.parent / "file").read_bytes())
    if read == b"outside":
        assert os.path.normpath(path) == str(folder.parent / "file")


@as_root
def test_a_file_that_is_swapped_for_links_all_the_time_is_read_or_refused(folder):
    path, victim, stop = folder / "state.json", folder.parent / "victim", threading.Event()
    path.write_text("ours")

    def swap():
        while not stop.is_set():
            os.symlink(victim, folder / "new")
            os.lchown(folder / "new", NOBODY, NOBODY)
            os.replace(folder / "new", path)
            (folder / "new").write_text("ours")
            os.replace(folder / "new", path)
            stop.wait(0.0005)

    attacker = threading.Thread(target=swap)
    attacker.start()
    outcomes = set()
    give_up = time.monotonic() + 1
    try:
        while time.monotonic() < give_up:
            try:
                outcomes.add(beneath.read(str(path)))
            except OSError as error:
                outcomes.add(error.strerror)
    finally:
        stop.set()
        attacker.join()
    refused = {"a link that nobody has made is on the way: remove it"}
    assert {each for each in outcomes if isinstance(each, str)} <= refused | {
        f"it is {what} of {who}, and no ordinary file: move it away"
        for what in ("a link", "something")
        for who in ("nobody", "root")
    }
    # Empty where it is read before its text is written.
    assert {each for each in outcomes if isinstance(each, bytes)} <= {b"ours", b""}
