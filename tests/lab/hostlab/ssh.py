# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The lab's own ssh: its key, its known hosts, and nothing of the user's."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from .processes import run
from .settings import Settings
from .state import Record

HOST_KEY = Path("etc/ssh/ssh_host_ed25519_key.pub")


def config_text(settings: Settings, records: Iterable[Record]) -> str:
    """What makes ssh trust the lab's hosts only, by their real keys, and know them by their names."""
    hosts = [f"Host {record.name}\n    HostName {settings.address(record.index)}\n" for record in records]
    return f"""{"".join(hosts)}Host *
    User root
    IdentityFile {_quoted(settings.private_key)}
    IdentitiesOnly yes
    UserKnownHostsFile {_quoted(settings.known_hosts)}
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    LogLevel ERROR
"""


def _quoted(path: Path) -> str:
    """As ssh_config(5) wants it: % begins a token."""
    return '"' + str(path).replace("%", "%%") + '"'


def command(settings: Settings, name: str, words: Iterable[str] = ()) -> list[str]:
    """ssh, with no user's files read."""
    return ["ssh", "-F", str(settings.ssh_config), name, *words]


def inventory_arguments(settings: Settings) -> str:
    return shlex.join(["-F", str(settings.ssh_config)])


def make_key(settings: Settings) -> str:
    """The lab's public key; the pair is made at first use."""
    public = settings.private_key.with_suffix(".pub")
    if not public.exists():
        # ssh-keygen asks before it overwrites what an interrupted run left.
        settings.private_key.unlink(missing_ok=True)
        run(
            [
                "ssh-keygen",
                "-q",
                "-t",
                "ed25519",
                "-N",
                "",
                "-C",
                "voiceops-lab",
                "-f",
                str(settings.private_key),
            ]
        )
    return public.read_text(encoding="ascii")


def host_key(settings: Settings, record: Record) -> str:
    """A host's public key is its base tree's: known before the host boots."""
    text = (settings.cache / record.layers[-1] / HOST_KEY).read_text(encoding="ascii")
    return " ".join(text.split()[:2])


def known_hosts_text(keys: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{address} {key}\n" for address, key in keys)


def write(settings: Settings, records: Sequence[Record]) -> None:
    """The files that ssh reads: the hosts to trust, and all else."""
    keys = [(settings.address(record.index), host_key(settings, record)) for record in records]
    _replace(settings.known_hosts, known_hosts_text(keys))
    _replace(settings.ssh_config, config_text(settings, records))


def _replace(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.rename(path)


def answers(settings: Settings, record: Record) -> bool:
    """Whether the host's sshd lets us run a command: first cheaply, then for certain."""
    address = (settings.address(record.index), 22)
    try:
        with socket.create_connection(address, timeout=1) as connection:
            if not connection.recv(4).startswith(b"SSH"):
                return False
    except OSError:
        return False
    argv = command(settings, record.name, ["true"])
    argv[1:1] = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=5"]
    try:
        done = subprocess.run(argv, check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=15)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def login(settings: Settings, name: str, words: list[str]) -> None:
    """Becomes ssh."""
    argv = command(settings, name, words)
    os.execvp(argv[0], argv)  # noqa: S606  # ssh takes the lab's place
