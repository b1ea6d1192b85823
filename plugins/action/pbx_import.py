# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on the controller and asks no host: reads another system's file, and writes an inventory."""

from __future__ import annotations

import os
import typing as t

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible.errors import AnsibleActionFail
from ansible.parsing.vault import VaultSecretsContext
from ansible.plugins.action import ActionBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange import (
    importing,
    inventory,
    judged,
    realtime_tables,
    report,
    spreadsheet,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.imported import Imported
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.row import Choices
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.sources import SOURCES
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import beneath
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import variable_files
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.variable_files import File, Vault

#: The source that is tables of a database, and not one of rows in a spreadsheet.
REALTIME = "realtime"
#: What only rows of a spreadsheet have.
_OF_SPREADSHEETS = ("separator", "skip", "profiles", "groups")

SPEC: dict[str, dict[str, t.Any]] = {
    "source": {"type": "str", "required": True, "choices": sorted([*SOURCES, REALTIME])},
    "path": {"type": "path", "required": True},
    "dest": {"type": "path", "required": True},
    "report": {"type": "path"},
    "format": {"type": "str", "choices": ["yaml", "json"], "default": "yaml"},
    "encoding": {"type": "str", "default": ""},
    "separator": {"type": "str", "default": ""},
    "skip": {"type": "list", "elements": "str", "default": []},
    "transports": {"type": "dict", "default": {}},
    "profiles": {"type": "dict", "default": {}},
    "groups": {"type": "dict", "default": {}},
    "declare_groups": {"type": "bool", "default": True},
    "vault_id": {"type": "str", "default": ""},
    "force": {"type": "bool", "default": False},
}
#: What belongs to a vault that an import has written.
_VAULT_VARIABLES = {inventory.PASSWORDS, inventory.DIGESTS, inventory.TRUNK_PASSWORDS}
_WRITE = {"yaml": variable_files.as_yaml, "json": variable_files.as_json}
_ENDING = {"yaml": "yml", "json": "json"}


class ActionModule(ActionBase):
    """Writes everything or nothing; what it has written it writes again without a change."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        path, folder = os.path.abspath(options["path"]), os.path.abspath(options["dest"])
        imported = _read(path, options)
        if imported.problems:
            return {
                **result,
                "failed": True,
                "msg": f"nothing was written, for {path} has mistakes:\n{report.mistakes(imported.problems)}",
            }
        vault = Vault(VaultSecretsContext.current().secrets, options["vault_id"])
        made = inventory.variables(imported, options["declare_groups"])
        kind = options["format"]
        definitions = File(
            os.path.join(folder, f"extensions.{_ENDING[kind]}"), _WRITE[kind](made.definitions)
        )
        files = [definitions]
        if options["report"]:
            what = f"{os.path.basename(path)} as {options['source']}"
            files.insert(0, File(os.path.abspath(options["report"]), report.text(imported, what)))
        if made.vault:
            secret = variable_files.as_yaml(made.vault)
            files.append(File(os.path.join(folder, "vault.yml"), secret, secret=True))
            # Asked before anything is looked at: without a password nothing can come of it.
            vault.key()
        try:
            missing = [file for file in files if not variable_files.is_written(file, vault)]
            if os.path.isdir(folder) and not variable_files.is_private(folder):
                raise AnsibleActionFail(
                    f"others may write in {folder}: chmod go-w, so that no secret is theirs"
                )
            _refuse_to_destroy(missing, made, folder, vault, options)
            if self._task.diff and definitions in missing:
                before = variable_files.shown(definitions.path, vault)
                header = {"before_header": definitions.path, "after_header": definitions.path}
                result["diff"] = [{**header, "before": before, "after": definitions.text}]
            if missing and not self._task.check_mode:
                os.makedirs(folder, mode=0o755, exist_ok=True)
                variable_files.write(missing, vault)
        except OSError as error:
            raise AnsibleActionFail(f"{error.filename or folder}: {error.strerror}") from error
        result.update(
            changed=bool(missing),
            summary=report.summary(imported),
            files=[file.path for file in files],
            extensions=len(imported.extensions),
            groups=list(imported.groups),
        )
        return result


def _read(path: str, options: dict[str, t.Any]) -> Imported:
    maps = {
        name: {str(word): "" if meant is None else str(meant) for word, meant in options[name].items()}
        for name in ("transports", "profiles", "groups")
    }
    if options["source"] == REALTIME:
        for option in (each for each in _OF_SPREADSHEETS if options[each]):
            raise AnsibleActionFail(f"{option} is of no use with the source {REALTIME}; leave it out")
        tables = {name: _decoded(_content(name), name, options["encoding"]) for name in _tables(path)}
        return judged.judged(realtime_tables.realtime(tables, maps["transports"]))
    return importing.read(
        options["source"],
        _content(path),
        encoding=options["encoding"],
        separator=options["separator"],
        skip=options["skip"],
        choices=Choices(**maps),
    )


def _content(path: str) -> bytes:
    try:
        return beneath.read(path, spreadsheet.MAX_BYTES + 1)
    except OSError as error:
        raise AnsibleActionFail(f"{path} cannot be read: {error.strerror}") from error


def _tables(path: str) -> list[str]:
    """Return the files of a folder, or the one file."""
    if not os.path.isdir(path):
        return [path]
    names = sorted(name for name in os.listdir(path) if not name.startswith("."))
    return [file for name in names if os.path.isfile(file := os.path.join(path, name))]


def _decoded(content: bytes, path: str, encoding: str) -> str:
    if len(content) > spreadsheet.MAX_BYTES:
        raise AnsibleActionFail(f"{path} is larger than {spreadsheet.MAX_BYTES // 2**20} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if not encoding:
            raise AnsibleActionFail(
                f"{path} is not UTF-8; name its encoding by encoding (import_encoding), such as cp1254"
            ) from None
    try:
        return content.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise AnsibleActionFail(f"{path} cannot be read as {encoding}: {error}") from None


def _refuse_to_destroy(
    missing: list[File], made: inventory.Variables, folder: str, vault: Vault, options: dict[str, t.Any]
) -> None:
    """Refuse what would take something away, or would not count. Raises AnsibleActionFail."""
    written = {os.path.join(folder, name) for name in ("extensions.yml", "extensions.json", "vault.yml")}
    ours = {os.path.join(folder, f"extensions.{_ENDING[options['format']]}"), *(f.path for f in missing)}
    names = made.definitions.keys() | made.vault.keys()
    ours |= {os.path.join(folder, "vault.yml")} if made.vault else set()
    found = [
        f"{other}, and Ansible would take one or the other; move it away"
        for other in variable_files.others_with(set(names), folder, ours, vault)
    ]
    for file in missing:
        if not os.path.lexists(file.path):
            continue
        if file.path not in written:
            if not options["force"] and not report.is_one(variable_files.current(file.path, vault) or ""):
                found.append(f"{file.path} is there and is no report; force (import_force) replaces it")
            continue
        text = variable_files.current(file.path, vault)
        more = sorted(variable_files.variables_in(text or "") - _VAULT_VARIABLES) if file.secret else []
        if text is None:
            found.append(f"{file.path} is there, and this run cannot decrypt it; move it away")
        elif more:
            found.append(f"{file.path} holds {', '.join(more)} too; move that into a file of its own")
        elif not options["force"]:
            found.append(f"{file.path} is there and says something else; force (import_force) replaces it")
    if found:
        raise AnsibleActionFail("nothing was written:\n" + "\n".join(found))
