# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""One phone, or the far end of a trunk: what it says, hears and answers."""

from __future__ import annotations

import re
import secrets
import socket
import struct
import time
import typing as t

from .sip import Call, Dialog, Message, md5, tag_of, uri_of, user_of
from .sound import PACKET_SAMPLES, PCMA, SAMPLES_PER_SECOND, tone

if t.TYPE_CHECKING:
    from .agent import Agent

#: Longest wait for anything, unless a command says otherwise, in seconds.
DEADLINE = 10.0
#: When an unanswered request is sent again (RFC 3261, 17.1.1.1), in seconds.
T1 = 0.5
#: RTCP, type of packet (RFC 3550, 6.4.2), and after how many packets of sound there is one.
RECEIVER_REPORT = 201
REPORT_TICKS = 50


class AgentError(Exception):
    """What was asked for did not happen."""


class Line:
    """A SIP user agent with one address. ``habit`` is what it does with calls that come in:

    answer, ring, ignore (not a word, but it says that it is there: OPTIONS), silent (takes calls, and does
    not answer OPTIONS), gone (not a word to anything), a status such as 486, or as-dialled (the status that
    the number ends with).
    """

    def __init__(self, agent: Agent, name: str, options: dict[str, t.Any]) -> None:
        self.agent = agent
        self.name = name
        self.server: tuple[str, int] = (options["server"], options.get("server_port", 5060))
        self.number: str = options.get("number", name)
        self.password: str = options.get("password", "")
        #: The user name of its credentials.
        self.username: str = options.get("username", self.number)
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
        """Send a request until it has a final answer; answer a challenge. Raises AgentError."""
        authorization: dict[str, str] = {}
        for _attempt in range(2):
            answer = self._ask(method, dialog, {**headers, **authorization}, body, seconds)
            if answer.status not in (401, 407) or authorization or not self.password:
                return answer
            dialog.sequence += 1
            authorization = self.authorization(method, dialog.target, answer)
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

    def authorization(self, method: str, uri: str, challenge: Message) -> dict[str, str]:
        proxy = challenge.status == 407
        wanted = challenge["proxy-authenticate" if proxy else "www-authenticate"]
        realm, nonce = (
            found.group(1) if (found := re.search(rf'{key}="([^"]*)"', wanted)) else ""
            for key in ("realm", "nonce")
        )
        ha1, ha2 = md5(f"{self.username}:{realm}:{self.password}"), md5(f"{method}:{uri}")
        # chan_sip asks for no qop, and takes no answer with one (RFC 2617, 3.2.2.1).
        between, quality = "", ""
        if "qop=" in wanted:
            cnonce = secrets.token_hex(4)
            between, quality = f"00000001:{cnonce}:auth:", f', qop=auth, nc=00000001, cnonce="{cnonce}"'
        response = md5(f"{ha1}:{nonce}:{between}{ha2}")
        return {
            "Proxy-Authorization" if proxy else "Authorization": (
                f'Digest username="{self.username}", realm="{realm}", nonce="{nonce}", uri="{uri}",'
                f' response="{response}", algorithm=MD5{quality}'
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
        dialog.is_told(message)
        if message.status in (180, 183):
            dialog.ringing, dialog.early_tag = True, tag_of(message["to"])
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
        if self.habit == "gone" or (self.habit == "ignore" and message.method in ("INVITE", "CANCEL")):
            return
        if handle is not None:
            handle(message)
        elif message.method != "ACK":
            self.respond(message, 501, "Not Implemented")

    def _on_options(self, message: Message) -> None:
        if self.habit == "silent":
            return
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

    def _on_update(self, message: Message) -> None:
        self.respond(message, 200, "OK")
        if isinstance(call := self.dialogs.get(message["call-id"]), Call):
            call.is_told(message)

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
            known.is_told(message)
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
        call.is_told(message)
        if self.habit in ("answer", "ring", "silent"):
            self.respond(message, 180, "Ringing", tag=call.local_tag)
            call.ringing = True
            if self.habit != "ring":
                self.pick_up(call)
        else:
            self.refuse(call, int(user_of(message.start)[-3:] if self.habit == "as-dialled" else self.habit))

    def pick_up(self, call: Call) -> None:
        assert call.invite
        self.respond(call.invite, 200, "OK", body=self.sdp(), tag=call.local_tag)
        call.status, call.up, call.up_since = 200, True, time.monotonic()

    def refuse(self, call: Call, status: int) -> None:
        assert call.invite
        # Where to instead: a number it should not be able to reach so (302).
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
        if self.habit == "gone":
            return
        for call in self.calls():
            if call.muted and call.up and not call.ended and call.sound_to:
                if tick % REPORT_TICKS == 0:
                    host, port = call.sound_to
                    self.sound.sendto(struct.pack("!BBHI", 0x80, RECEIVER_REPORT, 1, 1), (host, port + 1))
            elif call.up and not call.ended and call.talking and call.sound_to and self.tone:
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
