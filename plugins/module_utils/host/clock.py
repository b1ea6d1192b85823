# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host's clocks say.

A container has a boot of its own, but no clock, and not everywhere a number of that boot (random(4)). So a
boot is told by when the first process began (proc(5)), too, and what has passed is counted from there.
"""

from __future__ import annotations

import os
import time
import typing as t

_BOOT = "/proc/sys/kernel/random/boot_id"
_FIRST = "/proc/1/stat"


class Clocks(t.NamedTuple):
    """A moment: the time of day in seconds since 1970, the boot, and the seconds since the boot."""

    clock: float
    boot: str
    up: float


def now() -> Clocks:
    """Return this moment. Raises OSError."""
    with open(_BOOT, encoding="ascii") as file:
        boot = file.read().strip()
    with open(_FIRST, encoding="utf-8", errors="replace") as file:
        # The name of the program, in parentheses, may have any of both in it.
        began = int(file.read().rpartition(")")[2].split()[19])
    # Unlike CLOCK_MONOTONIC it goes on while the host is suspended (clock_gettime(2)).
    up = time.clock_gettime(time.CLOCK_BOOTTIME) - began / os.sysconf("SC_CLK_TCK")
    return Clocks(time.time(), f"{boot} {began}", up)
