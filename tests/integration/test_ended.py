# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Where a message can still end Asterisk, telephones are back at once; and none of those comes by UDP."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest

from .company import until
from .fleet import Host
from .forging import PASSWORD, Forger, Street, open_street
from .test_torture import life, request, send

#: In the street of forging.py.
TCP_PORT = 5060
#: How long a message by UDP may be, and what an IP packet holds at most; in bytes.
LONGEST, WHOLE = 4000, 65507
#: Longest time without telephones, in seconds: systemd waits 2 s, and Asterisk needs some to start.
AWAY = 15.0
_numbers = itertools.count()


@pytest.fixture(scope="module")
def street(host: Host) -> Iterator[Street]:
    with open_street(host) as street:
        yield street


def hostile(size: int, before: str = "<foo:", after: str = ">") -> str:
    """Return a request of so many bytes of which nearly all are the way that it has come."""

    def written(filling: int) -> str:
        # Of names, because they are filled in with others of other lengths.
        return (
            request("OPTIONS", Record_Route=before + "b" * filling + after)
            .replace("{server}", "192.0.2.111")
            .replace("{ours}", "192.0.2.111:55555")
            .replace("{id}", f"raw-{next(_numbers):08}")
        )

    return written(size - len(written(0)))


def test_a_way_that_is_longer_than_asterisk_looks_at_does_not_come_by_udp(street: Street) -> None:
    host = street.host
    before = life(host)
    sizes = (LONGEST + 1, 4096, 4200, 5000, 8000, 20000, WHOLE)
    assert send(host, [hostile(size) for size in sizes]) == [[]] * len(sizes)
    # What is as long as it may be Asterisk can look at, however it writes it down.
    ways = [
        hostile(LONGEST),
        hostile(LONGEST, "foo:", ""),
        hostile(LONGEST, "x<foo:"),
        hostile(LONGEST, "<foo:x>;a=", ""),
        hostile(LONGEST, "<foo:x>;a=" + "%ff" * 300, ""),
        hostile(LONGEST, "<foo:x>" + ";%ff=%00" * 200 + ";a=", ""),
        hostile(LONGEST, '"', '" <foo:x>'),
        hostile(LONGEST, "<tel:+1;phone-context=", ">"),
    ]
    answers = send(host, ways)
    assert life(host) == before
    assert {answer.split()[1] for each in answers for answer in each} == {"401"}
    assert [] not in answers
    assert "udp length" in host.shell("nft list table inet voiceops_pbx")


@pytest.fixture(scope="module")
def phone(street: Street) -> Iterator[Forger]:
    phone = street.gang.plug_in(1, number="1003", password=PASSWORD, habit="486")
    assert phone.register("<sip:1003@HERE>")["status"] == 200
    yield phone
    phone.unplug()


def calls(street: Street) -> bool:
    return street.caller.dial("1003", seconds=2).status() in (200, 486)


@pytest.mark.parametrize("how", ["a request by TCP", "a phone's answer"])
def test_telephones_are_back_at_once_where_a_message_has_ended_asterisk(
    street: Street, phone: Forger, how: str
) -> None:
    host = street.host
    until(lambda: calls(street), AWAY)
    before = life(host)
    ended = 0
    # More often than systemd by itself begins a service again.
    for _time in range(6):
        process, began = host.shell("systemctl show -p MainPID asterisk"), time.monotonic()
        if how == "a request by TCP":
            send(host, [hostile(size) for size in (4200, 5000, 9000, 20000)], tcp_port=TCP_PORT)
        else:
            phone.does("answer", "Contact: <sip:1003@HERE>\r\nRecord-Route: <foo:bar>\r\n")
            street.caller.dial("1003", seconds=2).status()
            phone.does(486, "")
        # Where it does not end it, so much the better: it is there anyway.
        until(lambda: calls(street), AWAY)
        away = time.monotonic() - began
        ended += host.shell("systemctl show -p MainPID asterisk") != process
        assert away < AWAY
        print(f"{how}: {away:.1f} s, ended {ended}")
    assert ended == 0 or life(host) != before
    assert host.shell("systemctl is-active asterisk").strip() == "active"
    # What is left of it is kept nowhere.
    assert host.shell("find / -xdev -name 'core*' -user asterisk -type f") == ""
