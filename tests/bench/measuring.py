# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a command of the controller costs."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version

from integration.fleet import REPOSITORY, Host, surroundings


def machine() -> dict[str, str]:
    """Tell on what is measured: the machine, its load before, and the versions of what runs on it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "when": time.strftime("%-d %B %Y"),
        "machine": f"{os.cpu_count()} cores, {memory:.0f} GiB, kernel {platform.release()}",
        "load when it began": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
        "ansible-core": version("ansible-core"),
    }


#: Longest time for one command, in seconds.
DEADLINE = 1200


@dataclass(frozen=True)
class Cost:
    """Wall time and processor time of a command with all of its children, in seconds; and the memory of the
    largest one of these processes at its largest, in MiB."""

    wall: float
    cpu: float
    memory: float


class CommandError(Exception):
    """A command that is measured has failed."""


def measured(
    words: Sequence[str],
    deadline: int = DEADLINE,
    beside: Callable[[int], AbstractContextManager[None]] = lambda _pid: nullcontext(),
    **environment: str,
) -> tuple[Cost, str]:
    """Run a command of this checkout; return its cost and what it printed. Raises CommandError.

    ``beside`` is what goes on meanwhile; it is given the process whose only child the command is.
    """
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            ["timeout", str(deadline), *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=REPOSITORY,
            env={**surroundings(), **environment},
        )
        with beside(process.pid):
            # wait() of subprocess would throw away what the process has used.
            _pid, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if process.returncode:
        raise CommandError(f"{' '.join(words)}\n{text[-3000:]}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024), text


def processor_time_of_asterisk(host: Host) -> float:
    """Return the processor time that Asterisk has used so far, in seconds."""
    ticks = host.shell("awk '{ print $14 + $15 }' /proc/$(pidof asterisk)/stat; getconf CLK_TCK").split()
    return float(ticks[0]) / float(ticks[1])
