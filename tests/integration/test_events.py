# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The event source at a real host: phones that register, call and go, strangers, a restart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import runpy
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from phones.exchange import Room
from phones.phone import Phone

from .company import until
from .fleet import REPOSITORY, Host, lab

SOURCE = REPOSITORY / "extensions/eda/plugins/event_source/pbx_events.py"
PORTS = [{"name": "Masa telefonları"}]
PASSWORD, NEW_PASSWORD = "correct-horse-1", "correct-horse-2"
#: How long a phone may be gone, and how long attempts are counted, in seconds.
SETTLE, INTERVAL = 1, 1
#: In Asterisk's own texts a contact has this mark, by which it could be called in another's place.
MARK = "x-ast"

Event = dict[str, Any]


class Listening:
    """The source, as ansible-rulebook has it run: on a loop of its own, with a queue."""

    def __init__(self, host: Host) -> None:
        self.events: list[Event] = []
        self._loop = asyncio.new_event_loop()
        arguments = {
            "hosts": [host.name],
            "ssh_options": ["-F", lab("ssh-config").strip()],
            "settle": SETTLE,
            "interval": INTERVAL,
        }
        self._main = self._loop.create_task(self._listen(arguments))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    async def _listen(self, arguments: dict[str, Any]) -> None:
        queue: asyncio.Queue[Event] = asyncio.Queue(5)
        source = asyncio.ensure_future(runpy.run_path(str(SOURCE))["main"](queue, arguments))
        try:
            while True:
                self.events.append(await queue.get())
        finally:
            source.cancel()
            await asyncio.gather(source, return_exceptions=True)

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._main)

    def leave(self) -> None:
        self._loop.call_soon_threadsafe(self._main.cancel)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def of(self, kind: str, **fields: object) -> list[Event]:
        """Return the events of a kind with these values."""
        return [
            event
            for event in list(self.events)
            if event["kind"] == kind and all(event[name] == value for name, value in fields.items())
        ]

    def one(self, kind: str, **fields: object) -> Event:
        """Wait for an event, and return the first one of its kind."""
        until(lambda: self.of(kind, **fields), seen=lambda: self.events)
        return self.of(kind, **fields)[0]


def two_extensions(host: Host, password: str) -> None:
    extensions = [{"number": number, "password": password, "groups": []} for number in ("1001", "1002")]
    result = host.whole_directory(
        pbx_connection_ports=PORTS, pbx_extensions=extensions, pbx_emergency_numbers=["112"]
    )
    assert not result["failed"], result


@pytest.fixture(scope="module")
def street(host: Host) -> Iterator[Host]:
    """The host with two extensions and no phone, and an emergency number that no trunk takes."""
    # Phones of the tests before are still registered, until their extensions are gone.
    host.whole_directory(pbx_connection_ports=PORTS)
    two_extensions(host, PASSWORD)
    yield host
    host.whole_directory(pbx_connection_ports=PORTS)


@pytest.fixture
def listening(street: Host) -> Iterator[Listening]:
    listening = Listening(street)
    try:
        listening.one("source_connected")
        yield listening
    finally:
        listening.leave()


def readers(host: Host) -> int:
    """Return how many programs of the source run on the host."""
    return int(host.shell("pgrep -fc '^/usr/bin/python3 -IBc import json,sys;exec' || true"))


def test_phones_calls_and_strangers_are_told(street: Host, listening: Listening) -> None:
    with Room(street.address) as room:
        desk = Phone("1001", PASSWORD, street.address)
        assert desk.register() == 200
        gained = listening.one("registration_gained", number="1001")
        assert gained["user_agent"] == "Desk phone (SIPp)"
        caller, callee = room.phone("1001", PASSWORD, register=False), room.phone("1002", PASSWORD)
        assert gained["address"].rpartition(":")[0].startswith("198.18.")
        assert gained["host"] == street.name
        callee.does("answer")
        assert caller.call("1002") == 200
        ended = listening.one("call_ended", caller="1001", called="1002")
        assert (ended["answered"], ended["by"], ended["cause"]) == (True, "1002", 16)
        (answered,) = listening.of("call_answered", call=ended["call"])
        assert answered["by"] == "1002"
        assert caller.call("112") != 200
        assert listening.one("emergency_call")["called"] == "112"
        assert listening.one("call_ended", called="112")["cause"] == 34
        stranger = room.phone("1001", "a-wrong-password", register=False)
        assert stranger.register() == 401
        wrong = listening.one("security", account="1001")
        assert (wrong["problem"], wrong["attempts"]) == ("wrong_password", 1)
        assert wrong["address"] == gained["address"].rpartition(":")[0]
        assert listening.of("registration_lost") == []
        desk.unregister()
        callee.register(0)
        lost = listening.one("registration_lost", number="1001")
        assert lost["user_agent"] == gained["user_agent"]
        listening.one("registration_lost", number="1002")
    assert len(listening.of("registration_gained")) == 2
    said = json.dumps(listening.events)
    assert MARK not in said
    assert PASSWORD not in said


