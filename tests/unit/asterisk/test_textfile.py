# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Files that are there as a whole, or not at all."""

from __future__ import annotations

import os
import stat

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import textfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TEXT = "; Müşteri 🏢\n\n[port-1]\ntype = transport\n"


def write(path, text):
    textfile.write(str(path), text, os.getgid())


def test_a_file_that_is_not_there_has_no_text(tmp_path):
    assert textfile.current(str(tmp_path / "ports.conf")) is None


def test_a_file_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(OSError, match="Is a directory"):
        textfile.current(str(tmp_path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_what_was_written_is_what_is_read(tmp_path, text):
    write(tmp_path / "ports.conf", text)
    assert textfile.current(str(tmp_path / "ports.conf")) == text


@pytest.mark.parametrize("old", [None, "old text"], ids=["a new file", "an old file"])
def test_a_file_is_written_for_its_owner_and_group_alone(tmp_path, old):
    path = tmp_path / "ports.conf"
    if old is not None:
        path.write_text(old)
        path.chmod(0o666)
    write(path, TEXT)
    assert path.read_bytes() == TEXT.encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.stat().st_gid == os.getgid()
    assert os.listdir(tmp_path) == ["ports.conf"]


@pytest.mark.parametrize("step", ["replace", "fsync", "fchown", "fchmod"])
@pytest.mark.parametrize("raised", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_a_failing_step_leaves_the_old_text_and_nothing_else(tmp_path, monkeypatch, step, raised):
    path = tmp_path / "ports.conf"
    path.write_text("old text")

    def fail(*_arguments, **_more):
        raise raised

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(type(raised)):
        write(path, "new text")
    assert path.read_text() == "old text"
    assert os.listdir(tmp_path) == ["ports.conf"]


def test_a_failing_step_leaves_no_file_where_there_was_none(tmp_path, monkeypatch):
    def fail(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "ports.conf", TEXT)
    assert os.listdir(tmp_path) == []


def test_nobody_sees_the_text_before_it_is_whole(tmp_path, monkeypatch):
    seen = []

    def look(_descriptor):
        (partial,) = tmp_path.iterdir()
        seen.append((partial.name, stat.S_IMODE(partial.stat().st_mode)))

    monkeypatch.setattr(os, "fsync", look)
    write(tmp_path / "ports.conf", TEXT)
    ((name, mode),) = seen
    # What Asterisk includes by a pattern such as *.conf must not find it.
    assert name.startswith(".")
    assert not name.endswith(".conf")
    assert mode & 0o007 == 0


def test_a_reader_has_the_old_text_or_the_new_one(tmp_path):
    path = tmp_path / "ports.conf"
    path.write_text("old text")
    with open(path, encoding="utf-8") as opened_before:
        write(path, "new text")
        assert opened_before.read() == "old text"
    assert path.read_text() == "new text"


def test_a_link_is_replaced_and_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    path = tmp_path / "ports.conf"
    path.symlink_to(victim)
    write(path, "new text")
    assert victim.read_text() == "precious"
    assert not path.is_symlink()


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "missing" / "ports.conf", "new text")


def test_a_damaged_file_differs_from_what_is_wanted(tmp_path):
    (tmp_path / "ports.conf").write_bytes(TEXT.encode() + b"\xff")
    assert textfile.current(str(tmp_path / "ports.conf")) not in {None, TEXT}
