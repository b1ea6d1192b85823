# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hands the lists of a task over to its module as one secret text.

Ansible looks for every secret value of a task in every string of its result. Measured with 10,000
extensions, each with a password: 21.6 s, and 4.0 s when they are one text. Besides, what is not
taken apart by Ansible is read by this collection's own code, whose messages name the place:
``extensions[57].ring_timeout``.

A list becomes that text where Ansible would put the values of templates into it (rendering.py) and hand all
of them to the main process beside the result.
"""

from __future__ import annotations

import json
import typing as t

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible.plugins.action import ActionBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.misread import numbers_misread, refusal
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.rendering import as_written, rendered

#: The options of the modules that take lists, the secrets among them.
LISTS = (
    *("connection_ports", "trunks", "outbound_profiles", "extension_groups", "extensions"),
    *("emergency_numbers", "inbound_numbers", "rules", "files", "confirm_files"),
)

#: What an argument is made of that is a text already: no module takes a mapping for a list.
_PACKED = "packed"
#: Beside it, what YAML has misread in it.
_MISREAD = "misread"


class ActionModule(ActionBase):
    """Runs the module of the same name, with its lists in ``handed_over``."""

    _supports_async = True

    @classmethod
    def finalize_task_arg(cls, name: str, value: t.Any, templar: t.Any, context: t.Any) -> t.Any:
        """Put the values of templates into an argument; a list becomes a text.

        Ansible 2.19 to 2.21 ask for each argument here, and call that an experiment. One that does not ask
        leaves the lists to ``run``, which takes them as well.
        """
        if name in LISTS:
            written = as_written(value, templar)
            if isinstance(written, list):
                found: list[str] = []
                packed = wire.packed_list(rendered(written, templar, name, found))
                return {_PACKED: packed, _MISREAD: found}
        return super().finalize_task_arg(name, value, templar, context)

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the module with its lists as one secret text."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        lists = {}
        found = [
            said
            for option, value in arguments.items()
            if option not in LISTS
            for said in numbers_misread(option, value)
        ]
        for option in LISTS:
            value = arguments.get(option)
            if isinstance(value, dict) and value.keys() == {_PACKED, _MISREAD}:
                lists[option] = value[_PACKED]
                found += value[_MISREAD]
            elif isinstance(value, list):
                lists[option] = wire.packed_list(value)
                found += numbers_misread(option, value)
            else:
                continue
            del arguments[option]
        if found:
            # Not before something is wrong: it needs half of the library.
            from ansible_collections.voiceops.asterisk.plugins.plugin_utils.wrong_lists import (  # noqa: PLC0415
                said_besides,
            )

            result.update(failed=True, msg="\n".join([refusal(found), *said_besides(lists, arguments)]))
            self._place(result, task_vars or {})
            return result
        lists.update(self.besides(task_vars or {}))
        if lists:
            arguments["handed_over"] = json.dumps(lists)
        wrap_async = self._task.async_val
        result.update(self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=wrap_async))
        self._place(result, task_vars or {})
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _place(self, result: dict[str, t.Any], task_vars: t.Mapping[str, t.Any]) -> None:
        """Say in which file and line a variable of the role stands that a module finds wrong."""
        if result.get("failed") and result.get("msg") and self._task.args.get("by_role"):
            from ansible_collections.voiceops.asterisk.plugins.plugin_utils.placed import (  # noqa: PLC0415
                placed,
            )

            message = placed(result["msg"], task_vars, self._templar)
            if message != result["msg"]:
                result["msg"] = message
                # Ansible would go on showing what it has made of the module's own message.
                result.pop("exception", None)

    def besides(self, task_vars: t.Mapping[str, t.Any]) -> dict[str, str]:
        """Return what else is handed over, packed, by its name."""
        return {}
