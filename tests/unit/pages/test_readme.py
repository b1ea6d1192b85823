# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The README names everything that the collection brings, and nothing else."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.voiceops.asterisk.tests.pages import manual

ROOT = manual.REPOSITORY
README = (ROOT / "README.md").read_text(encoding="utf-8")
#: By the first cell of a table's heading, what its rows are the names of.
CONTENT = {
    "role": {path.name for path in (ROOT / "roles").iterdir()},
    "playbook": {path.stem for path in (ROOT / "playbooks").glob("*.yml")},
    "module": {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")},
    "event source for ansible-rulebook": {
        path.stem for path in (ROOT / "extensions" / "eda" / "plugins" / "event_source").glob("*.py")
    },
}
#: Plugins that are for the role and the playbooks alone, which a sentence of the README says.
OF_ITS_OWN = {"filter", "lookup", "action"}
#: What is not a plugin.
LIBRARIES = {"module_utils", "plugin_utils", "doc_fragments", "modules"}


def rows(heading: str) -> list[str]:
    """Return the first cells of the table whose heading begins with a word."""
    (table,) = re.findall(rf"^\| {heading} \|.*\n\| ---.*\n((?:\|.*\n)+)", README, re.MULTILINE)
    return re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)


@pytest.mark.parametrize("kind", CONTENT)
def test_a_table_of_the_readme_names_all_there_is_of_a_kind_once(kind):
    assert CONTENT[kind]
    assert sorted(rows(kind)) == sorted(f"voiceops.asterisk.{name}" for name in CONTENT[kind])


def test_the_readme_says_which_plugins_are_not_for_its_readers():
    there = {path.name for path in (ROOT / "plugins").iterdir() if path.is_dir() and path.name[0] != "_"}
    assert there - LIBRARIES == OF_ITS_OWN
    assert "The filter, lookup, action and callback plugins serve the role and the playbooks" in README


def test_the_readme_asks_for_the_ansible_that_the_collection_asks_for():
    asked = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    assert asked == ">=2.19.0"
    assert "| ansible-core 2.19 or newer |" in README


def test_the_readme_lists_the_systems_that_the_role_knows():
    listed = [row for row in README.splitlines() if re.match(r"\| (Debian|Ubuntu|Enterprise Linux) ", row)]
    variables = yaml.safe_load((ROOT / "roles/pbx/vars/main/install.yml").read_text(encoding="utf-8"))
    known = {*variables["__pbx_systems_with_package"], *variables["__pbx_systems_to_build_on"]}
    words = {"ubuntu jammy": "Ubuntu 22.04", "ubuntu noble": "24.04", "el 9": "Linux 9", "el 10": "and 10"}
    for system in known:
        word = words.get(system, system.removeprefix("debian "))
        assert any(word in row for row in listed), system
