# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The declaration is worth what the telephone does: real calls between real phones."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any

import pytest
from phones.exchange import Room
from phones.phone import Phone

from .fleet import Host


def password(number: str) -> str:
    return f"a-strong-horse-{int(number) * 7919}"


def define(host: Host, *extensions: dict[str, Any]) -> None:
    """Define extensions, each with a password unless it says otherwise."""
    with_passwords = [{"password": password(str(e["number"])), **e} for e in extensions]
    result = host.module("pbx_extension", extensions=with_passwords)
    assert not result["failed"], result


def phone(host: Host, number: str) -> Phone:
    return Phone(number, password(number), host.address)


#: What a caller may have, and what a callee: five ways to be in groups.
CALLABLE: list[list[str]] = [["*"], [], ["Satış"], ["Destek"], ["Satış", "Destek"]]
GROUPS: list[list[str]] = [[], ["Satış"], ["Destek"], ["Depo"], ["Satış", "Destek"]]


def may_call(callable_groups: list[str], groups: list[str]) -> bool:
    return callable_groups == ["*"] or bool(set(callable_groups) & set(groups))


def test_who_may_call_whom(directory: Host) -> None:
    host = directory
    callers = {f"310{i}": {"callable_groups": may} for i, may in enumerate(CALLABLE)}
    callees = {f"320{i}": {"groups": groups} for i, groups in enumerate(GROUPS)}
    host.module("pbx_extension_group", name="Depo")
    define(host, *({"number": number, **options} for number, options in {**callers, **callees}.items()))
    with Room(host.address) as room:
        phones = {number: room.phone(number, password(number)) for number in (*callers, *callees)}
        answers = {(a, b): phones[a].call(b) for a in callers for b in callees}
    assert answers == {
        (a, b): 200 if may_call(callers[a]["callable_groups"], callees[b]["groups"]) else 403
        for a in callers
        for b in callees
    }


def test_a_restriction_counts_from_the_next_call_on_and_can_be_lifted(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"}, {"number": "3002"})
    caller = phone(host, "3001")
    with phone(host, "3002").on_the_desk():
        assert caller.call("3002") == 200
        host.module("pbx_extension", number="3001", callable_groups=[])
        assert caller.call("3002") == 403
        host.module("pbx_extension", number="3001", callable_groups=["*"])
        assert caller.call("3002") == 200


def test_all_phones_of_an_extension_ring_and_one_too_many_takes_the_place_of_the_first_to_expire(
    directory: Host,
) -> None:
    host = directory
    define(host, {"number": "3001"}, {"number": "3002", "max_devices": 2})
    desk, pocket, third = (phone(host, "3002") for _turn in range(3))
    with desk.on_the_desk(expires=600, somebody_there=False) as on_desk, pocket.on_the_desk() as in_pocket:
        assert phone(host, "3001").call("3002") == 200
        assert (len(on_desk.callers()), len(in_pocket.callers())) == (1, 1)
        assert third.register() == 200
        ports = {contact["address"] for contact in host.facts()["pbx_extensions"]["3002"]["contacts"]}
        assert {address.rpartition(":")[2] for address in ports} == {str(pocket.port), str(third.port)}


@pytest.mark.parametrize("away", ["no phone", "not registered", "disabled", "does not answer"])
def test_a_call_is_forwarded_when_nobody_is_there(directory: Host, away: str) -> None:
    host = directory
    define(
        host,
        {"number": "3001"},
        {"number": "3003"},
        {"number": "3002", "forward_to": "3003", "ring_timeout": 10, "enabled": away != "disabled"},
    )
    if away == "no phone":
        host.module("pbx_extension", number="3002", password="")
    with ExitStack() as desks:
        secretary = desks.enter_context(phone(host, "3003").on_the_desk())
        if away == "does not answer":
            desks.enter_context(phone(host, "3002").on_the_desk(somebody_there=False))
        begun = time.monotonic()
        assert phone(host, "3001").call("3002") == 200
        waited = time.monotonic() - begun
        assert len(secretary.callers()) == 1
        assert "<sip:3001@" in secretary.callers()[0]
        # Ten seconds of ringing, or none at all.
        assert (waited > 10) is (away == "does not answer")


def test_two_who_forward_to_each_other_do_not_go_on_for_ever(directory: Host) -> None:
    host = directory
    define(
        host,
        {"number": "3001"},
        {"number": "3002", "forward_to": "3003"},
        {"number": "3003", "forward_to": "3002"},
    )
    assert phone(host, "3001").call("3002") == 480


def test_a_forward_reaches_whom_the_forwarder_may_call_and_not_whom_the_caller_may(directory: Host) -> None:
    host = directory
    define(
        host,
        {"number": "3001", "callable_groups": ["Satış"]},
        {"number": "3002", "groups": ["Satış"], "forward_to": "3003"},
        {"number": "3003", "groups": ["Destek"]},
    )
    caller = phone(host, "3001")
    with phone(host, "3003").on_the_desk():
        assert caller.call("3003") == 403
        assert caller.call("3002") == 200
        host.module("pbx_extension", number="3002", callable_groups=["Satış"])
        assert caller.call("3002") == 403


def test_a_disabled_extension_is_gone_for_its_phone_and_comes_back_with_its_password(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"}, {"number": "3002"})
    mine = phone(host, "3002")
    assert mine.register() == 200
    host.module("pbx_extension", number="3002", enabled=False)
    extension = host.facts()["pbx_extensions"]["3002"]
    assert (extension["state"], extension["registered"], extension["has_password"]) == (
        "disabled",
        False,
        True,
    )
    assert mine.register() == 401
    assert phone(host, "3001").call("3002") == 480
    host.module("pbx_extension", number="3002", enabled=True)
    assert mine.register() == 200


def test_a_hostile_contact_rings_nobody_else(directory: Host) -> None:
    """A phone may put anything into its contact; Dial must not take it for a second destination."""
    host = directory
    define(host, {"number": "3001"}, {"number": "3002"}, {"number": "3003"})
    hostile = phone(host, "3002")
    hostile.contact_user = "3002&PJSIP/3003"
    with phone(host, "3003").on_the_desk() as victim, hostile.on_the_desk() as display:
        assert phone(host, "3001").call("3002") in {200, 480}
        assert victim.callers() == []
        assert len(display.callers()) <= 1


def test_the_language_is_that_of_the_call(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001", "language": "tr"})
    shown = host.shell("asterisk -rx 'pjsip show endpoint 3001'")
    assert [line.split()[-1] for line in shown.splitlines() if line.split()[:1] == ["language"]] == ["tr"]
