# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program on the host: says as lines of JSON what Asterisk says, as long as its standard input is open.

Carried there for as long as it runs (carried.py); it writes no file and listens nowhere. It logs in as the
modules do. The reader has to keep up, or it ends and says so: what there is then is asked for again.
"""

from __future__ import annotations

import json
import os
import re
import select
import time
import typing as t

from ..asterisk import ami, listening, registration
from . import record
from .attempts import Attempts

#: Seconds between two questions whether Asterisk is there, and how long it may say nothing at all.
PING, SILENCE = 10.0, 35.0
#: How long Asterisk may take to boot, in seconds.
BOOTING = 10.0
#: How much may wait for the reader, in bytes.
MOST_WAITING = 4 << 20
#: For how long it is known whether a number is an emergency number, in seconds, and of how many numbers.
KNOWN_FOR, MOST_KNOWN = 60.0, 1000
#: The contacts and calls of which something is kept.
MOST_KNOWN_CONTACTS = 200_000
#: What is worth the question.
_SHORT = re.compile(r"[0-9]{2,6}")

_LISTINGS = {
    record.REGISTRATIONS: ami.Listing(
        "PJSIPShowContacts", "ContactList", "ContactListComplete", empty="No Contacts found"
    ),
    record.CALLS: ami.Listing("Status", "Status", "StatusComplete"),
}


class Reader:
    """Makes records of what arrives; ``ask`` sends a question and returns the ActionID of its answer."""

    def __init__(self, ask: t.Callable[..., str], kinds: t.Collection[str] = record.KINDS) -> None:
        self._ask, self._kinds = ask, kinds
        self.attempts = Attempts()
        #: The contacts of which the state is known, by their digest.
        self._states: dict[str, str] = {}
        #: Contacts, by the question for their user agent; calls and what they dial, by the question for that.
        self._new: dict[str, record.Record] = {}
        self._dialling: dict[str, tuple[str, str]] = {}
        self._emergency: dict[str, tuple[float, bool]] = {}
        #: Calls that have ended before that was known, which is told first.
        self._ended: dict[str, record.Record] = {}

    def known(self, of: record.Record) -> record.Record:
        """Take the state of a contact that was there when it began."""
        if of["record"] == "contact":
            self._states[of["contact"]] = of["state"]
        return of

    def take(self, message: ami.Message, now: float) -> list[record.Record]:
        """Return what a message is reported as."""
        if max(len(self._states), len(self._new), len(self._dialling)) > MOST_KNOWN_CONTACTS:
            # An Asterisk that somebody has taken over: its lies take no memory of root's.
            raise ami.AmiError("Asterisk reports more phones or calls than there can be")
        # A security event has a Response as well: that of the stranger.
        if "Event" not in message:
            return self._answered(message, now)
        attempt = record.attempt(message) if record.SECURITY in self._kinds else None
        if attempt:
            self.attempts.take(attempt)
        made = record.of(message)
        if made is None or record.kind(made) not in self._kinds:
            return []
        if made["record"] == "contact":
            return self._contact(made, record.contact_id(message))
        if made["record"] == "call":
            return [made, *self._called(made, now)]
        return self._hung_up(made) if made["record"] == "hangup" else [made]

    def _hung_up(self, made: record.Record) -> list[record.Record]:
        if all(call != made["call"] for call, _number in self._dialling.values()):
            return [made]
        self._ended[made["call"]] = made
        return []

    def _contact(self, made: record.Record, name: str) -> list[record.Record]:
        contact, state = made["contact"], made["state"]
        if state == record.GONE:
            self._states.pop(contact, None)
            self._new = {asked: other for asked, other in self._new.items() if other["contact"] != contact}
            return [made]
        before = self._states.get(contact)
        self._states[contact] = state
        if before is None:
            # The event does not say which phone it is.
            self._new[self._ask("Getvar", Variable=f"PJSIP_CONTACT({name},user_agent)")] = made
            return []
        for other in self._new.values():
            if other["contact"] == contact:
                other["state"] = state
                return []
        return [made] if state != before else []

    def _called(self, made: record.Record, now: float) -> list[record.Record]:
        number = made["called"]
        if not _SHORT.fullmatch(number):
            return []
        until, is_one = self._emergency.get(number, (0.0, False))
        if now < until:
            return [record.emergency(made["call"])] if is_one else []
        asked = self._ask("Getvar", Variable=f"REALTIME_FIELD(pbx_emergency,number,{number},number)")
        self._dialling[asked] = (made["call"], number)
        return []

    def _answered(self, message: ami.Message, now: float) -> list[record.Record]:
        asked, value = message.get("ActionID", ""), message.get("Value", "")
        if message.get("Ping") == "Pong":
            return [record.alive()]
        if asked in self._new:
            return [{**self._new.pop(asked), "user_agent": value[: record.LONGEST]}]
        if asked in self._dialling:
            call, number = self._dialling.pop(asked)
            if len(self._emergency) >= MOST_KNOWN:
                self._emergency.clear()
            self._emergency[number] = (now + KNOWN_FOR, value == number)
            ended = [self._ended.pop(call)] if call in self._ended else []
            return [*([record.emergency(call)] if value == number else []), *ended]
        return []


class Output:
    """Lines for a reader, as fast as it reads."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting = b""
        os.set_blocking(descriptor, False)

    def fileno(self) -> int:
        """Return what select waits for."""
        return self._descriptor

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def say(self, records: t.Iterable[record.Record]) -> None:
        """Say records, or keep them until they can be said. Raises AmiError where too much waits."""
        self._waiting += b"".join(json.dumps(each).encode("ascii") + b"\n" for each in records)
        if len(self._waiting) > MOST_WAITING:
            raise ami.AmiError("the reader of the events is too slow")

    def flush(self) -> None:
        """Write what can be written. Raises OSError where nobody reads any more."""
        try:
            written = os.write(self._descriptor, self._waiting[:65536])
        except BlockingIOError:
            return
        self._waiting = self._waiting[written:]

    def finish(self, seconds: float) -> None:
        """Write all of it, for so long at most."""
        give_up = time.monotonic() + seconds
        while self._waiting and time.monotonic() < give_up:
            select.select([], [self._descriptor], [], 0.2)
            self.flush()


