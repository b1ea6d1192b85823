# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sees that the directory was written, by any program, and has Asterisk read it again.

A run tells Asterisk itself (asterisk/sorcery_cache.py). This is for the run that was killed before it could,
for programs that write the database without a run, and for what Asterisk was reading while the change was
committed. It is part of the program of lamp_watch.py.
"""

from __future__ import annotations

import os
import typing as t

#: A committed change is in the database's own file, or in its write-ahead log.
FILES = ("", "-wal")

#: Each file's inode, size and time of the last change in nanoseconds; None where there is no such file.
State = tuple[t.Optional[tuple[int, int, int]], ...]


def state(path: str) -> State:
    """Return what tells one state of a database's files from another. Raises OSError."""
    return tuple(_state(path + suffix) for suffix in FILES)


def _state(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


class DirectoryWatch:
    """Looks at the files of one directory."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._seen: State = ()
        self._again = False

    def look(self, expire: t.Callable[[], None]) -> None:
        """Call ``expire`` where the files were written since the last look, and once more at the next.

        The second time is for what Asterisk had begun to read before the change, and kept after the first.
        Raises OSError, and what ``expire`` raises: then the next look does it.
        """
        seen = state(self._path)
        is_new = seen != self._seen
        if is_new or self._again:
            expire()
        self._seen, self._again = seen, is_new
