# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hands over to a module that changes a directory, beside its lists, who changes it and why."""

from __future__ import annotations

import os
import pwd
import socket
import typing as t

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.declared import settled_key
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.handing_over import (
    ActionModule as HandingOver,
)
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.inventory_commit import commit_of


class ActionModule(HandingOver):
    """Runs the module of the same name, and tells it for its history who runs it."""

    #: Whether what is changed is what the inventory says, so that its commit says why.
    by_inventory = True

    def besides(self, task_vars: t.Mapping[str, t.Any]) -> dict[str, str]:
        """Return the origin and what a record is made of, packed; in check mode neither is left."""
        if self._task.check_mode:
            return {}
        given = {"origin": wire.packed(self._origin(task_vars))}
        looked = task_vars.get("__pbx_look") or {}
        # Only with the files of the role it is judged whether there is anything to do at all.
        if looked.get("said") and "files" in self._task.args:
            # Not registered with the look: it is for nobody to see.
            key = settled_key(task_vars)
            given["settled"] = wire.packed({"key": key, "script": looked["script"], "said": looked["said"]})
        return given

    def _origin(self, task_vars: t.Mapping[str, t.Any]) -> dict[str, str]:
        asked = self.by_inventory and not self._task.args.get("change_comment")
        comment = commit_of(task_vars.get("inventory_dir")) if asked else ""
        return {"user": _user(), "controller": socket.gethostname(), "comment": comment}


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())  # as in a container whose user has no name
