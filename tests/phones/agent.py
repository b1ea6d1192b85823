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

import json
import re
import secrets
import selectors
import sys
import threading
import time
import typing as t

from .line import DEADLINE, AgentError, Line
from .many_lamps import ManyLamps
from .sip import Call, Dialog, Message, tag_of, uri_of, user_of
from .sound import LINEAR, PACKET_SECONDS, SAMPLES_PER_SECOND, tones_in


class Agent:
    """All lines, and the two threads that listen and speak for them."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}
        self.dialogs: dict[str, Dialog] = {}
        #: Kept: where nobody listens any more, Asterisk learns so, and ends the subscription.
        self.many: list[ManyLamps] = []
        self.news = threading.Condition()
        self.selector = selectors.DefaultSelector()
        #: By how many seconds the telephones spoke too late, at the worst.
        self.late = 0.0
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
                    # Sound is not reported: with a hundred lines it would wake everybody 5,000 times a
                    # second.
                    if not is_sound:
                        self.news.notify_all()

    def _speak(self) -> None:
        tick, due = 0, time.monotonic()
        while True:
            with self.news:
                for line in list(self.lines.values()):
                    line.speak(tick)
            tick, due = tick + 1, due + PACKET_SECONDS
            left = due - time.monotonic()
            self.late = max(self.late, -left)
            time.sleep(max(0.0, left))

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
        """Take a phone away silently."""
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
            # Seen from here: the party that the call was for is this side.
            assert call.invite
            call.local, call.remote = call.invite["to"], call.invite["from"]
            call.sequence = max(call.sequence, 100)
        call.sequence += 1
        return call.line.transact(method, call, headers, body)

    def do_say(
        self, call: str, method: str, headers: dict[str, str] | None = None, body: str = ""
    ) -> dict[str, t.Any]:
        """Send a request within a call; its answer."""
        answer = self._in_dialog(method, self._call(call), headers or {}, body)
        return {"status": answer.status, "allow": answer["allow"]}

    def do_hold(self, call: str, on: bool = True) -> int:
        held = self._call(call)
        held.talking = not on
        answer = self._in_dialog("INVITE", held, {}, held.line.sdp("sendonly" if on else "sendrecv"))
        return answer.status

    def do_mute(self, call: str, on: bool = True) -> None:
        self._call(call).muted = on

    def do_transfer(
        self, call: str, to: str, replaces: str = "", seconds: float = DEADLINE
    ) -> dict[str, t.Any]:
        """REFER (RFC 3515): hand the other side over to a number, or to the other side of ``replaces``."""
        mine = self._call(call)
        target = f"sip:{to}@{mine.line.server[0]}"
        if replaces:
            other = self.do_identifiers(replaces)
            tags = f"%3Bto-tag%3D{other['remote_tag']}%3Bfrom-tag%3D{other['local_tag']}"
            target += f"?Replaces={other['call_id']}{tags}"
        answer = self._in_dialog("REFER", mine, {"Refer-To": f"<{target}>", "Referred-By": mine.local})
        if answer.status >= 300:
            return {"status": answer.status, "progress": []}

        def progress() -> list[int]:
            return [
                int(found.group(1)) for n in list(mine.notices) if (found := re.match(r"SIP/2.0 (\d{3})", n))
            ]

        self.until("a final notice of the transfer", lambda: any(p >= 200 for p in progress()), seconds)
        return {"status": answer.status, "progress": progress()}

    def do_identifiers(self, call: str) -> dict[str, str]:
        """By what a call is known on the network (RFC 3261, 12), as this end sees it."""
        mine = self._call(call)
        remote = tag_of(mine.remote) or mine.early_tag
        return {"call_id": mine.call_id, "local_tag": mine.local_tag, "remote_tag": remote}

    def do_intrude(
        self, line: str, call: str, method: str, headers: dict[str, str] | None = None, wrong: str = ""
    ) -> int:
        """Ask within another's call, as ``line``; ``wrong`` is what of its identifiers one has guessed."""
        mine, theirs = self.lines[line], self.do_identifiers(call)
        known = {**theirs, **({wrong: secrets.token_hex(8)} if wrong else {})}
        name = f"<sip:{mine.number}@{mine.server[0]}>"
        remote = f"<sip:{mine.server[0]}>;tag={known['remote_tag']}"
        target = f"sip:{mine.server[0]}:{mine.server[1]}"
        # Each is another request: an answer is known by its number.
        sequence = 1000 + len(mine.answers)
        dialog = Dialog(mine, known["call_id"], name, remote, target, known["local_tag"], sequence)
        body = mine.sdp() if method in ("INVITE", "UPDATE") else ""
        return mine.transact(method, dialog, headers or {}, body).status

    def do_subscribe(
        self, line: str, number: str, event: str = "dialog", expires: int | None = 600, accept: str = ""
    ) -> dict[str, t.Any]:
        phone = self.lines[line]
        kind = {"dialog": "dialog-info+xml", "presence": "pidf+xml"}[event]
        aor = f"<sip:{phone.number}@{phone.server[0]}>"
        uri = f"sip:{number}@{phone.server[0]}"
        lamp = Dialog(phone, secrets.token_hex(8), aor, f"<{uri}>", uri)
        name = f"{line}-lamp-{len(self.dialogs)}"
        with self.news:
            phone.dialogs[lamp.call_id] = self.dialogs[name] = lamp
        headers = {"Event": event, "Accept": f"application/{accept or kind}"}
        if expires is not None:
            headers["Expires"] = str(expires)
        return {"lamp": name, "status": phone.transact("SUBSCRIBE", lamp, headers).status}

    def do_subscribe_many(
        self,
        line: str,
        numbers: list[str],
        expires: int | None = 600,
        event: str = "dialog",
        tcp_port: int = 0,
    ) -> dict[str, int]:
        """Subscribe to each, as fast as they are answered; return how often there was which answer."""
        many = ManyLamps(self.lines[line], expires, event, tcp_port)
        self.many.append(many)
        many.ask(numbers)
        return {str(status): count for status, count in many.statuses.items()}

    def do_end_many(self) -> None:
        """End all that has come of it."""
        for many in self.many:
            many.end()
        self.many.clear()

    def do_lamp(self, lamp: str) -> list[str]:
        """Return what a lamp has shown so far: the state of the last notice is the last one."""
        return [_lamp_state(notice) for notice in self.dialogs[lamp].notices if notice]

    def do_lamp_told(self, lamp: str) -> list[str]:
        """Return all that was said of a lamp, as it was said."""
        return list(self.dialogs[lamp].notices)

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
            heard = [LINEAR[code] for code in listening.heard[:wanted]]
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
