# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Asks for lamps without end, as fast as they are given: one phone gone bad (RFC 6665)."""

from __future__ import annotations

import secrets
import socket
import time
import typing as t
from collections import Counter, deque
from collections.abc import Iterable

from .sip import Message

if t.TYPE_CHECKING:
    from .line import Line

#: How many requests are on their way at the same time, and when one is sent again, in seconds.
AT_ONCE, AGAIN_AFTER = 32, 0.5
#: A nonce is good for 32 s (res_pjsip_authenticator_digest.c): a new one in time; in seconds.
FRESH = 20.0
#: Longest wait for answers, in seconds, after the last one that came.
PATIENCE = 10.0


class ManyLamps:
    """A socket of its own beside the phone's, with the phone's number and password."""

    def __init__(self, phone: Line, expires: int | None, event: str) -> None:
        self._phone, self._expires, self._event = phone, expires, event
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        self._socket.bind((phone.address, 0))
        self._socket.connect(phone.server)
        self._socket.settimeout(0.05)
        self._port = self._socket.getsockname()[1]
        self._challenge: Message | None = None
        self._challenged_at = 0.0
        #: By Call-ID: the number that was asked for, the CSeq, and when.
        self._waiting: dict[str, tuple[str, int, float]] = {}
        self.statuses: Counter[int] = Counter()

    def ask(self, numbers: Iterable[str]) -> None:
        """Subscribe to each, and count the answers."""
        left, heard = deque(numbers), time.monotonic()
        while (left or self._waiting) and time.monotonic() - heard < PATIENCE:
            while left and len(self._waiting) < AT_ONCE:
                self._send(secrets.token_hex(8), left.popleft(), 1)
            try:
                self._hear(self._socket.recv(65535))
                heard = time.monotonic()
            except TimeoutError:
                for call, (number, sequence, sent) in list(self._waiting.items()):
                    if time.monotonic() - sent > AGAIN_AFTER:
                        self._send(call, number, sequence)

    def close(self) -> None:
        self._socket.close()

    def _send(self, call: str, number: str, sequence: int) -> None:
        phone = self._phone
        server = phone.server[0]
        self._waiting[call] = (number, sequence, time.monotonic())
        headers = {
            "Via": f"SIP/2.0/UDP {phone.address}:{self._port};branch=z9hG4bK{call}{sequence};rport",
            "Max-Forwards": "70",
            "From": f"<sip:{phone.number}@{server}>;tag={call}",
            "To": f"<sip:{number}@{server}>",
            "Call-ID": call,
            "CSeq": f"{sequence} SUBSCRIBE",
            "Contact": f"<sip:{phone.number}@{phone.address}:{self._port}>",
            "Event": self._event,
            "Accept": "application/dialog-info+xml, application/pidf+xml",
        }
        if self._expires is not None:
            headers["Expires"] = str(self._expires)
        uri = f"sip:{number}@{server}"
        if self._challenge and time.monotonic() - self._challenged_at < FRESH:
            headers |= phone.authorization("SUBSCRIBE", uri, self._challenge)
        text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._socket.send(f"SUBSCRIBE {uri} SIP/2.0\r\n{text}Content-Length: 0\r\n\r\n".encode())

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
            self._socket.send(text.encode())
            return
        call = message["call-id"]
        number, sequence, _sent = self._waiting.get(call, ("", 0, 0.0))
        if message.sequence != sequence or message.status < 200:
            return
        if message.status == 401 and sequence < 4:
            self._challenge, self._challenged_at = message, time.monotonic()
            self._send(call, number, sequence + 1)
            return
        del self._waiting[call]
        self.statuses[message.status] += 1
