# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Processes that have everything ready and wait to be asked: a line each, answered with a line.

Each answers one question at a time. There are as many as ever were asked side by side: tests of runs that
meet each other on a host are worth nothing where the runs take turns here. They end with the tests, when
nobody can ask them anything.
"""

from __future__ import annotations

import queue
import subprocess
from collections.abc import Callable


class WaitingError(Exception):
    """A process has ended that was only just started."""


class Waiting:
    """Processes of one kind; ``start`` starts one more."""

    def __init__(self, start: Callable[[], subprocess.Popen[str]]) -> None:
        self._start = start
        self._idle: queue.SimpleQueue[subprocess.Popen[str]] = queue.SimpleQueue()

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
            # One that had been idle may have ended with its host, which was booted anew.
            if is_new:
                raise WaitingError(f"{process.args!r} has ended")


def _answer(process: subprocess.Popen[str], question: str) -> str:
    assert process.stdin
    assert process.stdout
    try:
        print(question, file=process.stdin, flush=True)
        return process.stdout.readline()
    except BrokenPipeError:
        return ""
