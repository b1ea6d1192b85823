# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The record on the host: root's alone, and as good as none where anything is wrong with it."""

from __future__ import annotations

import dataclasses
import json
import os

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.settled import record
from hypothesis import given
from hypothesis import strategies as st

RECORD = record.Record(
    key="a" * 64,
    script="echo has asterisk\n",
    said="b" * 64,
    paths=["/etc/asterisk/pjsip.conf"],
    folder="/var/backups/voiceops-pbx",
    state="c" * 64,
    directory={"extensions": {"created": [], "unchanged": 1}},
    warnings=["1003 is not in the list"],
    numbers=["1001"],
    secret_file="/etc/asterisk/voiceops-ami-secret.conf",
    ami_port=5038,
    until=None,
)


def kept(folder, **changes):
    path = str(folder / "settled.json")
    record.write(dataclasses.replace(RECORD, **changes), path)
    return path


@pytest.mark.parametrize("until", [None, 1_800_000_000.5])
def test_it_is_read_as_it_was_written(tmp_path, until):
    path = kept(tmp_path, until=until)
    assert record.read(path) == dataclasses.replace(RECORD, until=until)
    assert os.stat(path).st_mode & 0o7777 == 0o600


def test_one_that_another_user_may_read_or_write_is_none(tmp_path):
    path = kept(tmp_path)
    for mode in (0o640, 0o604, 0o620, 0o666):
        os.chmod(path, mode)
        assert record.read(path) is None
    os.chmod(path, 0o600)
    assert record.read(path) == RECORD


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_one_of_another_user_is_none(tmp_path):
    path = kept(tmp_path)
    os.chown(path, 65534, -1)
    assert record.read(path) is None


def test_what_is_no_file_is_none(tmp_path):
    assert record.read(str(tmp_path / "none")) is None
    os.mkfifo(tmp_path / "fifo", 0o600)
    assert record.read(str(tmp_path / "fifo")) is None


@pytest.mark.parametrize("change", ["form", "another field", "one field less"])
def test_one_of_another_release_is_none(tmp_path, change):
    path = kept(tmp_path)
    told = json.loads((tmp_path / "settled.json").read_text(encoding="utf-8"))
    if change == "form":
        told["form"] += 1
    elif change == "another field":
        told["more"] = 1
    else:
        del told["until"]
    (tmp_path / "settled.json").write_text(json.dumps(told), encoding="utf-8")
    assert record.read(path) is None


@given(st.one_of(st.binary(max_size=60), st.sampled_from([b"[]", b"1", b'{"form": 1}', b"null", b"\xff"])))
def test_whatever_stands_there_is_no_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "anything.json"
    path.write_bytes(content)
    path.chmod(0o600)
    assert record.read(str(path)) is None
