# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at a host for the role, unless nothing on it is different from when a run had nothing to do."""

from __future__ import annotations

import json
import shlex
import typing as t

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible.plugins.action import ActionBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import carried
from ansible_collections.voiceops.asterisk.plugins.module_utils.settled import said
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.declared import settled_key

Values = dict[str, t.Any]

SPEC: dict[str, dict[str, t.Any]] = {
    "script": {"type": "str", "required": True},
    "wrong": {"type": "str", "required": True},
}
#: With what the program's answer begins, after whatever a login has said.
_MARK = "voiceops-look "
#: What the program imports, and nothing else: a unit test runs it with these alone.
FILES = (
    "host/beneath.py",
    "asterisk/ami.py",
    "asterisk/console.py",
    "asterisk/registration.py",
    "settled/said.py",
    "settled/record.py",
    "settled/state.py",
    "settled/comparing.py",
    "settled/program.py",
)
#: Where there is no Python, somebody has to take what is sent, or the connection is what has failed.
_COMMAND = f"python3 -IBc {shlex.quote(carried.BEGIN)} || cat >/dev/null"


class ActionModule(ActionBase):
    """Asks a host whether it is as a run has left it; if it is not, looks at it.

    No variable gets into the script of the look before it is known that none is wrong.
    """

    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        result: Values = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        variables = task_vars or {}
        result.update(changed=False, settled=False, wrong=False, rc=0, stdout="", stdout_lines=[], stderr="")
        # Otherwise the key would have to be an argument, which everybody on the host can read.
        key = settled_key(variables) if self._is_pipelining_enabled("new") else ""
        if key:
            result.update(self._answer(key))
        if result["settled"]:
            return result
        if self._templar.template(variables[options["wrong"]]):
            return {**result, "wrong": True}
        script = self._templar.template(variables[options["script"]])
        looked = self._low_level_execute_command(script, executable=False)
        result.update({name: looked[name] for name in ("rc", "stdout", "stdout_lines", "stderr")})
        if key:
            result.update(script=script, said=said.digest(looked["rc"], looked["stdout"]))
        return result

    def _answer(self, key: str) -> Values:
        """Return the program's answer; none where there is no Python, as the look will say."""
        asked = json.dumps({"key": key}).encode("ascii") + b"\n"
        answer = self._low_level_execute_command(_COMMAND, in_data=carried.program(FILES, _MARK) + asked)
        _before, found, text = answer["stdout"].rpartition(_MARK)
        return dict(json.loads(text)) if answer["rc"] == 0 and found else {}
