# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at the storage of recordings: is it there, is there room, and has Asterisk been able to write?

Nothing is written here. What Asterisk noticed when it wanted to record, its global variables tell, which
the dialplan sets (``roles/pbx/templates/extensions.conf.j2``, context storage).
"""

from __future__ import annotations

import os
import threading
import typing as t
from datetime import datetime, timezone

#: The dialplan's global variables: the folder, whether a call may go on unrecorded, and since when it cannot
#: be written to, in seconds since 1970.
FOLDER, REQUIRED, FAILED = VARIABLES = ("recordings", "recording_required", "recording_failed")

#: In the folder from the beginning, so it is missing where the storage is not mounted.
_MARK = ".storage"
#: Less room than this, in bytes, is none: the dialplan asks by writing as much.
_NO_ROOM = 8000
#: How long a storage may take to say how it is, in seconds. One over the network may never do it.
_PATIENCE = 5.0

Facts = dict[str, t.Any]


class _Look(t.NamedTuple):
    """What is seen of a folder."""

    marked: bool
    about: os.statvfs_result


def look_at(told: t.Mapping[str, str], patience: float = _PATIENCE) -> Facts | None:
    """Return what is to be said of the storage that Asterisk tells of; None where it tells of none.

    ``told`` are the values of VARIABLES. Bytes are None where the storage does not answer.
    """
    folder = told.get(FOLDER, "")
    if not folder:
        return None
    look = _look_with(patience, folder)
    room = look.about if isinstance(look, _Look) else None
    problems = list(_problems(folder, look))
    failed = told.get(FAILED, "")
    required = told.get(REQUIRED) == "yes"
    if failed.isdigit():
        since = datetime.fromtimestamp(int(failed), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        calls = "refused" if required else "not recorded"
        problems.append(f"Asterisk has not been able to write there since {since}: calls are {calls}")
    return {
        "folder": folder,
        "required": required,
        "usable": not problems,
        "problems": problems,
        "bytes_free": room.f_bavail * room.f_frsize if room else None,
        "bytes_total": room.f_blocks * room.f_frsize if room else None,
    }


def _problems(folder: str, look: _Look | str) -> t.Iterator[str]:
    if isinstance(look, str):
        yield look
        return
    if not look.marked:
        yield f"{folder}/{_MARK} is not there: the storage is not mounted, or was never set up"
    if look.about.f_flag & os.ST_RDONLY:
        yield "it is read-only"
    if look.about.f_bavail * look.about.f_frsize < _NO_ROOM:
        yield "it is full"
    if look.about.f_files and not look.about.f_favail:
        yield "it has no room for another file"


def _look_with(patience: float, folder: str) -> _Look | str:
    """Look at the folder, or say why that cannot be done. Whoever waits for a dead server waits for ever."""
    found: list[_Look | str] = []

    def look() -> None:
        try:
            about = os.statvfs(folder)
            found.append(_Look(os.path.exists(os.path.join(folder, _MARK)), about))
        except OSError as error:
            found.append(f"it cannot be looked at: {error.strerror or error}")

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(patience)
    return found[0] if found else f"it has not answered within {patience:.0f} s"
