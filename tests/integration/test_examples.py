# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The examples in the documentation of the modules, each run on a real host."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from .fleet import REPOSITORY, Host, ansible_playbook, lab_inventory

KEYS = "/etc/asterisk/keys"

# In an order in which each finds what it refers to. What the status board shows is tried in
# test_status_board.py, because it is about what other tasks have found, and what reads somebody else's host
# in test_adopted.py; what goes back to a change needs one (test_history.py); the others work on files of the
# controller (tests/playbooks).
MODULES = (
    *("pbx_directory", "pbx_confirm", "pbx_connection_port", "pbx_trunk", "pbx_outbound_profile"),
    *("pbx_extension_group", "pbx_extension", "pbx_extension_facts", "pbx_files", "pbx_gate"),
)
ELSEWHERE = {
    *("pbx_adoption", "pbx_export", "pbx_import", "pbx_look", "pbx_rollback"),
    *("pbx_rollout", "pbx_status_board", "pbx_validate"),
}

#: The inventory that the examples speak of.
VARIABLES: dict[str, Any] = {
    "vault_password_1001": "correct-horse-1",
    "vault_digest_1003": "0f2c5a8b1e9d4c7a6b3f0e8d5c2a9b7e",
    "vault_telco_password": "trunk-horse-1",
    "pbx_connection_ports": [{"name": "Ofis"}],
    "pbx_trunks": [{"name": "Telco", "host": "192.0.2.20"}, {"name": "Santral", "host": "192.0.2.10"}],
    "pbx_outbound_profiles": [{"name": "Yurt içi", "rules": []}],
    "pbx_extension_groups": [{"name": "Satış"}, {"name": "Güvenlik"}],
    "pbx_extensions": [
        {"number": "1001", "name": "Ayşe Demir", "connection_port": "Ofis"},
        {"number": "1900", "name": "Ön kapı"},
        {"number": "1901", "name": "Güvenlik", "groups": ["Güvenlik"]},
    ],
}


def documented(module: str) -> list[Any]:
    """Return the tasks that are the examples of a module."""
    tree = ast.parse((REPOSITORY / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    (text,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES"
    )
    return list(yaml.safe_load(text))


@pytest.mark.shown_on("asterisk16")
def test_every_example_of_every_module_runs(directory: Host, tmp_path: Path) -> None:
    host = directory
    assert {*MODULES, *ELSEWHERE} == {path.stem for path in (REPOSITORY / "plugins" / "modules").glob("*.py")}
    host.shell(
        f"mkdir -p {KEYS} && cd {KEYS} && openssl req -x509 -newkey rsa:2048 -nodes -days 30"
        " -keyout pbx.example.com.key -out pbx.example.com.pem -subj /CN=pbx.example.com 2>/dev/null"
        " && chgrp asterisk pbx.example.com.key && chmod 640 pbx.example.com.key"
    )
    tasks = [task for module in MODULES for task in documented(module)]
    play = {"hosts": host.name, "gather_facts": False, "vars": VARIABLES, "tasks": tasks}
    playbook = tmp_path / "examples.yml"
    playbook.write_text(yaml.safe_dump([play], allow_unicode=True, sort_keys=False), encoding="utf-8")
    run = ansible_playbook("-i", lab_inventory(), str(playbook))
    assert run.returncode == 0, run.stdout + run.stderr
