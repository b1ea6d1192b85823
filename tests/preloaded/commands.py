# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""`ansible` and `ansible-playbook` without waiting for ansible to be imported each time.

The tests make hundreds of runs. A process has loaded ansible once, and a fork of it is the command, with the
same arguments, output and exit status: forks.py.

Its other half runs as `python -m preloaded.commands`: it reads what to run as JSON, one a line, and
answers each with {"status": …, "stdout": …, "stderr": …}.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .forks import Program, become, loaded
from .waiting import Waiting

TESTS = Path(__file__).resolve().parent.parent


class PreloadedError(Exception):
    """The command did not end in time."""


class Preloaded:
    """Ansible's commands. ``environment`` is theirs, and all that ansible reads of it when it is imported."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._processes = Waiting(self._start)

    def run(
        self,
        command: str,
        arguments: list[str],
        *,
        cwd: Path,
        deadline: float,
        environment: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder; return how it ended.

        ``deadline`` is in seconds; ``environment`` is what this run has in addition. Any thread may.
        """
        asked = {
            "command": command,
            "arguments": arguments,
            "cwd": str(cwd),
            "environment": environment or {},
            "deadline": deadline,
        }
        answer = json.loads(self._processes.ask(json.dumps(asked)))
        if answer["status"] is None:
            raise PreloadedError(f"{command} {' '.join(arguments)}: not within {deadline} s")
        return subprocess.CompletedProcess(arguments, answer["status"], answer["stdout"], answer["stderr"])

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "preloaded.commands"],
            cwd=TESTS,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def _serve() -> None:
    with tempfile.TemporaryDirectory(prefix="templates-") as folder:
        commands = loaded(Path(folder))
        for line in sys.stdin:
            print(json.dumps(_answer(commands, json.loads(line))), flush=True)


def _answer(commands: dict[str, Program], asked: dict[str, Any]) -> dict[str, Any]:
    with (
        open(os.devnull, "rb") as nothing,
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        child = os.fork()
        if child == 0:
            become(
                commands[asked["command"]],
                [asked["command"], *asked["arguments"]],
                cwd=asked["cwd"],
                environment={**os.environ, **asked["environment"]},
                standard=(nothing.fileno(), stdout.fileno(), stderr.fileno()),
            )
        status = _wait(child, asked["deadline"])
        texts = []
        for file in (stdout, stderr):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return {"status": status, "stdout": texts[0], "stderr": texts[1]}


def _wait(child: int, deadline: float) -> int | None:
    """Return the exit status; None for one that had to be ended."""
    ended = os.pidfd_open(child)
    try:
        in_time = select.select([ended], [], [], deadline)[0]
    finally:
        os.close(ended)
    if in_time:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


if __name__ == "__main__":
    _serve()
