# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Phones that call themselves whatever they are told to, when they register and call, and tell what they get.

They do so over UDP, TCP, TLS or WebSocket. A phone answers OPTIONS with 200 and refuses every call with its
``habit``, lets it ring ("ring") or answers it ("answer"), with the ``headers`` that it was given. One line of
JSON on standard input is {"do": name of a command, ...}, and is answered by {"ok": result} or {"error":
text}. Runs where the phones are; tests/integration/forging.py is its other half.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import json
import re
import secrets
import socket
import sys
import threading
import time
import typing as t

from .encrypted import Encrypted
from .sip import Message, md5, tag_of, uri_of

#: Longest wait for an answer, in seconds.
TIMEOUT = 5.0
PORTS = {"tls": 5061, "ws": 8088, "wss": 8089}


class Wire:
    """One socket, and what a datagram, a stream and a WebSocket have to be given to be a message of SIP."""

    def __init__(self, protocol: str, local: tuple[str, int], server: tuple[str, int] | None) -> None:
        self.protocol = protocol
        family = socket.AF_INET6 if ":" in local[0] else socket.AF_INET
        kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
        self.socket: t.Any = socket.socket(family, kind)
        self.socket.bind(local)
        self._unread = b""
        self._server = server
        if protocol != "udp":
            assert server
            self.socket.settimeout(TIMEOUT)
            self.socket.connect(server)
        if protocol in ("tls", "wss"):
            self.socket = Encrypted(self.socket)
        if protocol in ("ws", "wss"):
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
        elif self.protocol in ("tcp", "tls"):
            self.socket.sendall(data)
        else:  # RFC 6455, 5.2: a client masks what it sends
            mask = secrets.token_bytes(4)
            size = len(data)
            head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
            self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def messages(self) -> t.Iterator[tuple[bytes, t.Any]]:
        """Return each message and who has sent it, for as long as the socket is open."""
        while True:
            sender = None
            try:
                if self.protocol == "udp":
                    data, sender = self.socket.recvfrom(65535)
                else:
                    data = self.socket.recv(65535)
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
        if self.protocol in ("tcp", "tls"):
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


@dataclasses.dataclass
class Dialog:
    """What requests belong to: where they go, their target, and what follows the name in From."""

    target: str
    to: str
    tag: str = ";tag=a"
    call: str = dataclasses.field(default_factory=lambda: secrets.token_hex(8))
    #: The number of the last request.
    sequence: int = 0


