# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Asks for lamps without end, as fast as they are given: one phone gone bad (RFC 6665)."""

from __future__ import annotations

import contextlib
import secrets
import socket
import time
import typing as t
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .sip import Message

if t.TYPE_CHECKING:
    from .line import Line

#: How many requests are on their way at the same time, and when one is sent again, in seconds.
AT_ONCE, AGAIN_AFTER = 32, 0.5
#: A nonce is good for 32 s (res_pjsip_authenticator_digest.c): a new one in time; in seconds.
FRESH = 20.0
#: Longest wait for answers, in seconds, after the last one that came.
PATIENCE = 10.0


@dataclass
class Subscription:
    """One lamp: what was asked for last, and where that began."""

    call: str
    number: str
    #: The To header, with the other side's tag once there is one.
    to: str
    expires: int | None
    sequence: int = 0
    sent: float = 0.0


class ManyLamps:
    """A socket of its own beside the phone's, with the phone's number and password.

    With ``tcp_port`` it is a connection to that port.
    """

    def __init__(self, phone: Line, expires: int | None, event: str, tcp_port: int = 0) -> None:
        self._phone, self._expires, self._event = phone, expires, event
        self._tcp = bool(tcp_port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp_port else socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        self._socket.bind((phone.address, 0))
        self._socket.connect((phone.server[0], tcp_port) if tcp_port else phone.server)
        self._socket.settimeout(0.05)
        self._port = self._socket.getsockname()[1]
        self._heard = b""
        self._challenge: Message | None = None
        self._challenged_at = 0.0
        #: By Call-ID: what is not answered yet, and what was accepted.
        self._waiting: dict[str, Subscription] = {}
        self._accepted: dict[str, Subscription] = {}
        self.statuses: Counter[int] = Counter()

    def ask(self, numbers: Iterable[str]) -> None:
        """Subscribe to each, and count the answers."""
        server = self._phone.server[0]
        self._send_all(
            Subscription(secrets.token_hex(8), number, f"<sip:{number}@{server}>", self._expires)
            for number in numbers
        )

    def end(self) -> None:
        """End what was accepted; by TCP the end of the connection does it."""
        if not self._tcp:
            ending, self._accepted = self._accepted, {}
            for each in ending.values():
                each.expires = 0
            self._send_all(ending.values())
        self._socket.close()

    def _send_all(self, subscriptions: Iterable[Subscription]) -> None:
        left, answered = deque(subscriptions), time.monotonic()
        while (left or self._waiting) and time.monotonic() - answered < PATIENCE:
            while left and len(self._waiting) < AT_ONCE:
                self._send(left.popleft())
            waiting = len(self._waiting)
            with contextlib.suppress(TimeoutError):
                for data in self._received():
                    self._hear(data)
            if len(self._waiting) < waiting:
                answered = time.monotonic()
            elif not self._tcp:
                self._send_again()

    def _send_again(self) -> None:
        for each in list(self._waiting.values()):
            if time.monotonic() - each.sent > AGAIN_AFTER:
                each.sequence -= 1
                self._send(each)

    def _received(self) -> Iterator[bytes]:
        """Give the messages that have come: by TCP one may come in pieces, or many at once."""
        data = self._socket.recv(65535)
        if not self._tcp:
            yield data
            return
        if not data:
            raise ConnectionError(f"{self._phone.name}: Asterisk has closed the connection")
        self._heard += data
        while b"\r\n\r\n" in self._heard:
            head, _blank, rest = self._heard.partition(b"\r\n\r\n")
            message = Message.parse(head)
            length = int(message["content-length"] or 0) if message else 0
            if len(rest) < length:
                return
            self._heard = rest[length:]
            yield head + b"\r\n\r\n" + rest[:length]

    def _send(self, each: Subscription) -> None:
        phone = self._phone
        each.sequence += 1
        each.sent = time.monotonic()
        self._waiting[each.call] = each
        protocol, suffix = ("TCP", ";transport=tcp") if self._tcp else ("UDP", "")
        branch = f"z9hG4bK{each.call}{each.sequence}"
        headers = {
            "Via": f"SIP/2.0/{protocol} {phone.address}:{self._port};branch={branch};rport",
            "Max-Forwards": "70",
            "From": f"<sip:{phone.number}@{phone.server[0]}>;tag={each.call}",
            "To": each.to,
            "Call-ID": each.call,
            "CSeq": f"{each.sequence} SUBSCRIBE",
            "Contact": f"<sip:{phone.number}@{phone.address}:{self._port}{suffix}>",
            "Event": self._event,
            "Accept": "application/dialog-info+xml, application/pidf+xml",
        }
        if each.expires is not None:
            headers["Expires"] = str(each.expires)
        uri = f"sip:{each.number}@{phone.server[0]}"
        if self._challenge and time.monotonic() - self._challenged_at < FRESH:
            headers |= phone.authorization("SUBSCRIBE", uri, self._challenge)
        text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._socket.sendall(f"SUBSCRIBE {uri} SIP/2.0\r\n{text}Content-Length: 0\r\n\r\n".encode())

    def _hear(self, data: bytes) -> None:
        message = Message.parse(data)
        if message is None:
            return
        if not message.status:
            vias = "".join(f"Via: {value}\r\n" for name, value in message.headers if name == "via")
            text = (
                f"SIP/2.0 200 OK\r\n{vias}From: {message['from']}\r\nTo: {message['to']}\r\n"
                f"Call-ID: {message['call-id']}\r\nCSeq: {message['cseq']}\r\nContent-Length: 0\r\n\r\n"
            )
            self._socket.sendall(text.encode())
            return
        each = self._waiting.get(message["call-id"])
        if each is None or message.sequence != each.sequence or message.status < 200:
            return
        if message.status == 401 and each.sequence < 6:
            self._challenge, self._challenged_at = message, time.monotonic()
            self._send(each)
            return
        del self._waiting[each.call]
        self.statuses[message.status] += 1
        if message.status == 200 and each.expires != 0:
            each.to = message["to"]
            self._accepted[each.call] = each
