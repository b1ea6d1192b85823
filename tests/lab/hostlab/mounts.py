# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is mounted, and how to delete a tree without reaching through a mount."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from .errors import LabError


def unescape(field: str) -> str:
    """The kernel writes space, tab, newline and backslash as octal escapes, byte by byte."""
    raw = re.sub(
        rb"\\([0-7]{3})",
        lambda match: bytes([int(match[1], 8) & 0xFF]),
        field.encode("utf-8", "surrogateescape"),
    )
    return raw.decode("utf-8", "surrogateescape")


def mount_points(mountinfo: str) -> list[str]:
    """The mount points of a /proc/PID/mountinfo text, in the order of mounting."""
    return [unescape(fields[4]) for line in mountinfo.splitlines() if len(fields := line.split(" ")) > 4]


def mounts_of_types(mountinfo: str, fstypes: set[str]) -> list[str]:
    """Where file systems of these types are mounted."""
    found = []
    for line in mountinfo.splitlines():
        fields = line.split(" ")
        # Optional fields come before the lone "-"; the type is the one after it.
        if "-" in fields[6:] and fields[fields.index("-", 6) + 1] in fstypes:
            found.append(unescape(fields[4]))
    return found


def below(points: Iterable[str], top: str) -> list[str]:
    """The mount points at or below a path, the latest mount first."""
    return [point for point in points if point == top or point.startswith(top.rstrip("/") + "/")][::-1]


def current() -> str:
    # surrogateescape: a mount point's name need not be valid UTF-8.
    return Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")


def delete_tree(path: Path) -> None:
    """Unmounts whatever is below the path, then deletes it, staying on its own file system."""
    if path.is_symlink():
        path.unlink()
        return
    if not path.exists():
        return
    top = str(path.resolve())
    for point in below(mount_points(current()), top):
        subprocess.run(["umount", "--", point], check=False, stderr=subprocess.DEVNULL)
    left = below(mount_points(current()), top)
    if left:
        raise LabError(f"{left[0]} is still mounted: {path} is not deleted")
    done = subprocess.run(
        ["rm", "-rf", "--one-file-system", "--", top], check=False, capture_output=True, text=True
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["rm failed"])[-1]
        raise LabError(f"{path} could not be deleted: {reason}")
