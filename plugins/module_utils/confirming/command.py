# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run by the timer: takes the change back that nobody has confirmed in time.

What it does is a change of the history, and a line in the journal. Where it cannot be done it is tried again,
and why is said once.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import typing as t

from ..database import unconfirmed
from ..definition.problem import DirectoryError
from ..host import beneath
from ..planning import deadline
from ..planning.deadline import Waiting

#: Why what is due could not be taken back.
FAILURE = "/run/voiceops-confirm/failure"
#: Where a host's directory and configuration are, as the role has them.
DATABASE = "/var/lib/voiceops/directory.sqlite3"
FOLDER = "/etc/asterisk"

#: How long it is tried as often as the timer looks, and how long it rests after that, in seconds.
_EAGER, _REST = 60.0, 60.0
#: The longest conversation with Asterisk, in seconds.
_PATIENCE = 30.0
#: With these a line in the journal is a notice, or an error (sd-daemon(3)).
_NOTICE, _ERROR = "<5>", "<3>"

#: Takes back what waits, and returns what there is to say of it; None where it was not due any more.
Undo = t.Callable[[Waiting], t.Optional[t.Sequence[str]]]


def main() -> int:
    """Look once. Return the status with which the program ends."""
    try:
        rests = look(DATABASE, FOLDER, _undo)
    except Exception as error:
        failure = str(error) if isinstance(error, DirectoryError) else f"{type(error).__name__}: {error}"
        if failed_before() != failure:
            _say(_ERROR, f"an unconfirmed change was not taken back, and is tried again: {failure}")
        with contextlib.suppress(OSError):
            beneath.replace(FAILURE, failure.encode("utf-8", "replace"), mode=0o600)
        return 1
    if not rests:
        with contextlib.suppress(OSError):
            os.unlink(FAILURE)
    return 0


def look(path: str, folder: str, undo: Undo) -> bool:
    """Take back what is due, and end the timer where nothing waits. Raises what ``undo`` does.

    Tell whether it rests after it has failed.
    """
    waiting = unconfirmed.read(path)
    # Somebody may have removed the directory.
    if (
        waiting is not None
        and os.path.lexists(path)
        and not deadline.is_over(waiting, unconfirmed.past(path, waiting))
    ):
        late = -deadline.left(waiting, unconfirmed.now())
        if late < 0:
            return False
        if _rests(late):
            return True
        said = undo(waiting)
        if said is None:
            waiting = None
        for line in said or ():
            _say(_NOTICE, line)
    from . import arming  # noqa: PLC0415 - most looks do without

    arming.finish(path, folder, waiting)
    return False


def failed_before() -> str | None:
    """Return why what is due could not be taken back the last time; None where nothing has failed."""
    try:
        return beneath.read(FAILURE, 4096).decode("utf-8", "replace")
    except OSError:
        return None


def _rests(late: float) -> bool:
    try:
        since = time.time() - os.stat(FAILURE).st_mtime
    except OSError:
        return False
    return late > _EAGER and 0 <= since < _REST


def _undo(waiting: Waiting) -> list[str] | None:
    """Make the host what it was; return what there is to say of it, and None where that was not due."""
    from ..asterisk import ami, going_back  # noqa: PLC0415 - most looks do without
    from ..asterisk.configuration import Configuration  # noqa: PLC0415
    from ..asterisk.console import Console  # noqa: PLC0415
    from ..database.history import of_this_process  # noqa: PLC0415
    from . import arming  # noqa: PLC0415

    configuration = Configuration(
        FOLDER, os.stat(DATABASE).st_gid, Console(), may_restart=waiting.may_restart
    )
    try:
        with arming.room_given(DATABASE, FOLDER):
            done = going_back.go_back(
                waiting.before,
                configuration,
                lambda: ami.Client(ami.read_secret(ami.DEFAULT_SECRET_FILE), ami.DEFAULT_PORT, _PATIENCE),
                of_this_process(deadline.reason(waiting.within)),
                DATABASE,
                is_wanted=lambda: arming.is_still_due(DATABASE, waiting),
            )
    except going_back.NotWantedError:
        return None
    what = "taken back" if done.plan else "nothing had to be taken back of"
    restarted = "; Asterisk was restarted" if done.restarted else ""
    said = f"{what} change {waiting.before} and later, {deadline.reason(waiting.within)}{restarted}"
    return [said, *(f"Asterisk has to be restarted: {why}" for why in done.restart_due), *done.warnings]


def _say(level: str, text: str) -> None:
    for line in text.splitlines():
        sys.stderr.write(f"{level}{line}\n")
    sys.stderr.flush()
