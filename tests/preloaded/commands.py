# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""`ansible` and `ansible-playbook` without waiting for ansible to be imported each time.

The tests make hundreds of runs. In each of them Python reads ansible, ansible reads its plugins and their
options, and packs the modules: half of the processor time of a run of site.yml that has nothing to do. So a
process has done all that once, and a fork of it is the command, with the same arguments, output and exit
status. What ansible has packed and compiled stays in folders of temporary files that the forks share.

Its other half runs as `python -m preloaded.commands`: it reads what to run as JSON, one a line, and
answers each with {"status": …, "stdout": …, "stderr": …}.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from .plugins import find_once
from .templates import compile_once
from .waiting import Waiting

Program = Callable[[list[str]], None]

TESTS = Path(__file__).resolve().parent.parent
#: The commands, and the module of each.
COMMANDS = {"ansible": "adhoc", "ansible-playbook": "playbook"}


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


def _loaded() -> dict[str, Program]:
    """Import what the commands will need; return them by name."""
    commands = {name: importlib.import_module(f"ansible.cli.{of}").main for name, of in COMMANDS.items()}
    find_once()
    return commands


def _serve() -> None:
    commands = _loaded()
    with tempfile.TemporaryDirectory(prefix="templates-") as folder:
        compile_once(Path(folder))
        # A run is short: to look through all that is imported for what could be freed costs more than that
        # gains, and the kernel copies for each fork what is looked at.
        gc.collect()
        gc.freeze()
        gc.disable()
        for line in sys.stdin:
            print(json.dumps(_answer(commands, json.loads(line))), flush=True)


def _answer(commands: dict[str, Program], asked: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            _become(commands[asked["command"]], asked, stdout, stderr)
        status = _wait(child, asked["deadline"])
        texts = []
        for file in (stdout, stderr):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return {"status": status, "stdout": texts[0], "stderr": texts[1]}


def _become(program: Program, asked: dict[str, Any], stdout: IO[bytes], stderr: IO[bytes]) -> None:
    """Be the program and end as it does, with no way back."""
    status = 1
    # What was to be done at the end of the process that waits is left to it.
    atexit._clear()
    try:
        os.setsid()
        os.chdir(asked["cwd"])
        os.environ.update(asked["environment"])
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(stdout.fileno(), 1)
        os.dup2(stderr.fileno(), 2)
        program([asked["command"], *asked["arguments"]])
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    finally:
        atexit._run_exitfuncs()
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


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
