# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the facts say of the storage of recordings."""

from __future__ import annotations

import json
import os
import time
from types import SimpleNamespace

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.recording import storage


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
    return storage.look_at(told(*arguments, **options), settings_file="/no/such/file")["problems"]


@pytest.fixture
def declared(folder, tmp_path):
    """Writes what the role has declared and what the timer's job has found; returns the facts."""

    def look(asterisk=None, state=None, **settings):
        settings_file, state_file = tmp_path / "settings.json", tmp_path / "state.json"
        settings_file.write_text(json.dumps({"settings": {"folder": str(folder), **settings}}))
        state_file.write_text(json.dumps(state) if state is not None else "no JSON")
        return storage.look_at(asterisk, settings_file=str(settings_file), state_file=str(state_file))

    return look


def moment(seconds_ago):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds_ago))


def test_what_should_be_mounted_and_is_not_is_told_also_where_asterisk_is_stopped(folder, declared):
    found = declared(device="/dev/sdb1", required=True)
    assert found["problems"] == [f"nothing is mounted on {folder}, where /dev/sdb1 should be"]
    assert (found["device"], found["required"], found["usable"]) == ("/dev/sdb1", True, False)
    assert declared(told(folder), device="/dev/sdb1")["problems"] == found["problems"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look with the rights of others")
def test_it_is_looked_at_with_the_rights_of_asterisks_user(declared, folder):
    folder.chmod(0o700)
    for above in folder.parents[:-2]:
        above.chmod(0o755)
    assert declared(user="root")["problems"] == []
    (problem,) = declared(user="nobody")["problems"]
    assert problem.endswith("/.storage is not there: the storage is not mounted, or was never set up")
    assert declared(user="somebody-who-is-not-there")["problems"] == []


def test_what_the_timers_job_has_found_is_told_as_it_is(folder, declared):
    last = {"at": moment(60), "removed": 3, "freed": 99}
    state = {"looked_at": moment(60), "files": 7, "bytes_used": 99, "held": 1, "last_retention": last}
    found = declared(told(folder), state=state)
    assert {name: found[name] for name in state} == state
    assert (found["days_left"], found["usable"], found["retention_problems"]) == (None, True, [])


@pytest.mark.parametrize("state", [None, [], {"looked_at": 5}, {"looked_at": "yesterday"}])
def test_what_the_job_has_not_found_is_not_known(folder, declared, state):
    found = declared(told(folder), state=state)
    assert (found["files"], found["retention_problems"], found["usable"]) == (None, [], True)


@pytest.mark.parametrize(
    ("hours_ago", "told_of"), [(-7, True), (-1, False), (0, False), (1, False), (7, True)]
)
def test_retention_that_ran_long_ago_or_is_still_to_run_by_the_clock_is_told(
    folder, declared, hours_ago, told_of
):
    found = declared(told(folder), state={"looked_at": moment(hours_ago * 3600)})
    assert bool(found["retention_problems"]) == told_of


def test_a_job_that_fails_or_does_not_run_is_told_and_harms_no_call(folder, declared):
    state = {"looked_at": moment(7 * 3600), "problems": ["the archive did not take it"]}
    found = declared(told(folder), state=state)
    assert found["retention_problems"][0] == "the archive did not take it"
    assert found["retention_problems"][1].startswith("retention has not run since 20")
    assert found["usable"] is True


def test_what_was_declared_of_another_folder_says_nothing_of_this_one(folder, declared):
    found = declared(told(folder), folder="/elsewhere", device="/dev/sdb1", state={"files": 7})
    assert (found["device"], found["files"], found["problems"]) == (None, None, [])


def test_where_asterisk_is_stopped_and_nothing_was_declared_there_is_nothing_to_say():
    assert storage.look_at(None, settings_file="/no/such/file") is None


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
    monkeypatch.setattr(os, "statvfs", lambda _folder: time.sleep(60))
    began = time.monotonic()
    found = storage.look_at(told(folder), patience=0.05)
    assert time.monotonic() - began < 5
    assert found["problems"] == ["it has not answered within 0 s"]
    assert found["bytes_free"] is None
