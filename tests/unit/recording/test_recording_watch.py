# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the watch says of a storage, and to which unit, with its seconds shortened."""

from __future__ import annotations

import contextlib
import os
import threading
import time

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.recording import folder as recording_folder
from ansible_collections.voiceops.asterisk.plugins.module_utils.recording import watch as recording_watch
from ansible_collections.voiceops.asterisk.plugins.module_utils.recording.watch import Watch, watch

#: Longest time for anything here, in seconds.
DEADLINE = 20


@pytest.fixture
def storage(tmp_path, monkeypatch):
    """A folder that is taken for a mounted one, and the file that tells Asterisk."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / ".storage").touch()
    monkeypatch.setattr(recording_folder, "check", lambda *_: None)
    return str(folder), str(tmp_path / "alive")


def test_an_answer_is_told_to_asterisk(storage):
    folder, alive = storage
    one = Watch(folder, "", alive)
    one.write()
    assert time.time() - os.stat(alive).st_mtime < DEADLINE
    assert (one.away, one.error) == ("", "")
    assert one.silent_for() < DEADLINE


def test_what_cannot_be_written_is_no_answer(storage):
    folder, alive = storage
    # Nobody can write to a folder in the place of the file, not even root.
    os.mkdir(os.path.join(folder, ".watch"))
    one = Watch(folder, "", alive)
    one.answered -= 100
    one.write()
    assert not os.path.exists(alive)
    assert one.error == "Is a directory"
    assert one.silent_for() >= 100


def test_it_follows_no_link(storage, tmp_path):
    folder, alive = storage
    other = tmp_path / "other"
    other.write_text("of somebody else", encoding="utf-8")
    os.symlink(other, os.path.join(folder, ".watch"))
    Watch(folder, "", alive).write()
    assert other.read_text(encoding="utf-8") == "of somebody else"
    assert not os.path.exists(alive)


def test_a_storage_that_is_not_there_is_not_written_to(tmp_path):
    (tmp_path / "recordings").mkdir()
    one = Watch(str(tmp_path / "recordings"), "/dev/none", str(tmp_path / "alive"))
    one.run()
    assert "nothing is mounted" in one.away
    assert os.listdir(tmp_path / "recordings") == []


def test_silence_and_its_end_are_said_once_and_the_watch_ends_with_the_mount(storage, monkeypatch):
    folder, alive = storage
    said: list[str] = []
    monkeypatch.setattr(recording_watch, "INTERVAL", 0.01)
    monkeypatch.setattr(recording_watch, "PATIENCE", 1.0)
    monkeypatch.setattr(recording_watch, "_say", said.append)
    # The clock of the one that looks; its seconds pass as quickly.
    sleep = time.sleep
    monkeypatch.setattr(recording_watch.time, "sleep", lambda seconds: sleep(min(seconds, 0.01)))
    ended: list[int] = []
    watching = threading.Thread(target=lambda: ended.append(watch(folder, "", alive)), daemon=True)

    def until(true):
        give_up = time.monotonic() + DEADLINE
        while not true():
            assert time.monotonic() < give_up, said
            sleep(0.01)

    watching.start()
    until(lambda: os.path.exists(alive))
    probe = os.path.join(folder, ".watch")

    def in_its_way():
        # It may write again between the two.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(probe)
        with contextlib.suppress(FileExistsError):
            os.mkdir(probe)
        return os.path.isdir(probe)

    until(in_its_way)
    until(lambda: any("Is a directory. Asterisk leaves it alone" in line for line in said))
    sleep(0.2)
    # Whatever a busy machine made of the time before.
    assert f"{folder} cannot be written to for" in said[-1]
    assert sum("Is a directory" in line for line in said) == 1
    os.rmdir(probe)
    until(lambda: "can be written to again" in said[-1])

    def away(*_given):
        raise recording_folder.AwayError("nothing is mounted any more")

    monkeypatch.setattr(recording_folder, "check", away)
    watching.join(DEADLINE)
    assert ended == [1]
    assert said[-1] == "nothing is mounted any more"
    assert not os.path.exists(alive)
