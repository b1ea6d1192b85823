#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Telephones that do what a person does: call, answer, talk, listen, transfer, watch a lamp.

One process holds as many lines as a scenario needs, phones as well as the far ends of trunks; each
line has its own UDP port for SIP (RFC 3261) and for sound (RTP, G.711 A-law), sends a tone while it
talks, and tells which tones it hears.

It is told what to do by standard input, one JSON object a line: {"do": name of a command, ...} with
the command's arguments; it answers each with one line, {"ok": result} or {"error": text}. It runs
where the phones are; tests/phones/exchange.py is its other half.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import secrets
import selectors
import socket
import struct
import sys
import threading
import time
import typing as t
from dataclasses import dataclass, field

#: Longest wait for anything, unless a command says otherwise, in seconds.
DEADLINE = 10.0
#: When an unanswered request is sent again (RFC 3261, 17.1.1.1), in seconds.
T1 = 0.5
#: One packet of sound.
PACKET_SECONDS, PACKET_SAMPLES, SAMPLES_PER_SECOND = 0.02, 160, 8000
PCMA = 8
#: What may be heard: the tones that lines send, in Hertz.
TONES = (400, 600, 850, 1200, 1700, 2400)
#: How much of the sound a tone must make up to be heard.
AUDIBLE = 0.1


class AgentError(Exception):
    """What was asked for did not happen."""


# --- sound ------------------------------------------------------------------------------------------


def to_alaw(sample: int) -> int:
    """Code one sample of 16 bits (ITU-T G.711, 3.1)."""
    sign, magnitude = (0x80, sample) if sample >= 0 else (0, -sample - 1)
    magnitude >>= 4
    segment = max(0, magnitude.bit_length() - 4)
    code = (segment << 4) | ((magnitude >> max(0, segment - 1)) & 0x0F) if segment else magnitude
    return (code | sign) ^ 0x55


def from_alaw(code: int) -> int:
    code ^= 0x55
    segment, step = (code >> 4) & 7, code & 0x0F
    magnitude = (step << 4) + 8
    if segment:
        magnitude = (magnitude + 0x100) << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


_LINEAR = [from_alaw(code) for code in range(256)]


def tone(hertz: int) -> bytes:
    """Return one second of a tone as A-law."""
    step = 2 * math.pi * hertz / SAMPLES_PER_SECOND
    return bytes(to_alaw(int(8000 * math.sin(step * n))) for n in range(SAMPLES_PER_SECOND))


def tones_in(samples: t.Sequence[int], rate: int = SAMPLES_PER_SECOND) -> list[int]:
    """Return the tones that a sound is made of (Goertzel's algorithm)."""
    energy = sum(sample * sample for sample in samples)
    if not energy:
        return []
    found = []
    for hertz in TONES:
        factor = 2 * math.cos(2 * math.pi * hertz / rate)
        last = before = 0.0
        for sample in samples:
            last, before = sample + factor * last - before, last
        power = last * last + before * before - factor * last * before
        if 2 * power / (len(samples) * energy) > AUDIBLE:
            found.append(hertz)
    return found


# --- SIP --------------------------------------------------------------------------------------------


