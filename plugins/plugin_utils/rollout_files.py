# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a rollout on the controller: its state, to resume it, and its report."""

from __future__ import annotations

import fcntl
import os
import stat
import typing as t

from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import textfile
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import report, story

STATE, REPORT, PAGE = "rollout-state.jsonl", "rollout-report.json", "rollout-report.html"
#: They are for their user's eyes only.
_MODE = 0o600
_APPEND = os.O_RDWR | os.O_APPEND


class RolloutFileError(Exception):
    """A file cannot be used."""


def _opened(folder: str, flags: int) -> int:
    """Open the state. Raises OSError, and RolloutFileError: what it says is gone by, so it has to be ours."""
    path = os.path.join(folder, STATE)
    file = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, _MODE)
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_nlink != 1:
        os.close(file)
        raise RolloutFileError(f"{path} is not a file of this user alone: move it away")
    return file


def _text(file: int) -> str:
    with open(file, encoding="utf-8", closefd=False) as opened:
        opened.seek(0)
        return opened.read()


def _told(text: str, folder: str) -> story.Story:
    try:
        return story.told(text)
    except ValueError as error:
        raise RolloutFileError(f"{os.path.join(folder, STATE)}: {error}: move it away") from error


def told(folder: str) -> story.Story | None:
    """Return what has become of the rollout of a folder; None where there was none.

    Raises OSError and RolloutFileError.
    """
    try:
        file = _opened(folder, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return _told(_text(file), folder)
    finally:
        os.close(file)


class Keeper:
    """Keeps a rollout: in memory, and event by event on the disk. One rollout at a time has a folder."""

    def __init__(self, folder: str, goes_on: bool) -> None:
        """Raises OSError and RolloutFileError."""
        self._folder = folder
        self._file = _opened(folder, _APPEND | os.O_CREAT)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            path = os.path.join(folder, STATE)
            raise RolloutFileError(f"another rollout is running with {path}") from error
        os.fchmod(self._file, _MODE)
        text = _text(self._file) if goes_on else ""
        self.story = _told(text, folder)
        # A line that is not whole must not become part of the next one.
        os.ftruncate(self._file, len(text[: text.rfind("\n") + 1].encode("utf-8")))

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
