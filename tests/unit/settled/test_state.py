# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a host is like: a digest that is another one wherever a run could find something to do."""

from __future__ import annotations

import os
import time

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.settled import state


class Place:
    """A few files that are looked at, and a folder."""

    def __init__(self, top):
        self.top = top
        (top / "kept").mkdir()
        (top / "kept" / "pjsip.conf").write_text("theirs", encoding="utf-8")
        self.file, self.link, self.log = top / "rtp.conf", top / "link", top / "d.sqlite3-wal"
        self.file.write_text("ours", encoding="utf-8")
        self.log.write_bytes(b"")
        self.link.symlink_to("rtp.conf")
        self.absent = top / "absent.conf"

    def look(self):
        paths = [self.file, self.link, self.log, self.absent]
        return state.look([str(path) for path in paths], str(self.top / "kept"))


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def with_its_times(path, text):
    """Write another text of the same length into a file, and give it back its times."""
    about = path.stat()
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


CHANGES = {
    "another text": lambda place: with_its_times(place.file, "Ours"),
    "another mode": lambda place: place.file.chmod(0o600),
    "written again": lambda place: os.utime(place.file, ns=(1, 1)),
    "removed": lambda place: place.file.unlink(),
    "a folder in its place": lambda place: (place.file.unlink(), place.file.mkdir()),
    "another link": lambda place: (place.link.unlink(), place.link.symlink_to("elsewhere")),
    "what was absent is there": lambda place: place.absent.touch(),
    "a link that leads nowhere": lambda place: place.absent.symlink_to("nowhere"),
    "the log has grown": lambda place: with_its_times(place.log, "frame"),
    "another file is kept": lambda place: (place.top / "kept" / "more.conf").touch(),
    "one that was kept is gone": lambda place: (place.top / "kept" / "pjsip.conf").unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_different_is_seen(place, change):
    before = place.look()
    assert place.look() == before
    change(place)
    assert place.look().digest != before.digest


def test_it_tells_what_there_is_and_when_it_was_changed(place):
    before = time.time_ns()
    seen = place.look()
    assert {str(place.file), str(place.link), str(place.log)} <= seen.there
    assert str(place.absent) not in seen.there
    assert seen.newest <= before
    # Clocks of file systems are late by up to a tick.
    time.sleep(0.02)
    began = time.time_ns()
    time.sleep(0.02)
    place.file.chmod(0o600)
    assert place.look().newest > began


def test_a_log_that_is_given_to_its_owner_again_was_not_changed(place):
    time.sleep(0.02)
    began = time.time_ns()
    time.sleep(0.02)
    os.chown(place.log, os.getuid(), os.getgid())
    assert place.look().newest < began


def test_a_path_through_what_is_no_folder_is_not_there(place):
    seen = state.look([str(place.file / "below")], "/no/such/folder")
    assert not seen.there & {str(place.file / "below")}
