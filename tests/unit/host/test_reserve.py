# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Room that is kept on a disk, and what the clocks say."""

from __future__ import annotations

import errno
import os
import time

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import clock, reserve


def test_the_room_is_taken_and_given_back(tmp_path):
    place = tmp_path / "kept"
    reserve.hold(str(place), 300_000)
    about = place.stat()
    assert about.st_size == 300_000
    assert about.st_blocks * 512 >= 300_000, "a file with holes keeps no room"
    assert about.st_mode & 0o777 == 0o600
    reserve.release(str(place))
    assert not place.exists()
    reserve.release(str(place))


def test_more_room_is_kept_where_more_is_needed_and_never_less(tmp_path):
    place = tmp_path / "kept"
    for size, kept in ((1000, 1000), (5000, 5000), (0, 5000)):
        reserve.hold(str(place), size)
        assert place.stat().st_size == kept


def test_where_there_is_no_room_nothing_is_left_behind(tmp_path, monkeypatch):
    def full(*_of):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        reserve.hold(str(tmp_path / "kept"), 1000)
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "kept").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        reserve.hold(str(tmp_path / "kept"), 1000)
    assert not (tmp_path / "elsewhere").exists()


@pytest.fixture
def boot(tmp_path, monkeypatch):
    monkeypatch.setattr(clock, "BOOT", str(tmp_path / "run" / "boot"))
    return tmp_path / "run" / "boot"


def test_what_the_clocks_say(boot):
    first, second = clock.now(), clock.now()
    assert first.boot == second.boot
    assert 0 < first.up <= second.up
    assert abs(first.clock - time.time()) < 60
    assert [path.name for path in boot.parent.iterdir()] == ["boot"]


def test_with_run_a_boot_is_gone(boot):
    first = clock.now()
    boot.unlink()
    assert clock.now().boot != first.boot


def test_two_that_ask_at_once_are_told_the_same(boot, monkeypatch):
    monkeypatch.setattr(clock.secrets, "token_hex", lambda _size: "of-the-first")
    first = clock.now()
    monkeypatch.setattr(clock.secrets, "token_hex", lambda _size: "of-the-second")
    monkeypatch.setattr(clock.os.path, "lexists", lambda _path: False)
    assert clock.now().boot == first.boot == "of-the-first"


def test_what_has_passed_is_counted_from_the_beginning_of_a_container(boot, tmp_path, monkeypatch):
    first = tmp_path / "stat"
    monkeypatch.setattr(clock, "_FIRST", str(first))
    moments = []
    for ticks in (1000, 2000):
        first.write_text(f"1 (init (a) b) S {'0 ' * 18}{ticks} 0\n", encoding="utf-8")
        moments.append(clock.now())
    assert moments[0].up - moments[1].up == pytest.approx(1000 / os.sysconf("SC_CLK_TCK"), abs=1)
