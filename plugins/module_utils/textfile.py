# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are there as a whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile


def current(path: str) -> str | None:
    """Return the text that stands in the file, or None where there is no such file. Raises OSError."""
    try:
        # A file that somebody has damaged is one to write anew, or to put back as it was.
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(path: str, text: str, gid: int = -1, mode: int = 0o640) -> None:
    """Replace the file in one step, with this group (-1 is the writer's own) and mode. Raises OSError.

    At any moment there is the whole old text or the whole new one, also after a loss of power.
    """
    descriptor, partial = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".voiceops-")
    try:
        with open(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
            file.flush()
            os.fchown(file.fileno(), -1, gid)
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)
        raise
