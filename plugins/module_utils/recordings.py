# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's command voiceops-recordings, which the role installs: it removes what retention.py says.

A file is in the log before it goes. So whatever ends a run, and whenever, no file is gone that the log does
not name. The next run finds the files that are in the log and still there, and says ``again`` when it logs
them anew.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import pwd
import re
import subprocess
import sys
import time
import typing as t
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timezone

from . import recording_folder, recording_watch, retention, textfile
from .problem import InvalidInputError
from .recording_folder import Folder
from .retention import Policy, Recording, Removal

#: What the role has declared.
SETTINGS = "/etc/voiceops/recordings.json"
#: So many files are logged, and the log brought to the disk, before they go.
BATCH = 100
#: How long the archive's command may take for one file, in seconds, and after how many failures in a row it
#: is left alone until the next run.
ARCHIVE_PATIENCE, ARCHIVE_FAILURES = 600, 3
#: Exit statuses: the policy is wrong; the storage is away, or not all could be done; another run is at it.
WRONG, TROUBLE, BUSY = 2, 3, 75

Facts = dict[str, t.Any]


class RetentionError(Exception):
    """Nothing can be removed; the message says why."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Settings:
    """What the role has declared, and where things are."""

    folder: str
    policy: Policy
    #: What is mounted there; empty where the folder has no file system of its own.
    device: str = ""
    archive_command: tuple[str, ...] = ()
    #: Whose files these are: as root, the program becomes this user.
    user: str = ""
    log: str = "/var/log/asterisk"
    state: str = "/var/lib/voiceops-recordings"
    alive: str = "/run/voiceops-recordings/alive"

    @classmethod
    def read(cls, path: str) -> Settings:
        """Raises RetentionError: what is wrong in one place, such as a hold, is carried out in no other."""
        try:
            with open(path, encoding="utf-8") as file:
                given = json.load(file)
            policy = {key: given.pop(key) for key in ("keep_days", "keep_free", "holds") if key in given}
            command = tuple(str(word) for word in given.pop("archive_command", []))
            given.pop("required", None)
            return cls(policy=retention.policy_of(policy), archive_command=command, **given)
        except InvalidInputError as error:
            raise RetentionError(f"nothing is removed, for in {path} is wrong: {error}", WRONG) from error
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise RetentionError(f"nothing is removed, for {path} cannot be used: {error}", WRONG) from error


def main(words: t.Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="voiceops-recordings", description="The storage of recordings.")
    parser.add_argument("--settings", default=SETTINGS, metavar="FILE", help="what the role has declared")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    retain = commands.add_parser(
        "retain", help="remove what is not to be kept, and write down how the storage is"
    )
    retain.add_argument("--dry-run", action="store_true", help="only say what would be removed, and why")
    commands.add_parser("status", help="how the storage was when it was last looked at")
    commands.add_parser(
        "watch", help="see every few seconds whether the storage answers, for Asterisk to know"
    )
    asked = parser.parse_args(words)
    try:
        settings = Settings.read(asked.settings)
        _become(settings.user)
        if asked.command == "watch":
            return recording_watch.watch(settings.folder, settings.device, settings.alive)
        if asked.command == "status":
            return _status(settings)
        return _dry_run(settings) if asked.dry_run else _retain(settings)
    except RetentionError as error:
        print(f"voiceops-recordings: {error}", file=sys.stderr)
        return error.status
    except BrokenPipeError:  # whoever read along has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _become(user: str) -> None:
    """As root, do nothing that the owner of the files could not."""
    if not user or os.geteuid() != 0:
        return
    account = pwd.getpwnam(user)
    os.initgroups(user, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def _open(settings: Settings) -> Folder:
    try:
        recording_folder.check(settings.folder, settings.device)
        return Folder(settings.folder)
    except (recording_folder.AwayError, OSError) as error:
        raise RetentionError(f"nothing is removed: {error}", TROUBLE) from error


# --- Look only ---------------------------------------------------------------------------------------


def _dry_run(settings: Settings) -> int:
    with _open(settings) as folder:
        there = list(folder.recordings())
        decision = retention.decide(there, settings.policy, time.time(), *folder.room())
    for removal in decision.remove:
        print(f"would remove {_words(removal, time.time())}")
    print(
        _summary(
            decision, "would go", len(decision.remove), sum(one.recording.room for one in decision.remove)
        )
    )
    return 0


def _status(settings: Settings) -> int:
    state = _state(settings)
    if not state.get("looked_at"):
        raise RetentionError(
            f"{settings.folder} has not been looked at yet: run voiceops-recordings retain", TROUBLE
        )
    last = state.get("last_retention", {})
    left = state.get("days_left")
    lines = [
        f"{settings.folder}, as of {state['looked_at']}:",
        f"{state['files']} recordings, {_size(state['bytes_used'])}, {state['held']} of them on hold",
        f"oldest: {state['oldest'] or 'none'}",
        f"per day: {_size(state['bytes_per_day'])}; "
        + ("room for more than ten years, or for good" if left is None else f"days left: {left}"),
        f"last retention: {last.get('at', 'none')}, {last.get('removed', 0)} removed, "
        f"{_size(last.get('freed', 0))} freed",
    ]
    lines += [f"PROBLEM: {problem}" for problem in state.get("problems", ())]
    print("\n".join(lines))
    return 0


def _words(removal: Removal, now: float) -> str:
    one = removal.recording
    age = int((now - one.began) / retention.DAY)
    return f"{one.path} ({_size(one.size)}, {age} days old): {removal.why}"


def _summary(decision: retention.Decision, verb: str, files: int, room: int) -> str:
    text = f"{files} recordings, {_size(room)} {verb}; {decision.held} on hold"
    if decision.held_back:
        text += f", {decision.held_back} of which would go otherwise"
    if decision.missing:
        text += (
            f"; {_size(decision.missing)} more would have to be free, but what is left is on hold or in use"
        )
    return text


def _size(size: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError


# --- Remove ------------------------------------------------------------------------------------------


def _retain(settings: Settings) -> int:
    with _alone(settings):
        try:
            return _carry_out(settings)
        except RetentionError as error:
            _remember(settings, {**_state(settings), "problems": [str(error)]})
            raise


def _carry_out(settings: Settings) -> int:
    now = time.time()
    with _open(settings) as folder:
        there = {one.path: one for one in folder.recordings()}
        decision = retention.decide(there.values(), settings.policy, now, *folder.room())
        leaving = Leaving(settings, folder)
        for at in range(0, len(decision.remove), BATCH):
            for gone in leaving.remove(decision.remove[at : at + BATCH]):
                there.pop(gone.path)
        folder.remove_empty(now)
        problems = leaving.problems
        if decision.missing:
            problems.append(
                f"{_size(decision.missing)} more have to be free, but what is left is on hold or in use: "
                "the storage is too small for what is recorded"
            )
        _remember(
            settings,
            {
                **_counted(list(there.values()), settings.policy, now, folder.room()),
                "held": decision.held,
                "last_retention": {"at": _moment(now), "removed": leaving.removed, "freed": leaving.freed},
                "problems": problems,
            },
        )
    print(_summary(decision, "removed", leaving.removed, leaving.freed), flush=True)
    return TROUBLE if problems else 0


class Leaving:
    """How files leave the storage: archived, logged, removed."""

    def __init__(self, settings: Settings, folder: Folder) -> None:
        self.removed = self.freed = 0
        self.problems: list[str] = []
        self._settings = settings
        self._folder = folder
        self._failures = 0
        self._logged = _last_logged(settings.log)

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
                print(f"removed {_words(one, now)}", flush=True)
            yield one.recording

    def _entry(self, removal: Removal, now: float) -> Facts:
        one = removal.recording
        entry: Facts = {
            "time": _moment(now),
            "file": one.path,
            "size": one.size,
            "age_days": int((now - one.began) / retention.DAY),
            "why": removal.why,
        }
        if self._settings.archive_command:
            entry["archived"] = True
        if one.path in self._logged:
            entry["again"] = True
        return entry

    def _write_down(self, entries: list[Facts], now: float) -> None:
        """Append to the month's log, and see it on the disk. Raises RetentionError."""
        if not entries:
            return
        path = os.path.join(self._settings.log, f"{_LOG}{_moment(now)[:7]}.jsonl")
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
                f"nothing more is removed, for it cannot be written down in {path}: {error.strerror}", TROUBLE
            ) from error

    def _archive(self, one: Recording) -> bool:
        """Hand the file over; whether it may go then."""
        if not self._settings.archive_command:
            return True
        if self._failures >= ARCHIVE_FAILURES:
            return False
        path = os.path.join(self._folder.path, one.path)
        failed = run_archive([*self._settings.archive_command, path], ARCHIVE_PATIENCE)
        if not failed:
            self._failures = 0
            return True
        self._failures += 1
        self._trouble(f"{one.path} stays, for the archive did not take it: {failed}")
        if self._failures == ARCHIVE_FAILURES:
            self._trouble(
                f"the archive has failed {ARCHIVE_FAILURES} times in a row: it is asked again in the next run"
            )
        return False

    def _trouble(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)
        # The facts are no log.
        if len(self.problems) < 10:
            self.problems.append(text)


