# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A connection by TLS that one thread listens to while others send.

OpenSSL allows no two threads in one connection at once, and a thread that waits for what comes is in it: the
other gets "bad length", or the connection ends in the middle (seen once in ten runs). So here only what is
there already is decrypted, and the waiting is done outside.
"""

from __future__ import annotations

import socket
import ssl
import threading

_MOST = 65535


def trusting() -> ssl.SSLContext:
    """Return what takes any certificate: who the server is, others look at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Encrypted:
    """A connected socket that has TLS in it; as much of a socket's methods as phones need."""

    def __init__(self, plain: socket.socket) -> None:
        self._plain = plain
        self._lock = threading.Lock()
        self._come, self._go = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = trusting().wrap_bio(self._come, self._go)
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._send()
                if not self._wait():
                    raise ConnectionError("the server ended the connection before it was encrypted") from None
        self._send()
        self.getsockname, self.settimeout = plain.getsockname, plain.settimeout
        self.shutdown, self.close = plain.shutdown, plain.close

    def _send(self) -> None:
        if data := self._go.read():
            self._plain.sendall(data)

    def _wait(self) -> bool:
        """Wait for more to come, and tell whether any has."""
        data = self._plain.recv(_MOST)
        with self._lock:
            self._come.write(data)
        return bool(data)

    def recv(self, most: int) -> bytes:
        while True:
            with self._lock:
                try:
                    return self._tls.read(most)
                except ssl.SSLZeroReturnError:
                    return b""
                except ssl.SSLWantReadError:
                    self._send()
            if not self._wait():
                return b""

    def sendall(self, data: bytes) -> None:
        with self._lock:
            self._tls.write(data)
            self._send()
