# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A phone that asks for lamps without end gets so many, and nobody else notices."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from phones.exchange import Line, Room

from .company import until
from .conftest import empty_but_for_the_usual
from .fleet import DIRECTORY, Host, site
from .test_calls import define, password
from .test_lamps import memory, restart, subscriptions

TCP = 5073
#: How many lamps an extension may have unless the role is told otherwise; and how many it may get in the time
#: that it takes to see that there are more, on a machine that has much else to do.
MOST, LATE = 500, 1500
#: How many are asked for: by far more.
ATTEMPTS = 5000
#: How often the lamps of somebody who is refused are counted, and what a busy machine adds to it; in seconds.
SEEN = 20.0
#: After how many seconds what was not answered never will be (64 * T1).
NOT_ANSWERED = 32.0


@pytest.fixture(scope="module")
def crowded(host: Host) -> Iterator[Host]:
    """The host with a port for TCP too, and with a few phones more."""
    empty_but_for_the_usual(host)
    host.module("pbx_connection_port", name="TCP", protocol="tcp", port=TCP)
    define(host, *({"number": str(number)} for number in range(3001, 3011)))
    yield host
    # The tests of another file have phones of the same numbers, and they may have lamps. This is asked while
    # the extensions are there: of one that is not, the facts say nothing, though it may still be refused.
    until(lambda: at_limit(host) == set(), SEEN)
    empty_but_for_the_usual(host)


@pytest.fixture
def rooms(crowded: Host) -> Iterator[tuple[Room, Room]]:
    """Two rooms full of phones, so that one does not have to wait for what the other does."""
    # What a test before has left to end does not count here.
    restart_with_watch(crowded)
    with Room(crowded.address) as one, Room(crowded.address) as another:
        yield one, another


def restart_with_watch(host: Host) -> None:
    """Start Asterisk again; return when the watch has asked the new one, and has left it again."""
    before = logins(host)
    restart(host)
    until(lambda: logins(host) > before, SEEN)
    # While it is logged in, Asterisk writes every event of every call down for it.
    until(lambda: "0 users connected" in host.shell("asterisk -rx 'manager show connected'"))


def logins(host: Host) -> int:
    """Return how often anybody has logged in to the manager interface."""
    logged = host.shell("grep SuccessfulAuth /var/log/asterisk/security.log || true")
    return sum('Service="AMI"' in line for line in logged.splitlines())


def at_limit(host: Host) -> set[str]:
    extensions = host.facts()["pbx_extensions"]
    return {number for number, each in extensions.items() if each["at_lamp_limit"]}


def said(host: Host, since: str) -> str:
    return host.shell(f"journalctl -u voiceops-lamps -o cat --no-pager --since '{since}'")


def ask(phone: Line, numbers: list[str], **options: Any) -> dict[str, int]:
    return dict(phone.ask("subscribe_many", numbers=numbers, **options))


@pytest.mark.parametrize(
    ("watched", "options"),
    [
        pytest.param(["3003"], {}, id="one lamp by UDP"),
        pytest.param([str(number) for number in range(3006, 3011)], {"tcp_port": TCP}, id="many by TCP"),
    ],
)
def test_a_phone_that_asks_without_end_gets_so_many_lamps_and_the_others_go_on(
    crowded: Host, rooms: tuple[Room, Room], watched: list[str], options: dict[str, Any]
) -> None:
    host = crowded
    began = host.shell("date '+%F %T'").strip()
    bad = rooms[0].phone("3001", password("3001"), habit="answer")
    watcher, caller = (rooms[1].phone(number, password(number)) for number in ("3002", "3004"))
    rings = rooms[1].phone("3005", password("3005"), habit="ring")
    lamp = watcher.watch("3005")
    wanted = [watched[at % len(watched)] for at in range(ATTEMPTS)]
    with ThreadPoolExecutor(1) as beside:
        asking = beside.submit(ask, bad, wanted, **options)
        changes = 0
        while not asking.done() or not changes:
            call = caller.dial("3005").rings()
            lamp.shows("early")
            rings.incoming(changes).refuse(486)
            lamp.shows("terminated")
            call.status()
            changes += 1
        answers = asking.result()
    assert answers.keys() == {"200", "603"}
    assert MOST < answers["200"] < MOST + LATE
    # From now on it may ask as often as it likes.
    before = memory(host)
    assert ask(bad, wanted, **options) == {"603": ATTEMPTS}
    assert memory(host) - before < 40_000
    # It is named, in all places where somebody looks.
    assert at_limit(host) == {"3001"}
    assert "extension 3001 has " in said(host, began)
    assert "not permitted for endpoint 3001" in host.shell("tail -n 500 /var/log/asterisk/messages.log")
    # It is a phone anyway, and all others watch what they like.
    assert bad.call("3002") == 200
    assert caller.call("3001") == 200
    assert ask(watcher, [str(number) for number in range(3001, 3011)]) == {"200": 10}
    # When they have ended it may begin again.
    rooms[0].ask("end_many")
    until(lambda: bad.watch("3003").status == 200, SEEN)
    assert re.search(r"extension 3001 has \d+ lamps: it may have more again", said(host, began))
    assert at_limit(host) == set()


