# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files in folders that another user may write, such as Asterisk's own.

A user who may write a folder can put a link, a FIFO or another folder in the place of any name in it, at any
moment. So a path is walked folder by folder, each opened below the one before (openat(2)), and what is found
is judged by its descriptor, never by its name. A link is followed where root or this process's own user has
made it; no file is read but an ordinary one, and opening it never waits for anybody.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import pwd
import secrets
import stat
import typing as t

_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
#: To open a FIFO or a terminal would wait, or make it ours.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
#: As many links as the kernel follows (path_resolution(7)).
_MOST_LINKS = 40

_KINDS: dict[t.Callable[[int], bool], str] = {
    stat.S_ISLNK: "a link",
    stat.S_ISFIFO: "a FIFO",
    stat.S_ISSOCK: "a socket",
    stat.S_ISBLK: "a device",
    stat.S_ISCHR: "a device",
}


class NotOrdinaryError(OSError):
    """What has this name is not a file that could be read: a FIFO, a socket, a device, a link to nowhere."""


@contextlib.contextmanager
def parent(path: str, *, make: bool = False) -> t.Iterator[tuple[int, str]]:
    """Open the folder that the path is in; yield it and the name in it. Raises OSError.

    With ``make``, folders that are missing are made.
    """
    above, name = os.path.split(os.path.abspath(path))
    folder, _name = _resolved(above, make=make, last_is_folder=True)
    try:
        yield folder, name
    finally:
        os.close(folder)


@contextlib.contextmanager
def opened(path: str) -> t.Iterator[t.BinaryIO]:
    """Open an ordinary file to read it. Raises OSError."""
    folder, name = _resolved(os.path.abspath(path))
    try:
        with open(_ordinary(path, name, folder), "rb") as file:
            yield file
    finally:
        os.close(folder)


def read(path: str, limit: int = -1) -> bytes:
    """Return what is in an ordinary file, or its first ``limit`` bytes. Raises OSError."""
    with opened(path) as file:
        return file.read(limit)


def names(path: str, limit: int) -> list[str]:
    """Return the names in a folder, no more than ``limit`` of them. Raises OSError."""
    folder, _name = _resolved(os.path.abspath(path), last_is_folder=True)
    try:
        # The folder was opened to look what it is, and not to read it.
        readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
    finally:
        os.close(folder)
    try:
        with os.scandir(readable) as entries:
            return [entry.name for entry in itertools.islice(entries, limit)]
    finally:
        os.close(readable)


def replace(path: str, content: bytes, uid: int = -1, gid: int = -1, mode: int = 0o640) -> None:
    """Put a new file in the place of whatever has this name, in one step. Raises OSError.

    At any moment there is the whole old file or the whole new one, also after a loss of power.
    """
    with new(path, uid, gid, mode) as file:
        file.write(content)


@contextlib.contextmanager
def new(path: str, uid: int = -1, gid: int = -1, mode: int = 0o640) -> t.Iterator[t.BinaryIO]:
    """Yield a new file, which takes the place of whatever has this name at the end of the block.

    Until then it has a name that nobody can guess, and is its writer's alone. Raises OSError.
    """
    with parent(path) as (folder, name):
        partial = _partial()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(partial, flags, 0o600, dir_fd=folder)
        try:
            with open(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fchown(file.fileno(), uid, gid)
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            os.replace(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(partial, dir_fd=folder)
            raise


def link(path: str, target: str, uid: int = -1, gid: int = -1) -> None:
    """Put a link in the place of whatever has this name, in one step. Raises OSError."""
    with parent(path) as (folder, name):
        partial = _partial()
        os.symlink(target, partial, dir_fd=folder)
        try:
            os.chown(partial, uid, gid, dir_fd=folder, follow_symlinks=False)
            os.replace(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(partial, dir_fd=folder)
            raise


def remove(path: str) -> None:
    """Remove the file or the link of this name. Raises OSError."""
    with parent(path) as (folder, name):
        os.unlink(name, dir_fd=folder)


def _partial() -> str:
    return f".voiceops-{secrets.token_hex(8)}"


def _ordinary(path: str, name: str, folder: int) -> int:
    try:
        descriptor = os.open(name, _READ, dir_fd=folder)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENXIO):
            raise OSError(error.errno, error.strerror, path) from error
        # A link since it was looked at, or a socket.
        kind = os.stat(name, dir_fd=folder, follow_symlinks=False)
        raise _refused(path, kind) from error
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise _refused(path, found)
    return descriptor


def _resolved(path: str, *, make: bool = False, last_is_folder: bool = False) -> tuple[int, str]:
    """Walk the path; return the folder that its end is in and the end's name, which is not a link.

    With ``last_is_folder`` the end itself is opened too, and the name is empty.
    """
    at = os.open("/", _FOLDER)
    names = [name for name in path.split("/") if name]
    links = 0
    try:
        while names:
            name = names.pop(0)
            try:
                found = os.open(name, _LOOK, dir_fd=at)
            except FileNotFoundError as error:
                if not names and not last_is_folder:
                    return at, name
                if not make:
                    raise FileNotFoundError(error.errno, error.strerror, path) from error
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, 0o755, dir_fd=at)
                found = os.open(name, _LOOK, dir_fd=at)
            try:
                status = os.fstat(found)
                if stat.S_ISLNK(status.st_mode):
                    links += 1
                    target = _followed(path, found, status, links)
                    names = [part for part in target.split("/") if part] + names
                    if target.startswith("/"):
                        os.close(at)
                        at = os.open("/", _FOLDER)
                elif not names and not last_is_folder:
                    return at, name
                elif stat.S_ISDIR(status.st_mode):
                    at, found = found, at
                else:
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
            finally:
                os.close(found)
    except BaseException:
        os.close(at)
        raise
    if last_is_folder:
        return at, ""
    # The path ended in a link to a folder that was walked into, or is "/".
    os.close(at)
    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)


def _followed(path: str, found: int, status: os.stat_result, links: int) -> str:
    if status.st_uid not in (0, os.geteuid()):
        raise _refused(path, status, is_followed=True)
    if links > _MOST_LINKS:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    return os.readlink("", dir_fd=found)


def _refused(path: str, status: os.stat_result, *, is_followed: bool = False) -> OSError:
    if stat.S_ISDIR(status.st_mode):
        return IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    try:
        who = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        who = str(status.st_uid)
    if is_followed:
        return OSError(errno.ELOOP, f"a link that {who} has made is on the way: remove it", path)
    kind = next((name for is_it, name in _KINDS.items() if is_it(status.st_mode)), "something")
    return NotOrdinaryError(errno.EPERM, f"it is {kind} of {who}, and no ordinary file: move it away", path)
