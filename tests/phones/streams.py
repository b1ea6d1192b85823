# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Connections of TCP to a telephone system: one who holds as many as he gets, and phones that need one.

A module for ``process.Telephones``: it reads lines of JSON, each with a ``do``, and answers each with one. It
goes when its standard input is closed, and all connections go with it.
"""

from __future__ import annotations

import base64
import json
import resource
import secrets
import select
import socket
import sys
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .line import Line
from .sip import Message, md5, uri_of

#: Longest wait for one answer, in seconds.
TIMEOUT = 4.0
OK, CHALLENGED = 200, 401
#: How many connections are begun at once.
AT_ONCE = 50
#: What a phone in a browser asks first (RFC 6455, RFC 7118).
UPGRADE = (
    "GET /ws HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
)
#: What is said on a connection that is held, and then nothing more.
FIRST_WORDS = {
    "silent": "",
    "half a request": "GET /ws HTTP/1.1\r\nHost: {server}\r\nX-Slow: ",
    "websocket": UPGRADE,
    "half a message": "REGISTER sip:{server} SIP/2.0\r\nVia: SIP/2.0/TCP ",
    "a message without end": (
        "OPTIONS sip:{server} SIP/2.0\r\nVia: SIP/2.0/TCP {ours};branch=z9hG4bK{key};rport\r\n"
        "From: <sip:a@{server}>;tag=a\r\nTo: <sip:a@{server}>\r\nCall-ID: {key}\r\nCSeq: 1 OPTIONS\r\n"
        "Max-Forwards: 70\r\nContent-Length: 50000\r\n\r\nx"
    ),
    "one question": (
        "OPTIONS sip:{server} SIP/2.0\r\nVia: SIP/2.0/TCP {ours};branch=z9hG4bK{key};rport\r\n"
        "From: <sip:a@{server}>;tag=a\r\nTo: <sip:a@{server}>\r\nCall-ID: {key}\r\nCSeq: 1 OPTIONS\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ),
}


def connection(server: str, port: int, address: str) -> socket.socket | None:
    """Return one, or nothing where none is to be had."""
    try:
        return socket.create_connection((server, port), TIMEOUT, (address, 0))
    except OSError:
        return None


def first_words(kind: str, server: str, held: socket.socket) -> bytes:
    # What a browser names so is base64 of 16 bytes; a branch is of letters and digits.
    key = secrets.token_hex(8)
    if kind == "websocket":
        key = base64.b64encode(key.encode()).decode()
    ours = "{}:{}".format(*held.getsockname()[:2])
    return FIRST_WORDS[kind].format(server=server, ours=ours, key=key).encode()


class Hoard:
    """What one stranger holds."""

    def __init__(self) -> None:
        self.held: list[socket.socket] = []

    def do_hold(self, *, server: str, port: int, address: str, count: int, kind: str) -> int:
        """Open so many from one address; return how many are held then by all of them."""
        with ThreadPoolExecutor(AT_ONCE) as opening:
            opened = list(opening.map(lambda _each: connection(server, port, address), range(count)))
        for one in filter(None, opened):
            try:
                one.sendall(first_words(kind, server, one))
                self.held.append(one)
            except OSError:
                one.close()
        return self.do_held()

    def do_held(self, seconds: float = 0.5) -> int:
        """How many of them the far side has not closed; what it has to say is read."""
        give_up = time.monotonic() + seconds
        while (left := give_up - time.monotonic()) > 0:
            readable = select.poll()
            by_number = {each.fileno(): each for each in self.held}
            for number in by_number:
                readable.register(number, select.POLLIN)
            for number, _event in readable.poll(1000 * left):
                if not self._heard(by_number[number]):
                    by_number[number].close()
                    self.held.remove(by_number[number])
        return len(self.held)

    @staticmethod
    def _heard(held: socket.socket) -> bool:
        try:
            return bool(held.recv(65535))
        except OSError:
            return False

    def do_let_go(self) -> int:
        for each in self.held:
            each.close()
        self.held.clear()
        return 0

    def do_phone(self, *, dial: str, **options: t.Any) -> dict[str, int]:
        """Register by a new connection and dial; return the final status of both, 0 where there is none.

        ``options`` are the fields of a StreamPhone.
        """
        phone = StreamPhone(**options)
        if not phone.connect():
            return {"registered": 0, "dialled": 0}
        self.held.append(phone.stream)
        registered = phone.ask("REGISTER", f"sip:{phone.server}", phone.number)
        dialled = phone.ask("INVITE", f"sip:{dial}@{phone.server}", dial) if registered == OK else 0
        return {"registered": registered, "dialled": dialled}


@dataclass
class StreamPhone:
    """A phone by TCP, or in a browser."""

    server: str
    port: int
    address: str
    number: str
    password: str
    websocket: bool = False

    def connect(self) -> bool:
        """Return whether there is a connection, which is a WebSocket where it is to be one."""
        stream = connection(self.server, self.port, self.address)
        if stream is None:
            return False
        self.stream, self._heard = stream, b""
        self.ours = "{}:{}".format(*stream.getsockname()[:2])
        if not self.websocket:
            return True
        try:
            stream.sendall(first_words("websocket", self.server, stream))
            return b" 101 " in stream.recv(4096)
        except OSError:
            return False

    def ask(self, method: str, uri: str, to: str) -> int:
        """Ask, answer the challenge, acknowledge, hang up what was answered; return the final status."""
        dialog = (
            f"From: <sip:{self.number}@{self.server}>;tag={secrets.token_hex(4)}\r\n"
            f"To: <sip:{to}@{self.server}>\r\nCall-ID: {secrets.token_hex(8)}\r\n"
        )
        authorization = ""
        for sequence in (1, 2):
            answer = self._transact(
                f"{method} {uri}", f"{dialog}CSeq: {sequence} {method}\r\n{authorization}"
            )
            if answer is None:
                return 0
            if method == "INVITE":
                self._in_dialog("ACK", uri, answer, sequence)
                if answer.status < 300:
                    self._in_dialog("BYE", uri_of(answer["contact"]), answer, sequence + 1)
            challenge = answer["www-authenticate"]
            if answer.status != CHALLENGED or not challenge:
                return answer.status
            realm, nonce = (
                challenge.partition(f'{key}="')[2].partition('"')[0] for key in ("realm", "nonce")
            )
            ha1, ha2 = md5(f"{self.number}:{realm}:{self.password}"), md5(f"{method}:{uri}")
            authorization = (
                f'Authorization: Digest username="{self.number}", realm="{realm}", nonce="{nonce}",'
                f' uri="{uri}", response="{md5(f"{ha1}:{nonce}:00000001:a:auth:{ha2}")}", qop=auth,'
                ' nc=00000001, cnonce="a", algorithm=MD5\r\n'
            )
        return CHALLENGED

    def _transact(self, start: str, headers: str) -> Message | None:
        """Send a request; return its final answer."""
        here, way = self.ours.partition(":")[0], "ws" if self.websocket else "tcp"
        body = (
            f"v=0\r\no=- 1 1 IN IP4 {here}\r\ns=-\r\nc=IN IP4 {here}\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8\r\n"
            if start.startswith("INVITE")
            else ""
        )
        self._send(
            f"{start} SIP/2.0\r\n{self._via()}{headers}Max-Forwards: 70\r\nExpires: 300\r\n"
            f"Contact: <sip:{self.number}@{self.ours};transport={way}>\r\n"
            f"{'Content-Type: application/sdp' if body else 'X-Body: none'}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        give_up = time.monotonic() + TIMEOUT
        while time.monotonic() < give_up:
            message = self._receive()
            if message is None or (message.status >= OK and f"CSeq: {message['cseq']}\r\n" in headers):
                return message
        return None

    def _in_dialog(self, method: str, uri: str, answer: Message, sequence: int) -> None:
        # What answers a refusal belongs to what was refused (RFC 3261, 17.1.1.3).
        via = f"Via: {answer['via']}\r\n" if method == "ACK" else self._via()
        self._send(
            f"{method} {uri} SIP/2.0\r\n{via}From: {answer['from']}\r\nTo: {answer['to']}\r\n"
            f"Call-ID: {answer['call-id']}\r\nCSeq: {sequence} {method}\r\nMax-Forwards: 70\r\n"
            "Content-Length: 0\r\n\r\n"
        )

    def _via(self) -> str:
        way = "WS" if self.websocket else "TCP"
        return f"Via: SIP/2.0/{way} {self.ours};branch={Line.new_branch()};rport\r\n"

    def _send(self, text: str) -> None:
        data = text.encode()
        if self.websocket:
            # A client's frames are masked (RFC 6455, 5.3); a mask of noughts changes nothing.
            size = len(data)
            head = bytes([0x81, 0x80 | size]) if size < 126 else bytes([0x81, 0xFE]) + size.to_bytes(2, "big")
            data = head + bytes(4) + data
        self.stream.sendall(data)

    def _receive(self) -> Message | None:
        """Return the next message, nothing where the connection is over or silent."""
        try:
            while (taken := self._taken()) is None:
                more = self.stream.recv(65535)
                if not more:
                    return None
                self._heard += more
        except OSError:
            return None
        return taken

    def _taken(self) -> Message | None:
        start = self._heard.find(b"SIP/2.0 ")
        head, blank, rest = self._heard[max(start, 0) :].partition(b"\r\n\r\n")
        if start < 0 or not blank:
            return None
        message = Message.parse(head + blank)
        length = int(message["content-length"] or 0) if message else 0
        if len(rest) < length:
            return None
        self._heard = rest[length:]
        return message


def main() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    hoard = Hoard()
    for text in sys.stdin:
        asked = json.loads(text)
        print(json.dumps(getattr(hoard, f"do_{asked.pop('do')}")(**asked)), flush=True)


if __name__ == "__main__":
    main()
