# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's command voiceops-recordings, which the role installs: it removes what retention.py says."""

from __future__ import annotations

# A program of the host, not a module: it prints, and runs others.  pylint: disable=ansible-bad-function
import argparse
import contextlib
import fcntl
import json
import os
import pwd
import sys
import time
import typing as t
from dataclasses import dataclass

from ..asterisk import textfile
from ..definition.problem import InvalidInputError
from . import folder as recording_folder
from . import retention, storage
from . import watch as recording_watch
from .folder import Folder
from .removal import BATCH, BUSY, TROUBLE, WRONG, Leaving, RetentionError, described, readable
from .retention import Policy, Recording
from .storage import Facts, moment


@dataclass(frozen=True)
class Settings:
    """What the role has declared, and where things are."""

    folder: str
    policy: Policy
    #: What is mounted there; empty where the folder has no file system of its own.
    device: str = ""
    archive_command: tuple[str, ...] = ()
    #: The owner of these files: as root, the program becomes this user.
    user: str = ""
    log: str = "/var/log/asterisk"
    state: str = os.path.dirname(storage.STATE)
    alive: str = "/run/voiceops-recordings/alive"

    @classmethod
    def read(cls, path: str) -> Settings:
        """Raises RetentionError: what is wrong in one place, such as a hold, is carried out in no other."""
        try:
            with open(path, encoding="utf-8") as file:
                given = json.load(file)["settings"]
            policy = {key: given.pop(key) for key in ("keep_days", "keep_free", "holds") if key in given}
            command = tuple(str(word) for word in given.pop("archive_command", []))
            given.pop("required", None)
            return cls(policy=retention.policy_of(policy), archive_command=command, **given)
        except InvalidInputError as error:
            raise RetentionError(f"nothing is removed, because {path} is wrong: {error}", WRONG) from error
        except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
            message = f"nothing is removed, because {path} cannot be used: {error}"
            raise RetentionError(message, WRONG) from error


def main(words: t.Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="voiceops-recordings", description="The storage of recordings.")
    parser.add_argument(
        "--settings", default=storage.SETTINGS, metavar="FILE", help="what the role has declared"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    retain = commands.add_parser(
        "retain", help="remove what is not to be kept, and write down how the storage is"
    )
    retain.add_argument("--dry-run", action="store_true", help="only say what would be removed, and why")
    commands.add_parser("status", help="how the storage was when it was last looked at")
    commands.add_parser("watch", help="see every few seconds whether the storage answers, and tell Asterisk")
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
        print(f"would remove {described(removal, time.time())}")
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
        f"{state['files']} recordings, {readable(state['bytes_used'])}, {state['held']} of them on hold",
        f"oldest: {state['oldest'] or 'none'}",
        f"per day: {readable(state['bytes_per_day'])}; "
        + ("room for more than ten years" if left is None else f"days left: {left}"),
        f"last retention: {last.get('at', 'none')}, {last.get('removed', 0)} removed, "
        f"{readable(last.get('freed', 0))} freed",
    ]
    lines += [f"PROBLEM: {problem}" for problem in state.get("problems", ())]
    print("\n".join(lines))
    return 0


def _summary(decision: retention.Decision, verb: str, files: int, room: int) -> str:
    text = f"{files} recordings, {readable(room)} {verb}; {decision.held} on hold"
    if decision.held_back:
        text += f", {decision.held_back} of which would go otherwise"
    if decision.missing:
        more = readable(decision.missing)
        text += f"; {more} more would have to be free, but what is left is on hold or in use"
    return text


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
        leaving = Leaving(folder, settings.log, settings.archive_command)
        for at in range(0, len(decision.remove), BATCH):
            for gone in leaving.remove(decision.remove[at : at + BATCH]):
                there.pop(gone.path)
        folder.remove_empty(now)
        problems = leaving.problems
        if decision.missing:
            problems.append(
                f"{readable(decision.missing)} more have to be free, but what is left is on hold or in use: "
                "the storage is too small for what is recorded"
            )
        _remember(
            settings,
            {
                **_counted(list(there.values()), settings.policy, now, folder.room()),
                "held": decision.held,
                "last_retention": {"at": moment(now), "removed": leaving.removed, "freed": leaving.freed},
                "problems": problems,
            },
        )
    print(_summary(decision, "removed", leaving.removed, leaving.freed), flush=True)
    return TROUBLE if problems else 0


# --- What is told ------------------------------------------------------------------------------------


def _counted(there: list[Recording], policy: Policy, now: float, room: tuple[int, int]) -> Facts:
    oldest = min((one.began for one in there), default=None)
    return {
        "looked_at": moment(now),
        "files": len(there),
        "bytes_used": sum(one.room for one in there),
        "oldest": None if oldest is None else moment(oldest),
        "bytes_per_day": round(retention.bytes_per_day(there, now)),
        "days_left": retention.days_left(there, policy, now, *room),
        "makes_room": policy.makes_room,
    }


@contextlib.contextmanager
def _alone(settings: Settings) -> t.Iterator[None]:
    """Raises RetentionError where another run is in progress."""
    path = os.path.join(settings.state, "lock")
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise RetentionError(
            f"nothing is removed, because {path} cannot be made: {error.strerror}", TROUBLE
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise RetentionError("nothing is removed, because another run is in progress", BUSY) from None
    finally:
        os.close(lock)


def _state(settings: Settings) -> Facts:
    return storage.read(_state_file(settings))


def _remember(settings: Settings, state: Facts) -> None:
    textfile.write(_state_file(settings), json.dumps(state, indent=1) + "\n")


def _state_file(settings: Settings) -> str:
    return os.path.join(settings.state, os.path.basename(storage.STATE))
