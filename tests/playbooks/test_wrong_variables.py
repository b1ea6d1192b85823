# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Variables of another type: all that is wrong is told at once, in a line each, however the role is used."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from playbooks.playing import PLAYBOOKS, ansible_playbook, rendered

REPOSITORY = Path(__file__).resolve().parents[2]
ROLE = REPOSITORY / "roles" / "pbx"
OPTIONS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))[
    "argument_specs"
]["main"]["options"]
NAME = "voiceops.asterisk.pbx"

#: Of each kind of mistake one; a text in place of an extension may be a password.
WRONG: dict[str, Any] = {
    "pbx_extensions": [
        "correct-horse-9",
        {"number": "10 02", "name": "Ayşe", "password": "correct-horse-2"},
        {"number": "1003", "password": "hunter2"},
    ],
    "pbx_extension_groups": ["Satış"],
    "pbx_trunks": {"name": "Telco"},
    "pbx_rtp_start": "many",
    "pbx_purge": "perhaps",
    "pbx_restart": "today",
    "pbx_timezone": "Mars/../x",
    "pbx_connection_ports": [{"name": "A"}, 5060],
}
TOLD = {
    "pbx_rtp_start": "'many' is not a whole number",
    "pbx_trunks": "is a mapping, and has to be a list",
    "pbx_purge": "'perhaps' is neither true nor false",
    "pbx_restart": "'today' is not one of never, if_needed",
    "pbx_timezone": '"Mars/../x" is not a time zone',
    "pbx_connection_ports[1]": "is not a mapping",
    "pbx_extension_groups[0]": "is not a mapping",
    "pbx_extensions[0]": "is not a mapping",
    "pbx_extensions[1].number (Ayşe)": "'10 02'",
    "pbx_extensions[2].password (1003)": "is shorter than 8 characters",
}

#: The ways to use the role.
USES: dict[str, dict[str, Any]] = {
    "roles": {"roles": [NAME]},
    "roles, with variables": {"roles": [{"role": NAME, "vars": WRONG}]},
    "import_role": {"tasks": [{"ansible.builtin.import_role": {"name": NAME}}]},
    "include_role": {"tasks": [{"ansible.builtin.include_role": {"name": NAME}}]},
    **{
        f"include_role {entry}": {
            "tasks": [{"ansible.builtin.include_role": {"name": NAME, "tasks_from": entry}}]
        }
        for entry in ("install", "configure", "recording", "directory")
    },
    "the site playbook": {},
}


def played(folder: Path, use: str) -> subprocess.CompletedProcess[str]:
    """Use the role for this machine with variables that are wrong."""
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    wrong = {} if use == "roles, with variables" else WRONG
    inventory, play = folder / "hosts.json", folder / "play.yml"
    inventory.write_text(
        json.dumps({"pbx": {"hosts": {"a": {}}, "vars": {**variables, **wrong}}}), encoding="utf-8"
    )
    play.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, **USES[use]}]), encoding="utf-8")
    playbook = play if USES[use] else PLAYBOOKS / "site.yml"
    return ansible_playbook("-i", inventory, playbook, cwd=folder, ANSIBLE_CALLBACK_RESULT_FORMAT="yaml")


@pytest.mark.parametrize("use", USES)
def test_all_that_is_wrong_is_told_at_once_and_in_a_line_each(tmp_path: Path, use: str) -> None:
    run = played(tmp_path, use)
    assert run.returncode == 2, run.stdout + run.stderr
    said = run.stdout + run.stderr
    assert "argument_spec" not in said
    assert len(said) < 5000
    assert f"nothing was changed, because {len(TOLD)} things are wrong" in said
    flat = " ".join(said.split())
    for place, words in TOLD.items():
        assert f"{place}: {words}" in flat
    assert "correct-horse" not in said
    assert "hunter2" not in said


def test_what_yaml_misreads_hides_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("pbx: {hosts: {a: {ansible_connection: local}}}", encoding="utf-8")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "pbx.yml").write_text(
        "pbx_extensions:\n"
        "  - {number: 0123}\n"
        "  - correct-horse-9\n"
        "  - {number: '1001', password: correct-horse-1, max_calls: correct-horse-1}\n"
        "  - {number: '1002', password: '1234567'}\n",
        encoding="utf-8",
    )
    use = {"ansible.builtin.include_role": {"name": NAME, "tasks_from": "directory"}}
    play = tmp_path / "play.yml"
    play.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": [use]}]), "utf-8")
    run = ansible_playbook("-i", "hosts.yml", play, cwd=tmp_path)
    said = run.stdout + run.stderr
    assert run.returncode == 2, said
    for words in (
        *("pbx.yml:2: number: 0123", "pbx_extensions[1]: is not a mapping", "[2].max_calls (1001)"),
        "pbx_extensions[3].password (1002): is shorter than 8 characters",
    ):
        assert words in said
    assert "correct-horse" not in said


#: What somebody may write for anything.
ANYTHING: list[Any] = [
    *("", "many", "correct-horse-1"),
    *(True, 0, -1, 5.5, None),
    *({}, {"name": "A"}, {"name": ["A"]}),
    *([], ["A"], [1], [None], [[]], [{}], [{"name": "A", "protocol": ["udp"], "port": {}, "state": []}]),
]


def test_whatever_a_variable_is_the_others_are_judged_all_the_same() -> None:
    names = [name for name in OPTIONS if name not in {"pbx_log_weeks", "pbx_max_phones"}]
    # All of them the same, and each of them alone.
    cases = [dict.fromkeys(names, value) for value in ANYTHING]
    cases += [{name: ANYTHING[at % len(ANYTHING)]} for at, name in enumerate(names)]
    also = {"pbx_log_weeks": "some", "pbx_max_phones": 0}
    places = ("__pbx_wrong", "__pbx_wrong_items", "__pbx_secrets")
    told = rendered([{**case, **also} for case in cases], *places)
    for case, said in zip(cases, told, strict=True):
        assert not [text for text in said.values() if text.startswith("error: ")], (case, said)
        named = [re.sub(r"\W.*", "", rule["path"]) for rule in json.loads(said["__pbx_wrong"])]
        assert {"pbx_log_weeks", "pbx_max_phones"} <= set(named), case


def test_what_a_module_finds_wrong_has_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("pbx: {hosts: {a: {ansible_connection: local}}}", encoding="utf-8")
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "a.yml").write_text(
        "pbx_extensions:\n  - number: '1001'\n    groups: [Sale]\n", encoding="utf-8"
    )
    module = {
        "database": str(tmp_path / "none"),
        "extensions": "{{ pbx_extensions }}",
        "extension_groups": [{"name": "Sales"}],
        "by_role": True,
    }
    task = {"voiceops.asterisk.pbx_directory": module, "check_mode": True}
    play = tmp_path / "play.yml"
    play.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": [task]}]), "utf-8")
    run = ansible_playbook("-i", "hosts.yml", play, cwd=tmp_path)
    said = run.stdout + run.stderr
    assert run.returncode == 2, said
    assert "host_vars/a.yml:3, pbx_extensions[0].groups (1001): 'Sale' does not exist on this host" in said


def test_wrong_variables_of_a_host_say_how_to_see_file_and_line(tmp_path: Path) -> None:
    run = played(tmp_path, "include_role directory")
    assert "file and line: ansible-playbook voiceops.asterisk.validate" in run.stdout + run.stderr
