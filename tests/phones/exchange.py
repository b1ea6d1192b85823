# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A room full of telephones for a test: `with Room(...) as room`, plug phones in, and use them.

It is the half of agent.py that runs where the test does.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from .phone import phones_addresses
from .process import Telephones

#: Longest that the agent may take for one command, beyond what the command itself waits for.
GRACE = 30


class RoomError(Exception):
    """A telephone could not do what it was told, such as a call that never rang."""


@dataclass
class Room:
    """Telephones that share a process. ``server`` is the address of the telephone system."""

    server: str
    addresses: list[str] = field(default_factory=phones_addresses)

    def __enter__(self) -> Room:
        self._agent = Telephones("phones.agent")
        self._names = itertools.count()
        return self

    def __exit__(self, *_error: object) -> None:
        self._agent.leave()

    def ask(self, command: str, **arguments: Any) -> Any:
        self._agent.say({"do": command, **arguments})
        answer = self._agent.hear()
        if "error" in answer:
            raise RoomError(answer["error"])
        return answer["ok"]

    def phone(self, number: str, password: str, register: bool = True, **options: Any) -> Line:
        """Plug a phone in and register it."""
        line = self.line(number=number, password=password, **options)
        if register and (status := line.register()) != 200:
            raise RoomError(f"{number}: registration refused with {status}")
        return line

    def line(self, which: int = 0, **options: Any) -> Line:
        """Plug something in at one of the addresses: a phone, or the far end of a trunk."""
        name = f"{options.get('number', 'line')}-{next(self._names)}"
        address = self.addresses[which]
        shown = self.ask("line", **{"name": name, "server": self.server, "address": address, **options})
        return Line(self, name, address, shown["port"])


@dataclass(frozen=True)
class Line:
    """A telephone, or the far end of a trunk."""

    room: Room
    name: str
    address: str
    port: int

    def ask(self, command: str, **arguments: Any) -> Any:
        return self.room.ask(command, line=self.name, **arguments)

    def register(self, expires: int = 600) -> int:
        return int(self.ask("register", expires=expires))

    def does(self, habit: str | int) -> None:
        """What it does from now on: answer, ring, ignore calls, be gone, or refuse with a status."""
        self.ask("habit", habit=habit)

    def unplug(self) -> None:
        self.ask("unplug")

    def dial(self, number: str, **options: Any) -> Call:
        return Call(self.room, self.ask("dial", number=number, **options))

    def call(self, number: str, seconds: float = 45, **options: Any) -> int:
        """Dial, hang up once it is answered; return the final status."""
        call = self.dial(number, **options)
        status = call.status(seconds)
        if status == 200:
            call.hang_up()
        return status

    def incoming(self, which: int = 0, seconds: float = 10) -> Call:
        return Call(self.room, self.ask("incoming", which=which, seconds=seconds))

    def received(self) -> list[dict[str, Any]]:
        return list(self.ask("received"))

    def intrude(self, call: Call, method: str, **options: Any) -> int:
        """Ask for something within another's call; return the status of the answer."""
        return int(self.ask("intrude", call=call.name, method=method, **options))

    def watch(self, number: str, event: str = "dialog", **options: Any) -> Lamp:
        shown = self.ask("subscribe", number=number, event=event, **options)
        return Lamp(self.room, shown["lamp"], shown["status"])


@dataclass(frozen=True)
class Call:
    """A call as one telephone sees it."""

    room: Room
    name: str

    def ask(self, command: str, **arguments: Any) -> Any:
        return self.room.ask(command, call=self.name, **arguments)

    def status(self, seconds: float = 45) -> int:
        return int(self.ask("status", seconds=seconds))

    def shown(self) -> dict[str, Any]:
        return dict(self.ask("show"))

    def rings(self, seconds: float = 10) -> Call:
        self.ask("ringing", seconds=seconds)
        return self

    def is_up(self, seconds: float = 10) -> Call:
        self.ask("up", seconds=seconds)
        return self

    def has_ended(self, seconds: float = 10) -> Call:
        self.ask("ended", seconds=seconds)
        return self

    def answer(self) -> Call:
        self.ask("answer")
        return self

    def refuse(self, status: int) -> None:
        self.ask("refuse", status=status)

    def hang_up(self) -> int:
        return int(self.ask("hang_up"))

    def say(self, method: str, headers: dict[str, str] | None = None, body: str = "") -> dict[str, Any]:
        """Send a request within the call; its answer."""
        return dict(self.ask("say", method=method, headers=headers or {}, body=body))

    def hold(self, on: bool = True) -> int:
        return int(self.ask("hold", on=on))

    def mute(self, on: bool = True) -> None:
        """Say nothing from now on, as a phone that suppresses silence: it goes on to send RTCP."""
        self.ask("mute", on=on)

    def hears(self, seconds: float = 0.4) -> list[int]:
        return list(self.ask("hears", seconds=seconds))

    def identifiers(self) -> dict[str, str]:
        return dict(self.ask("identifiers"))

    def replaced_by(self) -> str:
        """The Replaces header (RFC 3891) of the party that would take this end's place."""
        known = self.identifiers()
        return f"{known['call_id']};to-tag={known['remote_tag']};from-tag={known['local_tag']}"

    def transfer(self, to: str, replaces: Call | None = None) -> dict[str, Any]:
        """Hand the other side over; how that went."""
        return dict(self.ask("transfer", to=to, replaces=replaces.name if replaces else ""))


@dataclass(frozen=True)
class Lamp:
    """What a telephone shows of somebody else's."""

    room: Room
    name: str
    #: Answer to the subscription.
    status: int

    def shown(self) -> list[str]:
        return list(self.room.ask("lamp", lamp=self.name))

    def told(self) -> list[str]:
        """All that was said of it, as it was said."""
        return list(self.room.ask("lamp_told", lamp=self.name))

    def shows(self, state: str, seconds: float = 10) -> list[str]:
        if self.status != 200:
            raise RoomError(f"{self.name}: the subscription was refused with {self.status}")
        return list(self.room.ask("lamp_shows", lamp=self.name, state=state, seconds=seconds))
