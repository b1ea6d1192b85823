# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has the module pack its facts, and unpacks them again where the task says nothing of it."""

from __future__ import annotations

import typing as t

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible.plugins.action import ActionBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.misread import numbers_misread, refusal


class ActionModule(ActionBase):
    """Runs the module of the same name."""

    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        wrap_async = self._task.async_val
        arguments = dict(self._task.args)
        if found := numbers_misread("numbers", arguments.get("numbers")):
            return {**result, "failed": True, "msg": refusal(found)}
        # Not where the task says itself how it wants them; and what runs on by itself is asked for its
        # result by another action, which would leave them packed.
        unpack = not wrap_async and "packed" not in arguments
        if unpack:
            arguments["packed"] = True
        result.update(self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=wrap_async))
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        # Ansible adds facts of its own, such as the Python that it has found on the host.
        facts = result.get("ansible_facts", {})
        if unpack and wire.FACT in facts:
            packed = facts[wire.FACT]
            others = {name: value for name, value in facts.items() if name != wire.FACT}
            result["ansible_facts"] = {**wire.named(wire.unpacked(packed)), **others}
        return result
