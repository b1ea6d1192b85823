# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A callback of Ansible's that kills the run it belongs to: the process and all that it has begun.

KILL_AFTER is the end of a task's name, or a task's number: when that is done, the run is over. With KILL_SOON
it is so many seconds after the task has begun, or when it is done if that is sooner. NOTE_TASKS is a file
that gets a line for each task: its number, whether it has changed something, its name.

What the run has begun on a host goes on there, as where a laptop is closed.
"""

from __future__ import annotations

import os
import signal
import threading
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


def kill(process: int) -> None:
    """Kill a process and all that it has begun: Ansible's workers are in process groups of their own."""
    for each in [*descendants(process), process]:
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            continue


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kill_run"

    number, name = 0, ""

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self.number, self.name = self.number + 1, task.get_name()
        if self._is_it() and "KILL_SOON" in os.environ:
            threading.Timer(float(os.environ["KILL_SOON"]), kill, [os.getpid()]).start()

    def v2_runner_on_ok(self, result: Any) -> None:
        if noted := os.environ.get("NOTE_TASKS"):
            with open(noted, "a", encoding="utf-8") as file:
                how = "changed" if result._result.get("changed") else "ok"
                file.write(f"{self.number}\t{how}\t{self.name}\n")
        if self._is_it():
            kill(os.getpid())

    def _is_it(self) -> bool:
        wanted = os.environ.get("KILL_AFTER", "")
        return str(self.number) == wanted if wanted.isdigit() else bool(wanted) and self.name.endswith(wanted)
