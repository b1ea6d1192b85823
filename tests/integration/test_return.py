# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A phone that was unreachable and is back is called at once, not when Asterisk happens to ask it again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from phones.exchange import Line, Room

from .company import until
from .fleet import Host
from .forging import Forger, Gang

PASSWORD = "a-strong-horse-7919"
PORT = 5062
PORTS = [{"name": "Masa telefonları"}]
EXTENSIONS = [
    {"number": "1001"},
    {"number": "1002"},
    {"number": "1003", "max_devices": 2},
    {"number": "1004", "forward_to": "1002"},
]


@dataclass
class Office:
    host: Host
    gang: Gang
    caller: Line

    def phone(self, number: str, which: int = 2, port: int = PORT) -> Forger:
        return self.gang.plug_in(which, number=number, password=PASSWORD, port=port)

    def asks(self, number: str) -> None:
        """Have Asterisk ask the phones of an extension now, which it does by itself once a minute."""
        self.host.shell(f"asterisk -rx 'pjsip qualify {number}'")

    def unreachable(self) -> int:
        return self.host.shell("asterisk -rx 'pjsip show contacts'").count("Unavail")

    def power_cut(self, number: str, *phones: Forger) -> None:
        for phone in phones:
            assert phone.register("<sip:x@HERE>")["status"] == 200
            phone.unplug()
        self.asks(number)
        until(lambda: self.unreachable() == len(phones))


@pytest.fixture(scope="module")
def office(host: Host) -> Iterator[Office]:
    extensions = [{"password": PASSWORD, "groups": [], **extension} for extension in EXTENSIONS]
    made = host.whole_directory(pbx_connection_ports=PORTS, pbx_extensions=extensions)
    assert not made["failed"], made
    with Room(host.address) as room, Gang(host.address) as gang:
        yield Office(host, gang, room.phone("1001", PASSWORD, tone=400))


def test_a_phone_that_is_back_is_called(office: Office) -> None:
    office.power_cut("1003", office.phone("1003"))
    phone = office.phone("1003")
    assert phone.register("<sip:x@HERE>")["status"] == 200
    assert office.unreachable() == 1
    assert office.caller.call("1003") == 486
    assert len(phone.requests("INVITE")) == 1
    phone.register("*", headers="Expires: 0\r\n")
    phone.unplug()


def test_so_it_is_before_it_has_registered_again(office: Office) -> None:
    office.power_cut("1002", office.phone("1002"))
    phone = office.phone("1002")
    assert office.caller.call("1002") == 486
    phone.register("*", headers="Expires: 0\r\n")
    phone.unplug()


def test_nobody_waits_for_one_that_is_gone_while_another_rings(office: Office) -> None:
    gone = office.phone("1003", which=3)
    office.power_cut("1003", gone)
    phone = office.phone("1003")
    assert phone.register("<sip:x@HERE>")["status"] == 200
    until(lambda: phone.requests("OPTIONS"))
    before = len(phone.requests("OPTIONS"))
    assert office.caller.call("1003") == 486
    assert len(phone.requests("OPTIONS")) == before
    phone.register("*", headers="Expires: 0\r\n")
    phone.unplug()


def test_a_call_to_a_phone_that_is_gone_goes_on_within_seconds(office: Office) -> None:
    """And the next one at once: an extension is asked once in 10 s."""
    office.power_cut("1004", office.phone("1004"))
    target = office.phone("1002", which=4)
    assert target.register("<sip:x@HERE>")["status"] == 200
    took = []
    for _call in range(2):
        began = time.monotonic()
        assert office.caller.call("1004") == 486
        took.append(time.monotonic() - began)
    assert len(target.requests("INVITE")) == 2
    assert took[1] < took[0]
    assert took[1] < 1.2
    target.register("*", headers="Expires: 0\r\n")
    target.unplug()
