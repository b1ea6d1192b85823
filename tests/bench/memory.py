# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""How much memory Ansible uses while it runs: its main process, and its workers, which are forks of that.

A fork shares its memory with the process it comes from until one of them writes to it. So a worker counts
with what is its own, and all together with the proportional set size (PSS) of each (proc(5), smaps_rollup).
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: Between two looks, in seconds. A look at 21 processes of 300 MiB takes 0.1 s.
PAUSE = 2.0


@dataclass
class Peak:
    """The most that was seen, in MiB."""

    main: float = 0.0
    #: Of its own, by the largest worker and by all of them at once.
    worker: float = 0.0
    workers: float = 0.0
    together: float = 0.0
    #: How many workers there were at once.
    count: int = 0

    def see(self, main: float, workers: list[float], together: float) -> None:
        """Take what one look has found."""
        self.main = max(self.main, main)
        self.worker = max([self.worker, *workers])
        self.workers = max(self.workers, sum(workers))
        self.together = max(self.together, together)
        self.count = max(self.count, len(workers))


@contextmanager
def watched(pid: int, peak: Peak, pause: float = PAUSE) -> Iterator[None]:
    """Watch Ansible, which is a child of this process or replaces it, for as long as the context lasts."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(pause):
            look(pid, peak)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def look(pid: int, peak: Peak) -> None:
    """Look once at the processes below a process."""
    below = children()
    # `timeout` is above it.
    main = next(iter(below.get(pid, [])), None)
    if main is None:
        return
    program = _program(main)
    of_workers = [of(worker) for worker in below.get(main, []) if program and _program(worker) == program]
    own = [each["Private_Clean"] + each["Private_Dirty"] for each in of_workers if each]
    of_main = of(main)
    if of_main:
        together = of_main["Pss"] + sum(each["Pss"] for each in of_workers if each)
        peak.see(of_main["Rss"], own, together)


def children() -> dict[int, list[int]]:
    """Return the children of each process."""
    found: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                # The name in brackets may hold anything, spaces and brackets too.
                about = Path("/proc", entry, "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue  # it has ended
            found.setdefault(int(about.rpartition(")")[2].split()[1]), []).append(int(entry))
    return found


def of(pid: int) -> dict[str, float]:
    """Return what the kernel says of a process's memory, in MiB; nothing of one that has ended."""
    try:
        text = Path("/proc", str(pid), "smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return {}
    return {name: int(number) / 1024 for name, number in re.findall(r"^(\w+): +(\d+) kB", text, re.MULTILINE)}


def _program(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""
