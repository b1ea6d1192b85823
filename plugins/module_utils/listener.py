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

from .model import ENCRYPTED, ConnectionPort

#: Longest wait for a connection to the host itself, in seconds.
TIMEOUT = 10.0


def wrong_with(port: ConnectionPort) -> t.Iterator[str]:
    """Tell why the port cannot be used; UDP does not tell."""
    if port.protocol == "udp":
        return
    try:
        with socket.create_connection((_reachable(port.address), port.port), TIMEOUT) as connection:
            if port.protocol in ENCRYPTED:
                import ssl  # noqa: PLC0415 - 20 ms, for the few hosts that need it

                context = ssl.create_default_context()
                # Whose certificate it is matters to phones; here it matters that there is one.
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                with context.wrap_socket(connection) as encrypted, contextlib.suppress(OSError):
                    encrypted.unwrap()  # or Asterisk logs an error
    except OSError as error:
        yield f"{port.protocol} {port.address}:{port.port} does not answer: {error}"


def _reachable(address: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)


def wrong_with_files(port: ConnectionPort) -> t.Iterator[str]:
    """Tell what is wrong with certificate and key as files, before Asterisk is given them."""
    if port.certificate is None or port.private_key is None:
        return
    import ssl  # noqa: PLC0415 - as above

    try:
        # A pass phrase that Asterisk does not have; without one here OpenSSL would ask for it, and wait.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(port.certificate, port.private_key, "")
    except ssl.SSLError as error:
        yield (
            f"certificate {port.certificate} with private_key {port.private_key}: {error.reason or error};"
            " is it a PEM file, and the key that of the certificate?"
        )
    except OSError as error:
        yield (
            f"certificate {port.certificate} with private_key {port.private_key}: {error.strerror};"
            " put both on the host first"
        )
