# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at the storage of recordings: is it there, is there room, and has Asterisk been able to write?

Nothing is written here. What Asterisk noticed when it wanted to record, its global variables tell, which
the dialplan sets (``roles/pbx/templates/extensions.conf.j2``, context storage). What is in the folder was
counted by the timer's job (recordings.py), for to count 100,000 files takes longer than facts may.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import select
import signal
import time
import typing as t
from datetime import datetime, timezone

from ..host import beneath

#: The dialplan's global variables: the folder, whether a call may go on unrecorded, and since when it cannot
#: be written to, in seconds since 1970.
FOLDER, REQUIRED, FAILED = VARIABLES = ("recordings", "recording_required", "recording_failed")

#: In the folder while the storage is there: the role has put it on what is mounted, never underneath.
MARK = ".storage"
#: Less room than this, in bytes, is none: the dialplan asks by writing as much.
_NO_ROOM = 8000
#: How long a storage may take to say how it is, in seconds. One over the network may never do it.
_PATIENCE = 5.0
#: What the role has declared, and what the timer's job has found last.
SETTINGS, STATE = "/etc/voiceops/recordings.json", "/var/lib/voiceops-recordings/state.json"
#: The job runs every hour. After so many seconds without it, something is wrong with it.
_LATE = 6 * 3600
#: Our files are shorter, in bytes; a user who can write one must not fill the memory of its reader.
_MOST = 1 << 20
#: How a time is written, which is UTC.
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
#: What is told of what the job has found.
_COUNTED = (
    "files",
    "bytes_used",
    "oldest",
    "bytes_per_day",
    "days_left",
    "makes_room",
    "held",
    "last_retention",
    "looked_at",
)

Facts = dict[str, t.Any]


class _Look(t.NamedTuple):
    """What is seen of a folder."""

    mounted: bool
    marked: bool
    read_only: bool
    bytes_free: int
    bytes_total: int
    no_more_files: bool


def moment(seconds: float) -> str:
    """Return a time in seconds since 1970 as it is written, such as ``2026-11-23T11:00:04Z``."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime(MOMENT)


def look_at(
    told: t.Mapping[str, str] | None,
    patience: float = _PATIENCE,
    settings_file: str = SETTINGS,
    state_file: str = STATE,
) -> Facts | None:
    """Return what is to be said of the storage that Asterisk reports; None where there is none.

    ``told`` are the values of VARIABLES. Where Asterisk does not run it is None, and the storage is the one
    that the role has declared: that it is not mounted may be why. Bytes are None where the storage does not
    answer, and what only the timer's job knows is None where that has not run.
    """
    declared = declared_in(settings_file)
    if told is None:
        told = {
            FOLDER: str(declared.get("folder", "")),
            REQUIRED: "yes" if declared.get("required") else "no",
        }
    folder = told.get(FOLDER, "")
    if not folder:
        return None
    device = str(declared.get("device", "")) if declared.get("folder") == folder else ""
    state = read(state_file) if declared.get("folder") == folder else {}
    look = _look_with(patience, folder, str(declared.get("user", "")))
    room = look if isinstance(look, _Look) else None
    problems = list(_problems(folder, device, look))
    failed = told.get(FAILED, "")
    required = told.get(REQUIRED) == "yes"
    if failed.isdigit():
        since = moment(int(failed))
        calls = "refused" if required else "not recorded"
        problems.append(f"Asterisk has not been able to write there since {since}: calls are {calls}")
    return {
        "folder": folder,
        "device": device or None,
        "required": required,
        "usable": not problems,
        "problems": problems,
        "retention_problems": list(_retention_problems(declared.get("folder") == folder, state)),
        **{name: state.get(name) for name in _COUNTED},
        "bytes_free": room.bytes_free if room else None,
        "bytes_total": room.bytes_total if room else None,
    }


def declared_in(path: str) -> Facts:
    """Return what the role has declared; nothing where it has not."""
    settings = read(path).get("settings")
    return settings if isinstance(settings, dict) else {}


def read(path: str) -> Facts:
    """Return what is in one of our files; nothing where it is not there, or is not ours."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        found = json.loads(beneath.read(path, _MOST))
        return found if isinstance(found, dict) else {}
    return {}


def _retention_problems(declared: bool, state: Facts) -> t.Iterator[str]:
    """Say what the timer's job could not do."""
    if not declared:
        return
    yield from (str(problem) for problem in state.get("problems", ()))
    looked = state.get("looked_at")
    if not isinstance(looked, str):
        return
    with contextlib.suppress(ValueError):
        at = datetime.strptime(looked, MOMENT).replace(tzinfo=timezone.utc).timestamp()
        # Also ahead: it ran with a clock that has been set back since.
        if abs(time.time() - at) > _LATE:
            yield f"retention has not run since {looked}: journalctl -u voiceops-recordings says why"


def _problems(folder: str, device: str, look: _Look | str) -> t.Iterator[str]:
    if isinstance(look, str):
        yield look
        return
    if device and not look.mounted:
        yield f"nothing is mounted on {folder}, where {device} should be"
    elif not look.marked:
        yield f"{folder}/{MARK} is not there: the storage is not mounted, or was never set up"
    if look.read_only:
        yield "it is read-only"
    if look.bytes_free < _NO_ROOM:
        yield "it is full"
    if look.no_more_files:
        yield "it has no room for another file"


def _look_with(patience: float, folder: str, user: str) -> _Look | str:
    """Look at the folder with the rights of ``user``, or say why that cannot be done.

    Whoever asks a dead server waits until it is back and cannot even be killed, and a program with a thread
    that waits does not end. So it is a process that looks, without our standard output: ssh waits for that.
    """
    answer, say = os.pipe()
    child = os.fork()
    if child == 0:
        _tell(folder, user, say)
    os.close(say)
    try:
        if not select.select([answer], [], [], patience)[0]:
            os.kill(child, signal.SIGKILL)  # as soon as that is possible
            return f"it has not answered within {patience:.0f} s"
        text = os.read(answer, 4096)
        os.waitpid(child, 0)
    finally:
        os.close(answer)
    found = json.loads(text or b'"it cannot be looked at"')
    return found if isinstance(found, str) else _Look(*found)


def _become(user: str) -> None:
    """Have the rights of this user, if there is one: a server may let root do less (root_squash)."""
    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(user)
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)


def _tell(folder: str, user: str, say: int) -> t.NoReturn:
    """Be the process that looks: write a _Look, or what is wrong, as JSON."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        try:
            _become(user)
            about = os.statvfs(folder)
            marked = os.path.exists(os.path.join(folder, MARK))
            found: t.Any = _Look(
                os.path.ismount(folder),
                marked,
                bool(about.f_flag & os.ST_RDONLY),
                about.f_bavail * about.f_frsize,
                about.f_blocks * about.f_frsize,
                bool(about.f_files and not about.f_favail),
            )
        except OSError as error:
            found = f"it cannot be looked at: {error.strerror or error}"
        os.write(say, json.dumps(found).encode())
    finally:
        os._exit(0)
