# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""`ansible HOST -m MODULE …` without waiting for ansible to be imported each time.

Most of what a module call costs is Python reading ansible: 0.5 s of processor time of 0.7 s. The tests make
over a thousand such calls on each host. So a process imports it once, and a fork of that is `ansible`, with
the same arguments, output and exit status as the command.

Its other half runs as `python -m integration.ad_hoc`: it reads lists of arguments as JSON, one a line,
and answers each with {"status": …, "stdout": …, "stderr": …}.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

TESTS = Path(__file__).resolve().parent.parent


class AdHocError(Exception):
    """The command did not end in time, or could not be run."""


class AdHoc:
    """Processes that have imported ansible. ``deadline`` is for each command, in seconds.

    Each runs one command at a time; there are as many as ever ran side by side, for the tests of runs
    that meet each other on a host are worth nothing where those take turns here.
    """

    def __init__(self, cwd: Path, environment: dict[str, str], deadline: float) -> None:
        self._deadline = deadline
        self._cwd = cwd
        self._environment = {**environment, "PYTHONPATH": str(TESTS)}
        self._idle: queue.SimpleQueue[subprocess.Popen[str]] = queue.SimpleQueue()

    def run(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        """Run `ansible` with these arguments; return how it ended. Any thread may."""
        try:
            process = self._idle.get_nowait()
        except queue.Empty:
            process = self._start()
        assert process.stdin
        assert process.stdout
        print(json.dumps(arguments), file=process.stdin, flush=True)
        line = process.stdout.readline()
        if not line:
            raise AdHocError("the process that has imported ansible has died")
        self._idle.put(process)
        answer = json.loads(line)
        if answer["status"] is None:
            raise AdHocError(f"ansible {' '.join(arguments)}: not within {self._deadline} s")
        return subprocess.CompletedProcess(arguments, answer["status"], answer["stdout"], answer["stderr"])

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "integration.ad_hoc", str(self._deadline)],
            cwd=self._cwd,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def _serve(deadline: float) -> None:
    from ansible.cli import adhoc  # noqa: PLC0415 - only here, and only once

    for line in sys.stdin:
        arguments = json.loads(line)
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            child = os.fork()
            if child == 0:
                _become(functools.partial(adhoc.main, ["ansible", *arguments]), stdout, stderr)
            status = _wait(child, deadline)
            texts = []
            for file in (stdout, stderr):
                file.seek(0)
                texts.append(file.read().decode("utf-8", "replace"))
        print(json.dumps({"status": status, "stdout": texts[0], "stderr": texts[1]}), flush=True)


def _become(program: functools.partial[None], stdout: IO[bytes], stderr: IO[bytes]) -> None:
    """Be the program and end as it does, with no way back."""
    status = 1
    try:
        os.setsid()
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(stdout.fileno(), 1)
        os.dup2(stderr.fileno(), 2)
        program()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _wait(child: int, deadline: float) -> int | None:
    """Return the exit status; None for one that had to be ended."""
    give_up = time.monotonic() + deadline
    while time.monotonic() < give_up:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


if __name__ == "__main__":
    _serve(float(sys.argv[1]))
