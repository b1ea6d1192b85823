# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Where a value of an inventory stands: the line of the value itself, or of what is next to it."""

from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.origin import Place, written_at

TEXT = """\
pbx_purge: true
pbx_extensions:
  - number: "1001"
    name: Ayşe
    enabled: false
    groups:
      - Sales
      - Stock
  - number: 1002
    labels: {room: 7}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("pbx_purge", 1),
        ("pbx_extensions[0].name", 4),
        ("pbx_extensions[0].enabled", 5),
        ("pbx_extensions[0].groups[1]", 8),
        ("pbx_extensions[1].number", 9),
        ("pbx_extensions[1].labels.room", 10),
        # What is not there is looked for where it would be.
        ("pbx_extensions[1].password", 9),
        ("pbx_extensions[0].groups[7]", 7),
    ],
)
def test_a_path_leads_to_its_line(tmp_path, path, line):
    file = tmp_path / "all.yml"
    file.write_text(TEXT, encoding="utf-8")
    variables = DataLoader().load_from_file(str(file))
    assert written_at(variables, path) == Place(str(file), line)


@pytest.mark.parametrize("value", ["text", 5, None, True, [], {}, ["a"], {"a": 1}], ids=repr)
def test_what_comes_from_no_file_has_no_place(value):
    assert written_at(value, "[0].a") == Place()
