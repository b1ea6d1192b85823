# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Registers thousands of phones side by side, and answers for them for as long as it lives.

Each phone has its own UDP port, registers with its password (RFC 3261, 10 and 22), and answers when
Asterisk asks whether it is there (OPTIONS). It knows nothing else: for calls there is agent.py.

Reads one line from standard input, {"server": address, "addresses": [ours], "phones": [[number,
password], ...]}; prints one, the final status of each by its number; then stays until standard input
is closed. Run with `python -m phones.crowd` where the phones are; tests/phones/town.py is its other half.
"""

from __future__ import annotations

import json
import re
import resource
import secrets
import selectors
import socket
import sys
import time
import typing as t
from collections import deque

from .sip import Message, md5

#: How many phones register at the same time: with more, Asterisk's answers come late and are asked for again.
AT_ONCE = 100
#: When a request is sent again, and how often in all.
AGAIN_AFTER, TRIES = 2.0, 10
#: Longer than any measurement, so that nobody has to register again meanwhile; in seconds.
EXPIRES = 3600
#: The sockets of a process besides those of the phones.
OTHER_FILES = 64

_CHALLENGE = re.compile(r'(realm|nonce)="([^"]*)"')


class CrowdedPhone:
    """One phone: its socket, and how far its registration is."""

    def __init__(self, number: str, password: str, address: str, server: str) -> None:
        self.number = number
        self.status = 0
        self.tries = 0
        self.sent_at = 0.0
        self._password, self._server = password, server
        self._call, self._sequence, self._authorization = secrets.token_hex(8), 1, ""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((address, 0))
        self.socket.connect((server, 5060))
        self._address = "{}:{}".format(*self.socket.getsockname()[:2])

    def register(self, now: float) -> None:
        """Send the request, or send it again."""
        self.tries, self.sent_at = self.tries + 1, now
        aor = f"<sip:{self.number}@{self._server}>"
        self._send(
            f"REGISTER sip:{self._server} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self._address};branch=z9hG4bK{self._call}{self._sequence};rport\r\n"
            f"From: {aor};tag={self._call}\r\nTo: {aor}\r\n"
            f"Call-ID: {self._call}\r\nCSeq: {self._sequence} REGISTER\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:{self.number}@{self._address}>\r\nExpires: {EXPIRES}\r\n"
            f"User-Agent: Desk phone 1.2\r\n{self._authorization}Content-Length: 0\r\n\r\n"
        )

    def hear(self, now: float) -> None:
        """Take what has come: answer a challenge or a question, or note how the registration ended."""
        try:
            message = Message.parse(self.socket.recv(65535))
        except OSError:
            return  # nothing after all, or word that Asterisk is not there: the request is sent again
        if message is None:
            return
        if not message.status:
            self._answer(message)
        elif message.sequence == self._sequence and message.status >= 200 and not self.status:
            if message.status == 401 and self._sequence == 1:
                self._accept(dict(_CHALLENGE.findall(message["www-authenticate"])))
                self.register(now)
            else:
                self.status = message.status

    def _accept(self, challenge: dict[str, str]) -> None:
        realm, nonce, uri = challenge["realm"], challenge["nonce"], f"sip:{self._server}"
        cnonce = secrets.token_hex(4)
        ha1, ha2 = md5(f"{self.number}:{realm}:{self._password}"), md5(f"REGISTER:{uri}")
        response = md5(f"{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}")
        self._authorization = (
            f'Authorization: Digest username="{self.number}", realm="{realm}", nonce="{nonce}", uri="{uri}",'
            f' response="{response}", qop=auth, nc=00000001, cnonce="{cnonce}", algorithm=MD5\r\n'
        )
        self._sequence, self.tries = 2, 0

    def _answer(self, request: Message) -> None:
        start = "SIP/2.0 200 OK" if request.method == "OPTIONS" else "SIP/2.0 501 Not Implemented"
        vias = "".join(f"Via: {value}\r\n" for name, value in request.headers if name == "via")
        self._send(
            f"{start}\r\n{vias}From: {request['from']}\r\nTo: {request['to']};tag={self._call}\r\n"
            f"Call-ID: {request['call-id']}\r\nCSeq: {request['cseq']}\r\nContent-Length: 0\r\n\r\n"
        )

    def _send(self, text: str) -> None:
        try:
            self.socket.send(text.encode())
        except OSError:
            return  # as if it had got lost on its way


class Crowd:
    """All phones, and the one loop that listens for them."""

    def __init__(self, server: str, addresses: t.Sequence[str], phones: t.Sequence[tuple[str, str]]) -> None:
        files = len(phones) + OTHER_FILES
        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, max(files, hard)))
        self._selector = selectors.DefaultSelector()
        self.phones = [
            CrowdedPhone(number, password, addresses[index % len(addresses)], server)
            for index, (number, password) in enumerate(phones)
        ]
        for phone in self.phones:
            self._selector.register(phone.socket, selectors.EVENT_READ, phone)

    def register(self) -> dict[str, int]:
        """Register all; the final status of each, 0 for one that was never answered."""
        waiting, busy = deque(self.phones), list[CrowdedPhone]()
        while waiting or busy:
            now = time.monotonic()
            while waiting and len(busy) < AT_ONCE:
                phone = waiting.popleft()
                phone.register(now)
                busy.append(phone)
            self._listen(0.05)
            now = time.monotonic()
            busy = [phone for phone in busy if not phone.status and self._goes_on(phone, now)]
        return {phone.number: phone.status for phone in self.phones}

    @staticmethod
    def _goes_on(phone: CrowdedPhone, now: float) -> bool:
        if now - phone.sent_at < AGAIN_AFTER:
            return True
        if phone.tries < TRIES:
            phone.register(now)
            return True
        return False

    def _listen(self, seconds: float) -> bool:
        """Hear everybody who has something; False once standard input has something, which is its end."""
        for key, _events in self._selector.select(seconds):
            if key.data is None:
                return False
            key.data.hear(time.monotonic())
        return True

    def stay(self) -> None:
        """Answer for all until standard input is closed."""
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        while self._listen(60.0):
            pass


if __name__ == "__main__":
    asked = json.loads(sys.stdin.readline())
    crowd = Crowd(asked["server"], asked["addresses"], asked["phones"])
    print(json.dumps(crowd.register()), flush=True)
    crowd.stay()