@dataclass
class Message:
    """A SIP request or response."""

    start: str
    headers: list[tuple[str, str]]
    body: str = ""

    @classmethod
    def parse(cls, data: bytes) -> Message | None:
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        if "SIP/2.0" not in start:
            return None
        pairs = (line.partition(":") for line in lines if ":" in line)
        return cls(start, [(name.strip().lower(), value.strip()) for name, _colon, value in pairs], body)

    def __getitem__(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name.lower()), "")

    @property
    def status(self) -> int:
        """The status of a response; 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        return self["cseq"].split()[-1] if self.status else self.start.split()[0]

    @property
    def uri(self) -> str:
        return self.start.split()[1]

    @property
    def sequence(self) -> int:
        return int(self["cseq"].split()[0])


def user_of(text: str) -> str:
    """Return the user part of the first SIP URI in a header."""
    found = re.search(r"sips?:([^@>;]*)@", text)
    return found.group(1) if found else ""


def uri_of(text: str) -> str:
    found = re.search(r"<([^>]*)>", text)
    return found.group(1) if found else text.split(";", maxsplit=1)[0].strip()


def tag_of(text: str) -> str:
    found = re.search(r";tag=([^;>\s]+)", text)
    return found.group(1) if found else ""


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - what SIP digest is made of


@dataclass
class Dialog:
    """One side of a SIP dialog: a call, or a subscription."""

    line: Line
    call_id: str
    local: str
    remote: str
    target: str
    local_tag: str = field(default_factory=lambda: secrets.token_hex(4))
    sequence: int = 1
    #: Final status of the request that began it; 0 = none yet.
    status: int = 0
    #: What the other side says of itself.
    ended: bool = False
    #: NOTIFY bodies of a subscription or a transfer, oldest first.
    notices: list[str] = field(default_factory=list)

    def local_header(self) -> str:
        return f"{self.local};tag={self.local_tag}"


@dataclass
class Call(Dialog):
    """A telephone call as one phone sees it."""

    incoming: bool = False
    ringing: bool = False
    up: bool = False
    talking: bool = True
    invite: Message | None = None
    answer: Message | None = None
    branch: str = ""
    #: Where its sound goes to.
    sound_to: tuple[str, int] | None = None
    heard: bytearray = field(default_factory=bytearray)
    up_since: float = 0.0

    def shown(self) -> dict[str, t.Any]:
        """What the phone's display shows of it."""
        first = self.invite
        return {
            "status": self.status,
            "ringing": self.ringing,
            "up": self.up,
            "ended": self.ended,
            "dialled": user_of(first.start) if first else "",
            "from": user_of(first["from"]) if first else "",
            "name": first["from"].split("<")[0].strip().strip('"') if first else "",
            "identity": user_of(first["p-asserted-identity"]) if first else "",
            "to": user_of(first["to"]) if first else "",
        }


