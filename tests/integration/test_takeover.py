# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Nobody gets into a call by SIP that the dialplan would not have made, whatever identifiers he has seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from phones.exchange import Call

from .company import TONES, Office

#: Longer than the buffer in which Asterisk looks at a header (PATH_MAX; header_identify_match_check).
LONG = "x=" + "y" * 5000


@pytest.fixture
def office(office: Office) -> Office:
    office.forget()
    return office


#: What is dialled to reach somebody.
NUMBERS = {"Telco": "02121234567", "Backup": "912345"}


def between(office: Office, caller: str, callee: str, rings: bool = False) -> dict[str, Call]:
    """Connect two; return each one's end of the call."""
    at = len(office.line(callee).received())
    number = f"+90212111220{callee[-1]}" if caller in office.trunks else NUMBERS.get(callee, callee)
    call = office.line(caller).dial(number)
    ends = {caller: call, callee: office.line(callee).incoming(at)}
    (call.rings if rings else call.is_up)()
    return ends


def logged(office: Office) -> str:
    return office.host.shell("tail -20 /var/log/asterisk/messages.log")


# --- INVITE with Replaces ---------------------------------------------------------------------

#: What an INVITE can say in order to take a call's place.
REPLACES: dict[str, Callable[[str], dict[str, str]]] = {
    "plain": lambda call: {"Replaces": call},
    "in other letters": lambda call: {"rEPLACES": call},
    "said to be required": lambda call: {"Replaces": call, "Require": "replaces"},
    "folded": lambda call: {"Replaces": "\r\n " + call},
    "for early dialogs only": lambda call: {"Replaces": f"{call};early-only"},
    "after one that means nothing": lambda call: {
        "Replaces": f"nobody;to-tag=1;from-tag=2\r\nReplaces: {call}"
    },
}
#: What Asterisk does not see at the door, because it does not fit there.
TOO_LONG: dict[str, Callable[[str], dict[str, str]]] = {
    "longer than Asterisk looks": lambda call: {"Replaces": f"{call};{LONG}"},
    "longer than that once it is written out": lambda call: {"Replaces": f"{call};x=" + "%01" * 1300},
}


@pytest.mark.parametrize("how", REPLACES)
@pytest.mark.parametrize("who", ["1003", "1001", "Telco"])
def test_nobody_takes_a_call_over_by_invite(office: Office, who: str, how: str) -> None:
    """Neither somebody else's, nor one's own, which would go on without its recording."""
    ends = between(office, "1002", "1001")
    for end in ends.values():
        taking = office.line(who).dial("1001", headers=REPLACES[how](end.replaced_by()))
        assert taking.status() == 401
    assert ends["1002"].hears() == [TONES["1001"]]
    assert ends["1001"].hears() == [TONES["1002"]]
    ends["1002"].hang_up()


@pytest.fixture(scope="module")
def no_table(shared_office: Office) -> Iterator[None]:
    """The host without what keeps long messages from coming by UDP: by TCP they come anyway."""
    shared_office.host.shell("systemctl stop voiceops-firewall")
    yield
    shared_office.host.shell("systemctl start voiceops-firewall")


@pytest.mark.parametrize("how", TOO_LONG)
def test_what_asterisk_does_not_see_at_the_door_does_not_come_by_udp(office: Office, how: str) -> None:
    ends = between(office, "1002", "1001")
    taking = office.phones["1003"].dial("1001", headers=TOO_LONG[how](ends["1001"].replaced_by()), seconds=3)
    assert taking.status() == 408
    assert ends["1002"].hears() == [TONES["1001"]]
    ends["1002"].hang_up()


@pytest.mark.usefixtures("no_table")
@pytest.mark.parametrize("how", TOO_LONG)
@pytest.mark.parametrize("whose", ["1002", "1001"])
@pytest.mark.parametrize("who", ["1003", "1002", "Telco"])
def test_a_call_that_was_taken_over_ends(office: Office, who: str, whose: str, how: str) -> None:
    ends = between(office, "1002", "1001")
    taking = office.line(who).dial("1001", headers=TOO_LONG[how](ends[whose].replaced_by()))
    if taking.status() == 200:
        for end in (taking, *ends.values()):
            end.has_ended(2)
        assert "of another call: both end" in logged(office)
    else:
        ends["1002"].hang_up()


@pytest.mark.usefixtures("no_table")
@pytest.mark.parametrize("how", TOO_LONG)
def test_nobody_answers_what_rings_at_somebody_else(office: Office, how: str) -> None:
    office.phones["1001"].does("ring")
    at = len(office.phones["1001"].received())
    call = office.phones["1002"].dial("1001").rings()
    ringing = office.phones["1001"].incoming(at)
    taking = office.phones["1003"].dial("1001", headers=TOO_LONG[how](ringing.replaced_by()))
    if taking.status() == 200:
        taking.has_ended(2)
    assert call.shown()["up"] is False
    call.hang_up()


# --- REFER with Replaces ----------------------------------------------------------------------

