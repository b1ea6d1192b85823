# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at a port from outside: does it listen, and does it serve its certificate?

Asterisk shows a TLS port as being there although its certificate is garbage or its key another
one's; only a handshake tells (res_pjsip/config_transport.c checks that the files can be read).
"""

from __future__ import annotations

import contextlib
import socket
import typing as t

from ..definition.model import ConnectionPort
from ..definition.protocol import ENCRYPTED
from . import beneath

#: Longest wait for a connection to the host itself, in seconds.
TIMEOUT = 10.0


class ListenerError(Exception):
    """The port does not answer."""


def wrong_with(port: ConnectionPort) -> t.Iterator[str]:
    """Tell why the port cannot be used; UDP does not tell."""
    if port.protocol == "udp":
        return
    try:
        with _connected(port) as connection:
            if port.protocol in ENCRYPTED:
                _certificate_served_on(connection)
    except OSError as error:
        yield _does_not_answer(port, error)


def served_certificate(port: ConnectionPort) -> bytes:
    """Return the certificate that a running port shows to phones, in DER. Raises ListenerError."""
    try:
        with _connected(port) as connection:
            return _certificate_served_on(connection)
    except OSError as error:
        raise ListenerError(_does_not_answer(port, error)) from error


def _connected(port: ConnectionPort) -> socket.socket:
    return socket.create_connection((_reachable(port.address), port.port), TIMEOUT)


def _certificate_served_on(connection: socket.socket) -> bytes:
    import ssl  # noqa: PLC0415 - 20 ms, for the few hosts that need it

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # The owner of the certificate matters to phones; here it matters that there is one.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # The time-out of the connection is for the whole handshake (_ssl.c, do_handshake).
    with context.wrap_socket(connection) as encrypted:
        certificate = encrypted.getpeercert(binary_form=True) or b""
        with contextlib.suppress(OSError):
            encrypted.unwrap()  # or Asterisk logs an error
    return certificate


def _does_not_answer(port: ConnectionPort, error: OSError) -> str:
    return f"{port.protocol} {port.address}:{port.port} does not answer: {error}"


def _reachable(address: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)


def wrong_with_files(port: ConnectionPort) -> t.Iterator[str]:
    """Tell what is wrong with certificate and key as files, before Asterisk is given them."""
    if port.certificate is None or port.private_key is None:
        return
    import ssl  # noqa: PLC0415 - as above

    try:
        # A pass phrase that Asterisk does not have; without one here OpenSSL would ask for it, and wait.
        # What is opened is a file: OpenSSL would wait at a FIFO.
        with beneath.opened(port.certificate) as certificate, beneath.opened(port.private_key) as key:
            files = [f"/proc/self/fd/{each.fileno()}" for each in (certificate, key)]
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files[0], files[1], "")
    except ssl.SSLError as error:
        if _is_locked(port.private_key):
            yield (
                f"private_key {port.private_key} has a pass phrase, which Asterisk does not know; write it"
                " without: openssl pkey -in KEY -out KEY-WITHOUT"
            )
            return
        yield (
            f"certificate {port.certificate} with private_key {port.private_key}: {error.reason or error};"
            " is it a PEM file, and the key that of the certificate?"
        )
    except OSError as error:
        yield (
            f"certificate {port.certificate} with private_key {port.private_key}: {error.strerror};"
            " put both on the host first"
        )


def _is_locked(path: str) -> bool:
    with beneath.opened(path) as file:
        # PKCS #8, and the older form (RFC 1421, 4.6.1.1).
        return any(b"BEGIN ENCRYPTED" in line or b"4,ENCRYPTED" in line for line in file)
