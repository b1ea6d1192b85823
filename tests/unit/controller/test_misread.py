# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What YAML does not read as it is written is found by the values of a task, and not by files."""

from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret, VaultSecretsContext
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import misread
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

#: A line of an inventory, and what is said of it.
LINES = [
    ("number: 0123", ["number: 0123"]),
    ("number: 00", ["number: 00"]),
    # Of a line only the number: the password beside it is nobody's business.
    ("{password: hush-hush-1, number: 1_001, name: Ayşe}", ["number: 1_001"]),
    ("{number: 0123, password: 0123456701}", ["number: 0123", "password"]),
    ("number: 10:01  # Ayşe", ["number: 10:01"]),
    ("outbound_caller_id: +902121112233", ["outbound_caller_id: +902121112233"]),
    ("prefix: 00", ["prefix: 00"]),
    ("name: 22.10", ["name: 22.10"]),
    ("groups: [0123, 7]", ["groups: 0123"]),
    ("labels: {room: 0123}", ["room: 0123"]),
    ("ring_timeout: 030", ["ring_timeout: 030"]),
    ('number: "0123"', []),
    ("number: '00'", []),
    ("number: 1001", []),
    ("number: 0", []),
    ("port: 5_060", []),
    ("port: 0x13C4", []),
    ("ring_timeout: &usual 30", []),
    ("name: 0123x", []),
    ("enabled: yes", []),
]


def said(file, text: str) -> list[str]:
    """Return what is said of the values of a file, without its name."""
    file.write_text(text, encoding="utf-8")
    misread._lines.cache_clear()
    found = misread.numbers_misread("extensions", DataLoader().load_from_file(str(file)))
    return [each.removeprefix(f"{file}:") for each in found]


@pytest.mark.parametrize(("line", "found"), LINES, ids=[line for line, _found in LINES])
def test_it_is_found_with_its_file_and_line(tmp_path, line, found):
    assert said(tmp_path / "a.yml", f"# Ayşe\n- {line}\n- {{}}\n") == [f"2: {each}" for each in found]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.from_regex(r"[-+]?[0-9]([0-9_:.]{0,7}[0-9])?", fullmatch=True))
def test_whatever_is_no_more_what_was_written_is_found(tmp_path, written):
    file = tmp_path / "a.yml"
    file.write_text(f"- number: {written}\n", encoding="utf-8")
    (read,) = DataLoader().load_from_file(str(file))
    lost = isinstance(read["number"], (int, float)) and str(read["number"]) != written
    assert said(file, f"- number: {written}\n") == ([f"1: number: {written}"] if lost else [])


def test_a_vault_is_looked_into(tmp_path, monkeypatch):
    secrets = [("default", VaultSecret(b"of-the-vault"))]
    file = tmp_path / "vault.yml"
    file.write_bytes(VaultLib(secrets).encrypt(b"- password: 01234567012\n"))
    monkeypatch.setattr(VaultSecretsContext, "_current", VaultSecretsContext(secrets))
    loader = DataLoader()
    loader.set_vault_secrets(secrets)
    misread._lines.cache_clear()
    found = misread.numbers_misread("extensions", loader.load_from_file(str(file)))
    assert found == [f"{file}:1: password"]


def test_what_stands_nowhere_is_taken_as_it_is():
    assert misread.numbers_misread("extensions", [{"number": 83}, {"number": 22.1}, {"number": True}]) == []


def test_a_list_that_a_program_has_made_does_not_fill_the_screen():
    told = misread.refusal([f"a.yml:{line}: number: 0{line}" for line in range(1000)]).splitlines()
    assert len(told) == 22
    assert told[-1] == "and 980 more"
