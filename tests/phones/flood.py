# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Sends requests of strangers by UDP as fast as it is told to, and waits for no answer.

Reads {"server": address, "address": ours, "kind": ..., "bits": a second, "seconds": ...} from standard input;
prints how many packets and bytes it has sent, as JSON. Runs where the phones are.
"""

from __future__ import annotations

import json
import secrets
import socket
import sys
import time

#: What an Ethernet frame, IP and UDP add to a request on the line, in bytes.
OVERHEAD = 66
REQUEST = (
    "{method} sip:{server} SIP/2.0\r\nVia: SIP/2.0/UDP {ours};branch=z9hG4bK{id};rport\r\n"
    "From: {display}<sip:{user}@{server}>;tag=a\r\nTo: <sip:{user}@{server}>\r\nCall-ID: {call}\r\n"
    "CSeq: 1 {method}\r\nMax-Forwards: 70\r\nContact: <sip:{user}@{ours}>\r\nContent-Length: 0\r\n\r\n"
)
#: What a request has that makes its kind.
KINDS: dict[str, dict[str, str]] = {
    # The least for the line, and so the most of them.
    "short": {"method": "OPTIONS", "user": "1", "call": "{id}", "display": ""},
    # All of it comes into the log.
    "long": {"method": "REGISTER", "user": "{long}", "call": "{long}", "display": ""},
    "huge": {"method": "INVITE", "user": "{long}", "call": "{huge}", "display": ""},
    # Asterisk says what it could not read, and where.
    "broken": {"method": "REGISTER", "user": '1">x<"', "call": "{huge}", "display": ""},
}


def request(kind: str, server: str, ours: str) -> bytes:
    filling = {"id": secrets.token_hex(4), "long": secrets.token_hex(220), "huge": secrets.token_hex(600)}
    parts = {name: part.format(**filling) for name, part in KINDS[kind].items()}
    return REQUEST.format(server=server, ours=ours, id=filling["id"], **parts).encode()


def main() -> None:
    asked = json.load(sys.stdin)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((asked["address"], 0))
        stranger.connect((asked["server"], 5060))
        ours = "{}:{}".format(*stranger.getsockname()[:2])
        began = time.monotonic()
        packets = on_the_line = 0
        while (passed := time.monotonic() - began) < asked["seconds"]:
            if 8 * on_the_line > passed * asked["bits"]:
                time.sleep(0.002)
                continue
            data = request(asked["kind"], asked["server"], ours)
            try:
                stranger.send(data)
            except OSError:
                continue  # word that nobody listens
            packets, on_the_line = packets + 1, on_the_line + len(data) + OVERHEAD
    print(json.dumps({"packets": packets, "bytes": on_the_line}))


if __name__ == "__main__":
    main()
