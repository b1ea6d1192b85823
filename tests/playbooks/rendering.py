# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Everything that the role makes of its variables, without a host and without running a task.

Reads a JSON list of mappings of variables, and answers each with a JSON mapping: place -> what stands there.
A place is a file of templates, a variable of vars/main, or a text or a condition in a task.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from preloaded.templates import compile_once

REPOSITORY = Path(__file__).resolve().parents[2]
ROLE = REPOSITORY / "roles" / "pbx"
#: What Ansible takes for an expression without braces.
CONDITIONS = ("when", "failed_when", "changed_when", "until")
#: What a host may have said to anything that a task asks it.
SAID: dict[str, Any] = {
    "stdout": "ID=debian\nVERSION_CODENAME=forky\nhas asterisk\nhas res_prometheus.so\ngiven-out 1 2\n",
    "stderr": "",
    "rc": 0,
    "msg": "",
    "changed": False,
    "failed": False,
    "written": ["/etc/asterisk/pjsip.conf"],
    "removed": ["/etc/asterisk/modules.conf"],
    "stat": {"exists": True},
    "results": [],
    "status": 200,
}
SAID["stdout_lines"] = SAID["stdout"].splitlines()


def main() -> None:
    os.environ["ANSIBLE_CONFIG"] = str(REPOSITORY / "ansible.cfg")
    from ansible.parsing.dataloader import DataLoader  # noqa: PLC0415 - after its configuration is named
    from ansible.plugins.loader import init_plugin_loader  # noqa: PLC0415
    from ansible.template import Templar, trust_as_template  # noqa: PLC0415

    init_plugin_loader([str(REPOSITORY / ".venv" / "collections")])
    loader = DataLoader()
    base: dict[str, Any] = {}
    for file in sorted(ROLE.glob("defaults/main/*.yml")) + sorted(ROLE.glob("vars/main/*.yml")):
        base |= loader.load_from_file(str(file), trusted_as_template=True)
    base = _without_templates(base, trust_as_template)
    places = {name: trust_as_template(f"{{{{ {name} }}}}") for name in base if name.startswith("__pbx_")}
    for file in sorted(ROLE.glob("templates/**/*.j2")):
        name = str(file.relative_to(ROLE / "templates"))
        places[name] = trust_as_template(file.read_text(encoding="utf-8"))
    registered: set[str] = set()
    for file in sorted(ROLE.glob("tasks/*.yml")):
        for number, (key, text) in enumerate(
            _texts(loader.load_from_file(str(file), trusted_as_template=True))
        ):
            if key == "register":
                registered.add(str(text))
            elif key in CONDITIONS and isinstance(text, str):
                places[f"{file.name} {number} {key}"] = trust_as_template(f"{{{{ ({text}) }}}}")
            elif isinstance(text, str) and ("{{" in text or "{%" in text):
                places[f"{file.name} {number} {key}"] = text
    base |= dict.fromkeys(registered, SAID)
    base |= {
        "ansible_search_path": [str(ROLE)],
        "role_path": str(ROLE),
        "inventory_hostname": "pbx-1",
        "inventory_dir": None,
        "ansible_check_mode": False,
        "ansible_diff_mode": False,
        "ansible_verbosity": 0,
        "ansible_run_tags": ["all"],
        "ansible_skip_tags": [],
        "ansible_failed_result": SAID,
        "__pbx_archive": {"from": ["y", "z"], "name": "n", "title": "t", "variable": "v", "sha256": "s"},
        "item": {"path": "/x", "from": "y", "to": "z", "name": "n", "sha256": "s", "unit": "u", "what": "w"},
    }
    # By default all; otherwise those that are named as arguments.
    places = {place: text for place, text in places.items() if place in sys.argv[1:] or not sys.argv[1:]}
    answers = []
    for variables in json.load(sys.stdin):
        said = {}
        templar = Templar(loader=loader, variables={**base, **variables})
        for place, text in places.items():
            try:
                said[place] = json.dumps(templar.template(text), default=str, sort_keys=True)
            except Exception as error:  # whatever a template raises is what stands there
                said[place] = f"error: {error}"
        answers.append(said)
    json.dump(answers, sys.stdout)


def _without_templates(value: Any, trusted: Any) -> Any:
    """Leave out what files are made of templates, which are looked at by themselves: it takes long."""
    if isinstance(value, dict):
        return {name: _without_templates(each, trusted) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_templates(each, trusted) for each in value]
    if isinstance(value, str) and "lookup('ansible.builtin.template'" in value:
        return trusted(re.sub(r"lookup\('ansible.builtin.template', ('[^']+')\)", r"\1", value))
    return value


def _texts(value: Any, key: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [found for name, each in value.items() for found in _texts(each, str(name))]
    if isinstance(value, list):
        return [found for each in value for found in _texts(each, key)]
    return [(key, value)]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        compile_once(Path(folder))
        main()