class Line:
    """A SIP user agent with one address. ``habit`` is what it does with calls that come in:

    answer, ring, ignore (not a word, as a host that is gone), or a status such as 486.
    """

    def __init__(self, agent: Agent, name: str, options: dict[str, t.Any]) -> None:
        self.agent = agent
        self.name = name
        self.server: tuple[str, int] = (options["server"], options.get("server_port", 5060))
        self.number: str = options.get("number", name)
        self.password: str = options.get("password", "")
        self.habit: str = str(options.get("habit", "answer"))
        self.tone = tone(options["tone"]) if options.get("tone") else b""
        self.sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sip.bind((options["address"], options.get("port", 0)))
        self.sound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sound.bind((options["address"], 0))
        self.address, self.port = self.sip.getsockname()
        self.dialogs: dict[str, Dialog] = {}
        self.answers: dict[tuple[str, int, str], list[Message]] = {}
        self.requests: list[Message] = []
        self.registered_contact = ""

    # What it says

    def contact(self) -> str:
        return f"<sip:{self.number}@{self.address}:{self.port}>"

    def send(self, text: str, to: tuple[str, int] | None = None) -> None:
        self.sip.sendto(text.encode(), to or self.server)

    def request(
        self,
        method: str,
        uri: str,
        headers: dict[str, str],
        body: str = "",
        branch: str = "",
    ) -> str:
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address}:{self.port};branch={branch or self.new_branch()};rport",
            "Max-Forwards: 70",
            *(f"{name}: {value}" for name, value in headers.items()),
            f"Contact: {self.contact()}",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body.encode())}",
        ]
        return "\r\n".join(lines) + "\r\n\r\n" + body

    @staticmethod
    def new_branch() -> str:
        return f"z9hG4bK{secrets.token_hex(8)}"

    def respond(
        self, to: Message, status: int, reason: str, *, headers: str = "", body: str = "", tag: str = ""
    ) -> None:
        remote = to["to"] if tag_of(to["to"]) or not tag else f"{to['to']};tag={tag}"
        vias = "".join(f"Via: {value}\r\n" for key, value in to.headers if key == "via")
        kind = "Content-Type: application/sdp\r\n" if body else ""
        contact = f"Contact: {self.contact()}\r\n"
        self.send(
            f"SIP/2.0 {status} {reason}\r\n{vias}From: {to['from']}\r\nTo: {remote}\r\n"
            f"Call-ID: {to['call-id']}\r\nCSeq: {to['cseq']}\r\n"
            f"{headers or contact}{kind}Content-Length: {len(body.encode())}\r\n\r\n{body}"
        )

    def sdp(self, direction: str = "sendrecv") -> str:
        return (
            f"v=0\r\no=- 1 {int(time.monotonic() * 1000)} IN IP4 {self.address}\r\ns=-\r\n"
            f"c=IN IP4 {self.address}\r\nt=0 0\r\nm=audio {self.sound.getsockname()[1]} RTP/AVP {PCMA}\r\n"
            f"a=rtpmap:{PCMA} PCMA/8000\r\na=ptime:20\r\na={direction}\r\n"
        )

    def transact(
        self, method: str, dialog: Dialog, headers: dict[str, str], body: str = "", seconds: float = DEADLINE
    ) -> Message:
        """Send a request until it is answered for good; answer a challenge. Raises AgentError."""
        authorization: dict[str, str] = {}
        for _attempt in range(2):
            answer = self._ask(method, dialog, {**headers, **authorization}, body, seconds)
            if answer.status not in (401, 407) or authorization or not self.password:
                return answer
            dialog.sequence += 1
            authorization = self._authorization(method, dialog.target, answer)
        return answer

    def _ask(
        self, method: str, dialog: Dialog, headers: dict[str, str], body: str, seconds: float
    ) -> Message:
        branch = self.new_branch()
        if isinstance(dialog, Call) and method == "INVITE":
            dialog.branch = branch
        base = {
            "From": dialog.local_header(),
            "To": dialog.remote,
            "Call-ID": dialog.call_id,
            "CSeq": f"{dialog.sequence} {method}",
        }
        text = self.request(method, dialog.target, {**base, **headers}, body, branch=branch)
        key = (dialog.call_id, dialog.sequence, method)
        give_up, again, pause = time.monotonic() + seconds, 0.0, T1
        with self.agent.news:
            while True:
                heard = self.answers.get(key, [])
                final = next((answer for answer in heard if answer.status >= 200), None)
                if final:
                    break
                now = time.monotonic()
                if now >= give_up:
                    raise AgentError(f"{self.name}: no final answer to {method} within {seconds} s")
                if not heard and now >= again:
                    self.send(text)
                    again, pause = now + pause, pause * 2
                self.agent.news.wait(min(give_up - now, 0.1))
        if method == "INVITE" and final.status >= 300:
            self.acknowledge(dialog, final, branch)
        return final

    def acknowledge(self, dialog: Dialog, answer: Message, branch: str = "") -> None:
        target = dialog.target if answer.status >= 300 else uri_of(answer["contact"]) or dialog.target
        headers = {
            "From": dialog.local_header(),
            "To": answer["to"],
            "Call-ID": dialog.call_id,
            "CSeq": f"{answer.sequence} ACK",
        }
        self.send(self.request("ACK", target, headers, branch=branch))

    def _authorization(self, method: str, uri: str, challenge: Message) -> dict[str, str]:
        proxy = challenge.status == 407
        wanted = challenge["proxy-authenticate" if proxy else "www-authenticate"]
        realm, nonce = (
            found.group(1) if (found := re.search(rf'{key}="([^"]*)"', wanted)) else ""
            for key in ("realm", "nonce")
        )
        cnonce = secrets.token_hex(4)
        ha1, ha2 = md5(f"{self.number}:{realm}:{self.password}"), md5(f"{method}:{uri}")
        response = md5(f"{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}")
        return {
            "Proxy-Authorization" if proxy else "Authorization": (
                f'Digest username="{self.number}", realm="{realm}", nonce="{nonce}", uri="{uri}",'
                f' response="{response}", qop=auth, nc=00000001, cnonce="{cnonce}", algorithm=MD5'
            )
        }

    # What it is told

    def on_datagram(self, data: bytes) -> None:
        message = Message.parse(data)
        if message is None:
            return
        if message.status:
            self._on_response(message)
        else:
            self._on_request(message)

    def _on_response(self, message: Message) -> None:
        self.answers.setdefault((message["call-id"], message.sequence, message.method), []).append(message)
        dialog = self.dialogs.get(message["call-id"])
        if not isinstance(dialog, Call) or message.method != "INVITE":
            return
        if message.status in (180, 183):
            dialog.ringing = True
        elif 200 <= message.status < 300:
            dialog.remote = message["to"]
            dialog.target = uri_of(message["contact"]) or dialog.target
            dialog.answer = message
            self._hear_from(dialog, message)
            # Also what was lost: a 200 that comes again is acknowledged again (RFC 3261, 13.2.2.4).
            self.acknowledge(dialog, message)
            if not dialog.up:
                dialog.up, dialog.up_since = True, time.monotonic()

    def _on_request(self, message: Message) -> None:
        self.requests.append(message)
        handle = getattr(self, f"_on_{message.method.lower()}", None)
        if self.habit == "ignore" and message.method != "ACK":
            return
        if handle is not None:
            handle(message)
        elif message.method != "ACK":
            self.respond(message, 501, "Not Implemented")

    def _on_options(self, message: Message) -> None:
        self.respond(message, 200, "OK", tag=secrets.token_hex(4))

    def _on_register(self, message: Message) -> None:
        self.registered_contact = uri_of(message["contact"])
        self.respond(
            message,
            200,
            "OK",
            headers=f"Contact: {message['contact'].split(';expires')[0]};expires=300\r\n",
            tag=secrets.token_hex(4),
        )

    def _on_notify(self, message: Message) -> None:
        dialog = self.dialogs.get(message["call-id"])
        self.respond(message, 200 if dialog else 481, "OK" if dialog else "No such subscription")
        if dialog:
            dialog.notices.append(message.body)
            if not tag_of(dialog.remote):
                dialog.remote = message["from"]

    def _on_bye(self, message: Message) -> None:
        self.respond(message, 200, "OK")
        if dialog := self.dialogs.get(message["call-id"]):
            dialog.ended = True

    def _on_cancel(self, message: Message) -> None:
        self.respond(message, 200, "OK")
        dialog = self.dialogs.get(message["call-id"])
        if isinstance(dialog, Call) and dialog.invite and not dialog.up:
            self.respond(dialog.invite, 487, "Request Terminated", tag=dialog.local_tag)
            dialog.status, dialog.ended = 487, True

    def _on_invite(self, message: Message) -> None:
        known = self.dialogs.get(message["call-id"])
        if isinstance(known, Call):
            if known.invite and known.invite.sequence == message.sequence and known.incoming:
                return  # the same again: the answer is under way
            self._hear_from(known, message)
            self.respond(message, 200, "OK", body=self.sdp())
            return
        call = Call(
            self,
            message["call-id"],
            message["to"],
            message["from"],
            uri_of(message["contact"]),
            incoming=True,
            invite=message,
        )
        self.dialogs[call.call_id] = call
        self._hear_from(call, message)
        if self.habit in ("answer", "ring"):
            self.respond(message, 180, "Ringing", tag=call.local_tag)
            call.ringing = True
            if self.habit == "answer":
                self.pick_up(call)
        else:
            self.refuse(call, int(self.habit))

    def pick_up(self, call: Call) -> None:
        assert call.invite
        self.respond(call.invite, 200, "OK", body=self.sdp(), tag=call.local_tag)
        call.status, call.up, call.up_since = 200, True, time.monotonic()

    def refuse(self, call: Call, status: int) -> None:
        assert call.invite
        # Where to instead: whom it should not be able to reach so (302).
        elsewhere = f"Contact: <sip:00442071234567@{self.server[0]}>\r\n" if status // 100 == 3 else ""
        self.respond(call.invite, status, "No", headers=elsewhere, tag=call.local_tag)
        call.status, call.ended = status, True

    @staticmethod
    def _hear_from(call: Call, message: Message) -> None:
        address = re.search(r"^c=IN IP4 (\S+)", message.body, re.MULTILINE)
        port = re.search(r"^m=audio (\d+)", message.body, re.MULTILINE)
        if address and port:
            call.sound_to = (address.group(1), int(port.group(1)))

    # Sound

    def calls(self) -> list[Call]:
        return [dialog for dialog in list(self.dialogs.values()) if isinstance(dialog, Call)]

    def talking_call(self) -> Call | None:
        """The call whose sound it is: a phone has one ear."""
        live = [call for call in self.calls() if call.up and not call.ended and call.talking]
        return live[-1] if live else None

    def on_sound(self, packet: bytes) -> None:
        call = self.talking_call()
        if call and len(packet) > 12 and packet[1] & 0x7F == PCMA:
            call.heard += packet[12:]

    def speak(self, tick: int) -> None:
        for call in self.calls():
            if call.up and not call.ended and call.talking and call.sound_to and self.tone:
                at = tick * PACKET_SAMPLES % SAMPLES_PER_SECOND
                header = struct.pack(
                    "!BBHII",
                    0x80,
                    PCMA,
                    tick & 0xFFFF,
                    tick * PACKET_SAMPLES & 0xFFFFFFFF,
                    hash(call.call_id) & 0xFFFFFFFF,
                )
                self.sound.sendto(header + self.tone[at : at + PACKET_SAMPLES], call.sound_to)