_LOG = "recordings-removed-"


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
            log = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with open(log, encoding="utf-8", errors="replace") as file:
                last.extend(file)
    except OSError as error:
        raise RetentionError(
            f"nothing is removed, for the log in {folder}: {error.strerror}", TROUBLE
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
            # With all that it has started: none may go on with a file that is then removed or archived anew.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.communicate()
            return f"it did not end within {patience:.0f} s"
    if process.returncode == 0:
        return ""
    words = said.decode("utf-8", "replace").strip().splitlines()[-1:]
    return ": ".join([f"exit status {process.returncode}", *words])


# --- What is told ------------------------------------------------------------------------------------


def _counted(there: list[Recording], policy: Policy, now: float, room: tuple[int, int]) -> Facts:
    oldest = min((one.began for one in there), default=None)
    return {
        "looked_at": _moment(now),
        "files": len(there),
        "bytes_used": sum(one.room for one in there),
        "oldest": None if oldest is None else _moment(oldest),
        "bytes_per_day": round(retention.bytes_per_day(there, now)),
        "days_left": retention.days_left(there, policy, now, *room),
        "makes_room": policy.makes_room,
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextlib.contextmanager
def _alone(settings: Settings) -> t.Iterator[None]:
    """Raises RetentionError where another run is at it."""
    path = os.path.join(settings.state, "lock")
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise RetentionError(
            f"nothing is removed, for {path} cannot be made: {error.strerror}", TROUBLE
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise RetentionError("nothing is removed, for another run is at it", BUSY) from None
    finally:
        os.close(lock)


def _state(settings: Settings) -> Facts:
    with contextlib.suppress(OSError, ValueError), open(_state_file(settings), encoding="utf-8") as file:
        state = json.load(file)
        return state if isinstance(state, dict) else {}
    return {}


def _remember(settings: Settings, state: Facts) -> None:
    textfile.write(_state_file(settings), json.dumps(state, indent=1) + "\n")


def _state_file(settings: Settings) -> str:
    return os.path.join(settings.state, "state.json")
