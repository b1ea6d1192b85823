# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a module on a host finds wrong is said with file and line of the inventory."""

from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.placed import placed

TEXT = """\
pbx_extensions: "{{ mine + others }}"
mine:
  - number: "1001"
    groups: [Sale]
others:
  - number: "1002"
    ring_timeout: soon
pbx_extension_defaults:
  language: Turkish
"""


@pytest.fixture
def said(tmp_path, monkeypatch):
    """A function: a message with the places that are in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all.yml").write_text(TEXT, encoding="utf-8")
    variables = DataLoader().load_from_file(str(tmp_path / "all.yml"), trusted_as_template=True)
    return lambda message: placed(message, variables, Templar(None, variables))


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("pbx_extensions[0].groups (1001): 'Sale' does not exist", "all.yml:4, "),
        ("pbx_extensions[1].ring_timeout (1002): 'soon' is not", "all.yml:7, "),
        ("pbx_extension_defaults.language: 'Turkish' is not", "all.yml:9, "),
        ("pbx_extensions[7]: is not a mapping", ""),
        ("pbx_trunks[0].host: is missing", ""),
        ("extensions[0].number: is missing", ""),
        ("nothing was changed, because 2 things are wrong:", ""),
        ("  the same 4 times more: pbx_extensions[1] (1002)", ""),
        ("", ""),
    ],
)
def test_a_line_that_begins_with_a_variable_of_the_inventory_gets_its_place(said, line, place):
    assert said(line) == place + line


def test_each_line_gets_its_own(said):
    lines = ["2 things are wrong:", "pbx_extensions[0].groups: no", "pbx_extensions[1].ring_timeout: no"]
    assert said("\n".join(lines)).split("\n") == [
        lines[0],
        f"all.yml:4, {lines[1]}",
        f"all.yml:7, {lines[2]}",
    ]
