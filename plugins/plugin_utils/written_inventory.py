# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what was read of another system as variables of a host: definitions, a vault, and a report."""

from __future__ import annotations

import os
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.parsing.vault import VaultSecretsContext
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange import inventory, report
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.imported import Imported
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import variable_files
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.variable_files import File, Vault

if t.TYPE_CHECKING:
    from ansible.playbook.task import Task

#: What belongs to a vault that an import has written.
_VAULT_VARIABLES = {inventory.PASSWORDS, inventory.DIGESTS, inventory.TRUNK_PASSWORDS}
_WRITE = {"yaml": variable_files.as_yaml, "json": variable_files.as_json}
_ENDING = {"yaml": "yml", "json": "json"}


class Source(t.NamedTuple):
    """Where it comes from, in words for people."""

    #: Such as a path.
    name: str
    #: What the report says in its first line, which ends in ``as`` and a word.
    title: str
    #: With what the playbook's variables begin.
    prefix: str


def write(imported: Imported, source: Source, options: t.Mapping[str, t.Any], task: Task) -> dict[str, t.Any]:
    """Write everything or nothing, and what is there already once more without a change.

    ``options`` are ``dest`` and those of ``options.WRITTEN``. Returns the result of the task, in check mode
    as it would be. Raises AnsibleError.
    """
    if imported.problems:
        mistakes = report.mistakes(imported.problems)
        raise AnsibleActionFail(f"nothing was written, because {source.name} has mistakes:\n{mistakes}")
    folder = os.path.abspath(options["dest"])
    vault = Vault(VaultSecretsContext.current().secrets, options["vault_id"], source.prefix)
    made = inventory.variables(imported, options["declare_groups"])
    kind = options["format"]
    definitions = File(os.path.join(folder, f"extensions.{_ENDING[kind]}"), _WRITE[kind](made.definitions))
    files = [definitions]
    if options["report"]:
        files.insert(0, File(os.path.abspath(options["report"]), report.text(imported, source.title)))
    if made.vault:
        secret = variable_files.as_yaml(made.vault)
        files.append(File(os.path.join(folder, "vault.yml"), secret, secret=True))
        # Asked before anything is looked at: without a password nothing can come of it.
        vault.key()
    try:
        missing = [file for file in files if not variable_files.is_written(file, vault)]
        if os.path.isdir(folder) and not variable_files.is_private(folder):
            raise AnsibleActionFail(
                f"other users may write in {folder} and could get at secrets: chmod go-w {folder}"
            )
        force = "" if options["force"] else f"force ({source.prefix}_force)"
        _refuse_to_destroy(missing, made, definitions, vault, force)
        diff = variable_files.put(missing, definitions, vault, diff=task.diff, check_mode=task.check_mode)
    except OSError as error:
        raise AnsibleActionFail(f"{error.filename or folder}: {error.strerror}") from error
    return {
        **diff,
        "changed": bool(missing),
        "summary": report.summary(imported),
        "files": [file.path for file in files],
        "extensions": len(imported.extensions),
        "groups": list(imported.groups),
    }


def _refuse_to_destroy(
    missing: list[File], made: inventory.Variables, definitions: File, vault: Vault, force: str
) -> None:
    """Refuse what would take something away, or would not count. Raises AnsibleActionFail and OSError.

    ``force`` is what the option is called that has files replaced; empty where it is given.
    """
    folder = os.path.dirname(definitions.path)
    written = {os.path.join(folder, name) for name in ("extensions.yml", "extensions.json", "vault.yml")}
    ours = {definitions.path, *(file.path for file in missing)}
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
            if force and not report.is_one(variable_files.current(file.path, vault) or ""):
                found.append(f"{file.path} exists and is not a report; {force} replaces it")
            continue
        text = variable_files.current(file.path, vault)
        more = sorted(variable_files.variables_in(text or "") - _VAULT_VARIABLES) if file.secret else []
        if text is None:
            found.append(f"{file.path} is there, and this run cannot decrypt it; move it away")
        elif more:
            found.append(f"{file.path} holds {', '.join(more)} too; move that into a file of its own")
        elif force:
            found.append(f"{file.path} exists and has other content; {force} replaces it")
    if found:
        raise AnsibleActionFail("nothing was written:\n" + "\n".join(found))