class Forger:
    """A phone, or a bystander that only tells what it is sent."""

    def __init__(self, options: dict[str, t.Any]) -> None:
        self.protocol: str = options.get("protocol", "udp")
        self.server = host(options.get("server", ""))
        self.number: str = options.get("number", "")
        self.password: str = options.get("password", "")
        #: What it registers as: the user in To.
        self.aor: str = options.get("aor", self.number)
        self.habit = str(options.get("habit", "486"))
        self.headers: str = options.get("headers", "")
        #: What follows its name in To where it answers a call.
        self.tag: str = options.get("tag", ";tag=f")
        port = options.get("server_port", PORTS.get(self.protocol, 5060))
        server = (options.get("server", ""), port)
        self.wire = Wire(self.protocol, (options["address"], options.get("port", 0)), server)
        self.address, self.port = self.wire.socket.getsockname()[:2]
        #: Its last call.
        self.dialog: Dialog | None = None
        self.answers: list[Message] = []
        self.requests: list[Message] = []
        self.news = threading.Condition()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def here(self) -> str:
        return f"{host(self.address)}:{self.port}"

    def _listen(self) -> None:
        for data, sender in self.wire.messages():
            message = Message.parse(data)
            if message is None:
                continue
            with self.news:
                (self.answers if message.status else self.requests).append(message)
                self.news.notify_all()
            if message.method in ("OPTIONS", "BYE", "UPDATE", "NOTIFY", "CANCEL") and not message.status:
                self._respond(message, "200 OK", sender)
            elif message.method == "INVITE" and not message.status:
                self._be_called(message, sender)

    def _be_called(self, invite: Message, caller: t.Any) -> None:
        if self.habit == "ring":
            self._respond(invite, "180 Ringing", caller)
        elif self.habit == "answer":
            self._respond(invite, "200 OK", caller, self._written(self.headers), self._sdp())
        else:
            self._respond(invite, f"{self.habit} No", caller, self._written(self.headers))

    def _respond(self, to: Message, status: str, sender: t.Any, headers: str = "", body: str = "") -> None:
        vias = "".join(f"Via: {value}\r\n" for key, value in to.headers if key == "via")
        tag = "" if tag_of(to["to"]) else self.tag
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.wire.send(
            f"SIP/2.0 {status}\r\n{vias}From: {to['from']}\r\nTo: {to['to']}{tag}\r\n"
            f"Call-ID: {to['call-id']}\r\nCSeq: {to['cseq']}\r\n{headers}{kind}"
            f"Content-Length: {len(body)}\r\n\r\n{body}",
            sender,
        )

    def _written(self, headers: str) -> str:
        return headers.replace("HERE", self.here)

    def _sdp(self) -> str:
        family = "IP6" if ":" in self.address else "IP4"
        return (
            f"v=0\r\no=- 1 1 IN {family} {self.address}\r\ns=-\r\nc=IN {family} {self.address}\r\n"
            "t=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"
        )

    def register(self, contacts: list[str], headers: str = "") -> dict[str, t.Any]:
        """Register these values of Contact, in which HERE is this phone's own host and port."""
        written = "".join(f"Contact: {contact}\r\n" for contact in contacts)
        asked = Dialog(f"sip:{self.server}", f"<sip:{self.aor}@{self.server}>")
        answer = self._transact("REGISTER", asked, f"{written}{headers}Expires: 600\r\n")
        return {
            "status": answer.status if answer else 0,
            "contacts": [value for key, value in answer.headers if key == "contact"] if answer else [],
        }

    def call(self, number: str, headers: str, tag: str = ";tag=a") -> dict[str, t.Any]:
        """Call somebody; return the final answer: status, and its headers by name."""
        uri = f"sip:{number}@{self.server}"
        call = Dialog(uri, f"<{uri}>", tag)
        answer = self._transact("INVITE", call, headers, self._sdp())
        if answer is None:
            return {"status": 0}
        if answer.status == 200:
            call.target, call.to, self.dialog = uri_of(answer["contact"]), answer["to"], call
        return {"status": answer.status, "headers": dict(answer.headers)}

    def within(self, method: str, headers: str) -> int:
        """Send a request within the last call; return the status of the answer."""
        assert self.dialog
        answer = self._transact(method, self.dialog, headers, self._sdp() if method == "INVITE" else "")
        return answer.status if answer else 0

    def ask(self, method: str, number: str, headers: str) -> int:
        """Ask something of somebody outside a call; return the status of the answer."""
        uri = f"sip:{number}@{self.server}"
        answer = self._transact(method, Dialog(uri, f"<{uri}>"), headers)
        return answer.status if answer else 0

    def does(self, habit: str, headers: str) -> None:
        """What it does from now on where it is called."""
        self.habit, self.headers = habit, headers

    def _transact(self, method: str, dialog: Dialog, headers: str, body: str = "") -> Message | None:
        """Send a request, and again with an answer to a challenge; return the final answer."""
        authorization = ""
        kind = "Content-Type: application/sdp\r\n" if body else ""
        uri = dialog.target
        for _time in range(2):
            dialog.sequence += 1
            self.wire.send(
                f"{self._request(method, dialog)}To: {dialog.to}\r\n{self._written(headers)}{authorization}"
                f"{kind}Content-Length: {len(body)}\r\n\r\n{body}"
            )
            answer = self._answer(dialog)
            if answer is not None and method == "INVITE":
                told = dataclasses.replace(dialog, target=uri_of(answer["contact"]) or uri)
                acknowledged = self._request("ACK", told)
                self.wire.send(f"{acknowledged}To: {answer['to']}\r\nContent-Length: 0\r\n\r\n")
            if answer is None or answer.status != 401:
                break
            given = dict(re.findall(r'(realm|nonce)="([^"]*)"', answer["www-authenticate"]))
            ha1, ha2 = md5(f"{self.number}:{given['realm']}:{self.password}"), md5(f"{method}:{uri}")
            response = md5(f"{ha1}:{given['nonce']}:00000001:a:auth:{ha2}")
            authorization = (
                f'Authorization: Digest username="{self.number}", realm="{given["realm"]}",'
                f' nonce="{given["nonce"]}", uri="{uri}", response="{response}", qop=auth, nc=00000001,'
                ' cnonce="a", algorithm=MD5\r\n'
            )
        return answer

    def _request(self, method: str, dialog: Dialog) -> str:
        """Return what each request begins with, up to its target."""
        return (
            f"{method} {dialog.target} SIP/2.0\r\n"
            f"Via: SIP/2.0/{self.protocol.upper()} {self.here};rport;branch=z9hG4bK{secrets.token_hex(8)}\r\n"
            f"From: <sip:{self.number}@{self.server}>{dialog.tag}\r\n"
            f"Call-ID: {dialog.call}\r\nCSeq: {dialog.sequence} {method}\r\nMax-Forwards: 70\r\n"
        )

    def unplug(self) -> None:
        # Otherwise the one that listens keeps it open. A datagram's is not connected, and yet wakes up.
        with contextlib.suppress(OSError):
            self.wire.socket.shutdown(socket.SHUT_RDWR)
        self._listener.join(TIMEOUT)
        self.wire.socket.close()

    def _answer(self, dialog: Dialog) -> Message | None:
        give_up = time.monotonic() + TIMEOUT

        def final(answer: Message) -> bool:
            asked = (answer["call-id"], answer.sequence)
            return asked == (dialog.call, dialog.sequence) and answer.status >= 200

        with self.news:
            while not (found := [answer for answer in self.answers if final(answer)]):
                if time.monotonic() > give_up:
                    return None
                self.news.wait(0.1)
            return found[0]


