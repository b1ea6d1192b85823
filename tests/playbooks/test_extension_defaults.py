# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What many extensions have in common, and lists in several files: what a module is given by Ansible."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml

from playbooks.playing import ansible_playbook

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "inventory.md").read_text(encoding="utf-8")
HOST = "inventory/host_vars/pbx-izmir"


def written(folder: Path, files: dict[str, str]) -> Path:
    """Write these files, and a host that is this machine, whose directory is a file beside them."""
    hosts = {"pbx": {"hosts": {"pbx-izmir": {"ansible_connection": "local"}}}}
    play = {
        "hosts": "pbx",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable, "pbx_extension_defaults": {}},
        "tasks": [
            {
                "voiceops.asterisk.pbx_directory": {
                    "extensions": "{{ pbx_extensions }}",
                    "extension_defaults": "{{ defaults_here | default({}) }}",
                    "by_role": True,
                    "database": str(folder / "directory.sqlite3"),
                },
                "check_mode": True,
                "diff": True,
            }
        ],
    }
    files = {"inventory/hosts.yml": yaml.safe_dump(hosts), "play.yml": yaml.safe_dump([play]), **files}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(folder: Path) -> tuple[int, str]:
    done = ansible_playbook("-i", "inventory", "play.yml", cwd=folder)
    return done.returncode, done.stdout + done.stderr


def of_the_page(name: str) -> str:
    """The file of this name, as the manual has it."""
    found = re.search(rf"```yaml\n# {re.escape(name)}\n(.*?)```", PAGE, re.DOTALL)
    assert found, name
    return found[1]


@pytest.mark.parametrize(
    "files", [["sales", "warehouse", "all"], ["sales", "all"]], ids=["all", "one missing"]
)
def test_the_lists_of_several_files_are_joined_as_the_manual_says(tmp_path, files):
    names = [f"{HOST}/extensions/{name}.yml" for name in files]
    status, said = run(written(tmp_path, {name: of_the_page(name) for name in names}))
    assert status == 0, said
    assert ('+  "2201"' in said) == ("warehouse" in files)
    assert '+  "2101"' in said


def test_the_defaults_are_in_what_a_run_would_do(tmp_path):
    variables = {
        "pbx_extensions": [{"number": "1001"}, {"number": "1002", "language": "en"}],
        "defaults_here": {"language": "{{ 't' }}r", "max_devices": 4},
    }
    status, said = run(written(tmp_path, {f"{HOST}/all.yml": yaml.safe_dump(variables)}))
    assert status == 0, said
    assert said.count('language: "tr"') == 1
    assert said.count('language: "en"') == 1
    assert said.count("max_devices: 4") == 2


def test_what_is_wrong_with_them_is_said_once_with_what_yaml_has_misread(tmp_path):
    text = (
        "pbx_extensions: [{number: '1001'}, {number: '1002'}, {number: '1003'}]\n"
        "defaults_here:\n  outbound_caller_id: 0212\n  language: Turkish\n  password: correct-horse-1\n"
    )
    status, said = run(written(tmp_path, {f"{HOST}/all.yml": text}))
    assert status == 2, said
    assert "all.yml:3: outbound_caller_id: 0212" in said
    assert "pbx_extension_defaults.language: 'Turkish' is not a language" in said
    assert "times more" not in said
    assert "pbx_extension_defaults.password: belongs to each extension by itself" in said
    assert "correct-horse" not in said