def begun(listener: listening.Listener, seconds: float = BOOTING) -> list[ami.Message]:
    """Wait until Asterisk says that it has booted; return what else has come. Raises AmiError.

    It says so after each login, but only to an account that may read events of this class (manager.c).
    """
    came: list[ami.Message] = []
    give_up = time.monotonic() + seconds
    # Its answer comes after what has come with the login's.
    listener.ask("Ping")
    while not any(message.get("Event") == "FullyBooted" for message in came):
        if not select.select([listener], [], [], max(0.0, give_up - time.monotonic()))[0]:
            raise ami.AmiError(
                "Asterisk has not booted yet, or sends no events to the account of the manager interface:"
                " apply the role voiceops.asterisk.pbx to this host (site.yml)"
            )
        came += listener.arrived()
    return came


def existing(client: ami.Client, kinds: t.Collection[str]) -> t.Iterator[record.Record]:
    """Give what there is: contacts that have not expired, and calls in progress. Raises AmiError."""
    asked = [kind for kind in _LISTINGS if kind in kinds]
    for kind, entries in zip(asked, client.lists([_LISTINGS[kind] for kind in asked])):
        now = time.time()
        for entry in entries:
            if kind == record.REGISTRATIONS and registration.expires_at(entry) <= now:
                continue
            made = record.of(entry)
            if made:
                yield made


def run(
    kinds: t.Collection[str], interval: float, port: int = ami.DEFAULT_PORT, end: int = 0, out: int = 1
) -> None:
    """Tell until nobody listens any more; ``end`` is the descriptor that is closed then."""
    output = Output(out)
    try:
        secret = ami.read_secret(ami.DEFAULT_SECRET_FILE)
        classes = ",".join(sorted({"system", *(record.CLASSES[kind] for kind in kinds)}))
        with listening.Listener(secret, classes, port) as listener:
            came = begun(listener)
            # By another connection: answers and events on one would be taken for each other.
            with ami.Client(secret, port) as client:
                there = list(existing(client, kinds))
            reader = Reader(listener.ask, kinds)
            output.say([record.begin(), *map(reader.known, there), record.ready()])
            for message in came:
                output.say(reader.take(message, time.monotonic()))
            _tell(listener, reader, output, interval, end)
    except (ami.AmiError, ValueError) as error:
        output.say([record.trouble(str(error))])
        output.finish(5)
    except BrokenPipeError:
        pass


def _tell(listener: listening.Listener, reader: Reader, output: Output, interval: float, end: int) -> None:
    now = time.monotonic()
    heard, ping, due = now, now + PING, now + interval
    while True:
        wait = max(0.0, min(ping, due) - now)
        waited_for: list[listening.Listener | int] = [listener, end]
        ready, _writable, _failed = select.select(waited_for, [output] if output else [], [], wait)
        now = time.monotonic()
        if end in ready and not os.read(end, 4096):
            return
        if listener in ready:
            heard = now
            for message in listener.arrived():
                output.say(reader.take(message, now))
        if now >= due:
            output.say(reader.attempts.told())
            due = now + interval
        if now >= ping:
            listener.go_on_for(PING)
            listener.ask("Ping")
            ping = now + PING
        if now - heard > SILENCE:
            raise ami.AmiError("Asterisk does not answer on its manager interface")
        if output:
            output.flush()