class Listener:
    """Takes every connection of TCP, as a provider's server may, and tells what it is sent."""

    def __init__(self, address: str, port: int) -> None:
        self.socket = socket.create_server(
            (address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET
        )
        self.address, self.port = self.socket.getsockname()[:2]
        self.requests: list[Message] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                caller, _address = self.socket.accept()
            except OSError:
                return
            with caller:
                caller.settimeout(TIMEOUT)
                try:
                    data = caller.recv(65535)
                except OSError:
                    data = b""
                # Also what is not SIP, such as the beginning of TLS, must not be taken for nothing.
                self.requests.append(Message.parse(data) or Message(f"? {data[:20].hex()}", []))

    def unplug(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def host(address: str) -> str:
    """Return an address as it stands in a URI."""
    return f"[{address}]" if ":" in address else address


def main() -> None:
    forgers: dict[str, t.Any] = {}
    for text in sys.stdin:
        asked = json.loads(text)
        name = asked.pop("name", "")
        answer: dict[str, t.Any]
        try:
            if asked["do"] == "plug_in":
                listens = asked.get("protocol") == "tcp listener"
                forger = Listener(asked["address"], asked["port"]) if listens else Forger(asked)
                forgers[name] = forger
                answer = {"ok": {"address": forger.address, "port": forger.port}}
            elif asked["do"] in ("register", "call", "within", "ask", "does"):
                answer = {"ok": getattr(forgers[name], asked.pop("do"))(**asked)}
            elif asked["do"] == "unplug":
                forgers.pop(name).unplug()
                answer = {"ok": None}
            else:
                answer = {"ok": [f"{m.start}\nTo: {m['to']}" for m in forgers[name].requests]}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
