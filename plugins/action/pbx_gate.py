# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the module on the host, and where it passes a command of the user's here, which has its say too."""

from __future__ import annotations

import os
import shlex
import subprocess
import typing as t

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible.plugins.action import ActionBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.plain_text import clean
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout.words import ENGLISH, said

Values = dict[str, t.Any]

#: How much of what a command says is told, in characters, and how long it has at least, in seconds.
_MOST, _LEAST_SECONDS = 300, 10


class ActionModule(ActionBase):
    """Runs the module of the same name."""

    _supports_async = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        result: Values = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        command = arguments.pop("command", None)
        result.update(self._execute_module(module_args=arguments, task_vars=task_vars))
        self._remove_tmp_path(self._connection._shell.tmpdir)
        if command and "gate" in result and not result.get("failed") and not self._task.check_mode:
            host = str((task_vars or {}).get("inventory_hostname", ""))
            values = _asked(command, host, max(_LEAST_SECONDS, int(arguments.get("settle") or 0)))
            if values:
                result["gate"]["passed"] = False
                result["gate"]["reasons"].append({"word": "gate command", "values": values})
                wrong = said(ENGLISH, "gate command", values)
                result.update(failed=True, msg=f"the host is not as well as it was before: {wrong}")
        return result


def _asked(command: t.Any, host: str, seconds: int) -> Values:
    """Run the command, which knows the host by PBX_HOST; return what is wrong, nothing if it succeeds."""
    words = shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
    try:
        run = subprocess.run(
            words,
            env={**os.environ, "PBX_HOST": host},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"command": words[0], "status": f"no end within {seconds} s", "said": ""}
    except (OSError, ValueError, IndexError) as error:
        return {"command": str(command)[:_MOST], "status": str(error), "said": ""}
    if run.returncode == 0:
        return {}
    told = clean(" ".join(run.stdout.split()))[-_MOST:]
    return {"command": words[0], "status": str(run.returncode), "said": told}
