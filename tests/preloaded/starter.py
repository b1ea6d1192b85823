# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Stands for `ansible-playbook`: has a process that has loaded ansible run it, and ends as it ends.

by_name.py puts it into a folder of its own, beside the socket and a link to the command itself. It imports
little because it is started often.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys


def packed(arguments: list[str], environment: dict[bytes, bytes]) -> bytes:
    """Return as one message what a command is run with: asked.py reads it."""
    words = [os.fsencode(word) for word in arguments]
    variables = [b"=".join(variable) for variable in environment.items()]
    return b"\0".join([os.getcwdb(), b"%d" % len(words), *words, *variables])


def within(folder: str) -> str:
    """Return a short path of a folder, left open: that of a socket has at most 107 characters (unix(7))."""
    return f"/proc/self/fd/{os.open(folder, os.O_PATH | os.O_DIRECTORY)}"


def main() -> None:
    folder = os.path.dirname(os.path.abspath(sys.argv[0]))
    command = os.readlink(os.path.join(folder, "itself"))
    arguments = [command, *sys.argv[1:]]
    # As the caller's was before this folder came first.
    paths = [path for path in os.environ.get("PATH", "").split(":") if path != folder]
    os.environ["PATH"] = ":".join(paths)
    # Another process cannot ask at a terminal. Ansible looks at the terminal and its configuration when it is
    # loaded; where no variable names the configuration, it may be in several places.
    if os.isatty(0) or os.isatty(1) or "ANSIBLE_CONFIG" not in os.environ:
        os.execv(command, arguments)  # noqa: S606 - there is no shell
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        try:
            connection.connect(f"{within(folder)}/socket")
            socket.send_fds(connection, [packed(arguments, dict(os.environb))], [0, 1, 2])
        except OSError:
            # It was not sent: it is longer than the kernel takes, or no process listens any more.
            os.execv(command, arguments)  # noqa: S606
        answer = connection.recv(64)
    if not answer:
        sys.exit("ansible-playbook: the process that was to run it has ended")
    status = int(answer)
    if status < 0:
        # SIGKILL has no handler.
        with contextlib.suppress(OSError):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)


if __name__ == "__main__":
    main()
