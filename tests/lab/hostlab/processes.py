# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Running programs, and knowing for certain which process is whose."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .errors import LabError

# Each program that the lab calls, and the Debian package that has it.
PROGRAMS = {
    "debootstrap": "debootstrap",
    "ip": "iproute2",
    "mount": "mount",
    "nft": "nftables",
    "setpriv": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "systemd-nspawn": "systemd-container",
    "unshare": "util-linux",
}
# What only virtual machines need.
PROGRAMS_OF_VIRTUAL = {"mkfs.ext4": "e2fsprogs", "qemu-system-x86_64": "qemu-system-x86"}
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
KEYRING_PACKAGE = "debian-archive-keyring"


def _programs(virtual: bool) -> dict[str, str]:
    return {**PROGRAMS, **(PROGRAMS_OF_VIRTUAL if virtual else {})}


def requirements(virtual: bool = False) -> list[str]:
    return sorted({*_programs(virtual).values(), KEYRING_PACKAGE})


def check_programs(virtual: bool = False) -> None:
    missing = {package for program, package in _programs(virtual).items() if not shutil.which(program)}
    if not KEYRING.exists():
        missing.add(KEYRING_PACKAGE)
    if missing:
        raise LabError(f"missing here: apt-get install {' '.join(sorted(missing))}", status=2)


def run(argv: Sequence[str], stdin: str | None = None) -> str:
    """Runs a short command; its own last line of complaint becomes the error."""
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise LabError(f"{' '.join(argv)}: {reason}")
    return done.stdout


@dataclass(frozen=True)
class ProcessId:
    """A pid together with its start time: a recycled pid has another one."""

    pid: int
    started: int

    def alive(self) -> bool:
        try:
            text = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        # A zombie has ended; only its parent has not looked yet.
        return parse_stat(text) == self and stat_state(text) not in "ZX"

    def kill(self) -> None:
        """SIGKILL through a pidfd: checked after it is opened, so that no other can be hit."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except OSError:
            return
        try:
            if self.alive():
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        except ProcessLookupError:
            pass
        finally:
            os.close(descriptor)


def stat_state(text: str) -> str:
    # The command's name is in parentheses and may hold spaces and parentheses itself.
    return text.rpartition(")")[2].split()[0]


def parse_stat(text: str) -> ProcessId | None:
    """Reads a line of /proc/PID/stat: field 1 is the pid, field 22 the start time."""
    rest = text.rpartition(")")[2].split()
    pid = text.partition(" ")[0]
    if len(rest) < 20 or not pid.isdigit() or not rest[19].isdigit():
        return None
    return ProcessId(int(pid), int(rest[19]))


# Ends at once if its parent, the lab, is gone already: the death signal set by
# setpriv comes only for a parent that dies later.
GUARD = '[ "$PPID" = "$LAB_PID" ] || exit 1\n'


@dataclass
class Jobs:
    """The long programs under way, so that an interrupt can end them."""

    cancelled: threading.Event = field(default_factory=threading.Event)
    _running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run_script(self, script: str, environment: Mapping[str, str], log: Path) -> int:
        """Runs a script with mounts and processes of its own; all of them end with it."""
        # The guard runs first, in the very process that setpriv made.
        inner = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", script]
        outer = GUARD + 'exec "$@"'
        with self._lock, log.open("wb") as output:
            if self.cancelled.is_set():
                return 1
            job = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", "sh", "-euc", outer, "sh", *inner],
                env={**os.environ, **environment, "LAB_PID": str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A terminal's Ctrl-C reaches the lab alone, which then ends the job.
                start_new_session=True,
            )
            self._running.add(job)
        try:
            return job.wait()
        finally:
            with self._lock:
                self._running.discard(job)

    def cancel(self) -> None:
        self.cancelled.set()
        with self._lock:
            for job in self._running:
                job.kill()
