# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes events of what a host tells: what has begun, what has ended, and what was missed in between.

Pure: time is given. What comes from a host is judged as any other text of others: a host that somebody has
taken over must not be able to have a terminal, or a rulebook, do what it likes.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from ..definition import plain_text
from . import record

Event = dict[str, t.Any]

#: How much is kept of a host: of one that invents phones and calls too.
MOST_NUMBERS, MOST_CONTACTS, MOST_CALLS = 100_000, 20, 20_000


def understood(line: bytes) -> record.Record | None:
    """Return the record of a line, cleaned; None where it is none."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    name = given.pop("record", None)
    fields = record.FIELDS.get(name) if isinstance(name, str) else None
    if fields is None or set(given) != set(fields):
        return None
    for key, value in given.items():
        form = record.FORMS.get(key)
        if not isinstance(value, str) or (form is not None and not form.fullmatch(value)):
            return None
    return {"record": str(name), **{key: clean(value) for key, value in given.items()}}


def clean(text: str) -> str:
    """Return a text of others, of which nothing is obeyed: not by a terminal, and not by Jinja."""
    shown = plain_text.clean(text[: record.LONGEST])
    # A rulebook puts what it is given into templates, and a playbook of its own may do so again.
    return shown.replace("{", "(").replace("}", ")")


@dataclass
class _Phone:
    """An extension that has registered."""

    address: str = ""
    user_agent: str = ""
    #: Its contacts, and whether each answers; None is not known.
    contacts: dict[str, bool | None] = field(default_factory=dict)
    #: When it counts as lost, unless it registers again.
    lost_at: float | None = None
    told_unreachable: bool = False

    @property
    def is_unreachable(self) -> bool:
        return bool(self.contacts) and all(answers is False for answers in self.contacts.values())

    def event(self, kind: str, number: str) -> Event:
        return {"kind": kind, "number": number, "address": self.address, "user_agent": self.user_agent}


@dataclass
class _Call:
    """A call, by the party that has placed it."""

    caller: str
    called: str
    began: float
    answered: float | None = None
    by: str = ""
    emergency: bool = False

    def event(self, kind: str, call: str) -> Event:
        parties = {"caller": self.caller, "called": self.called, "emergency": self.emergency}
        return {"kind": kind, "call": call, **parties}


class Happening:
    """What is known of one host; a phone that is gone for ``settle`` seconds counts as lost."""

    def __init__(self, host: str, settle: float) -> None:
        self._host, self._settle = host, settle
        self._phones: dict[str, _Phone] = {}
        self._calls: dict[str, _Call] = {}
        #: While it is told what there is: the contacts of each number, and the calls.
        self._contacts: dict[str, set[str]] | None = None
        self._going_on: set[str] = set()
        self._ever = self._ready = self._told_lost = False
        self._takes: dict[str, t.Callable[[record.Record, float], list[Event]]] = {
            "begin": self._take_begin,
            "ready": self._take_ready,
            "contact": self._take_contact,
            "call": self._take_call,
            "going_on": self._take_going_on,
            "answer": self._take_answer,
            "emergency": self._take_emergency,
            "hangup": self._take_hangup,
            "attempts": self._take_attempts,
        }

    @property
    def ready(self) -> bool:
        """Whether what happens is told now."""
        return self._ready

    def take(self, told: record.Record, now: float) -> list[Event]:
        """Return the events that a record makes."""
        take = self._takes.get(told["record"])
        return self._said(take(told, now)) if take else []

    def lost(self, why: str) -> list[Event]:
        """Return the event of a connection that is lost, or could not be made."""
        was_told, self._told_lost = self._told_lost, True
        self._ready, self._contacts = False, None
        return self._said([] if was_told else [{"kind": "source_lost", "why": clean(why)}])

    def look(self, now: float) -> list[Event]:
        """Return the events that time alone makes: whose registration has been gone for long enough."""
        # Nobody knows it of a host that tells nothing.
        if not self._ready:
            return []
        due = [
            (number, phone)
            for number, phone in self._phones.items()
            if phone.lost_at is not None and phone.lost_at <= now
        ]
        for number, _phone in due:
            del self._phones[number]
        return self._said([phone.event("registration_lost", number) for number, phone in due])

    def _said(self, events: t.Iterable[Event]) -> list[Event]:
        return [{**event, "host": self._host} for event in events]

    # --- what there is -------------------------------------------------------------------------

    def _take_begin(self, _told: record.Record, _now: float) -> list[Event]:
        self._ready, self._contacts, self._going_on = False, {}, set()
        return []

    def _take_going_on(self, told: record.Record, _now: float) -> list[Event]:
        if len(self._going_on) < MOST_CALLS:
            self._going_on.add(told["call"])
        return []

    def _take_ready(self, _told: record.Record, now: float) -> list[Event]:
        there, self._contacts = self._contacts or {}, None
        for number, phone in self._phones.items():
            phone.contacts = {
                contact: answers
                for contact, answers in phone.contacts.items()
                if contact in there.get(number, ())
            }
            if not phone.contacts and phone.lost_at is None:
                phone.lost_at = now + self._settle
        missed = [call for call in self._calls if call not in self._going_on]
        ended = [self._ended(call, "0", now) for call in missed]
        kind = "source_reconnected" if self._ever else "source_connected"
        self._ever, self._ready, self._told_lost = True, True, False
        return [{"kind": kind, "registered": len(there)}, *ended]

    # --- phones --------------------------------------------------------------------------------

    def _take_contact(self, told: record.Record, now: float) -> list[Event]:
        number, contact = told["number"], told["contact"]
        phone = self._phones.get(number)
        if told["state"] == record.GONE:
            if phone is not None and contact in phone.contacts:
                del phone.contacts[contact]
                if not phone.contacts:
                    phone.lost_at = now + self._settle
            return []
        return self._there(number, phone, told)

    def _there(self, number: str, phone: _Phone | None, told: record.Record) -> list[Event]:
        events: list[Event] = []
        is_new = phone is None
        if phone is None:
            if len(self._phones) >= MOST_NUMBERS:
                return []
            phone = self._phones[number] = _Phone()
        contact, state = told["contact"], told["state"]
        if contact not in phone.contacts and len(phone.contacts) >= MOST_CONTACTS:
            return []
        phone.lost_at = None
        phone.address, phone.user_agent = told["address"], told["user_agent"] or phone.user_agent
        phone.contacts[contact] = {record.REACHABLE: True, record.UNREACHABLE: False}.get(
            state, phone.contacts.get(contact)
        )
        if self._contacts is not None:
            self._contacts.setdefault(number, set()).add(contact)
        # Those that were there before anybody looked have not come now.
        at_first = self._contacts is not None and not self._ever
        if is_new and not at_first:
            events.append(phone.event("registration_gained", number))
        if phone.is_unreachable != phone.told_unreachable:
            phone.told_unreachable = phone.is_unreachable
            if not at_first:
                events.append(
                    phone.event("phone_unreachable" if phone.is_unreachable else "phone_reachable", number)
                )
        return events

    # --- calls ---------------------------------------------------------------------------------

    def _take_call(self, told: record.Record, now: float) -> list[Event]:
        if len(self._calls) >= MOST_CALLS or told["call"] in self._calls:
            return []
        call = self._calls[told["call"]] = _Call(told["caller"], told["called"], now)
        event = call.event("call_began", told["call"])
        # Whether it is one is known a moment later.
        del event["emergency"]
        return [event]

    def _take_emergency(self, told: record.Record, _now: float) -> list[Event]:
        call = self._calls.get(told["call"])
        if call is None or call.emergency:
            return []
        call.emergency = True
        return [call.event("emergency_call", told["call"])]

    def _take_answer(self, told: record.Record, now: float) -> list[Event]:
        call = self._calls.get(told["call"])
        if call is None or call.answered is not None:
            return []
        call.answered, call.by = now, told["by"]
        return [{**call.event("call_answered", told["call"]), "by": call.by}]

    def _take_hangup(self, told: record.Record, now: float) -> list[Event]:
        return [self._ended(told["call"], told["cause"], now)] if told["call"] in self._calls else []

    def _ended(self, which: str, cause: str, now: float) -> Event:
        call = self._calls.pop(which)
        seconds = 0 if call.answered is None else round(max(0.0, now - call.answered))
        how = {"answered": call.answered is not None, "by": call.by, "seconds": seconds}
        return {**call.event("call_ended", which), **how, "cause": _integer(cause)}

    # --- the rest ------------------------------------------------------------------------------

    def _take_attempts(self, told: record.Record, _now: float) -> list[Event]:
        what = {"problem": told["problem"], "address": told["address"], "account": told["account"]}
        return [{"kind": "security", **what, "attempts": _integer(told["count"])}]


def _integer(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
