# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The owners of the files of the directory database: root writes them, Asterisk reads them.

SQLite reads a write-ahead log that it may not write (since 3.22) as long as its two files are there
(https://sqlite.org/wal.html#readonly). The process that closes the database last removes them, so they are
made again; the role has Asterisk's unit do so before each start, too.

At first Asterisk's group could write all of it. On such a host folder and files are closed before anything is
done in there.
"""

from __future__ import annotations

import contextlib
import os
import stat

from ..definition.problem import DirectoryError
from ..host import beneath

FILE_MODE = 0o640

#: The write-ahead log and its index (https://sqlite.org/walformat.html).
OF_THE_LOG = ("-wal", "-shm")
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def are_closed(path: str) -> bool:
    """Tell whether close() would change nothing. Raises DirectoryError, OSError."""
    return not _act(path, change=False)


def close(path: str) -> bool:
    """As root, let nobody else write the database; tell whether anybody could.

    Raises DirectoryError, OSError.
    """
    return _act(path, change=True)


def forget_log(path: str) -> None:
    """As root, remove a log that others may have written, which a new database would take for its own."""
    with beneath.parent(path) as (folder, name):
        for suffix in OF_THE_LOG:
            with contextlib.suppress(FileNotFoundError):
                about = os.stat(name + suffix, dir_fd=folder, follow_symlinks=False)
                if os.geteuid() == 0 and (about.st_uid != 0 or about.st_mode & _OTHERS_MAY_WRITE):
                    os.unlink(name + suffix, dir_fd=folder)


def keep_log(path: str) -> None:
    """Make the files of the write-ahead log where the last who closed it has removed them. Raises OSError."""
    with beneath.parent(path) as (folder, name):
        like = os.stat(name, dir_fd=folder, follow_symlinks=False)
        for suffix in OF_THE_LOG:
            with contextlib.suppress(FileExistsError):
                flags = os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                descriptor = os.open(name + suffix, flags, 0o600, dir_fd=folder)
                try:
                    os.fchown(descriptor, -1, like.st_gid)
                    os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
                finally:
                    os.close(descriptor)


def _act(path: str, *, change: bool) -> bool:
    if os.geteuid() != 0:
        return False
    with beneath.parent(path) as (folder, name):
        outdated = _close_folder(path, folder, change=change)
        for each in (name, *(name + suffix for suffix in OF_THE_LOG)):
            with contextlib.suppress(FileNotFoundError):
                outdated = _close_file(folder, each, os.path.dirname(path), change=change) or outdated
    return outdated


def close_folder(path: str) -> None:
    """As root, let nobody else write the folder that the database is in. Raises DirectoryError, OSError."""
    if os.geteuid() == 0:
        with beneath.parent(path) as (folder, _name):
            _close_folder(path, folder, change=True)


def _close_folder(path: str, folder: int, *, change: bool) -> bool:
    about = os.fstat(folder)
    # Sticky is /tmp: there others cannot replace what is root's.
    if about.st_uid != 0 or (about.st_mode & stat.S_IWOTH and not about.st_mode & stat.S_ISVTX):
        if not change:
            return True  # the role puts it right before it writes
        raise DirectoryError(
            f"directory database {path}: users other than root may write its folder, so root must not;"
            f" chown root:asterisk {os.path.dirname(path)}; chmod 0750 {os.path.dirname(path)}"
        )
    outdated = bool(about.st_mode & stat.S_IWGRP and not about.st_mode & stat.S_ISVTX)
    if outdated and change:
        # First: from here on nobody else gives anything in it a name, or takes one away.
        os.chmod(".", stat.S_IMODE(about.st_mode) & ~_OTHERS_MAY_WRITE, dir_fd=folder)
    return outdated


def _close_file(folder: int, name: str, where: str, *, change: bool) -> bool:
    # O_PATH, for to open and close it otherwise would end this process's locks on it (fcntl(2)).
    descriptor = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        about = os.fstat(descriptor)
        if stat.S_ISREG(about.st_mode) and about.st_uid == 0 and not about.st_mode & _OTHERS_MAY_WRITE:
            return False
        if not stat.S_ISREG(about.st_mode):
            raise DirectoryError(f"directory database {where}/{name} is not an ordinary file; move it away")
        if about.st_nlink != 1:
            # It may be anybody's file, to which somebody has given this name.
            raise DirectoryError(
                f"directory database {where}/{name} has another name too; remove that one:"
                f" find / -xdev -samefile {where}/{name}"
            )
        if change:
            os.chown(f"/proc/self/fd/{descriptor}", 0, -1)
            os.chmod(f"/proc/self/fd/{descriptor}", FILE_MODE)
        return True
    finally:
        os.close(descriptor)
