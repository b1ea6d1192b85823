# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notes how long each task took, from its start to that of the next: with all that Ansible does with its
result. At the end they are in the file that BENCH_TASK_TIMES names, in seconds by the task's name.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_times"

    def __init__(self):
        super().__init__()
        self._times = {}
        self._name = ""
        self._began = 0.0

    def _next(self, name):
        now = time.perf_counter()
        self._times[self._name] = now - self._began
        self._name, self._began = name, now

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._next(task.get_name())

    def v2_playbook_on_stats(self, stats):
        self._next("")
        Path(os.environ["BENCH_TASK_TIMES"]).write_text(json.dumps(self._times), encoding="utf-8")
