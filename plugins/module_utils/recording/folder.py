# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of recordings on the disk: what is in it, and how something leaves it.

Nothing is followed out of it: each folder on the way is opened below the one before and never through a link,
and only regular files with the name of a recording count, that are the owner's and on the same file system.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import typing as t
from datetime import date, datetime, timedelta, timezone

from .retention import Recording, recording
from .storage import MARK

_LEVELS = (re.compile(r"\d{4}"), re.compile(r"\d\d"), re.compile(r"\d\d"))
_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: What blocks are counted in, whatever the file system's own are (stat(2)).
_BLOCK = 512


class AwayError(Exception):
    """The storage is not there; the message says what is missing."""


def check(folder: str, device: str) -> None:
    """Raises AwayError where the folder is not the storage.

    ``device`` is what has to be mounted there, or empty.
    """
    try:
        os.lstat(folder)
        if device and not os.path.ismount(folder):
            raise AwayError(f"nothing is mounted on {folder}, where {device} should be")
        os.stat(os.path.join(folder, MARK))
    except FileNotFoundError as error:
        raise AwayError(
            f"{folder}/{MARK} is not there: the storage is not mounted, or was never set up"
        ) from error
    except OSError as error:
        raise AwayError(f"{folder} cannot be looked at: {error.strerror}") from error


class Folder:
    """The folder, opened. It cannot be unmounted while this is open."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._root = os.open(path, _FLAGS)
        self._device = os.fstat(self._root).st_dev
        self._owner = os.geteuid()

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._root)

    def room(self) -> tuple[int, int]:
        """Return how many bytes are free for users other than root, and how many there are."""
        about = os.statvfs(self._root)
        return about.f_bavail * about.f_frsize, about.f_blocks * about.f_frsize

    def recordings(self) -> t.Iterator[Recording]:
        """Yield what is a recording, in no order."""
        for path, day in self._days(self._root, ""):
            with os.scandir(day) as entries:
                for entry in entries:
                    found = self._recording(f"{path}/{entry.name}", day)
                    if found:
                        yield found

    def _days(self, parent: int, path: str, level: int = 0) -> t.Iterator[tuple[str, int]]:
        """Yield the folders of days: the path below the root, and the folder opened."""
        with os.scandir(parent) as entries:
            names = [entry.name for entry in entries if _LEVELS[level].fullmatch(entry.name)]
        for name in names:
            # Gone meanwhile, a link, no folder, or not ours to read: nothing of it is a recording.
            with contextlib.suppress(OSError), _opened(name, parent) as folder:
                below = f"{path}/{name}" if path else name
                if level + 1 < len(_LEVELS):
                    yield from self._days(folder, below, level + 1)
                elif os.fstat(folder).st_dev == self._device:
                    yield below, folder

    def _recording(self, path: str, day: int) -> Recording | None:
        try:
            about = os.stat(path.rpartition("/")[2], dir_fd=day, follow_symlinks=False)
        except OSError:
            return None
        if not stat.S_ISREG(about.st_mode) or about.st_uid != self._owner or about.st_dev != self._device:
            return None
        return recording(path, about.st_size, about.st_blocks * _BLOCK, about.st_mtime)

    def is_unchanged(self, one: Recording) -> bool:
        """Whether the file is there as it was when it was looked at."""
        with contextlib.suppress(OSError), self._day_of(one) as day:
            return self._recording(one.path, day) == one
        return False

    def remove(self, one: Recording) -> bool:
        """Remove the file; False where it is not there any more. Raises OSError."""
        try:
            with self._day_of(one) as day:
                os.unlink(one.path.rpartition("/")[2], dir_fd=day)
        except FileNotFoundError:
            return False
        return True

    def remove_empty(self, now: float) -> None:
        """Remove empty folders of days that are over, but not yesterday's: a call may be about to use it."""
        until = (datetime.fromtimestamp(now, timezone.utc) - timedelta(days=1)).date()
        self._remove_empty(self._root, (), until)

    def _remove_empty(self, folder: int, parts: tuple[str, ...], until: date) -> None:
        """Do so below the folder of a year or a month, by its ``parts``, or of all years."""
        for name in os.listdir(folder):
            if not _LEVELS[len(parts)].fullmatch(name):
                continue
            below = (*parts, name)
            # It is not empty, no folder, or gone: then it is not ours to remove.
            with contextlib.suppress(OSError):
                if len(below) < len(_LEVELS):
                    with _opened(name, folder) as opened:
                        self._remove_empty(opened, below, until)
                if _is_before(below, until):
                    os.rmdir(name, dir_fd=folder)

    @contextlib.contextmanager
    def _day_of(self, one: Recording) -> t.Iterator[int]:
        year, month, day, _name = one.path.split("/")
        with _opened(year, self._root) as months, _opened(month, months) as days, _opened(day, days) as files:
            yield files


@contextlib.contextmanager
def _opened(name: str, parent: int) -> t.Iterator[int]:
    folder = os.open(name, _FLAGS, dir_fd=parent)
    try:
        yield folder
    finally:
        os.close(folder)


def _is_before(parts: tuple[str, ...], day: date) -> bool:
    """Whether a year, a month or a day is over before ``day``."""
    return tuple(int(part) for part in parts) < (day.year, day.month, day.day)[: len(parts)]
