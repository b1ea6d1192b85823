# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Lamps: a phone shows what another one does (RFC 4235), and nothing that is nobody's business."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

import pytest
from phones.exchange import Lamp, Line, Room

from .company import Office, open_office, until
from .fleet import Host
from .test_calls import define, password

#: What the lamp of a phone shows that is there, and that is not (RFC 3863).
IDLE, UNAVAILABLE = "open Ready", "closed Unavailable"
#: Seconds between Asterisk's looks at which contacts have expired (res_pjsip_registrar.c).
EXPIRY_CHECK = 30


def test_a_lamp_shows_what_a_phone_does(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"}, {"number": "3002"}, {"number": "3003"})
    with Room(host.address) as room:
        watcher = room.phone("3001", password("3001"))
        watched = room.phone("3003", password("3003"), habit="ring")
        dialog, presence = watcher.watch("3003"), watcher.watch("3003", "presence")
        call = room.phone("3002", password("3002")).dial("3003").rings()
        dialog.shows("early")
        presence.shows("open Ringing")
        watched.incoming().answer()
        call.is_up()
        dialog.shows("confirmed")
        presence.shows("open On the phone")
        call.hang_up()
        dialog.shows("terminated")


def test_there_is_a_lamp_as_soon_as_there_is_an_extension(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"}, {"number": "3002"})
    with Room(host.address) as room:
        watcher = room.phone("3001", password("3001"))
        assert watcher.watch("3899", "presence").status == 404
        define(host, {"number": "3899"})
        # When the run is over, and as well when Asterisk has been started again.
        lamp = watcher.watch("3899", "presence")
        lamp.shows(UNAVAILABLE)
        watched = room.phone("3899", password("3899"), habit="ring")
        lamp.shows(IDLE)
        call = room.phone("3002", password("3002")).dial("3899").rings()
        lamp.shows("open Ringing")
        watched.incoming().answer()
        call.is_up()
        lamp.shows("open On the phone")
        call.hang_up()
        lamp.shows(IDLE)
        assert watched.register(expires=0) == 200
        lamp.shows(UNAVAILABLE)


def test_the_lamp_of_an_extension_that_goes_is_dark_and_shines_again_for_who_gets_its_number(
    directory: Host,
) -> None:
    host = directory
    define(host, {"number": "3001"}, {"number": "3899"})
    with Room(host.address) as room:
        watcher = room.phone("3001", password("3001"))
        room.phone("3899", password("3899"))
        lamp = watcher.watch("3899", "presence")
        lamp.shows(IDLE)
        host.module("pbx_extension", number="3899", state="absent")
        lamp.shows(UNAVAILABLE, seconds=EXPIRY_CHECK + 10)
        define(host, {"number": "3899"})
        room.phone("3899", password("3899"))
        lamp.shows(IDLE)


def test_asterisk_knows_all_lamps_when_it_starts(directory: Host) -> None:
    host = directory
    define(host, *({"number": number} for number in ("3001", "3002", "3015", "4")))
    host.module("pbx_extension", number="3002", state="absent")
    before = patterns(host)
    assert before >= {"_300[1;]", "_301[5;]", "_[4;]", "_100[123;]"}
    restart(host)
    assert patterns(host) == before


def patterns(host: Host) -> set[str]:
    return set(re.findall(r"'(_[^']*)' +=> +hint", host.shell("asterisk -rx 'dialplan show lamps'")))


def restart(host: Host) -> None:
    host.shell("systemctl restart asterisk")
    until(lambda: "fully booted" in host.shell("asterisk -rx 'core waitfullybooted' || true"))


def memory(host: Host) -> int:
    """Return how much memory Asterisk has in use, in kB."""
    return int(host.shell("ps -o rss= -C asterisk"))


#: How many requests it takes until Asterisk's memory grows no more (its own pools), and how many follow.
FIRST, MORE = 1000, 3000


def test_asking_for_lamps_that_are_not_there_costs_no_memory(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"})
    with Room(host.address) as room:
        phone = room.phone("3001", password("3001"))
        numbers = (str(10**9 + number) for number in itertools.count())
        ask(phone, itertools.islice(numbers, FIRST))
        hints, before = host.shell(HINTS), memory(host)
        ask(phone, itertools.islice(numbers, MORE))
        assert host.shell(HINTS) == hints
        # With a hint and a subscription for each it was 300 MB.
        assert memory(host) - before < 10_000


HINTS = "asterisk -rx 'core show hints' | tail -2"


def ask(phone: Line, numbers: Iterable[str]) -> None:
    wanted = list(numbers)
    assert phone.ask("subscribe_many", numbers=wanted) == {"404": len(wanted)}


def test_a_start_of_asterisk_brings_back_lamps_but_not_what_a_phone_has_filled_its_memory_with(
    directory: Host,
) -> None:
    host = directory
    define(host, {"number": "3001"}, {"number": "3002"})
    too_many, forever = 501, 4_000_000
    with Room(host.address) as room:
        bad = room.phone("3001", password("3001"))
        good = room.phone("3002", password("3002"))
        asked = bad.ask("subscribe_many", numbers=["3002"] * too_many, expires=forever)
        assert asked == {"200": too_many}
        assert good.watch("3001", expires=forever).status == 200
        until(lambda: subscriptions(host).keys() == {"3001", "3002"})
        restart(host)
        # Asterisk makes them again once it is there.
        until(lambda: subscriptions(host).keys() == {"3002"})
        (seconds,) = subscriptions(host)["3002"]
        assert seconds <= 3600


def subscriptions(host: Host) -> dict[str, list[int]]:
    """Return for how many seconds the lamps of each extension's phones are to be shown."""
    listed = host.shell("asterisk -rx 'pjsip show subscriptions inbound'")
    found: dict[str, list[int]] = {}
    for number, seconds in re.findall(r"Endpoint: (\d+)/.*\n.*\n +Expiry: +(\d+)", listed):
        found.setdefault(number, []).append(int(seconds))
    return found


def test_the_lamp_of_who_may_not_register_any_more_goes_out(directory: Host) -> None:
    host = directory
    define(host, *({"number": number} for number in ("3001", "3002", "3003", "3004")))
    with Room(host.address) as room:
        watcher = room.phone("3001", password("3001"))
        lamps = [watcher.watch(number, "presence") for number in ("3002", "3003", "3004")]
        for number in ("3002", "3003", "3004"):
            room.phone(number, password(number))
        for lamp in lamps:
            lamp.shows(IDLE)
        # One has left, one is away, one has another password.
        host.module("pbx_extension", number="3002", state="absent")
        host.module("pbx_extension", number="3003", enabled=False)
        host.module("pbx_extension", number="3004", password="another-horse-1")
        for lamp in lamps:
            lamp.shows(UNAVAILABLE, seconds=EXPIRY_CHECK + 10)
        # Nobody asks these phones whether they are there any more.
        assert "sip:300" not in host.shell("asterisk -rx 'pjsip show contacts' | grep -v 3001/")


def test_only_extensions_can_be_watched(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"})
    with Room(host.address) as room:
        watcher = room.phone("3001", password("3001"))
        by_name = ["_300%5B1%5D", "_300%5B1%3B%5D", "_300%5B1;%5D", "_XXXX"]
        wanted = [*by_name, "3777", "trunk-1", "1002&PJSIP/1003", "1" * 16, "s"]
        assert [watcher.watch(number).status for number in wanted] == [404] * len(wanted)
        assert "Resource: _" not in host.shell("asterisk -rx 'pjsip show subscriptions inbound'")


def test_a_number_with_dashes_is_the_number(directory: Host) -> None:
    """Otherwise who asks first leaves a lamp that is dark for all who ask later."""
    host = directory
    define(host, {"number": "3001"}, {"number": "3002"})
    with Room(host.address) as room:
        watcher = room.phone("3001", password("3001"))
        room.phone("3002", password("3002"))
        for number in ("3-00-2", "3002"):
            watcher.watch(number, "presence").shows(IDLE)


#: How a phone may ask for a lamp: what is watched, and in which form it is told.
FORMS = (
    ("dialog", "dialog-info+xml"),
    ("presence", "pidf+xml"),
    ("presence", "xpidf+xml"),
)


@pytest.fixture(scope="module")
def office(host: Host) -> Iterator[Office]:
    with open_office(host) as office:
        yield office


def watch(watcher: Line, number: str) -> list[Lamp]:
    return [watcher.watch(number, event, accept=form) for event, form in FORMS]


@pytest.mark.parametrize(
    ("caller", "dialled", "display", "number"),
    [
        ("1002", "1001", "Recorded", "1002"),
        ("Telco", "+902121112201", "Kaan Derin", "905321112233"),
        ("Telco", "+902121112201", "", "905321112233"),
    ],
)
def test_a_lamp_tells_nobody_who_calls(
    office: Office, caller: str, dialled: str, display: str, number: str
) -> None:
    watched, watcher = office.phones["1001"], office.phones["1003"]
    watched.does("ring")
    lamps = watch(watcher, "1001")
    at = len(watched.received())
    says = f'"{display}" ' if display else ""
    options = {"caller": f"{says}<sip:{number}@{office.line(caller).address}>"} if caller == "Telco" else {}
    call = office.line(caller).dial(dialled, **options).rings()
    # Also who asks only now.
    lamps += watch(watcher, "1001")
    lamps[0].shows("early")
    lamps[1].shows("open Ringing")
    rings = watched.incoming(at)
    rings.answer()
    call.is_up()
    lamps[0].shows("confirmed")
    call.hang_up()
    lamps[0].shows("terminated")
    told = "\n".join(notice for lamp in lamps for notice in lamp.told())
    assert "anonymous" in told
    assert number not in told
    assert not display or display not in told
    # The called party sees it anyway.
    assert (rings.shown()["from"], rings.shown()["name"]) == (number, display)


def test_a_lamp_tells_nobody_to_whom_a_call_is_handed_while_it_rings(office: Office) -> None:
    for phone in office.phones.values():
        phone.does("answer")
    at = len(office.phones["1002"].received())
    caller = '"Kaan Derin" <sip:905321112233@198.18.0.1>'
    outside = office.trunks["Telco"].dial("+902121112202", caller=caller).is_up()
    mine = office.phones["1002"].incoming(at)
    office.phones["1001"].does("ring")
    lamps = watch(office.phones["1003"], "1001")
    at = len(office.phones["1001"].received())
    asks = office.phones["1002"].dial("1001").rings()
    assert mine.transfer("1001", replaces=asks)["progress"][-1] == 200
    lamps += watch(office.phones["1003"], "1001")
    rings = office.phones["1001"].incoming(at)
    rings.answer()
    lamps[0].shows("confirmed")
    outside.hang_up()
    lamps[0].shows("terminated")
    told = "\n".join(notice for lamp in lamps for notice in lamp.told())
    assert not {"905321112233", "Kaan Derin", "1002", "Recorded"} & set(re.findall(r"\w+(?: \w+)?", told))
