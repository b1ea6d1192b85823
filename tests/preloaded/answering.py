# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A process that has loaded ansible and runs what starter.py asks for, each in a fork of itself.

    python -m preloaded.answering DESCRIPTOR FOLDER CWD

by_name.py hands each request over on the socket with that descriptor: the message, the standard descriptors
of the caller, and the connection on which the caller waits. Commands run side by side. When a caller goes
away, its command is interrupted as by Ctrl-C, and killed if it does not end. When the other end of the socket
is closed, the process ends after its last command; told to end by a signal, it ends its commands first.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from .asked import LONGEST, Asked
from .forks import Program, become, loaded

#: For how many seconds a command that was interrupted may take to end.
PATIENCE = 5
#: Of linux/prctl.h: a process that has lost its parent becomes a child of this one.
PR_SET_CHILD_SUBREAPER = 36


@dataclass
class _Running:
    """A command: its process, what says that it has ended, who waits for it, and when it is killed."""

    process: int
    ended: int
    caller: socket.socket
    until: float | None = None

    def interrupt(self) -> None:
        self.until = time.monotonic() + PATIENCE
        os.kill(self.process, signal.SIGINT)

    def kill(self) -> None:
        self.until = None
        # It has made a group of its own by now, or is about to.
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(self.process, signal.SIGKILL)


class Answering:
    """The commands that are running, and the socket on which others are asked for."""

    def __init__(self, asks: socket.socket, commands: dict[str, Program]) -> None:
        self._asks = asks
        self._commands = commands
        self._selector = selectors.DefaultSelector()
        self._selector.register(asks, selectors.EVENT_READ, self._begin)
        self._running: list[_Running] = []

    def until_nothing_is_asked(self) -> None:
        while self._selector.get_map():
            limits = [each.until - time.monotonic() for each in self._running if each.until is not None]
            for key, _events in self._selector.select(max(0, min(limits)) if limits else None):
                # An earlier one of these may have closed it, and another may have its number by now.
                if self._selector.get_map().get(key.fd) is key:
                    key.data()
            for each in self._running:
                if each.until is not None and each.until <= time.monotonic():
                    each.kill()

    def end_all(self) -> None:
        """Interrupt all that runs and wait for its end."""
        with contextlib.suppress(KeyError):
            self._selector.unregister(self._asks)
        for each in self._running:
            each.interrupt()
        self.until_nothing_is_asked()

    def _begin(self) -> None:
        message, descriptors, _flags, _address = socket.recv_fds(self._asks, LONGEST, 4)
        if not message:
            self._selector.unregister(self._asks)
            return
        stdin, stdout, stderr, caller = descriptors
        connection = socket.socket(fileno=caller)
        asked = Asked.read(message)
        process = os.fork()
        if process == 0:
            try:
                self._leave(connection)
                become(
                    self._commands[Path(asked.arguments[0]).name],
                    asked.arguments,
                    cwd=asked.cwd,
                    environment=asked.environment,
                    standard=(stdin, stdout, stderr),
                )
            finally:
                # A signal that comes first does not let it go on as the process that it was.
                os._exit(1)
        for descriptor in (stdin, stdout, stderr):
            os.close(descriptor)
        running = _Running(process, os.pidfd_open(process), connection)
        self._running.append(running)
        self._selector.register(running.ended, selectors.EVENT_READ, lambda: self._end(running))
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._abandon(running))

    def _leave(self, connection: socket.socket) -> None:
        """Close in a fork what is not of its command."""
        self._selector.close()
        self._asks.close()
        connection.close()
        for each in self._running:
            os.close(each.ended)
            each.caller.close()

    def _abandon(self, running: _Running) -> None:
        self._selector.unregister(running.caller)
        running.interrupt()

    def _end(self, running: _Running) -> None:
        status = os.waitstatus_to_exitcode(os.waitpid(running.process, 0)[1])
        self._running.remove(running)
        self._selector.unregister(running.ended)
        os.close(running.ended)
        with contextlib.suppress(KeyError):
            self._selector.unregister(running.caller)
        with contextlib.suppress(OSError):
            running.caller.send(b"%d" % status)
        running.caller.close()


def _end_what_is_left() -> None:
    """Kill what a command has left.

    A worker of ansible that writes a long result never ends once nobody reads it: its pipe has no end,
    because the worker has both sides of it open.
    """
    children = Path("/proc/thread-self/children")
    while left := children.read_text(encoding="ascii").split():
        for each in left:
            os.kill(int(each), signal.SIGKILL)
            os.waitpid(int(each), 0)


def main(descriptor: int, folder: Path, cwd: str) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # As an exception, so that ansible removes its temporary files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.chdir(cwd)
    answering = Answering(socket.socket(fileno=descriptor), loaded(folder))
    try:
        answering.until_nothing_is_asked()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        answering.end_all()
        _end_what_is_left()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
