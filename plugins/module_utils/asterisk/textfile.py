# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are there as a whole, or not at all."""

from __future__ import annotations

import os
import typing as t

from ..host import beneath


class Text(t.NamedTuple):
    """What stands in a file, and what is known of the file."""

    text: str
    status: os.stat_result


def look_at(path: str) -> Text | None:
    """Return the text in the file, and its status; None where there is no such file. Raises OSError."""
    try:
        with beneath.opened(path) as file:
            # A file that somebody has damaged is one to write again, or to put back as it was.
            return Text(file.read().decode("utf-8", "surrogateescape"), os.fstat(file.fileno()))
    except FileNotFoundError:
        return None


def current(path: str) -> str | None:
    """Return the text that stands in the file, or None where there is no such file. Raises OSError."""
    found = look_at(path)
    return found.text if found else None


def write(path: str, text: str, gid: int = -1, mode: int = 0o640) -> None:
    """Replace the file in one step, with this group (-1 is the writer's own) and mode. Raises OSError.

    At any moment there is the whole old text or the whole new one, also after a loss of power.
    """
    beneath.replace(path, text.encode("utf-8", "surrogateescape"), gid=gid, mode=mode)
