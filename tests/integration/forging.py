# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Phones that call themselves anything: the half of phones/forger.py that runs where the test does."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from phones.exchange import Line, Room
from phones.phone import phones_addresses
from phones.process import Telephones

from .company import PORTS
from .fleet import Host

PASSWORD = "a-strong-horse-7919"
#: The host that holds the provider's address and port gets what is sent there.
PROVIDER, SIP = 5, 5060
EXTENSIONS = [
    {"number": "1001", "max_calls": 50},
    {"number": "1002", "max_devices": 5, "record": True, "ring_timeout": 5},
    {"number": "1003", "max_devices": 5, "max_calls": 50, "ring_timeout": 5},
    {"number": "1004", "connection_port": "browser", "ring_timeout": 5},
]
STREET_PORTS = [
    *PORTS,
    {"name": "tcp", "protocol": "tcp"},
    {"name": "browser", "protocol": "ws", "port": 8088},
]


class Gang:
    """Forgers that share a process."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.addresses = phones_addresses()

    def __enter__(self) -> Gang:
        self._telephones = Telephones("phones.forger")
        self._names = itertools.count()
        return self

    def __exit__(self, *_error: object) -> None:
        self._telephones.leave()

    def ask(self, do: str, name: str, **arguments: Any) -> Any:
        self._telephones.say({"do": do, "name": name, **arguments})
        answer = self._telephones.hear()
        assert "error" not in answer, answer["error"]
        return answer["ok"]

    def plug_in(self, which: int = 0, protocol: str = "udp", **options: Any) -> Forger:
        name = f"forger-{next(self._names)}"
        options = {"address": self.addresses[which], "server": self.server, **options}
        shown = self.ask("plug_in", name, protocol=protocol, **options)
        return Forger(self, name, shown["address"], shown["port"])


@dataclass(frozen=True)
class Forger:
    gang: Gang
    name: str
    address: str
    port: int

    def register(self, *contacts: str, headers: str = "") -> dict[str, Any]:
        """Register these values of Contact, in which HERE is the phone's own host and port."""
        return dict(self.gang.ask("register", self.name, contacts=contacts, headers=headers))

    def requests(self, method: str) -> list[str]:
        """Return what it was sent by this method: start line, and To in another line."""
        return [r for r in self.gang.ask("requests", self.name) if r.startswith(f"{method} ")]

    def heard(self) -> list[str]:
        """Return all that it was sent."""
        return list(self.gang.ask("requests", self.name))

    def new_calls(self) -> list[str]:
        """Return what begins a call, as a telephone system sees it: an INVITE without a tag in To."""
        return [invite for invite in self.requests("INVITE") if ";tag=" not in invite]

    def call(self, number: str, headers: str, **options: Any) -> dict[str, Any]:
        """Call somebody with these headers; return the final answer."""
        return dict(self.gang.ask("call", self.name, number=number, headers=headers, **options))

    def does(self, habit: str | int, headers: str) -> None:
        """Have it refuse calls with a status, or "ring" or "answer", with these headers."""
        self.gang.ask("does", self.name, habit=str(habit), headers=headers)

    def within(self, method: str, headers: str) -> int:
        """Send a request within the last call that it has made; return the status of the answer."""
        return int(self.gang.ask("within", self.name, method=method, headers=headers))

    def outside(self, method: str, number: str, headers: str) -> int:
        """Ask something of somebody outside a call; return the status of the answer."""
        return int(self.gang.ask("ask", self.name, method=method, number=number, headers=headers))

    def unplug(self) -> None:
        self.gang.ask("unplug", self.name)


@dataclass
class Street:
    """The telephone system, a caller, an attacker with an account, and a provider that trusts its address."""

    host: Host
    gang: Gang
    room: Room
    caller: Line
    attacker: Forger
    provider: Forger

    def written(self, text: str) -> str:
        """Return a contact with the addresses of this street in it."""
        return (
            text.replace("PROVIDER", f"{self.provider.address}:{SIP}")
            .replace("PROVHOST", self.provider.address)
            .replace("HOST", self.host.address)
        )

    def log(self) -> str:
        return self.host.shell("cat /var/log/asterisk/messages.log")

    def contacts(self) -> str:
        return self.host.shell("asterisk -rx 'database show registrar/contact'")


@contextmanager
def open_street(host: Host, **more: Any) -> Iterator[Street]:
    """Make the host's directory that of the street; ``more`` are other variables of the role."""
    extensions = [{"password": PASSWORD, "groups": [], **extension} for extension in EXTENSIONS]
    variables = {"pbx_connection_ports": STREET_PORTS, "pbx_extensions": extensions, **more}
    made = host.whole_directory(**variables)
    assert not made["failed"], made
    try:
        with Room(host.address) as room, Gang(host.address) as gang:
            yield Street(
                host,
                gang,
                room,
                room.phone("1001", PASSWORD, tone=400),
                gang.plug_in(0, number="1003", password=PASSWORD, port=SIP),
                gang.plug_in(PROVIDER, port=SIP),
            )
    finally:
        host.whole_directory(pbx_connection_ports=PORTS)
