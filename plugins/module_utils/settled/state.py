# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host is like, as far as a run of the role looks at it: its files, and what its Asterisk has read."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import typing as t
from dataclasses import dataclass

from ..asterisk.console import PID_FILE
from ..host import beneath

_CHUNK = 1 << 20
#: What is only looked at and not read, because it is large, and is replaced as a whole when it changes.
PROGRAM = "/usr/sbin/asterisk"
#: How the name of a write-ahead log ends. Root gives it to the database's owner whenever it opens it, which
#: changes its inode and nothing else (os_unix.c, unixOpen).
_LOG = "-wal"

#: What one path is like.
_Look = list[t.Any]


@dataclass(frozen=True)
class Seen:
    """What a host is like, and whether it may count as what was judged."""

    #: A digest of all of it: 64 hexadecimal digits.
    digest: str
    #: When the last of it was changed, in nanoseconds since 1970.
    newest: int
    #: Which of the paths there are.
    there: frozenset[str]


def look(paths: t.Iterable[str], folder: str) -> Seen:
    """Look at files, at those below a folder, and at Asterisk, when it was started and which it is.

    Raises OSError where one cannot be read.
    """
    looks: list[_Look] = []
    newest = 0
    there = []
    for path in (*paths, PID_FILE, PROGRAM):
        found = _status(path)
        if found is not None:
            there.append(path)
            newest = max(newest, found.st_mtime_ns if path.endswith(_LOG) else found.st_ctime_ns)
        looks.append([path, *_about(path, found)])
    for path, found in _below(folder):
        newest = max(newest, found.st_ctime_ns)
        looks.append([path, found.st_mode, found.st_uid, found.st_gid, found.st_size, found.st_mtime_ns])
    text = json.dumps(looks, separators=(",", ":"))
    return Seen(hashlib.sha256(text.encode("ascii")).hexdigest(), newest, frozenset(there))


def _status(path: str) -> os.stat_result | None:
    """Return what has this name, and not what a link leads to; None where nothing has it."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), beneath.parent(path) as (folder, name):
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    return None


def _about(path: str, found: os.stat_result | None) -> _Look:
    if found is None:
        return []
    # Whether Asterisk has read a file since it was written is judged by these times.
    about = [found.st_mode, found.st_uid, found.st_gid, found.st_mtime_ns]
    if path in (PID_FILE, PROGRAM):
        return [*about, found.st_ino, found.st_size]
    if stat.S_ISREG(found.st_mode):
        return [*about, _digest(path)]
    if stat.S_ISLNK(found.st_mode):
        with beneath.parent(path) as (folder, name):
            return [*about, os.readlink(name, dir_fd=folder)]
    return about


def _digest(path: str) -> str:
    digest = hashlib.sha256()
    with beneath.opened(path) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _below(folder: str) -> t.Iterator[tuple[str, os.stat_result]]:
    """Give what is in a folder of root's, in a lasting order."""
    for above, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted([*folders, *files]):
            path = os.path.join(above, name)
            with contextlib.suppress(FileNotFoundError):
                yield path, os.lstat(path)
