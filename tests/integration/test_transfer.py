# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Handing a call over and picking one up: everybody can do what he could have dialled, and no more."""

from __future__ import annotations

import pytest
from phones.exchange import Call

from .company import TONES, Office


def between(office: Office, caller: str, callee: str) -> tuple[Call, Call]:
    """Connect two people; return the call as each of them sees it."""
    at = len(office.phones[callee].received())
    dialled = "+902121112201" if caller in office.trunks else callee
    call = office.line(caller).dial(dialled).is_up()
    return call, office.phones[callee].incoming(at)


#: Caller, callee; which of them hands the other one over, and to which number; where that rings, if it may.
BLIND = [
    (("1003", "1001", "callee"), "1002", "1002"),
    (("1001", "1003", "caller"), "1002", "1002"),
    # The permissions of the transferer apply: 1003 may not call 1004's group, and has no outside line.
    (("1001", "1003", "callee"), "1004", None),
    (("1001", "1003", "callee"), "02121234567", None),
    (("1003", "1001", "callee"), "02121234567", "Telco"),
    (("1003", "1001", "callee"), "00442071234567", None),
    (("1003", "1001", "callee"), "112", "Telco"),
    # Outside callers get inside, and never out again.
    (("Telco", "1001", "callee"), "1002", "1002"),
    (("Telco", "1001", "callee"), "912345", None),
    (("Telco", "1001", "callee"), "112", None),
]


@pytest.mark.parametrize(("people", "to", "rings"), BLIND)
def test_a_call_is_handed_over_blindly(
    office: Office, people: tuple[str, str, str], to: str, rings: str | None
) -> None:
    caller, callee, who = people
    theirs, mine = between(office, caller, callee)
    if who == "caller":
        theirs, mine = mine, theirs
    before = {name: len(office.line(name).received()) for name in (*office.phones, *office.trunks)}
    progress = mine.transfer(to)["progress"]
    rang = [name for name, count in before.items() if len(office.line(name).received()) > count]
    assert rang == ([rings] if rings else [])
    if rings:
        assert progress[-1] == 200
        assert theirs.hears() == [TONES[rings]]
        theirs.hang_up()
    else:
        assert progress[-1] >= 400
        theirs.has_ended()


def test_whom_we_called_outside_cannot_be_handed_over_to_the_outside(office: Office) -> None:
    call = office.phones["1001"].dial("02121234567").is_up()
    assert call.transfer("912345")["progress"][-1] >= 400


def test_a_call_is_handed_over_after_asking(office: Office) -> None:
    theirs, mine = between(office, "1003", "1001")
    assert mine.hold() == 200
    at = len(office.phones["1002"].received())
    asked = office.phones["1001"].dial("1002").is_up()
    assert asked.hears() == [TONES["1002"]]
    assert mine.transfer("1002", replaces=asked)["progress"][-1] == 200
    assert theirs.hears() == [TONES["1002"]]
    assert office.phones["1002"].incoming(at).hears() == [TONES["1003"]]
    theirs.hang_up()


def test_two_outside_calls_can_be_joined_and_the_time_of_the_profile_goes_on(office: Office) -> None:
    """The one who joins them could have talked to both as long, so he gains nothing by it."""
    office.host.module("pbx_outbound_profile", name="National", max_call_time=4)
    try:
        theirs, mine = between(office, "Telco", "1001")
        assert mine.hold() == 200
        asked = office.phones["1001"].dial("912345").is_up()
        line = office.trunks["Backup"].incoming(len(office.trunks["Backup"].received()) - 1)
        assert mine.transfer("912345", replaces=asked)["progress"][-1] == 200
        assert theirs.hears() == [TONES["Backup"]]
        assert line.hears() == [TONES["Telco"]]
        line.has_ended()
        theirs.has_ended()
    finally:
        office.host.module("pbx_outbound_profile", name="National", max_call_time=14400)


def test_a_trunk_cannot_have_us_call_anybody(office: Office) -> None:
    call = office.trunks["Telco"].dial("+902121112201").is_up()
    assert call.transfer("1002") == {"status": 603, "progress": []}
    call.hang_up()


#: The phone that picks up, with which code, what rings at 1002 or at 1001; the answer.
PICKUP = [
    ("1001", "*8", "1002", 200),
    ("1001", "*81002", "1002", 200),
    # Not of the same group, but he may call it.
    ("1003", "*8", "1001", 480),
    ("1003", "*81001", "1001", 200),
    # Does not ring, does not exist.
    ("1001", "*81003", "1002", 480),
    ("1001", "*85555", "1002", 480),
]


@pytest.mark.parametrize(("who", "code", "ringing", "answer"), PICKUP)
def test_who_may_pick_up_what_rings(office: Office, who: str, code: str, ringing: str, answer: int) -> None:
    office.phones[ringing].does("ring")
    call = office.trunks["Telco"].dial(f"+90212111220{ringing[-1]}").rings()
    office.phones[ringing].incoming(len(office.phones[ringing].received()) - 1)
    picking = office.phones[who].dial(code)
    assert picking.status() == answer
    if answer == 200:
        assert call.is_up().hears() == [TONES[who]]
        assert picking.hears() == [TONES["Telco"]]
    call.hang_up()


def test_who_may_not_call_does_not_pick_up_either(office: Office) -> None:
    office.host.module("pbx_extension", number="1003", callable_groups=["Workshop"])
    office.phones["1001"].does("ring")
    call = office.phones["1002"].dial("1001").rings()
    assert office.phones["1003"].call("*81001") == 403
    assert office.phones["1003"].call("*8") == 480
    call.hang_up()
    office.host.module("pbx_extension", number="1003", callable_groups=["Office"])
