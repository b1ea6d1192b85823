# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Room on a disk that is kept for later, as a file of that size.

What is to be done where a disk is full can only be done with room that was taken before.
"""

from __future__ import annotations

import contextlib
import os

from . import beneath

_OPEN = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def hold(path: str, size: int) -> None:
    """Have a file of at least this size there, whose blocks are its own. Raises OSError: there is no room."""
    with beneath.parent(path) as (folder, name):
        descriptor = os.open(name, _OPEN, 0o600, dir_fd=folder)
        try:
            # Not truncate: a file with holes keeps no room.
            os.posix_fallocate(descriptor, 0, max(size, 1))
            os.fsync(descriptor)
        except OSError as error:
            os.unlink(name, dir_fd=folder)
            raise OSError(error.errno, error.strerror, path) from error
        finally:
            os.close(descriptor)


def release(path: str) -> None:
    """Give the room free, where it is kept. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        beneath.remove(path)
