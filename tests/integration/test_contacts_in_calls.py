# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A phone does not have a call sent elsewhere by what it says in a call, a redirection or a transfer."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from .company import until
from .fleet import Host
from .forging import PASSWORD, Forger, Street, open_street


@pytest.fixture(scope="module")
def street(host: Host) -> Iterator[Street]:
    with open_street(host) as street:
        yield street


ASTRAY = "Contact: <sip:00905551234567@HERE;maddr=PROVHOST>\r\n"
#: What an attacker says of itself in a call: where Asterisk sends what it has to say within it.
HEADERS = {
    "maddr": ASTRAY,
    "the provider as contact": "Contact: <sip:00905551234567@PROVIDER>\r\n",
    "a route": "Record-Route: <sip:PROVIDER;lr>\r\nContact: <sip:00905551234567@PROVIDER>\r\n",
    "a route with maddr": "Record-Route: <sip:x@HERE;maddr=PROVHOST;lr>\r\n" + ASTRAY,
    "two routes": "Record-Route: <sip:HERE;lr>, <sip:PROVIDER;lr>\r\nContact: <sip:0090555@PROVIDER>\r\n",
    "a route that is strict": "Record-Route: <sip:00905551234567@PROVIDER>\r\nContact: <sip:x@PROVIDER>\r\n",
}
#: How it names its half of the dialog. Without a tag, what Asterisk sends in the call looks like a new one.
TAGS = {"a tag": ";tag=a", "no tag": "", "an empty tag": ";tag="}
#: It asks Asterisk to refresh the call after 45 s, which is as soon as anybody can (RFC 4028, 4).
REFRESH = "Session-Expires: 90;refresher={asterisk}\r\nSupported: timer\r\n"
REFRESHED = 50.0


def hang_up(forgers: list[Forger], street: Street) -> None:
    street.host.shell("asterisk -rx 'channel request hangup all'")
    until(lambda: "0 active channels" in street.host.shell("asterisk -rx 'core show channels count'"))
    for forger in forgers:
        forger.register("*", headers="Expires: 0\r\n")
        forger.unplug()


@pytest.mark.shown_on("asterisk16")
def test_no_call_goes_elsewhere_by_what_a_phone_says_of_itself_in_it(street: Street) -> None:
    """Whether it calls or is called, says so at the beginning or later, and however long the call goes on."""
    forgers, answers = [], []
    here = street.written("Contact: <sip:x@HERE>\r\n")
    for headers in map(street.written, HEADERS.values()):
        for tag in TAGS.values():
            asks, answers_with = (REFRESH.format(asterisk=who) for who in ("uas", "uac"))
            caller, later, callee = (
                street.gang.plug_in(
                    1 + which,
                    number="1003",
                    password=PASSWORD,
                    habit="answer",
                    headers=f"{headers}{answers_with}Require: timer\r\n",
                    tag=tag,
                )
                for which in range(3)
            )
            answers.append(caller.call("1001", headers + asks, tag=tag)["status"])
            answers.append(later.call("1001", here + asks, tag=tag)["status"])
            later.within("INVITE", headers + asks)
            later.within("UPDATE", headers + asks)
            assert callee.register("<sip:x@HERE>")["status"] == 200
            answers.append(street.caller.dial("1003").status())
            callee.register("*", headers="Expires: 0\r\n")
            forgers += [caller, later, callee]
    assert answers == [200] * 3 * len(HEADERS) * len(TAGS)
    time.sleep(REFRESHED)
    hang_up(forgers, street)
    # That a call has ended may be told there: a provider that knows no such call says so (481).
    assert street.provider.new_calls() == []


@pytest.mark.shown_on("asterisk22")
def test_nor_by_telling_it_with_whom_it_speaks_after_a_transfer(street: Street) -> None:
    """Asterisk tells it within the call: by UPDATE, which begins no call wherever it goes."""
    other = street.room.phone("1002", PASSWORD, tone=600)
    forgers = []
    for headers in map(street.written, HEADERS.values()):
        for tag in TAGS.values():
            attacker = street.gang.plug_in(1, number="1003", password=PASSWORD, tag=tag)
            at = len(street.caller.received())
            assert attacker.call("1001", headers, tag=tag)["status"] == 200
            assert street.caller.incoming(at).transfer("1002")["progress"][-1] == 200
            forgers.append(attacker)
    told = [
        *street.provider.requests("UPDATE"),
        *(u for forger in forgers for u in forger.requests("UPDATE")),
    ]
    hang_up(forgers, street)
    other.register(expires=0)
    other.unplug()
    assert told
    assert street.provider.new_calls() == []


#: The target that a called phone names in its place (302), and that a transferring one does (REFER).
ELSEWHERE = [
    "sip:00905551234567@PROVIDER",
    "sip:1001@PROVIDER",
    "sip:00905551234567@HERE;maddr=PROVHOST",
    "sip:1001@HOST;maddr=PROVHOST",
    "sip:1001@HOST?Route=%3Csip:PROVIDER;lr%3E",
    "sip:00905551234567@HOST?Route=%3Csip:PROVIDER;lr%3E",
    "sip:1001@HOST?To=%3Csip:00905551234567@PROVIDER%3E",
    "sip:1001@HOST?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc",
    "sip:00905551234567@PROVIDER;transport=tcp",
    "sip:00905551234567@PROVIDER;x-ast-txp=port-1",
    "sips:00905551234567@PROVIDER",
    "tel:00905551234567",
    "sip:PROVIDER",
    "sip:PJSIP%2F1003%2Fsip%3A00905551234567%40PROVIDER@HOST",
    "sip:1001%40PROVIDER@HOST",
]


def plugged_in(street: Street, protocol: str) -> tuple[str, Forger]:
    """Return a registered attacker, and its number."""
    number = "1004" if protocol == "ws" else "1003"
    attacker = street.gang.plug_in(1, protocol=protocol, number=number, password=PASSWORD)
    assert attacker.register("<sip:x@HERE>")["status"] == 200
    return number, attacker


@pytest.mark.parametrize("protocol", ["udp", "tcp", "ws"])
def test_who_is_called_sends_the_call_nowhere_else(street: Street, protocol: str) -> None:
    number, attacker = plugged_in(street, protocol)
    before = len(street.caller.received())
    answers = {}
    asked = [(elsewhere, 302) for elsewhere in ELSEWHERE] + [(ELSEWHERE[0], 301), (ELSEWHERE[0], 305)]
    for text, status in asked:
        elsewhere = street.written(text)
        attacker.does(status, f"Contact: <{elsewhere}>\r\nDiversion: <{elsewhere}>\r\n")
        answers[elsewhere, status] = street.caller.call(number)
    attacker.register("*", headers="Expires: 0\r\n")
    attacker.unplug()
    assert {who: status for who, status in answers.items() if status < 400} == {}
    assert street.provider.new_calls() == []
    assert len(street.caller.received()) == before


@pytest.mark.parametrize("protocol", ["udp", "tcp", "ws"])
def test_who_transfers_has_nobody_called_elsewhere(street: Street, protocol: str) -> None:
    _number, attacker = plugged_in(street, protocol)
    contact = "Contact: <sip:x@HERE>\r\n"
    answers = {}
    for elsewhere in map(street.written, ELSEWHERE):
        assert attacker.call("1001", contact)["status"] == 200
        answers[elsewhere] = attacker.within("REFER", f"{contact}Refer-To: <{elsewhere}>\r\n")
        attacker.within("BYE", "")
    hang_up([attacker], street)
    assert set(answers.values()) <= {202, 400, 403, 404, 416, 420, 481, 603}, answers
    assert street.provider.new_calls() == []
