# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Phones that register whatever contacts they are told to, and tell what they are sent.

They do so over UDP, TCP or WebSocket. A phone answers OPTIONS with 200 and refuses every call with its
``habit``, or lets it ring ("ring"). One line of JSON on standard input is {"do": name of a command, ...}, and
is answered by {"ok": result} or {"error": text}. Runs where the phones are; tests/integration/forging.py is
its other half.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import secrets
import socket
import sys
import threading
import time
import typing as t

from .sip import Message, md5, tag_of

#: Longest wait for an answer, in seconds.
TIMEOUT = 5.0


class Wire:
    """One socket, and what a datagram, a stream and a WebSocket have to be given to be a message of SIP."""

    def __init__(self, protocol: str, local: tuple[str, int], server: tuple[str, int] | None) -> None:
        self.protocol = protocol
        family = socket.AF_INET6 if ":" in local[0] else socket.AF_INET
        kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
        self.socket = socket.socket(family, kind)
        self.socket.bind(local)
        self._unread = b""
        self._server = server
        if protocol != "udp":
            assert server
            self.socket.settimeout(TIMEOUT)
            self.socket.connect(server)
        if protocol == "ws":
            self._shake_hands(server)
        self.socket.settimeout(None)

    def _shake_hands(self, server: t.Any) -> None:
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        self.socket.sendall(
            f"GET /ws HTTP/1.1\r\nHost: {server[0]}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: sip\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = self.socket.recv(4096)
            if not piece:
                raise ConnectionError(f"the server wants no WebSocket: {answer!r}")
            answer += piece
        head, _blank, self._unread = answer.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(f"the server wants no WebSocket: {head!r}")

    def send(self, text: str, to: t.Any = None) -> None:
        data = text.encode()
        if self.protocol == "udp":
            where = to or self._server
            assert where
            self.socket.sendto(data, where)
        elif self.protocol == "tcp":
            self.socket.sendall(data)
        else:  # RFC 6455, 5.2: a client masks what it sends
            mask = secrets.token_bytes(4)
            size = len(data)
            head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
            self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def messages(self) -> t.Iterator[tuple[bytes, t.Any]]:
        """Return each message and who has sent it, for as long as the socket is open."""
        while True:
            try:
                data, sender = self.socket.recvfrom(65535)
            except OSError:
                return
            if self.protocol == "udp":
                if sender is None:
                    return
                yield data, sender
                continue
            if not data:
                return
            self._unread += data
            while (message := self._next()) is not None:
                yield message, None

    def _next(self) -> bytes | None:
        if self.protocol == "tcp":
            head, blank, rest = self._unread.partition(b"\r\n\r\n")
            length = re.search(rb"(?im)^(?:content-length|l) *: *(\d+)", head)
            size = int(length.group(1)) if length else 0
            if not blank or len(rest) < size:
                return None
            self._unread = rest[size:]
            return head + blank + rest[:size]
        if len(self._unread) < 4:
            return None
        size, begin = self._unread[1] & 0x7F, 2
        if size == 126:
            size, begin = int.from_bytes(self._unread[2:4], "big"), 4
        if len(self._unread) < begin + size:
            return None
        message, self._unread = self._unread[begin : begin + size], self._unread[begin + size :]
        return message


class Forger:
    """A phone, or a bystander that only tells what it is sent."""

    def __init__(self, options: dict[str, t.Any]) -> None:
        self.protocol: str = options.get("protocol", "udp")
        self.server: str = options.get("server", "")
        self.number: str = options.get("number", "")
        self.password: str = options.get("password", "")
        self.habit = str(options.get("habit", "486"))
        port = {"ws": 8088}.get(self.protocol, 5060)
        self.wire = Wire(self.protocol, (options["address"], options.get("port", 0)), (self.server, port))
        self.address, self.port = self.wire.socket.getsockname()[:2]
        self.answers: list[Message] = []
        self.requests: list[Message] = []
        self.news = threading.Condition()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def here(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    def _listen(self) -> None:
        for data, sender in self.wire.messages():
            message = Message.parse(data)
            if message is None:
                continue
            with self.news:
                (self.answers if message.status else self.requests).append(message)
                self.news.notify_all()
            if message.method == "OPTIONS":
                self._respond(message, "200 OK", sender)
            elif message.method in ("INVITE", "CANCEL") and self.habit == "ring":
                self._respond(message, "180 Ringing" if message.method == "INVITE" else "200 OK", sender)
            elif message.method == "INVITE":
                self._respond(message, f"{self.habit} No", sender)

    def _respond(self, to: Message, status: str, sender: t.Any) -> None:
        vias = "".join(f"Via: {value}\r\n" for key, value in to.headers if key == "via")
        tag = "" if tag_of(to["to"]) else ";tag=f"
        self.wire.send(
            f"SIP/2.0 {status}\r\n{vias}From: {to['from']}\r\nTo: {to['to']}{tag}\r\n"
            f"Call-ID: {to['call-id']}\r\nCSeq: {to['cseq']}\r\nContent-Length: 0\r\n\r\n",
            sender,
        )

    def register(self, contacts: list[str], headers: str = "") -> dict[str, t.Any]:
        """Register these values of Contact, in which HERE is this phone's own host and port."""
        call, authorization = secrets.token_hex(8), ""
        uri = f"sip:{self.server}"
        for sequence in (1, 2):
            aor = f"<sip:{self.number}@{self.server}>"
            written = "".join(f"Contact: {contact.replace('HERE', self.here)}\r\n" for contact in contacts)
            self.wire.send(
                f"REGISTER {uri} SIP/2.0\r\n"
                f"Via: SIP/2.0/{self.protocol.upper()} {self.here};rport;branch=z9hG4bK"
                f"{secrets.token_hex(8)}\r\n"
                f"From: {aor};tag=a\r\nTo: {aor}\r\nCall-ID: {call}\r\nCSeq: {sequence} REGISTER\r\n"
                f"Max-Forwards: 70\r\n{written}{headers}Expires: 600\r\n{authorization}"
                "Content-Length: 0\r\n\r\n"
            )
            answer = self._answer(call, sequence)
            if answer is None:
                return {"status": 0, "contacts": []}
            if answer.status != 401:
                break
            given = dict(re.findall(r'(realm|nonce)="([^"]*)"', answer["www-authenticate"]))
            ha1, ha2 = md5(f"{self.number}:{given['realm']}:{self.password}"), md5(f"REGISTER:{uri}")
            response = md5(f"{ha1}:{given['nonce']}:00000001:a:auth:{ha2}")
            authorization = (
                f'Authorization: Digest username="{self.number}", realm="{given["realm"]}",'
                f' nonce="{given["nonce"]}", uri="{uri}", response="{response}", qop=auth, nc=00000001,'
                ' cnonce="a", algorithm=MD5\r\n'
            )
        assert answer
        return {
            "status": answer.status,
            "contacts": [value for key, value in answer.headers if key == "contact"],
        }

    def unplug(self) -> None:
        # Otherwise the one that listens keeps it open. A datagram's is not connected, and yet wakes up.
        with contextlib.suppress(OSError):
            self.wire.socket.shutdown(socket.SHUT_RDWR)
        self._listener.join(TIMEOUT)
        self.wire.socket.close()

    def _answer(self, call: str, sequence: int) -> Message | None:
        give_up = time.monotonic() + TIMEOUT

        def found() -> Message | None:
            return next((a for a in self.answers if a["call-id"] == call and a.sequence == sequence), None)

        with self.news:
            while found() is None and time.monotonic() < give_up:
                self.news.wait(0.1)
            return found()


def main() -> None:
    forgers: dict[str, Forger] = {}
    for text in sys.stdin:
        asked = json.loads(text)
        name = asked.pop("name", "")
        answer: dict[str, t.Any]
        try:
            if asked["do"] == "plug_in":
                forger = forgers[name] = Forger(asked)
                answer = {"ok": {"address": forger.address, "port": forger.port}}
            elif asked["do"] == "register":
                answer = {"ok": forgers[name].register(asked["contacts"], asked.get("headers", ""))}
            elif asked["do"] == "unplug":
                forgers.pop(name).unplug()
                answer = {"ok": None}
            else:
                answer = {"ok": [f"{m.start}\n{m['to']}" for m in forgers[name].requests]}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
