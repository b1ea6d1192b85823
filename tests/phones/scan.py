# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Looks at all ports of a host from outside: TCP by connecting, UDP by sending SIP and rubbish.

Called with the host's address and, if some of its addresses only are to be used, ours. Prints as JSON which
TCP ports take a connection, and which UDP ports send anything back. Runs where the phones are.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time

PORTS = range(1, 65536)
#: How long an answer may take; in seconds.
PATIENCE = 3.0
OPTIONS = (
    "OPTIONS sip:{server} SIP/2.0\r\nVia: SIP/2.0/UDP {ours};branch=z9hG4bK-{port};rport\r\n"
    "From: <sip:a@{server}>;tag=a\r\nTo: <sip:a@{server}>\r\nCall-ID: scan-{port}\r\n"
    "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


def tcp(server: str, ours: str) -> list[int]:
    """Return the ports that take a connection. A closed one says so at once."""
    found = []
    for port in PORTS:
        with socket.socket() as tried:
            tried.settimeout(PATIENCE)
            tried.bind((ours, 0))
            if tried.connect_ex((server, port)) == 0:
                found.append(port)
    return found


def udp(server: str, ours: str) -> list[int]:
    """Return the ports that answer either of two datagrams."""
    found: set[int] = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, selectors.DefaultSelector() as answers:
        asking.bind((ours, 0))
        asking.setblocking(False)
        answers.register(asking, selectors.EVENT_READ)

        def hear(seconds: float) -> None:
            while answers.select(seconds):
                try:
                    found.add(asking.recvfrom(65535)[1][1])
                except OSError:
                    continue  # word that a port is closed

        for port in PORTS:
            text = OPTIONS.format(server=server, ours="{}:{}".format(*asking.getsockname()), port=port)
            for data in (text.encode(), b"\x00\x01rubbish"):
                try:
                    asking.sendto(data, (server, port))
                except OSError:
                    continue
            if port % 64 == 0:
                hear(0)
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            hear(0.1)
    return sorted(found)


if __name__ == "__main__":
    server, ours = (*sys.argv[1:], "0.0.0.0")[:2]
    print(json.dumps({"tcp": tcp(server, ours), "udp": udp(server, ours)}))
