# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Registers many phones, one after the other, with passwords of any characters.

SIPp reads its passwords from a file in which `;` and `]` mean something. This speaks
just enough SIP (RFC 3261, 10 and 22) to tell whether a password is the right one.

Reads from standard input {"server": address, "phones": [[number, password], ...]};
prints the final status of each as a JSON list. Runs where the phones are.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import socket
import sys

#: Longest wait for one answer, in seconds, and how often a request is sent again.
TIMEOUT, TRIES = 2.0, 3


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - what SIP digest is made of


class RegisteringPhone:
    def __init__(self, server: str) -> None:
        self.server = server
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect((server, 5060))
        self.address = "{}:{}".format(*self.socket.getsockname()[:2])

    def register(self, number: str, password: str) -> int:
        call = secrets.token_hex(8)
        challenge = self._ask(number, call, 1, "")
        realm, nonce = (
            re.search(rf'{key}="([^"]*)"', challenge).group(1)  # type: ignore[union-attr]
            for key in ("realm", "nonce")
        )
        uri = f"sip:{self.server}"
        ha1, ha2 = md5(f"{number}:{realm}:{password}"), md5(f"REGISTER:{uri}")
        cnonce = secrets.token_hex(4)
        response = md5(f"{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}")
        final = self._ask(
            number,
            call,
            2,
            f'Authorization: Digest username="{number}", realm="{realm}", nonce="{nonce}", uri="{uri}",'
            f' response="{response}", qop=auth, nc=00000001, cnonce="{cnonce}", algorithm=MD5\r\n',
        )
        return int(final.split()[1])

    def _ask(self, number: str, call: str, sequence: int, authorization: str) -> str:
        request = (
            f"REGISTER sip:{self.server} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.address};branch=z9hG4bK{call}{sequence};rport\r\n"
            f"From: <sip:{number}@{self.server}>;tag={call}\r\nTo: <sip:{number}@{self.server}>\r\n"
            f"Call-ID: {call}\r\nCSeq: {sequence} REGISTER\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:{number}@{self.address}>\r\nExpires: 60\r\n"
            f"{authorization}Content-Length: 0\r\n\r\n"
        )
        for _try in range(TRIES):
            self.socket.send(request.encode())
            try:
                # Also on this socket: Asterisk asking whether the phones before are there.
                answer = self._receive()
                while f"CSeq: {sequence} REGISTER" not in answer or call not in answer:
                    answer = self._receive()
            except TimeoutError:
                continue
            return answer
        raise SystemExit(f"{number}: no answer")

    def _receive(self) -> str:
        return self.socket.recv(65535).decode("utf-8", "replace")


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    phone = RegisteringPhone(asked["server"])
    print(json.dumps([phone.register(number, password) for number, password in asked["phones"]]))
