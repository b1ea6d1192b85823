# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Runs a program that starts `ansible-playbook` by its name, and has a loaded process run that: Molecule.

Molecule starts the command twice for each playbook, first to ask for its version. A folder that comes first
in PATH has a starter of that name, which hands arguments, folder, environment and descriptors over to a
process that has loaded ansible with the same settings. What the program has left running is ended with it.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

from .answering import PATIENCE
from .asked import LONGEST, Asked
from .starter import within

TESTS = Path(__file__).resolve().parent.parent
NAME = "ansible-playbook"
#: How many processes stay loaded. Molecule asks for the version with its own settings, and runs the playbooks
#: of one scenario after those of another with the settings of each.
MOST = 2
#: How long a starter may take to say what it wants, in seconds.
LISTENING = 10


class _Loaded:
    """A process that has loaded ansible."""

    def __init__(self, asked: Asked, templates: Path) -> None:
        self._asks, asked_of = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with asked_of:
            number = asked_of.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "preloaded.answering", str(number), str(templates), asked.cwd],
                cwd=TESTS,
                env=asked.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[number],
                # What is typed at the terminal is for the caller, which passes it on by its own end.
                start_new_session=True,
            )

    def run(self, message: bytes, descriptors: list[int]) -> None:
        socket.send_fds(self._asks, [message], descriptors)

    def retire(self) -> subprocess.Popen[bytes]:
        """Ask no more of it; it ends after its last command."""
        self._asks.close()
        return self._process


class _Answers:
    """The processes that are loaded, the last used at the end, and those that were."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._loaded: dict[object, _Loaded] = {}
        self._retired: list[subprocess.Popen[bytes]] = []

    def answer(self, connection: socket.socket) -> None:
        """Have a process run what is asked for on a connection, and tell on it how that ended."""
        connection.settimeout(LISTENING)
        message, descriptors, _flags, _address = socket.recv_fds(connection, LONGEST, 3)
        connection.settimeout(None)
        try:
            if message:
                self._for(Asked.read(message)).run(message, [*descriptors, connection.fileno()])
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _for(self, asked: Asked) -> _Loaded:
        process = self._loaded.pop(asked.at_import, None) or _Loaded(asked, self._templates)
        self._loaded[asked.at_import] = process
        if len(self._loaded) > MOST:
            self._retired.append(self._loaded.pop(next(iter(self._loaded))).retire())
        return process

    def end(self) -> None:
        processes = [*self._retired, *(each.retire() for each in self._loaded.values())]
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(4 * PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run(command: list[str]) -> int:
    """Run a command; return its status."""
    itself = shutil.which(NAME)
    if itself is None:
        print(f"{NAME} is not in PATH", file=sys.stderr)
        return 127
    with tempfile.TemporaryDirectory(prefix="by-name-") as name:
        folder = Path(name)
        (folder / "templates").mkdir()
        (folder / "itself").symlink_to(Path(itself).absolute())
        starter = (Path(__file__).parent / "starter.py").read_text(encoding="utf-8")
        (folder / NAME).write_text(f"#!{sys.executable} -IS\n{starter}", encoding="utf-8")
        (folder / NAME).chmod(0o700)
        answers = _Answers(folder / "templates")
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(f"{within(str(folder))}/socket")
            listening.listen()
            try:
                return _run(
                    command, {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}, listening, answers
                )
            finally:
                answers.end()


def _run(command: list[str], environment: dict[str, str], listening: socket.socket, answers: _Answers) -> int:
    started: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        for process in started:
            process.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    # The terminal tells all that run in it.
    signal.signal(signal.SIGINT, lambda *_: None)
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL) as process:
        started.append(process)
        end = os.pidfd_open(process.pid)
        try:
            while end not in select.select([end, listening.fileno()], [], [])[0]:
                connection, _address = listening.accept()
                with connection, contextlib.suppress(OSError):
                    answers.answer(connection)
        finally:
            os.close(end)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode
