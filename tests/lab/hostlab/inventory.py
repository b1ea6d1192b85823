# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The Ansible inventory of the hosts that are up."""

from __future__ import annotations

import json
from collections.abc import Iterable

from . import ssh
from .settings import Settings
from .state import Record


def text(settings: Settings, records: Iterable[Record]) -> str:
    """The inventory as YAML; JSON's strings are YAML's too, whatever they hold."""

    def value(content: object) -> str:
        return json.dumps(content)

    lines = ["---", "pbx:", "  hosts:"]
    for record in records:
        lines += [
            f"    {value(record.name)}:",
            f"      ansible_host: {value(settings.address(record.index))}",
            f"      lab_release: {value(record.release)}",
            f"      lab_bare: {value(record.bare)}",
        ]
    if lines[-1] == "  hosts:":
        lines[-1] = "  hosts: {}"
    lines += [
        "  vars:",
        "    ansible_user: root",
        f"    ansible_ssh_private_key_file: {value(str(settings.private_key))}",
        f"    ansible_ssh_common_args: {value(ssh.inventory_arguments(settings))}",
        "    ansible_python_interpreter: /usr/bin/python3",
    ]
    return "\n".join(lines) + "\n"


def write(settings: Settings, records: Iterable[Record]) -> None:
    new = settings.inventory.with_suffix(".new")
    new.write_text(text(settings, records), encoding="utf-8")
    new.rename(settings.inventory)
