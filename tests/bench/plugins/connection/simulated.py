# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The local connection, to a host that is a folder: each command runs in a system tree of that host."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = """
name: simulated
short_description: Run commands in the system tree of a simulated host
description: For hosts that simulated.py has made.
author: voiceops.asterisk contributors
version_added: "1.0.0"
extends_documentation_fragment: [connection_pipelining]
"""

ENTER = str(Path(__file__).resolve().parents[2] / "enter_simulated")


class Connection(Local):
    transport = "simulated"

    def exec_command(self, cmd, in_data=None, sudoable=True):
        host = os.path.join(os.environ["BENCH_SIMULATED"], self._play_context.remote_addr)
        if not os.path.isdir(host):
            raise AnsibleError(f"there is no simulated host {host}")
        return super().exec_command(shlex.join([ENTER, host, cmd]), in_data, sudoable)

    def put_file(self, in_path, out_path):
        # It would land in this machine's own tree.
        raise AnsibleError("a simulated host takes no files: modules have to be pipelined")

    fetch_file = put_file
