# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a rollout on the controller: its state, to go on with, and its report."""

from __future__ import annotations

import fcntl
import os
import typing as t

from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import textfile
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import report, story

STATE, REPORT, PAGE = "rollout-state.jsonl", "rollout-report.json", "rollout-report.html"
_MODE = 0o600


def told(folder: str) -> story.Story | None:
    """Return what has become of the rollout of a folder; None where there was none.

    Raises OSError, and ValueError where the file is somebody else's.
    """
    try:
        with open(os.path.join(folder, STATE), encoding="utf-8") as file:
            return story.told(file.read())
    except FileNotFoundError:
        return None


class OtherRolloutError(Exception):
    """Another rollout has these files."""


class Keeper:
    """Keeps a rollout: in memory, and event by event on the disk. One rollout at a time has a folder."""

    def __init__(self, folder: str, goes_on: bool) -> None:
        """Raises OSError, ValueError, and OtherRolloutError."""
        self._folder = folder
        path = os.path.join(folder, STATE)
        # In a folder of others a link must not lead elsewhere.
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        self._file = os.open(path, flags, _MODE)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise OtherRolloutError(f"another rollout is running with {path}") from error
        os.fchmod(self._file, _MODE)
        self.story = story.Story()
        if goes_on:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            self.story = story.told(text)
            # A line that is not whole must not become part of the next one.
            whole = text.rfind("\n") + 1
            os.ftruncate(self._file, len(text[:whole].encode("utf-8")))
        else:
            os.ftruncate(self._file, 0)

    def take(self, event: str, **values: t.Any) -> None:
        """Take the next event, and have it on the disk before anything else happens."""
        made = {"event": event, **values}
        os.write(self._file, story.line(made).encode("ascii"))
        os.fsync(self._file)
        self.story.take(made)

    def report(self, language: str) -> str:
        """Write the report; return the path of its page."""
        textfile.write(os.path.join(self._folder, REPORT), report.as_json(self.story), mode=_MODE)
        page = os.path.join(self._folder, PAGE)
        textfile.write(page, report.page(self.story, language), mode=_MODE)
        return page

    def close(self) -> None:
        """Let another rollout have the files."""
        os.close(self._file)
