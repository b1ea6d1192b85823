# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Registers again and again from one address, with right passwords or wrong ones, and tells how long it took.

Reads from standard input {"server": address, "address": ours, "attempts": [{...}, ...]}. An attempt has a
`number`, and a `password` unless it is to be a wrong one. It may have the `username` of its credentials, and
who it registers `as`, where these are not the number. And it may have what a stranger can make anything
of: the `display` name, the `call_id` and the `response` to the challenge, as they are to stand in the
request, a character for each byte. Prints a JSON list with the final status of each and its time in
seconds; the status is 0 where there was no answer, and after three of those it gives up. Runs where the
phones are.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import socket
import sys
import time
import typing as t

#: Longest wait for one answer, in seconds, and after how many of those nobody is taken to be there.
TIMEOUT, SILENCE = 1.0, 3


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - what SIP digest is made of


class Stranger:
    """One UDP socket at one of our addresses."""

    def __init__(self, server: str, address: str) -> None:
        self.server = server
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(TIMEOUT)
        self.socket.bind((address, 0))
        self.socket.connect((server, 5060))
        self.address = "{}:{}".format(*self.socket.getsockname()[:2])

    def register(self, attempt: t.Mapping[str, str]) -> int:
        """Register; return the final status, 0 where there is no answer."""
        call = attempt.get("call_id") or secrets.token_hex(8)
        challenge = self._ask(attempt, call, 1, "")
        given = dict(re.findall(r'(realm|nonce)="([^"]*)"', challenge))
        if not given:
            return 0
        uri = f"sip:{self.server}"
        username = attempt.get("username", attempt["number"])
        ha1 = md5(f"{username}:{given['realm']}:{attempt.get('password', secrets.token_hex(8))}")
        response = attempt.get("response") or md5(
            f"{ha1}:{given['nonce']}:00000001:a:auth:{md5(f'REGISTER:{uri}')}"
        )
        final = self._ask(
            attempt,
            call,
            2,
            f'Authorization: Digest username="{username}", realm="{given["realm"]}",'
            f' nonce="{given["nonce"]}", uri="{uri}", response="{response}", qop=auth, nc=00000001,'
            ' cnonce="a", algorithm=MD5\r\n',
        )
        return int(final.split()[1]) if final else 0

    def _ask(self, attempt: t.Mapping[str, str], call: str, sequence: int, authorization: str) -> str:
        who, aor = (f"<sip:{attempt.get(key, attempt['number'])}@{self.server}>" for key in ("number", "as"))
        request = (
            f"REGISTER sip:{self.server} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.address};branch=z9hG4bK{secrets.token_hex(8)};rport\r\n"
            f"From: {attempt.get('display', '')}{who};tag=a\r\nTo: {aor}\r\n"
            f"Call-ID: {call}\r\nCSeq: {sequence} REGISTER\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:{attempt['number']}@{self.address}>\r\nExpires: 60\r\n"
            f"{authorization}Content-Length: 0\r\n\r\n"
        )
        self.socket.send(request.encode("iso-8859-1"))
        try:
            # The answer to the one before may come late, and Asterisk asks whether a phone is there.
            answer = self._receive()
            while f"CSeq: {sequence} REGISTER" not in answer:
                answer = self._receive()
        except OSError:
            return ""
        return answer

    def _receive(self) -> str:
        return self.socket.recv(65535).decode("iso-8859-1")


def main() -> None:
    asked = json.load(sys.stdin)
    stranger = Stranger(asked["server"], asked["address"])
    said: list[tuple[int, float]] = []
    for attempt in asked["attempts"]:
        began = time.monotonic()
        status = stranger.register(attempt)
        said.append((status, time.monotonic() - began))
        if [each for each, _seconds in said[-SILENCE:]] == [0] * SILENCE:
            break
    print(json.dumps(said))


if __name__ == "__main__":
    main()
