# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Sound that a stranger sends to the ports of calls: when it is heard, and until when."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from phones.exchange import Call, Room
from phones.phone import phones_addresses, where_phones_are

from .company import until
from .conftest import empty_but_for_the_usual
from .fleet import DIRECTORY, REPOSITORY, Host, command, site
from .test_calls import define, password

CALLER, CALLED, STRANGER = 400, 600, 1700


@pytest.fixture(scope="module")
def room(host: Host) -> Iterator[Room]:
    empty_but_for_the_usual(host)
    define(host, *({"number": number} for number in ("3001", "3002")))
    with Room(host.address) as room:
        yield room
    empty_but_for_the_usual(host)


def ports(host: Host) -> list[int]:
    """Where the host waits for sound: a stranger would send to all ports that there can be."""
    shown = host.shell("ss -Hunlp | grep asterisk | awk '{ print $4 }'")
    found = {int(each.rpartition(":")[2]) for each in shown.split()}
    return sorted(port for port in found if 10000 <= port <= 20000 and port % 2 == 0)


def inject(host: Host, seconds: float) -> list[int]:
    """Send a tone to all of them from an address where no phone is; return what is heard there."""
    asked = {
        "server": host.address,
        "address": phones_addresses()[4],
        "ports": ports(host),
        "tone": STRANGER,
        "seconds": seconds,
    }
    assert len(asked["ports"]) == 2
    run = command(
        *(*where_phones_are(), "env", f"PYTHONPATH={REPOSITORY / 'tests'}", sys.executable),
        *("-m", "phones.injector"),
        given=json.dumps(asked),
    )
    assert run.returncode == 0, run.stderr
    heard: list[int] = json.loads(run.stdout)
    return heard


def call(room: Room, *, silent: bool = False, rings: Callable[[], object] = int) -> tuple[Call, Call]:
    """Have one call the other, who says nothing if ``silent``; ``rings`` is done while it rings."""
    caller = room.phone("3001", password("3001"), tone=CALLER)
    called = room.phone("3002", password("3002"), tone=CALLED, habit="ring")
    dialled = caller.dial("3002").rings()
    incoming = called.incoming()
    if silent:
        incoming.mute()
    rings()
    incoming.answer()
    return dialled.is_up(), incoming


def talk(dialled: Call, incoming: Call, times: int = 8) -> set[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Listen at both ends so many times, for 0.4 s each; return what was heard."""
    return {(tuple(dialled.hears()), tuple(incoming.hears())) for _time in range(times)}


BOTH = ((CALLED,), (CALLER,))


def test_it_is_not_heard_where_both_phones_talk(host: Host, room: Room) -> None:
    dialled, incoming = call(room)
    # Until then Asterisk takes the first who sends for a phone.
    until(lambda: talk(dialled, incoming, 1) == {BOTH})
    with ThreadPoolExecutor(1) as beside:
        injecting = beside.submit(inject, host, 8)
        assert talk(dialled, incoming) == {BOTH}
        assert injecting.result() == []
    dialled.hang_up()


@pytest.mark.parametrize("seconds", [2, 7])
def test_what_came_while_it_rang_ends_when_both_phones_talk(host: Host, room: Room, seconds: int) -> None:
    """Asterisk takes the first who sends for the phone, until the phone sends from where it has said."""
    dialled, incoming = call(room, rings=lambda: inject(host, seconds))
    talk(dialled, incoming, 2)
    assert talk(dialled, incoming, 4) == {BOTH}
    assert inject(host, 2) == []
    assert talk(dialled, incoming, 2) == {BOTH}
    dialled.hang_up()


def test_a_phone_that_is_silent_loses_its_sound_to_who_sends_unless_the_firewall_knows_where_phones_are(
    host: Host, room: Room, tmp_path: Path
) -> None:
    dialled, _incoming = call(room, silent=True)
    # Not promised; where Asterisk lets nobody in any more, so much the better.
    assert inject(host, 4) in ([], [CALLER])
    dialled.hang_up()
    here = phones_addresses()[0]
    closed = {**DIRECTORY, "pbx_firewall": True, "pbx_firewall_sound": [f"{here}/32"]}
    assert site([host], tmp_path, closed, "--tags", "configure").status == 0
    try:
        dialled, incoming = call(room, silent=True)
        assert inject(host, 7) == []
        incoming.mute(False)
        talk(dialled, incoming, 2)
        assert talk(dialled, incoming, 4) == {BOTH}
        dialled.hang_up()
    finally:
        assert site([host], tmp_path, DIRECTORY, "--tags", "configure").status == 0
