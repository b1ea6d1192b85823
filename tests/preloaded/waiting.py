# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Processes that have everything ready and wait to be asked: a line each, answered with a line.

Each answers one question at a time. There are as many as before were asked side by side: tests of runs that
meet each other on a host are worth nothing where the runs take turns here. They end with the tests, and are
waited for, so that what they have used is counted with them.
"""

from __future__ import annotations

import atexit
import contextlib
import queue
import subprocess
from collections.abc import Callable

#: For how many seconds the end of a process is waited for.
PATIENCE = 10


class WaitingError(Exception):
    """A process has ended that was only just started."""


class Waiting:
    """Processes of one kind; ``start`` starts one more."""

    def __init__(self, start: Callable[[], subprocess.Popen[str]]) -> None:
        self._start = start
        self._idle: queue.SimpleQueue[subprocess.Popen[str]] = queue.SimpleQueue()
        atexit.register(self._end)

    def ask(self, question: str) -> str:
        """Return the answer to a question, both a line. Any thread may ask. Raises WaitingError."""
        while True:
            try:
                process, is_new = self._idle.get_nowait(), False
            except queue.Empty:
                process, is_new = self._start(), True
            answer = _answer(process, question)
            if answer:
                self._idle.put(process)
                return answer
            # One that had been idle may have ended with its host, which was booted again.
            if is_new:
                raise WaitingError(f"{process.args!r} has ended")

    def _end(self) -> None:
        while not self._idle.empty():
            _end(self._idle.get())


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    assert process.stdout
    # That of a host that is gone has ended.
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
    process.stdout.close()


def _answer(process: subprocess.Popen[str], question: str) -> str:
    assert process.stdin
    assert process.stdout
    try:
        print(question, file=process.stdin, flush=True)
        answer = process.stdout.readline()
    except BrokenPipeError:
        answer = ""
    if not answer:
        # What it was not told is still in its pipe, and would be tried again whenever Python lets go of it.
        _end(process)
    return answer
