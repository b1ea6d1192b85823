# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on the controller: writes the directory that a host has told of as variables of an inventory."""

from __future__ import annotations

import os
import typing as t

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible.errors import AnsibleActionFail
from ansible.parsing.vault import VaultSecretsContext
from ansible.plugins.action import ActionBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange import exported
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import variable_files
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.variable_files import File, Vault

SPEC: dict[str, dict[str, t.Any]] = {
    "facts": {"type": "str", "required": True},
    "dest": {"type": "path", "required": True},
    "format": {"type": "str", "choices": ["yaml", "json"], "default": "yaml"},
    "force": {"type": "bool", "default": False},
}


class ActionModule(ActionBase):
    """Writes one file for each host; what it has written it writes again without a change."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        directory = _read(options["facts"])
        host = str((task_vars or {}).get("inventory_hostname", ""))
        folder = os.path.abspath(options["dest"])
        file = _file(directory, host, folder, options["format"])
        vault = Vault(VaultSecretsContext.current().secrets)
        try:
            changed = not variable_files.is_written(file, vault)
            _refuse_to_destroy(file, directory, vault, changed and not options["force"])
            missing = [file] if changed else []
            task = self._task
            result.update(
                variable_files.put(missing, file, vault, diff=task.diff, check_mode=task.check_mode)
            )
        except OSError as error:
            raise AnsibleActionFail(f"{error.filename or folder}: {error.strerror}") from error
        result.update(
            changed=changed,
            summary=exported.summary(directory),
            file=file.path,
            extensions_with_password=directory.extensions_with_password,
            trunks_with_password=directory.trunks_with_password,
        )
        return result


def _read(packed: str) -> exported.Exported:
    try:
        return exported.exported(wire.unpacked(packed))
    except (wire.NotPackedError, InvalidInputError) as error:
        message = f"nothing was written, because the host's answer is not a directory:\n{error}"
        raise AnsibleActionFail(message) from error


def _file(directory: exported.Exported, host: str, folder: str, kind: str) -> File:
    if kind == "json":
        # It knows no comments.
        return File(os.path.join(folder, "directory.json"), variable_files.as_json(directory.variables))
    text = exported.heading(directory, host) + variable_files.as_yaml(directory.variables)
    return File(os.path.join(folder, "directory.yml"), text)


def _refuse_to_destroy(file: File, directory: exported.Exported, vault: Vault, keeps: bool) -> None:
    """Refuse what would take something away, or would not count. Raises AnsibleActionFail and OSError."""
    folder, names = os.path.dirname(file.path), set(directory.variables)
    found = [
        f"{other}, and Ansible would take one or the other; move it away"
        for other in variable_files.others_with(names, folder, {file.path}, vault)
    ]
    if keeps and os.path.lexists(file.path):
        found.append(f"{file.path} exists and has other content; force (export_force) replaces it")
    if found:
        raise AnsibleActionFail("nothing was written:\n" + "\n".join(found))
