# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has the module read what somebody else has set up on a host, and writes an inventory of it.

The module's answer holds passwords. It is in no result, and Ansible is told not to show it on its way.
"""

from __future__ import annotations

import contextlib
import typing as t

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange import judged
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.adopted import adopted
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.imported import Imported
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import options as module_options
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import written_inventory

#: What Ansible adds where a module has not ended as it should, and what it has printed by then.
_PRINTED = ("module_stdout", "module_stderr", "exception")


class ActionModule(ActionBase):
    """Runs the module of the same name; writes everything or nothing."""

    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=module_options.ADOPTION)
        with self._unseen():
            asked = {name: options[name] for name in ("configuration_folder", "dest")}
            answer = self._execute_module(module_args=asked, task_vars=task_vars)
            self._remove_tmp_path(self._connection._shell.tmpdir)
        packed = answer.pop("packed", None)
        for printed in _PRINTED if answer.get("failed") else ():
            answer.pop(printed, None)
        result.update(answer)
        if result.get("failed") or result.get("unreachable") or not options["dest"]:
            return result
        if answer["is_ours"]:
            raise AnsibleActionFail(
                "nothing was written, because this host is set up by this collection already; the playbook"
                " voiceops.asterisk.export writes its directory as an inventory"
            )
        host = str((task_vars or {}).get("inventory_hostname", ""))
        source = written_inventory.Source(f"the configuration of {host}", f"{host} as asterisk", "adopt")
        result.update(written_inventory.write(_read(packed, options), source, options, self._task))
        return result

    @contextlib.contextmanager
    def _unseen(self) -> t.Iterator[None]:
        """Have the connection show nothing of what the host prints, which it does at -vvv.

        The task itself says what is wrong and what it has written, so it is not one of no_log. The connection
        goes by a play context of its own (task_executor.py).
        """
        context = self._connection._play_context
        before = context.no_log
        context.no_log = True
        try:
            yield
        finally:
            context.no_log = before


def _read(packed: str | None, options: dict[str, t.Any]) -> Imported:
    try:
        told = wire.unpacked(packed or "")
    except wire.NotPackedError as error:
        raise AnsibleActionFail(
            f"nothing was written, because the host's answer is incomplete: {error}"
        ) from None
    ports = {str(name): str(port) for name, port in options["transports"].items()}
    return judged.judged(adopted(told["files"], ports, told["directory"]))
