# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run by the timer: fetches, and where there is something new and signed, has Ansible make this host so.

What Ansible says is in a file for root alone, because a playbook may say anything; the journal has one line
of what has become of it. Passwords are systemd's credentials, which only this service can read.
"""

from __future__ import annotations

# A program of the host, not a module: it runs others.  pylint: disable=ansible-bad-function
import contextlib
import json
import os
import stat
import subprocess
import sys
import time
import typing as t
from dataclasses import dataclass, replace
from pathlib import Path

from ..definition.plain_text import clean
from ..host import beneath
from . import decision
from .decision import Outcome
from .repository import Repository, RepositoryError

SETTINGS = Path("/etc/voiceops/pull.json")
#: A folder of systemd's for this service (StateDirectory, RuntimeDirectory), root's alone.
STATE, SCRATCH = Path("/var/lib/voiceops-pull"), Path("/run/voiceops-pull")

_KEY, _VAULT_PASSWORD = "voiceops-pull.ssh-key", "voiceops-pull.vault-password"
#: What the playbook rollout leaves (plugin_utils/rollout_files.py).
_ROLLOUT_STATE, _REPORT = "rollout-state.jsonl", "rollout-report.json"
#: With these a line in the journal is a notice, or an error (sd-daemon(3)).
_NOTICE, _ERROR = "<5>", "<3>"
_ENVIRONMENT = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy")


@dataclass(frozen=True)
class Settings:
    """What the role has written down: its variables pbx_pull_…, and this host's name in the inventory."""

    repository: str
    branch: str
    signers: list[str]
    known_hosts: list[str]
    inventory: str
    playbook: str
    host: str
    ansible: str


def main() -> int:
    """Pull once. Return the status with which the program ends."""
    os.umask(0o077)
    last = _last()
    looked = replace(last, looked=int(time.time()), trouble="")
    try:
        return pull(_settings(), looked)
    except (RepositoryError, OSError) as error:
        trouble = str(error)
        _note(replace(_last(), looked=looked.looked, trouble=clean(trouble)))
        _say(_ERROR, trouble)
        return 1


def _settings() -> Settings:
    try:
        return Settings(**json.loads(SETTINGS.read_text(encoding="utf-8"))["settings"])
    except (ValueError, TypeError, KeyError) as error:
        raise OSError(f"{SETTINGS} is not what the role has written: {error}") from error


def another_may_write(program: str) -> str | None:
    """Return where on the way to a program another user may put something. Raises OSError."""
    for path in (Path(os.path.abspath(program)), Path(os.path.realpath(program))):
        for place in (*reversed(path.parents), path):
            status = place.stat()
            is_shared = status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX
            if is_shared or status.st_uid not in (0, os.geteuid()):
                return str(place)
    return None


def pull(settings: Settings, last: Outcome) -> int:
    """Fetch, and carry out what there is to carry out. Raises RepositoryError, OSError."""
    if place := another_may_write(settings.ansible):
        raise OSError(f"pbx_pull_ansible: another user than root may write {place}, so it is not run")
    repository = Repository(
        STATE / "repository.git", settings.repository, settings.branch, SCRATCH, _credential(_KEY)
    )
    repository.trust(settings.signers, settings.known_hosts)
    fetched = repository.fetch()
    step = decision.next_step(fetched, last, can_go_on=(STATE / _ROLLOUT_STATE).exists())
    if not step.runs:
        _note(last)
        if last.state == decision.BACK:
            _say(_NOTICE, decision.said(last, settings.host))
        return 0 if last.state == decision.DONE else 1
    repository.check_out(step.commit, STATE / "checkout")
    begun = replace(last, commit=step.commit, state=decision.BEGUN, why="", ran=int(time.time()))
    for name in (_REPORT,) if step.goes_on else (_REPORT, _ROLLOUT_STATE):
        with contextlib.suppress(FileNotFoundError):
            (STATE / name).unlink()
    _note(begun)
    status = _run(settings, goes_on=step.goes_on)
    state, why = decision.judged(status, _report(), settings.host)
    ended = replace(begun, state=state, why=clean(why), ran=int(time.time()))
    _note(ended)
    is_done = state == decision.DONE
    more = "" if is_done else f" (what Ansible has said: {STATE / 'run.log'})"
    _say(_NOTICE if is_done else _ERROR, decision.said(ended, settings.host) + more)
    return 0 if is_done else 1


def words(settings: Settings, *, goes_on: bool) -> list[str]:
    """Return the command that makes this host, and no other of the inventory, what it says."""
    variables: dict[str, t.Any] = {
        "ansible_connection": "local",
        "ansible_become": False,
        "pbx_rollout_folder": str(STATE),
        **({"pbx_rollout_resume": True} if goes_on else {}),
    }
    return [
        settings.ansible,
        *("-i", settings.inventory, "--limit", settings.host, "-e", json.dumps(variables)),
        settings.playbook,
    ]


def environment() -> dict[str, str]:
    """Return what else Ansible is told."""
    password = _credential(_VAULT_PASSWORD)
    return {
        **{name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(STATE),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
        # What is in the repository is signed; what is on the host the administrator has installed.
        "ANSIBLE_COLLECTIONS_PATH": f"{STATE}/checkout/collections:/usr/share/ansible/collections",
        **({"ANSIBLE_VAULT_PASSWORD_FILE": str(password)} if password else {}),
    }


def _run(settings: Settings, *, goes_on: bool) -> int:
    log = os.open(STATE / "run.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        return subprocess.run(
            words(settings, goes_on=goes_on),
            cwd=STATE / "checkout",
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # What a playbook makes without a mode is to have the usual one, as when a controller runs it.
            umask=0o022,
            check=False,
        ).returncode
    finally:
        os.close(log)


def _credential(name: str) -> Path | None:
    """Return where a credential of this service is; None where it was given none of this name."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return Path(folder, name) if folder and Path(folder, name).exists() else None


def _report() -> t.Any:
    try:
        return json.loads((STATE / _REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _last() -> Outcome:
    try:
        return decision.read((STATE / "outcome.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Outcome()


def _note(outcome: Outcome) -> None:
    beneath.replace(str(STATE / "outcome.json"), decision.written(outcome).encode("ascii"), mode=0o600)


def _say(level: str, text: str) -> None:
    sys.stderr.write(f"{level}{clean(text)}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main())
