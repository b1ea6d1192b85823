# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection to the manager interface that is sent events, for a program that waits for several things."""

from __future__ import annotations

from . import ami


class Listener(ami.Client):
    """A logged-in connection on which Asterisk says what happens.

    As long as it is open, it costs Asterisk a tenth of its work for each call (manager.c,
    any_manager_listeners).
    """

    def __init__(self, secret: str, events: str, port: int = ami.DEFAULT_PORT, timeout: float = 30.0) -> None:
        self.events = events
        super().__init__(secret, port, timeout)

    def __enter__(self) -> Listener:
        return self

    def fileno(self) -> int:
        """Return what select waits for."""
        return self._socket.fileno()

    def ask(self, name: str, **fields: str) -> str:
        """Send one action; return the ActionID that its response will have among what arrives."""
        return self._send(name, fields)

    def arrived(self) -> list[ami.Message]:
        """Take what select has seen come, and return the messages that are whole. Raises AmiError."""
        try:
            data = self._socket.recv(ami.READ_BYTES)
        except OSError as error:
            raise ami.AmiError(f"AMI: {error}") from error
        if not data:
            raise ami.AmiError("Asterisk closed its manager interface")
        *whole, rest = (self._buffer[self._read :] + data).split(b"\r\n\r\n")
        if len(rest) > ami.MESSAGE_MAX_BYTES:
            raise ami.AmiError("Asterisk's manager interface sent a message without end")
        self._buffer, self._read = rest, 0
        return [ami.read_message(each) for each in whole]
