# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A host's control group: the kernel's own list of the processes that are in the host.

Each host needs one of its own: systemd-nspawn makes its groups below the one it is
started in, and two systems in one group would take each other's processes for theirs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError
from .mounts import current, mounts_of_types

# A killed host's processes are gone in some tens of milliseconds.
EMPTY_SECONDS = 10.0


@dataclass(frozen=True)
class Cgroup:
    """A group directly below the top of the version 2 hierarchy."""

    path: Path

    @classmethod
    def of(cls, name: str) -> Cgroup:
        tops = mounts_of_types(current(), {"cgroup2"})
        if not tops:
            raise LabError("no control groups of version 2 are mounted here: the lab's hosts need them")
        return cls(Path(tops[0]) / name)

    def make(self) -> None:
        self.path.mkdir(exist_ok=True)

    def empty(self) -> bool:
        """Whether no process is in it or below it."""
        try:
            return "populated 0" in (self.path / "cgroup.events").read_text(encoding="ascii")
        except OSError:
            return True

    def wait_empty(self) -> bool:
        deadline = time.monotonic() + EMPTY_SECONDS
        while not self.empty():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def first(self) -> int:
        """The oldest process that is in it or below it, by its number; 0 if there is none."""
        lists = [path.read_text(encoding="ascii").split() for path in self.path.rglob("cgroup.procs")]
        return min((int(pid) for pids in lists for pid in pids), default=0)

    def remove(self) -> None:
        # Where both versions are mounted, systemd-nspawn makes one of version 1 too.
        for top in mounts_of_types(current(), {"cgroup", "cgroup2"}):
            _remove_folders(Path(top) / self.path.name)


def _remove_folders(group: Path) -> None:
    """A cgroup's files cannot be deleted, its folders can, from the innermost on."""
    if group.is_dir():
        folders = [path for path in group.rglob("*") if path.is_dir()]
        for folder in [*sorted(folders, key=lambda path: len(path.parts), reverse=True), group]:
            folder.rmdir()
