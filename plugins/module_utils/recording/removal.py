# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How recordings leave the storage: handed to the archive, written down, removed.

A file is in the log before it goes. So whatever ends a run, and whenever, no file is gone that the log does
not name. The next run finds the files that are in the log and still there, and says ``again`` when it logs
them again.
"""

from __future__ import annotations

# Of a program of the host, not of a module: it prints, and runs others.  pylint: disable=ansible-bad-function
import contextlib
import json
import os
import re
import subprocess
import sys
import time
import typing as t
from collections import deque

from ..host import beneath
from . import retention
from .folder import Folder
from .retention import Recording, Removal
from .storage import Facts, moment

#: So many files are logged, and the log brought to the disk, before they go.
BATCH = 100
#: How long the archive's command may take for one file, in seconds, and after how many failures in a row it
#: is left alone until the next run.
ARCHIVE_PATIENCE, ARCHIVE_FAILURES = 600, 3
#: Exit statuses: the policy is wrong; the storage is away, or not all could be done; another run is busy.
WRONG, TROUBLE, BUSY = 2, 3, 75

_LOG = "recordings-removed-"


class RetentionError(Exception):
    """Nothing can be removed; the message says why."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Leaving:
    """How files leave the storage: archived, logged, removed."""

    def __init__(self, folder: Folder, log: str, archive_command: t.Sequence[str]) -> None:
        self.removed = self.freed = 0
        self.problems: list[str] = []
        self._folder = folder
        self._log = log
        self._archive_command = archive_command
        self._failures = 0
        self._logged = _last_logged(log)

    def remove(self, batch: t.Sequence[Removal]) -> t.Iterator[Recording]:
        """Remove these; yield those that are gone."""
        ready = [
            one for one in batch if self._folder.is_unchanged(one.recording) and self._archive(one.recording)
        ]
        now = time.time()
        self._write_down([self._entry(one, now) for one in ready], now)
        for one in ready:
            try:
                gone = self._folder.remove(one.recording)
            except OSError as error:
                self._trouble(f"{one.recording.path} cannot be removed: {error.strerror}")
                continue
            if gone:
                self.removed += 1
                self.freed += one.recording.room
                print(f"removed {described(one, now)}", flush=True)
            yield one.recording

    def _entry(self, removal: Removal, now: float) -> Facts:
        one = removal.recording
        entry: Facts = {
            "time": moment(now),
            "file": one.path,
            "size": one.size,
            "age_days": int((now - one.began) / retention.DAY),
            "why": removal.why,
        }
        if self._archive_command:
            entry["archived"] = True
        if one.path in self._logged:
            entry["again"] = True
        return entry

    def _write_down(self, entries: list[Facts], now: float) -> None:
        """Append to the month's log, and see it on the disk. Raises RetentionError."""
        if not entries:
            return
        path = os.path.join(self._log, f"{_LOG}{moment(now)[:7]}.jsonl")
        text = "".join(json.dumps(entry) + "\n" for entry in entries)
        try:
            log = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
            with open(log, "r+b", buffering=0) as file:
                # A line that was being written when the power went is left as it is.
                end = file.seek(0, os.SEEK_END)
                torn = end and os.pread(log, 1, end - 1) != b"\n"
                _write_all(file, (b"\n" if torn else b"") + text.encode("ascii"))
                os.fsync(log)
        except OSError as error:
            raise RetentionError(
                f"nothing more is removed, because it cannot be written down in {path}: {error.strerror}",
                TROUBLE,
            ) from error

    def _archive(self, one: Recording) -> bool:
        """Hand the file over; whether it may go then."""
        if not self._archive_command:
            return True
        if self._failures >= ARCHIVE_FAILURES:
            return False
        path = os.path.join(self._folder.path, one.path)
        failed = run_archive([*self._archive_command, path], ARCHIVE_PATIENCE)
        if not failed:
            self._failures = 0
            return True
        self._failures += 1
        self._trouble(f"{one.path} stays, because the archive did not take it: {failed}")
        if self._failures == ARCHIVE_FAILURES:
            self._trouble(
                f"the archive has failed {ARCHIVE_FAILURES} times in a row: it is asked again in the next run"
            )
        return False

    def _trouble(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)
        # The facts are not a log.
        if len(self.problems) < 10:
            self.problems.append(text)


def _write_all(file: t.Any, data: bytes) -> None:
    while data:
        data = data[file.write(data) :]


def _last_logged(folder: str) -> set[str]:
    """Return the files that the end of the log names: of the last batch, any may not be gone.

    Raises RetentionError.
    """
    last: deque[str] = deque(maxlen=BATCH)
    try:
        logs = sorted(name for name in os.listdir(folder) if re.fullmatch(_LOG + r"\d{4}-\d\d\.jsonl", name))
        for name in logs[-2:]:
            with beneath.opened(os.path.join(folder, name)) as file:
                lines = (line.decode("utf-8", "replace") for line in file)
                # What was cut off when a run was ended takes the place of no whole line.
                last.extend(line for line in lines if line.rstrip("\n").endswith("}"))
    except OSError as error:
        raise RetentionError(
            f"nothing is removed, because of the log in {folder}: {error.strerror}", TROUBLE
        ) from error
    files = set()
    for line in last:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            files.add(str(json.loads(line)["file"]))
    return files


def run_archive(command: list[str], patience: float) -> str:
    """Run the command without a shell; return why it failed, or nothing."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return f"{command[0]}: {error.strerror}"
    with process:
        try:
            _out, said = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            # With all that it has started: none may go on with a file that is then removed or archived again.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.communicate()
            return f"it did not end within {patience:.0f} s"
    if process.returncode == 0:
        return ""
    words = said.decode("utf-8", "replace").strip().splitlines()[-1:]
    return ": ".join([f"exit status {process.returncode}", *words])


def described(removal: Removal, now: float) -> str:
    """Say which recording goes, and why; ``now`` is in seconds since 1970."""
    one = removal.recording
    age = int((now - one.began) / retention.DAY)
    return f"{one.path} ({readable(one.size)}, {age} days old): {removal.why}"


def readable(size: float) -> str:
    """Return a size in bytes as a person reads it, such as ``2.9 KiB``."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError
