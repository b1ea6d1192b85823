# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What YAML reads as another number than the one that is written is found in an inventory's text."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.voiceops.asterisk.plugins.lookup import misread_numbers

LINES = [
    ("number: 0123", "number: 0123"),
    ("number: 00", "number: 00"),
    # Of a line only the number: the password beside it is nobody's business.
    ("  - {password: hush-hush-1, number: 1_001, name: Ayşe}", "number: 1_001"),
    ("  - {number: 0123, password: hush-hush-1}", "number: 0123"),
    ("number: 10:01  # Ayşe", "number: 10:01"),
    ("outbound_caller_id: 0212", "caller_id: 0212"),
    ("forward_to: 007}", "forward_to: 007"),
    ("prefix: 00", "prefix: 00"),
]
SOUND = [
    'number: "0123"',
    "number: 1001",
    "name: 0123",
    "number: '00'",
    "number: 0",
    "# nothing",
    "port: 05060",
]


def said(tmp_path, text, name="a.yml"):
    file = tmp_path / "host_vars" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return misread_numbers.LookupModule().run([str(tmp_path)])


@pytest.mark.parametrize(("line", "number"), LINES)
def test_it_is_found_with_its_file_and_place(tmp_path, line, number):
    assert said(tmp_path, f"a: 1\n{line}\nb: 2") == [f"{tmp_path}/host_vars/a.yml:2: {number}"]


@pytest.mark.parametrize("line", SOUND)
def test_what_yaml_reads_as_it_is_written_is_none(tmp_path, line):
    assert said(tmp_path, line) == []


@pytest.mark.parametrize("written", ["0123", "00", "1_001", "10:01"])
def test_yaml_does_misread_it(written):
    assert str(yaml.safe_load(written)) != written


def test_only_yaml_is_looked_at_and_what_cannot_be_read_hinders_nothing(tmp_path):
    (tmp_path / "b.yaml").symlink_to(tmp_path / "nowhere")
    assert said(tmp_path, "number: 0123\xff", "a.txt") == []
    assert len(said(tmp_path, "number: 0123\n\udcff".encode("utf-8", "replace").decode(), "c.yaml")) == 1