#: The transferer's two calls (1001 is the transferer), and the parties that he connects so.
ALLOWED = [
    (("1003", "1001"), ("1001", "1002")),
    (("1001", "1003"), ("1001", "1002")),
    (("1001", "1003"), ("1002", "1001")),
    (("1003", "1001"), ("1002", "1001")),
    (("1002", "1001"), ("1001", "1003")),
    (("Telco", "1001"), ("1001", "1003")),
    (("1003", "1001"), ("1001", "Backup")),
    (("Telco", "1001"), ("1001", "Backup")),
]


def joined(office: Office, first: tuple[str, str], second: tuple[str, str]) -> dict[str, Call]:
    """Let 1001 hold the first of its calls, make or take the second, and connect the two others."""
    one = between(office, *first)
    assert one["1001"].hold() == 200
    two = between(office, *second)
    one["1001"].transfer("1000", replaces=two["1001"])
    (others,) = ({**one, **two}.items(),)
    return {name: call for name, call in others if name != "1001"}


@pytest.mark.parametrize(("first", "second"), ALLOWED)
def test_one_connects_his_own_calls(office: Office, first: tuple[str, str], second: tuple[str, str]) -> None:
    (one, his), (other, others) = joined(office, first, second).items()
    assert his.hears() == [TONES[other]]
    assert others.hears() == [TONES[one]]
    his.hang_up()
    others.has_ended()


def test_who_was_connected_can_connect_on(office: Office) -> None:
    """A party that somebody talks to after a transfer is his to hand over, as any other."""
    ends = joined(office, ("1003", "1001"), ("1001", "1002"))
    ends["1002"].hold()
    asked = between(office, "1002", "Backup")
    assert ends["1002"].transfer("1000", replaces=asked["1002"])["progress"][-1] == 200
    assert ends["1003"].hears() == [TONES["Backup"]]
    ends["1003"].hang_up()


@pytest.mark.parametrize("rung", ["1002", "Backup"])
def test_one_hands_over_to_what_still_rings(office: Office, rung: str) -> None:
    call = between(office, "1003", "1001")
    call["1001"].hold()
    office.line(rung).does("ring")
    ringing = between(office, "1001", rung, rings=True)
    assert call["1001"].transfer("1000", replaces=ringing["1001"])["status"] == 202
    ringing[rung].answer()
    assert call["1003"].hears() == [TONES[rung]]
    assert ringing[rung].hears() == [TONES["1003"]]
    call["1003"].hang_up()


@pytest.fixture
def strangers(office: Office) -> Iterator[Office]:
    """1002 and 1003 may not call each other."""
    office.host.module("pbx_extension", number="1003", callable_groups=["Workshop"])
    office.host.module("pbx_extension", number="1002", callable_groups=["Office"])
    yield office
    office.host.module("pbx_extension", number="1003", callable_groups=["Office"])
    office.host.module("pbx_extension", number="1002", callable_groups=["*"])


@pytest.mark.parametrize("second", [("1001", "1003")])
@pytest.mark.parametrize("first", [("1002", "1001"), ("1001", "1002")])
@pytest.mark.parametrize("turned", [False, True])
def test_nobody_connects_two_of_which_neither_may_call_the_other(
    strangers: Office, first: tuple[str, str], second: tuple[str, str], turned: bool
) -> None:
    ends = joined(strangers, *((second, first) if turned else (first, second)))
    for end in ends.values():
        end.has_ended(2)
    assert "neither may call the other" in logged(strangers)


def test_nor_hands_the_one_over_to_the_other(strangers: Office) -> None:
    call = between(strangers, "1001", "1003")
    assert call["1001"].transfer("1002")["progress"][-1] >= 400
    call["1003"].has_ended()


def test_nor_while_it_rings(strangers: Office) -> None:
    call = between(strangers, "1002", "1001")
    call["1001"].hold()
    strangers.phones["1003"].does("ring")
    ringing = between(strangers, "1001", "1003", rings=True)
    call["1001"].transfer("1000", replaces=ringing["1001"])
    call["1002"].has_ended(2)
    ringing["1003"].has_ended(2)
    assert "neither may call the other" in logged(strangers)


#: The party whose dialog is named: of two that talk, or while it rings.
@pytest.mark.parametrize("victim", ["1002", "Telco"])
def test_nobody_connects_another_call_with_his_own(office: Office, victim: str) -> None:
    """Not even with a line to the outside world that another has dialled."""
    own = between(office, "1003", "1001")
    theirs = between(office, "1002", "Telco")
    own["1003"].transfer("1000", replaces=theirs[victim])
    for end in (own["1001"], *theirs.values()):
        end.has_ended(2)
    assert "of another call: both end" in logged(office)


def test_nobody_takes_the_place_of_who_waits_for_an_answer(office: Office) -> None:
    own = between(office, "1003", "1001")
    office.trunks["Telco"].does("ring")
    theirs = between(office, "1002", "Telco", rings=True)
    own["1003"].transfer("1000", replaces=theirs["1002"])
    own["1001"].has_ended(2)
    theirs["Telco"].has_ended(2)
    assert "of another call: both end" in logged(office)
