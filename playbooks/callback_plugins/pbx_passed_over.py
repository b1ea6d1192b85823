# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets the playbook validate begin where the first of its hosts has a vault that cannot be opened.

Ansible reads a host's variables before it runs a task for it, and would end the run there.
"""

from __future__ import annotations

import contextlib
import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.callback import CallbackBase
from ansible.vars.hostvars import HostVars

DOCUMENTATION = r"""
name: pbx_passed_over
type: aggregate
short_description: Skip variables that cannot be read where an inventory is looked at
version_added: "1.0.0"
description:
  - The task M(voiceops.asterisk.pbx_validate) says which files were skipped.
author:
  - voiceops.asterisk contributors (@voiceops)
"""

_TASK = "voiceops.asterisk.pbx_validate"


class CallbackModule(CallbackBase):
    """Reads the variables of the first host of a play that only looks at them."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "voiceops.asterisk.pbx_passed_over"

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        # What stands there may be a block itself, as a role that is imported is.
        if not any(getattr(task, "action", "") == _TASK for block in play.tasks for task in block.block):
            return
        # Ansible loads this file with every playbook beside it.
        from ansible_collections.voiceops.asterisk.plugins.plugin_utils.passed_over import PassedOver  # noqa: PLC0415

        manager = play.get_variable_manager()
        inventory, loader = manager._inventory, manager._loader
        first = inventory.get_hosts(play.hosts)[:1]
        # What is wrong with anything else Ansible says itself.
        with contextlib.suppress(AnsibleError):
            for host in first:
                PassedOver(loader, HostVars(inventory, manager, loader)).variables(host.name)