def test_a_phone_with_panels_of_lamps_is_never_refused(crowded: Host, rooms: tuple[Room, Room]) -> None:
    host = crowded
    phone = rooms[0].phone("3001", password("3001"))
    began = host.shell("date '+%F %T'").strip()
    keys = [str(3002 + at % 9) for at in range(100)]
    # It is switched off and on again, and its former lamps have not ended yet.
    for _start in range(2):
        for event in ("dialog", "presence"):
            assert ask(phone, keys, event=event) == {"200": len(keys)}
    assert len(subscriptions(host)["3001"]) >= 400
    assert "it gets no more" not in said(host, began)
    assert at_limit(host) == set()


@pytest.mark.shown_on("asterisk22")
def test_a_phone_that_answers_nothing_loses_its_lamps_and_gives_the_memory_back(
    crowded: Host, rooms: tuple[Room, Room]
) -> None:
    """Each change costs memory for each lamp that is told of it, until it answers or 32 s are over."""
    host = crowded
    bad = rooms[0].phone("3010", password("3010"))
    assert ask(bad, ["3003"] * MOST) == {"200": MOST}
    caller, rings = (rooms[1].phone(number, password(number)) for number in ("3004", "3003"))
    rings.does("ring")
    process, before = host.shell("pidof asterisk"), memory(host)
    seen, began, calls = [before], time.monotonic(), 0
    # Its own lamps end one by one, each when the first that was said of it was not answered.
    while "3010" in subscriptions(host):
        for _call in range(5):
            call = caller.dial("3003").rings()
            rings.incoming(calls).refuse(486)
            assert call.status() == 486
            calls += 1
        seen.append(memory(host))
        assert time.monotonic() - began < 4 * NOT_ANSWERED
    took = time.monotonic() - began
    print(f"{calls} calls in {took:.0f} s: {before // 1000} MB before, {max(seen) // 1000} MB at most")
    assert host.shell("pidof asterisk") == process


def test_after_a_start_of_asterisk_who_was_refused_begins_anew(
    crowded: Host, rooms: tuple[Room, Room]
) -> None:
    host = crowded
    bad, good = (rooms[0].phone(number, password(number)) for number in ("3001", "3002"))
    assert good.watch("3003").status == 200
    assert ask(bad, ["3003"] * ATTEMPTS, expires=4_000_000).keys() == {"200", "603"}
    restart(host)
    until(lambda: subscriptions(host).keys() == {"3002"})
    until(lambda: bad.watch("3003").status == 200, SEEN)


def test_who_counts_lamps_is_there_again_when_it_has_died(crowded: Host, rooms: tuple[Room, Room]) -> None:
    host = crowded
    bad = rooms[0].phone("3001", password("3001"))
    assert ask(bad, ["3003"] * ATTEMPTS).keys() == {"200", "603"}
    running = "systemctl show -p MainPID --value voiceops-lamps"
    before = host.shell(running)
    host.shell("systemctl kill -s KILL voiceops-lamps")
    until(lambda: host.shell(running) not in (before, "0\n"))
    assert ask(bad, ["3003"] * 50) == {"603": 50}
    rooms[0].ask("end_many")
    until(lambda: bad.watch("3003").status == 200, SEEN)


@pytest.mark.parametrize(
    "around",
    [
        pytest.param("{}", id="while Asterisk runs"),
        # The counting program begins then, and has written nothing yet.
        pytest.param(
            "systemctl stop asterisk; systemctl restart voiceops-lamps; sleep 1; {}; sleep 1"
            "; systemctl start asterisk",
            id="while Asterisk is stopped",
        ),
        # For so long that systemd starts the watch meanwhile, which has lost its folder before it looks.
        pytest.param(
            "systemctl stop asterisk; end=$(($(date +%s) + 5)); while [ $(date +%s) -lt $end ]; do {}; done"
            "; systemctl start asterisk",
            id="again and again",
        ),
    ],
)
def test_it_goes_on_where_a_backup_of_the_directory_was_put_back(
    crowded: Host, rooms: tuple[Room, Room], around: str
) -> None:
    """systemd has mounted the old folder for the counting program, and that mount goes with it."""
    host = crowded
    put_back = "cp -a voiceops voiceops.backup && rm -r voiceops && mv voiceops.backup voiceops"
    host.shell("cd /var/lib; " + around.format(put_back))
    restart_with_watch(host)
    bad = rooms[0].phone("3001", password("3001"))
    answers = [ask(bad, ["3003"] * ATTEMPTS) for _time in range(2)]
    assert MOST < answers[0]["200"] < MOST + LATE, answers
    assert answers[1] == {"603": ATTEMPTS}, answers
    rooms[0].ask("end_many")


@pytest.mark.shown_on("asterisk22")
def test_how_many_lamps_an_extension_may_have_is_for_the_role_to_say(
    crowded: Host, rooms: tuple[Room, Room], tmp_path: Path
) -> None:
    host = crowded
    bad = rooms[0].phone("3001", password("3001"))
    began = host.shell("date '+%F %T'").strip()
    try:
        run = site([host], tmp_path, {**DIRECTORY, "pbx_max_lamps": 60}, "--tags", "configure")
        assert run.status == 0, run.text[-5000:]
        assert ask(bad, ["3003"] * 2000)["603"] > 500
        assert "and may have 60 (pbx_max_lamps): it gets no more until it has 30" in said(host, began)
    finally:
        run = site([host], tmp_path, DIRECTORY, "--tags", "configure")
    assert run.status == 0, run.text[-5000:]
    rooms[0].ask("end_many")
