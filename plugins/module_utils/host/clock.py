# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host's clocks say."""

from __future__ import annotations

import time
import typing as t

#: Made anew by the kernel at each boot (random(4)).
_BOOT = "/proc/sys/kernel/random/boot_id"


class Clocks(t.NamedTuple):
    """A moment: the time of day in seconds since 1970, the boot, and the seconds since the boot."""

    clock: float
    boot: str
    up: float


def now() -> Clocks:
    """Return this moment. Raises OSError."""
    with open(_BOOT, encoding="ascii") as file:
        boot = file.read().strip()
    # Unlike CLOCK_MONOTONIC it goes on while the host is suspended (clock_gettime(2)).
    return Clocks(time.time(), boot, time.clock_gettime(time.CLOCK_BOOTTIME))
