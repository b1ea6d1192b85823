# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Hosts that are no more than a folder each: one system tree, and over it what each has changed.

Ansible reaches them by a local connection (plugins/connection/simulated.py), which runs each command in the
host's tree; nothing else in it runs, not even Asterisk. The tree is that of a host of the lab to which the
role was applied, so each has Asterisk's files and a directory of its own.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from integration.fleet import Host, lab

PLUGINS = Path(__file__).resolve().parent / "plugins" / "connection"
#: What `times` of the shell says.
_TIME = re.compile(r"(\d+)m([\d.]+)s")


class Hosts:
    """Simulated hosts in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take_tree(self, host: Host) -> None:
        """Take the system tree of a host of the lab as the tree of them all."""
        tree = self._folder / "tree"
        tree.mkdir()
        ssh = ["ssh", "-F", lab("ssh-config").strip(), host.name]
        with subprocess.Popen([*ssh, "tar -C / --one-file-system -cf - ."], stdout=subprocess.PIPE) as packed:
            subprocess.run(["tar", "-C", tree, "-xpf", "-"], stdin=packed.stdout, check=True)
        assert packed.returncode == 0, "the host's tree could not be read"

    def make(self, names: Iterable[str]) -> None:
        """Make hosts, or make them again what they were at first."""
        for name in names:
            host = self._folder / name
            shutil.rmtree(host, ignore_errors=True)
            for part in ("changes", "work", "root"):
                (host / part).mkdir(parents=True)

    def environment(self) -> dict[str, str]:
        """Return what Ansible has to find in its environment to reach them."""
        return {
            "BENCH_SIMULATED": str(self._folder),
            "ANSIBLE_CONNECTION_PLUGINS": str(PLUGINS),
            "ANSIBLE_PIPELINING": "1",
        }

    def changed(self, name: str, path: str) -> Path:
        """Return where a file is on this machine that a host has changed."""
        return self._folder / name / "changes" / path.lstrip("/")

    def processor_time(self) -> float:
        """Return what their commands have used so far, in seconds."""
        files = self._folder.glob("*/used")
        return sum(map(seconds, (file.read_text(encoding="ascii") for file in files)))


def seconds(times: str) -> float:
    """Return the sum of what `times` of the shell has said."""
    return sum(int(minutes) * 60 + float(rest) for minutes, rest in _TIME.findall(times))
