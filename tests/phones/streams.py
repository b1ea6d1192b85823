# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Connections of TCP to a telephone system: one who holds as many as he gets, and phones that need one.

A module for ``process.Telephones``: it reads lines of JSON, each with a ``do``, and answers each with one. It
goes when its standard input is closed, and all connections go with it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import resource
import secrets
import select
import socket
import sys
import threading
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .encrypted import trusting
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
    # The head of a TLS record that holds a ClientHello, and of that its version and random bytes (RFC 8446).
    "half a handshake": "\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03{key}{key}",
    "one question": (
        "OPTIONS sip:{server} SIP/2.0\r\nVia: SIP/2.0/TCP {ours};branch=z9hG4bK{key};rport\r\n"
        "From: <sip:a@{server}>;tag=a\r\nTo: <sip:a@{server}>\r\nCall-ID: {key}\r\nCSeq: 1 OPTIONS\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ),
}


def connection(server: str, port: int, address: str, patience: float = TIMEOUT) -> socket.socket | None:
    """Return one, or nothing where none is available."""
    try:
        return socket.create_connection((server, port), patience, (address, 0))
    except OSError:
        return None


def first_words(kind: str, server: str, held: socket.socket) -> bytes:
    # What a browser names so is base64 of 16 bytes; a branch is of letters and digits.
    key = secrets.token_hex(8)
    if kind == "websocket":
        key = base64.b64encode(key.encode()).decode()
    ours = "{}:{}".format(*held.getsockname()[:2])
    return FIRST_WORDS[kind].format(server=server, ours=ours, key=key).encode("latin-1")


def is_closed(held: socket.socket) -> bool:
    """Tell whether the far side has ended it; what it has to say is read."""
    try:
        return not held.recv(65535)
    except BlockingIOError:
        return False
    except OSError:
        return True


class Hoard:
    """What one stranger holds."""

    def __init__(self) -> None:
        self.held: list[socket.socket] = []
        self.besieging = False
        self.besieged: dict[int, int] = {}
        self.lock = threading.Lock()

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

    def do_besiege(self, *, server: str, port: int, addresses: list[str], each: int, kind: str) -> int:
        """Hold so many from each of these addresses, and take again what is closed, until it is let go."""

        def hold(address: str) -> None:
            mine: list[socket.socket] = []
            while self.besieging:
                one = connection(server, port, address, 1) if len(mine) < each else None
                if one:
                    with contextlib.suppress(OSError):
                        one.sendall(first_words(kind, server, one))
                        one.setblocking(False)
                    mine.append(one)
                else:
                    time.sleep(0.05)
                closed = [held for held in mine if is_closed(held)]
                mine = [held for held in mine if held not in closed]
                with self.lock:
                    self.besieged[threading.get_ident()] = len(mine)
            for held in mine:
                held.close()

        self.besieging = True
        for address in addresses * 4:
            threading.Thread(target=hold, args=(address,), daemon=True).start()
        return 0

    def do_besieged(self) -> int:
        """How many of those are held now."""
        with self.lock:
            return sum(self.besieged.values())

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
        self.besieging = False
        return 0

    def do_phone(self, *, dial: str, **options: t.Any) -> dict[str, int]:
        """Register by a new connection and dial; return the final status of both, 0 where there is none.

        ``options`` are the fields of a StreamPhone. It also returns how many milliseconds it took.
        """
        began = time.monotonic()
        phone = StreamPhone(**options)
        if not phone.connect():
            return {"registered": 0, "dialled": 0, "took": 0}
        self.held.append(phone.stream)
        registered = phone.ask("REGISTER", f"sip:{phone.server}", phone.number)
        dialled = phone.ask("INVITE", f"sip:{dial}@{phone.server}", dial) if registered == OK else 0
        return {
            "registered": registered,
            "dialled": dialled,
            "took": int(1000 * (time.monotonic() - began)),
        }


@dataclass
class StreamPhone:
    """A phone by TCP, or in a browser."""

    server: str
    port: int
    address: str
    number: str
    password: str
    websocket: bool = False
    tls: bool = False

    def connect(self) -> bool:
        """Return whether there is a connection, which is a WebSocket where it is to be one."""
        stream = connection(self.server, self.port, self.address)
        if stream is None:
            return False
        self.ours = "{}:{}".format(*stream.getsockname()[:2])
        self.stream, self._heard = stream, b""
        try:
            if self.tls:
                stream = self.stream = trusting().wrap_socket(stream)
            if not self.websocket:
                return True
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
        # A URI says ws of both (RFC 7118, 5.2).
        here, way = self.ours.partition(":")[0], "ws" if self.websocket else self._way.lower()
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

    @property
    def _way(self) -> str:
        if self.websocket:
            return "WSS" if self.tls else "WS"
        return "TLS" if self.tls else "TCP"

    def _via(self) -> str:
        return f"Via: SIP/2.0/{self._way} {self.ours};branch={Line.new_branch()};rport\r\n"

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
