# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells Asterisk whether the storage of recordings answers: a file that is written there every few seconds.

A process that asks a storage whose server is gone waits for it: Asterisk's dialplan would, with the caller.
So it asks a file in /run how long ago the storage last answered, and does not touch one that is silent. A
watch that is not there at all stands in nobody's way: then Asterisk asks the storage itself.
"""

from __future__ import annotations

# A program of the host, not a module: it prints, and runs others.  pylint: disable=ansible-bad-function
import contextlib
import os
import threading
import time

from . import folder as recording_folder

#: Seconds: between two looks, and how long an answer counts. The dialplan's own figure is 8.
INTERVAL, PATIENCE = 2.0, 6.0
_PROBE = ".watch"


class Watch:
    """Writes from a thread of its own, for one that waits for a dead server can neither be woken nor ended.

    ``alive`` is the file that is touched after each write.
    """

    def __init__(self, folder: str, device: str, alive: str) -> None:
        self.folder, self.device, self.alive = folder, device, alive
        self.answered = time.monotonic()
        self.error = ""
        self.away = ""

    def write(self) -> None:
        """Write once to the storage, and say in ``alive`` that it could be done."""
        try:
            recording_folder.check(self.folder, self.device)
            probe = os.open(
                os.path.join(self.folder, _PROBE),
                os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC,
                0o640,
            )
            try:
                os.write(probe, b"The storage answers.\n")
                # Without it a page in memory would answer in the server's place.
                os.fsync(probe)
            finally:
                os.close(probe)
        except recording_folder.AwayError as error:
            self.away = str(error)
        except OSError as error:
            self.error = error.strerror or str(error)
        else:
            with open(self.alive, "w", encoding="ascii"):
                os.utime(self.alive)
            self.error = ""
            self.answered = time.monotonic()

    def run(self) -> None:
        """Write every INTERVAL seconds, until the storage is away."""
        self.write()
        while not self.away:
            time.sleep(INTERVAL)
            self.write()

    def silent_for(self) -> float:
        """Return for how many seconds nothing could be written."""
        return time.monotonic() - self.answered


def watch(folder: str, device: str, alive: str) -> int:
    """Watch until the storage is not mounted any more; return the exit status.

    What starts this again mounts it first: the unit wants the mount.
    """
    one = Watch(folder, device, alive)
    threading.Thread(target=one.run, daemon=True).start()
    since: float | None = None
    while not one.away:
        time.sleep(1.0)
        silent = one.silent_for()
        if since is None and silent > PATIENCE:
            since = one.answered
            reason = one.error or "it does not answer"
            _say(f"{folder} cannot be written to for {silent:.0f} s: {reason}. Asterisk leaves it alone")
        elif since is not None and silent <= PATIENCE:
            _say(f"{folder} can be written to again, after {one.answered - since:.0f} s")
            since = None
    with contextlib.suppress(FileNotFoundError):
        os.unlink(alive)
    _say(one.away)
    return 1


def _say(text: str) -> None:
    print(text, flush=True)
