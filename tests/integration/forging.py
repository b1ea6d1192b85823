# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Phones that register any contact: the half of phones/forger.py that runs where the test does."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from phones.phone import phones_addresses
from phones.process import Telephones


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
        """Return what it was sent by this method: start line and To."""
        return [r for r in self.gang.ask("requests", self.name) if r.startswith(f"{method} ")]

    def unplug(self) -> None:
        self.gang.ask("unplug", self.name)
