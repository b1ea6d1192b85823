# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The role's README says of each variable what the role tells Ansible."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.voiceops.asterisk.tests.commands import role_readme

README = role_readme.README.read_text(encoding="utf-8")
SPECS = yaml.safe_load((role_readme.ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))


def test_the_tables_that_are_kept_are_up_to_date():
    assert role_readme.text(README) == README, "run .venv/bin/python tests/commands/role_readme.py"


def test_every_variable_is_in_one_table():
    named = re.findall(r"^\| `(pbx_\w+)` \|", README, re.MULTILINE)
    assert sorted(named) == sorted(SPECS["argument_specs"]["main"]["options"])


@pytest.mark.parametrize("entry", SPECS["argument_specs"])
def test_every_entry_point_is_told(entry):
    assert re.search(rf"^\| [^|]*\| `{entry}` \|", README, re.MULTILINE)


@pytest.mark.parametrize(
    ("about", "row"),
    [
        ({"type": "int", "default": 0, "description": "V(0) is off."}, "| `x` | int | `0` | `0` is off. |"),
        (
            {
                "type": "list",
                "elements": "str",
                "choices": ["a", "b"],
                "default": [],
                "description": ["A.", "B."],
            },
            "| `x` | list of str: `a`, `b` | `[]` | A. B. |",
        ),
        ({"type": "str", "default": "", "description": "a|b"}, r"| `x` | str | `''` | a\|b |"),
        ({"type": "str", "default": "{{ y }}", "description": "z"}, "| `x` | str | see meaning | z |"),
        ({"type": "bool", "description": "z"}, "| `x` | bool | see meaning | z |"),
    ],
)
def test_a_row_is_written_as_markdown(about, row):
    assert role_readme._row("x", about) == row