class Agent:
    """All lines, and the two threads that listen and speak for them."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}
        self.dialogs: dict[str, Dialog] = {}
        self.news = threading.Condition()
        self.selector = selectors.DefaultSelector()
        self.lost = 0
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._speak, daemon=True).start()

    def _listen(self) -> None:
        while True:
            if not self.selector.get_map():
                time.sleep(0.01)
                continue
            for key, _events in self.selector.select(0.05):
                data = key.fileobj.recv(65535)  # type: ignore[union-attr]
                line, is_sound = key.data
                with self.news:
                    try:
                        (line.on_sound if is_sound else line.on_datagram)(data)
                    except Exception as error:
                        print(f"{line.name}: {error!r} on {data[:2000]!r}", file=sys.stderr, flush=True)
                    self.news.notify_all()

    def _speak(self) -> None:
        tick, due = 0, time.monotonic()
        while True:
            with self.news:
                for line in list(self.lines.values()):
                    line.speak(tick)
            tick, due = tick + 1, due + PACKET_SECONDS
            time.sleep(max(0.0, due - time.monotonic()))

    def until(self, what: str, true: t.Callable[[], t.Any], seconds: float = DEADLINE) -> None:
        give_up = time.monotonic() + seconds
        with self.news:
            while not true():
                left = give_up - time.monotonic()
                if left <= 0:
                    raise AgentError(f"not within {seconds} s: {what}")
                self.news.wait(min(left, 0.1))

    def _call(self, call: str) -> Call:
        dialog = self.dialogs[call]
        assert isinstance(dialog, Call)
        return dialog

    # --- commands ---------------------------------------------------------------------------------

    def do_line(self, name: str, **options: t.Any) -> dict[str, t.Any]:
        """Plug a phone in: address, server, port, number, password, tone, habit."""
        line = Line(self, name, options)
        self.lines[name] = line
        self.selector.register(line.sip, selectors.EVENT_READ, (line, False))
        self.selector.register(line.sound, selectors.EVENT_READ, (line, True))
        return {"port": line.port}

    def do_unplug(self, line: str) -> None:
        """Take a phone away without a word."""
        gone = self.lines.pop(line)
        for each in (gone.sip, gone.sound):
            self.selector.unregister(each)
            each.close()

    def do_habit(self, line: str, habit: t.Any) -> None:
        self.lines[line].habit = str(habit)

    def do_register(self, line: str, expires: int = 600) -> int:
        phone = self.lines[line]
        uri = f"sip:{phone.server[0]}"
        aor = f"<sip:{phone.number}@{phone.server[0]}>"
        dialog = Dialog(phone, secrets.token_hex(8), aor, aor, uri)
        return phone.transact("REGISTER", dialog, {"Expires": str(expires)}).status

    def do_dial(self, line: str, number: str, headers: dict[str, str] | None = None, **options: t.Any) -> str:
        """Dial and return at once; the call's name, for the other commands.

        ``uri`` is dialled where the number is not a number, ``caller`` stands in From, ``to`` in To.
        """
        phone = self.lines[line]
        server = f"{phone.server[0]}:{phone.server[1]}"
        uri = options.get("uri") or f"sip:{number}@{server}"
        caller = options.get("caller") or f"<sip:{phone.number}@{phone.server[0]}>"
        to = options.get("to") or f"<sip:{number}@{phone.server[0]}>"
        call = Call(phone, secrets.token_hex(8), caller, to, uri)
        name = f"{line}-{len(self.dialogs)}"
        with self.news:
            phone.dialogs[call.call_id] = self.dialogs[name] = call
        threading.Thread(
            target=self._invite, args=(phone, call, headers or {}, options.get("seconds", 60)), daemon=True
        ).start()
        return name

    def _invite(self, phone: Line, call: Call, headers: dict[str, str], seconds: float) -> None:
        try:
            answer = phone.transact("INVITE", call, headers, phone.sdp(), seconds)
            status = answer.status
        except AgentError:
            status = 408
        with self.news:
            call.status = status
            call.ended = call.ended or status >= 300
            self.news.notify_all()

    def do_status(self, call: str, seconds: float = DEADLINE) -> int:
        """Wait for the final answer to a call that was dialled."""
        dialled = self._call(call)
        self.until(f"a final answer to {call}", lambda: dialled.status, seconds)
        return dialled.status

    def do_show(self, call: str) -> dict[str, t.Any]:
        return self._call(call).shown()

    def do_ringing(self, call: str, seconds: float = DEADLINE) -> None:
        dialled = self._call(call)
        self.until(f"{call} rings", lambda: dialled.ringing, seconds)

    def do_incoming(self, line: str, which: int = 0, seconds: float = DEADLINE) -> str:
        """Wait for a call to come in: the first (0), the second …; the call's name."""
        phone = self.lines[line]

        def calls() -> list[Call]:
            return [call for call in phone.calls() if call.incoming]

        self.until(f"call number {which + 1} to {line}", lambda: len(calls()) > which, seconds)
        name = f"{line}-in-{which}"
        self.dialogs[name] = calls()[which]
        return name

    def do_received(self, line: str) -> list[dict[str, t.Any]]:
        """Return every call that has come in, as the display showed it."""
        return [call.shown() for call in self.lines[line].calls() if call.incoming]

    def do_answer(self, call: str) -> None:
        with self.news:
            self._call(call).line.pick_up(self._call(call))

    def do_refuse(self, call: str, status: int) -> None:
        with self.news:
            self._call(call).line.refuse(self._call(call), status)

    def do_up(self, call: str, seconds: float = DEADLINE) -> None:
        waiting = self._call(call)
        self.until(f"{call} is up", lambda: waiting.up, seconds)

    def do_ended(self, call: str, seconds: float = DEADLINE) -> None:
        waiting = self._call(call)
        self.until(f"{call} has ended", lambda: waiting.ended, seconds)

    def do_hang_up(self, call: str) -> int:
        """End a call that is up, or give one up that is still ringing."""
        ending = self._call(call)
        if not ending.up and not ending.incoming:
            headers = {
                "From": ending.local_header(),
                "To": ending.remote,
                "Call-ID": ending.call_id,
                "CSeq": f"{ending.sequence} CANCEL",
            }
            ending.line.send(ending.line.request("CANCEL", ending.target, headers, branch=ending.branch))
            self.until(f"{call} is given up", lambda: ending.status)
            return ending.status
        if ending.ended:
            return 0
        status = self._in_dialog("BYE", ending, {}).status
        ending.ended = True
        return status

    def _in_dialog(self, method: str, call: Call, headers: dict[str, str], body: str = "") -> Message:
        if call.incoming:
            # Seen from here: whom the call was for is this side.
            assert call.invite
            call.local, call.remote = call.invite["to"], call.invite["from"]
            call.sequence = max(call.sequence, 100)
        call.sequence += 1
        return call.line.transact(method, call, headers, body)

    def do_hold(self, call: str, on: bool = True) -> int:
        held = self._call(call)
        held.talking = not on
        answer = self._in_dialog("INVITE", held, {}, held.line.sdp("sendonly" if on else "sendrecv"))
        return answer.status

    def do_transfer(
        self, call: str, to: str, replaces: str = "", seconds: float = DEADLINE
    ) -> dict[str, t.Any]:
        """REFER (RFC 3515): hand the other side over to a number, or to the other side of ``replaces``."""
        mine = self._call(call)
        target = f"sip:{to}@{mine.line.server[0]}"
        if replaces:
            other = self._call(replaces)
            local, remote = other.local_tag, tag_of(other.remote)
            target += f"?Replaces={other.call_id}%3Bto-tag%3D{remote}%3Bfrom-tag%3D{local}"
        answer = self._in_dialog("REFER", mine, {"Refer-To": f"<{target}>", "Referred-By": mine.local})
        if answer.status >= 300:
            return {"status": answer.status, "progress": []}

        def progress() -> list[int]:
            return [
                int(found.group(1)) for n in list(mine.notices) if (found := re.match(r"SIP/2.0 (\d{3})", n))
            ]

        self.until("a final notice of the transfer", lambda: any(p >= 200 for p in progress()), seconds)
        return {"status": answer.status, "progress": progress()}

    def do_subscribe(
        self, line: str, number: str, event: str = "dialog", expires: int = 600
    ) -> dict[str, t.Any]:
        phone = self.lines[line]
        kind = {"dialog": "application/dialog-info+xml", "presence": "application/pidf+xml"}[event]
        aor = f"<sip:{phone.number}@{phone.server[0]}>"
        uri = f"sip:{number}@{phone.server[0]}"
        lamp = Dialog(phone, secrets.token_hex(8), aor, f"<{uri}>", uri)
        name = f"{line}-lamp-{len(self.dialogs)}"
        with self.news:
            phone.dialogs[lamp.call_id] = self.dialogs[name] = lamp
        headers = {"Event": event, "Accept": kind, "Expires": str(expires)}
        return {"lamp": name, "status": phone.transact("SUBSCRIBE", lamp, headers).status}

    def do_lamp(self, lamp: str) -> list[str]:
        """Return what a lamp has shown so far: the state of the last notice is the last one."""
        return [_lamp_state(notice) for notice in self.dialogs[lamp].notices if notice]

    def do_lamp_shows(self, lamp: str, state: str, seconds: float = DEADLINE) -> list[str]:
        self.until(
            f"{lamp} shows {state}, not {self.do_lamp(lamp)}",
            lambda: self.do_lamp(lamp)[-1:] == [state],
            seconds,
        )
        return self.do_lamp(lamp)

    def do_hears(self, call: str, seconds: float = 0.4) -> list[int]:
        """Listen for a while; return the tones."""
        listening = self._call(call)
        with self.news:
            listening.heard.clear()
        wanted = int(seconds * SAMPLES_PER_SECOND)
        give_up = time.monotonic() + seconds + 1
        with self.news:
            while len(listening.heard) < wanted and time.monotonic() < give_up:
                self.news.wait(0.05)
            heard = [_LINEAR[code] for code in listening.heard[:wanted]]
        return tones_in(heard)

    def do_registrations(self, line: str) -> list[dict[str, str]]:
        """What a registrar (the far end of a trunk) was asked."""
        return [
            {"uri": m.uri, "contact": uri_of(m["contact"]), "aor": user_of(m["to"])}
            for m in self.lines[line].requests
            if m.method == "REGISTER"
        ]


def _lamp_state(body: str) -> str:
    """Return what a lamp shows by a NOTIFY's body: of RFC 4235 the dialog's state, of RFC 3863 the status."""
    if state := re.search(r"<state>(\w+)</state>", body):
        return state.group(1)
    if "<dialog-info" in body:
        return "nothing"
    note = re.search(r"<note>([^<]*)</note>", body)
    basic = re.search(r"<basic>(\w+)</basic>", body)
    return f"{basic.group(1) if basic else ''} {note.group(1) if note else ''}".strip()


def main() -> None:
    agent = Agent()
    for text in sys.stdin:
        asked = json.loads(text)
        try:
            answer = {"ok": getattr(agent, f"do_{asked.pop('do')}")(**asked)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
