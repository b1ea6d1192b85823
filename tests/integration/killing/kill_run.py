# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A callback of Ansible's that kills the run it belongs to: the process and all that it has begun.

KILL_AFTER is the end of a task's name: when that is done, the run is over.
"""

from __future__ import annotations

import os
import signal
from typing import Any

from ansible.plugins.callback import CallbackBase


def descendants(process: int) -> list[int]:
    """The processes that this one has begun, and those that they have."""
    parents: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="latin-1") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except OSError:  # it is over
            continue
        parents.setdefault(parent, []).append(int(name))
    found = [process]
    for each in found:
        found += parents.get(each, [])
    return found[1:]


def kill() -> None:
    for process in [*descendants(os.getpid()), os.getpid()]:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kill_run"

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self.task = task.get_name()

    def v2_runner_on_ok(self, result: Any) -> None:
        if self.task.endswith(os.environ["KILL_AFTER"]):
            kill()
