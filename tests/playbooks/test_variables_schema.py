# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The JSON Schema of the role's variables: as it is kept, what it takes, and what it refuses."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from commands import variables_schema
from jsonschema import Draft7Validator
from pages import manual

REPOSITORY = Path(__file__).resolve().parents[2]
KEPT = variables_schema.SCHEMA
VALIDATOR = Draft7Validator(json.loads(KEPT.read_text(encoding="utf-8")))
#: Where variables stand, in the example and in the manual.
FOLDERS = ("group_vars/", "host_vars/")
EXAMPLES = sorted(
    path
    for path in (REPOSITORY / "playbooks" / "inventory").rglob("*.yml")
    if any(folder in str(path) for folder in FOLDERS) and not path.read_bytes().startswith(b"$ANSIBLE_VAULT")
)


def of_the_manual():
    """The files of variables that the manual has its readers write."""
    for page in manual.pages():
        for block in manual.blocks(page):
            if block.kind is manual.Kind.FILE and any(folder in block.file for folder in FOLDERS):
                yield pytest.param(block.text, id=str(block))


class Loader(yaml.SafeLoader):
    """Reads a value in a vault as a text, as editors do."""


Loader.add_constructor("!vault", lambda loader, node: loader.construct_scalar(node))


def mistakes(text: str) -> list[str]:
    """Where the schema finds a mistake in a file of variables."""
    content = yaml.load(text, Loader)  # noqa: S506 - a SafeLoader
    return ["/".join(map(str, error.absolute_path)) for error in VALIDATOR.iter_errors(content)]


def test_the_schema_that_is_kept_is_up_to_date():
    assert KEPT.read_text(encoding="utf-8") == variables_schema.text(), (
        "run .venv/bin/python tests/commands/variables_schema.py"
    )
    Draft7Validator.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_the_example_inventory_is_taken(path):
    assert mistakes(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("text", list(of_the_manual()))
def test_what_the_manual_writes_is_taken(text):
    assert mistakes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ansible_become: true\nvault_pbx_passwords: {'1001': x}\nextensions_sales: []",
        "pbx_extensions: '{{ a + b }}'",
        "pbx_extensions: ['{{ one }}', {number: '{{ n }}', record: '{{ r }}', max_calls: '{% if x %}3'}]",
        "pbx_extensions: [{number: 1001, name: null, record: 'yes', ring_timeout: '30', forward_to: ''}]",
        "pbx_purge: 'no'\npbx_rtp_start: '{{ first }}'\npbx_emergency_numbers: [112, '110']",
        "pbx_extension_defaults: {language: tr, callable_groups: ['*']}",
        "pbx_serial: [1, '20%']\npbx_number_ranges: [1000-1999, 2500]",
        "pbx_extensions:\n  - number: '1001'\n    password: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n",
    ],
)
def test_what_a_run_takes_is_taken(text):
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("pbx_extension: []", ""),
        ("pbx_extensions: {number: '1001'}", "pbx_extensions"),
        ("pbx_extensions: [{name: Ayşe}]", "pbx_extensions"),
        ("pbx_extensions: [{number: '10 01'}]", "pbx_extensions"),
        ("pbx_extensions: [{number: '1001', grups: []}]", "pbx_extensions"),
        ("pbx_extensions: [{number: '1001', ring_timeout: 900}]", "pbx_extensions"),
        ("pbx_extensions: [{number: '1001', record: perhaps}]", "pbx_extensions"),
        ("pbx_extensions: [{number: '1001', groups: Sales}]", "pbx_extensions"),
        ("pbx_extensions: [{number: '1001', language: Turkish}]", "pbx_extensions"),
        ("pbx_extensions: [{number: '1001', state: gone}]", "pbx_extensions"),
        ("pbx_extension_defaults: {password: correct-horse-1}", "pbx_extension_defaults"),
        ("pbx_connection_ports: [{name: A, protocol: smoke}]", "pbx_connection_ports"),
        ("pbx_connection_ports: [{name: A, port: 70000}]", "pbx_connection_ports"),
        ("pbx_trunks: [{name: A, inbound_numbers: [{number: '1'}]}]", "pbx_trunks"),
        ("pbx_outbound_profiles: [{name: A, rules: [{patern: '0X.'}]}]", "pbx_outbound_profiles"),
        ("pbx_emergency_numbers: [one]", "pbx_emergency_numbers"),
        ("pbx_number_ranges: ['1000 - 1999']", "pbx_number_ranges"),
        ("pbx_purge: perhaps", "pbx_purge"),
        ("pbx_rtp_start: many", "pbx_rtp_start"),
        ("pbx_restart: today", "pbx_restart"),
        ("- number: '1001'", ""),
    ],
)
def test_a_mistake_is_refused_where_it_is(text, where):
    assert mistakes(text) == [where]


def test_the_command_of_the_manual_looks_at_an_inventory(tmp_path):
    page = (REPOSITORY / "docs" / "inventory.md").read_text(encoding="utf-8")
    (line,) = [line for line in page.splitlines() if line.startswith("check-jsonschema ")]
    folder = tmp_path / "inventory" / "host_vars" / "pbx-a"
    folder.mkdir(parents=True)
    link = tmp_path / "collections" / "ansible_collections" / "voiceops"
    link.mkdir(parents=True)
    (link / "asterisk").symlink_to(REPOSITORY)
    (tmp_path / "inventory" / "group_vars").mkdir()
    (tmp_path / "inventory" / "group_vars" / "pbx.yml").write_text("pbx_purge: true\n")
    line = line.replace("~/.ansible/collections", "collections").replace(
        "check-jsonschema", str(REPOSITORY / ".venv/bin/check-jsonschema")
    )

    (folder / "vault.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n3133\n", encoding="utf-8")

    def looked_at(text):
        (folder / "extensions.yml").write_text(text, encoding="utf-8")
        run = ["sh", "-c", line]
        return subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)

    sound = looked_at("pbx_extensions:\n  - number: '1001'\n    email: ayse@example.com\n")
    assert sound.returncode == 0, sound.stdout + sound.stderr
    wrong = looked_at("pbx_extensions: [{number: '10 01'}]\n")
    assert wrong.returncode == 1
    assert "pbx_extensions" in wrong.stdout
