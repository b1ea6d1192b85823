# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Limits of this machine's kernel that all hosts of all labs share."""

from __future__ import annotations

from pathlib import Path

from .errors import LabError

# systemd in a host takes seven inotify instances (measured), and to the kernel the root of all hosts is one
# user. Where there is none left, the host's first process says "Failed to allocate manager object" and stops.
INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
INSTANCES_A_HOST = 10
INSTANCES_OF_THIS_MACHINE = 64


def make_room(hosts: int, limit: Path = INOTIFY) -> None:
    """Raise the limit of inotify instances to what so many hosts need; it is never lowered."""
    needed = INSTANCES_OF_THIS_MACHINE + hosts * INSTANCES_A_HOST
    allowed = int(limit.read_text(encoding="ascii"))
    if allowed >= needed:
        return
    try:
        limit.write_text(f"{needed}\n", encoding="ascii")
    except OSError as error:
        raise LabError(
            f"{hosts} hosts need {needed} inotify instances, and this machine allows {allowed}: "
            f"sysctl -w fs.inotify.max_user_instances={needed} ({error.strerror})"
        ) from error
