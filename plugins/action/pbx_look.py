# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at a host for the role, and says where there is nothing to do on it."""

from __future__ import annotations

import json
import shlex
import typing as t

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible.errors import AnsibleTemplateError
from ansible.plugins.action import ActionBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import carried
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.declared import settled_key

SPEC: dict[str, dict[str, t.Any]] = {"script": {"type": "str", "required": True}}
#: With what the program's answer begins, after whatever a login has said.
_MARK = "voiceops-look "
#: What the program imports, and nothing else: a unit test runs it with these alone.
_FILES = (
    "host/beneath.py",
    "asterisk/ami.py",
    "asterisk/console.py",
    "asterisk/registration.py",
    "settled/record.py",
    "settled/state.py",
    "settled/program.py",
)
_COMMAND = f"python3 -IBc {shlex.quote(carried.BEGIN)}"


class ActionModule(ActionBase):
    """Asks a host whether it is as a run has left it, and in the same question for what the role looks at."""

    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        result.update(changed=False, settled=False)
        try:
            script = self._templar.template((task_vars or {})[options["script"]])
        except AnsibleTemplateError as error:
            # The role says better which variable is wrong, and has yet to look at them.
            return {**result, "rc": 1, "stdout": "", "stdout_lines": [], "stderr": "", "untold": str(error)}
        answer = self._answer(settled_key(task_vars or {}), script) or self._plain(script)
        return {**result, "script": script, "stdout_lines": answer["stdout"].splitlines(), **answer}

    def _answer(self, key: str, script: str) -> dict[str, t.Any] | None:
        """Return the program's answer; None where it cannot be had, as on a host without Python."""
        # Otherwise what it is asked would have to be an argument, which everybody on the host can read.
        if not self._is_pipelining_enabled("new"):
            return None
        asked = json.dumps({"key": key, "script": script}).encode("ascii")
        given = carried.program(_FILES, _MARK) + asked + b"\n"
        said = self._low_level_execute_command(_COMMAND, in_data=given)
        _before, found, text = said["stdout"].rpartition(_MARK)
        if said["rc"] != 0 or not found:
            return None
        answer: dict[str, t.Any] = json.loads(text)
        return answer

    def _plain(self, script: str) -> dict[str, t.Any]:
        said = self._low_level_execute_command(script, executable=False)
        return {name: said[name] for name in ("rc", "stdout", "stderr")}
