# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host's clocks say.

What tells a boot from any other is a file in /run, which is gone with it. The kernel's own number of a boot
(random(4)) is not the same for all on a host: systemd-nspawn puts another one in its place, and a service of
systemd 247 with ProtectKernelTunables sees the one behind it. What has passed is counted from when the
first process began (proc(5)), because a container has no clock of its own.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
import typing as t

from . import beneath

#: The number of this boot. Its folder is also that of voiceops-confirm.service (RuntimeDirectory).
BOOT = "/run/voiceops-confirm/boot"
_FIRST = "/proc/1/stat"


class Clocks(t.NamedTuple):
    """A moment: the time of day in seconds since 1970, the boot, and the seconds since the boot."""

    clock: float
    boot: str
    up: float


def now() -> Clocks:
    """Return this moment. Raises OSError."""
    with open(_FIRST, encoding="utf-8", errors="replace") as file:
        # The name of the program, in parentheses, may have any of both in it.
        began = int(file.read().rpartition(")")[2].split()[19])
    # Unlike CLOCK_MONOTONIC it goes on while the host is suspended (clock_gettime(2)).
    up = time.clock_gettime(time.CLOCK_BOOTTIME) - began / os.sysconf("SC_CLK_TCK")
    return Clocks(time.time(), _boot(), up)


def _boot() -> str:
    """Return the number of this boot, which whoever asks first gives it."""
    if not os.path.lexists(BOOT):
        os.makedirs(os.path.dirname(BOOT), mode=0o755, exist_ok=True)
        number = secrets.token_hex(16)
        partial = f"{BOOT}.{number}"
        beneath.replace(partial, number.encode("ascii"), mode=0o600)
        try:
            with contextlib.suppress(FileExistsError):
                os.link(partial, BOOT)
        finally:
            os.unlink(partial)
    return beneath.read(BOOT, 100).decode("ascii", "replace")