def test_a_phone_that_registers_anew_is_not_told(street: Host, listening: Listening) -> None:
    with Room(street.address) as room:
        before = room.phone("1001", PASSWORD)
        listening.one("registration_gained", number="1001")
        # As after a power cut: from another port, and in the place of the one before.
        after = room.phone("1001", PASSWORD)
        assert after.register() == 200
        time.sleep(SETTLE + 1)
        assert listening.of("registration_lost") == []
        assert len(listening.of("registration_gained")) == 1
        after.register(0)
        before.unplug()
        listening.one("registration_lost", number="1001")


def test_a_phone_whose_password_changes_is_lost(street: Host, listening: Listening) -> None:
    with Room(street.address) as room:
        room.phone("1001", PASSWORD)
        listening.one("registration_gained", number="1001")
        two_extensions(street, NEW_PASSWORD)
        late = Listening(street)
        try:
            assert late.one("source_connected")["registered"] == 0
            # Asterisk throws its contact out within 30 s.
            until(lambda: listening.of("registration_lost", number="1001"), 45, lambda: listening.events)
            assert room.phone("1001", NEW_PASSWORD)
            late.one("registration_gained", number="1001")
            until(lambda: len(listening.of("registration_gained")) == 2, seen=lambda: listening.events)
        finally:
            late.leave()
            two_extensions(street, PASSWORD)


def test_a_flood_of_strangers_is_a_few_events(street: Host, listening: Listening) -> None:
    with Room(street.address) as room:
        stranger = room.phone("1001", "a-wrong-password", register=False)
        for _many in range(40):
            assert stranger.register() == 401
        until(
            lambda: sum(event["attempts"] for event in listening.of("security")) == 40,
            seen=lambda: listening.events,
        )
    assert len(listening.of("security")) <= 10


def test_what_happens_while_asterisk_restarts_is_told_afterwards(street: Host, listening: Listening) -> None:
    with Room(street.address) as room:
        stays, goes = (room.phone(number, PASSWORD) for number in ("1001", "1002"))
        listening.one("registration_gained", number="1002")
        street.shell("systemctl stop asterisk")
        assert "Asterisk" in listening.one("source_lost")["why"]
        goes.unplug()
        # As if its registration had run out while nobody looked.
        forget = """DELETE FROM astdb WHERE key LIKE '/registrar/contact/1002%'"""
        street.python(
            "import sqlite3; c = sqlite3.connect('/var/lib/asterisk/astdb.sqlite3');"
            f"assert c.execute({forget!r}).rowcount; c.commit()"
        )
        street.shell("systemctl start asterisk")
        listening.one("source_reconnected")
        assert stays.register() == 200
        lost = listening.one("registration_lost")
        assert lost["number"] == "1002"
        assert len(listening.of("registration_gained", number="1001")) == 1
        stays.register(0)
        listening.one("registration_lost", number="1001")


def test_nothing_of_it_stays_on_the_host(street: Host) -> None:
    listening = Listening(street)
    listening.one("source_connected")
    assert readers(street) == 1
    logged_in = "asterisk -rx 'manager show connected'"
    assert "voiceops" in street.shell(logged_in)
    listening.leave()
    until(lambda: readers(street) == 0, seen=lambda: street.shell("ps aux"))
    until(lambda: "voiceops" not in street.shell(logged_in))
