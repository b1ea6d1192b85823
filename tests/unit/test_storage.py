# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the facts say of the storage of recordings."""

from __future__ import annotations

import os
import threading
from types import SimpleNamespace

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils import storage


def told(folder, required="no", failed=""):
    return {"recordings": str(folder), "recording_required": required, "recording_failed": failed}


def file_system(**how):
    """A file system with plenty of room, but for what is said otherwise."""
    plenty = {"f_flag": 0, "f_frsize": 4096, "f_bavail": 5000, "f_blocks": 9000, "f_files": 10, "f_favail": 9}
    return SimpleNamespace(**{**plenty, **how})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ".storage").touch()
    return tmp_path


def problems(*arguments, **options):
    return storage.look_at(told(*arguments, **options))["problems"]


def test_a_storage_that_is_there_is_usable(folder):
    found = storage.look_at(told(folder))
    assert (found["folder"], found["required"], found["usable"], found["problems"]) == (
        str(folder),
        False,
        True,
        [],
    )
    assert 0 < found["bytes_free"] <= found["bytes_total"]


def test_whether_a_call_may_go_on_unrecorded_is_told(folder):
    assert storage.look_at(told(folder, required="yes"))["required"] is True


@pytest.mark.parametrize("answer", [{}, told("")], ids=["nothing", "no folder"])
def test_where_asterisk_tells_of_no_folder_there_is_nothing_to_say(answer):
    assert storage.look_at(answer) is None


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        pytest.param({"f_flag": os.ST_RDONLY}, "it is read-only", id="read-only"),
        pytest.param({"f_bavail": 1}, "it is full", id="one block left"),
        pytest.param({"f_bavail": 0}, "it is full", id="full"),
        pytest.param({"f_favail": 0}, "it has no room for another file", id="no inodes left"),
        pytest.param({"f_files": 0, "f_favail": 0}, None, id="a file system without inodes"),
        pytest.param({"f_bavail": 2}, None, id="just enough"),
    ],
)
def test_what_may_be_wrong_with_the_file_system(folder, monkeypatch, how, problem):
    monkeypatch.setattr(os, "statvfs", lambda _folder: file_system(**how))
    assert problems(folder) == ([problem] if problem else [])


def test_a_storage_without_its_mark_is_not_mounted(tmp_path):
    assert problems(tmp_path) == [
        f"{tmp_path}/.storage is not there: the storage is not mounted, or was never set up"
    ]


def test_a_folder_that_is_not_there_cannot_be_looked_at(tmp_path):
    found = storage.look_at(told(tmp_path / "gone"))
    assert found["problems"] == ["it cannot be looked at: No such file or directory"]
    assert (found["usable"], found["bytes_free"], found["bytes_total"]) == (False, None, None)


@pytest.mark.parametrize(("required", "calls"), [("no", "not recorded"), ("yes", "refused")])
def test_what_asterisk_noticed_is_told(folder, required, calls):
    assert problems(folder, required=required, failed="1795433550") == [
        f"Asterisk has not been able to write there since 2026-11-23T11:32:30Z: calls are {calls}"
    ]


@pytest.mark.parametrize("failed", ["", "(null)", "-1", "yesterday"])
def test_what_is_no_time_is_nothing_that_asterisk_noticed(folder, failed):
    assert problems(folder, failed=failed) == []


def test_nobody_waits_for_ever_for_a_storage_that_does_not_answer(folder, monkeypatch):
    answers = threading.Event()
    monkeypatch.setattr(os, "statvfs", lambda _folder: answers.wait(60))
    try:
        found = storage.look_at(told(folder), patience=0.05)
    finally:
        answers.set()
    assert found["problems"] == ["it has not answered within 0 s"]
    assert found["bytes_free"] is None
