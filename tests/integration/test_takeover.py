# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Nobody gets into a call by SIP that the dialplan would not have made, with whatever identifiers he has seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from phones.exchange import Call

from .company import TONES, Office, open_office
from .fleet import Host

#: Longer than the buffer in which Asterisk looks at a header (PATH_MAX; header_identify_match_check).
LONG = "x=" + "y" * 5000


@pytest.fixture(scope="module")
def shared_office(host: Host) -> Iterator[Office]:
    with open_office(host) as office:
        yield office


@pytest.fixture
def office(shared_office: Office) -> Office:
    for line in (*shared_office.phones.values(), *shared_office.trunks.values()):
        line.does("answer")
    shared_office.forget()
    return shared_office


#: What an INVITE can say in order to take a call's place.
REPLACES: dict[str, Callable[[str], dict[str, str]]] = {
    "plain": lambda call: {"Replaces": call},
    "in other letters": lambda call: {"rEPLACES": call},
    "said to be required": lambda call: {"Replaces": call, "Require": "replaces"},
    "folded": lambda call: {"Replaces": "\r\n " + call},
    "with the other's tags changed": lambda call: {
        "Replaces": call.replace("to-", "x-").replace("from-", "y-")
    },
    "for early dialogs only": lambda call: {"Replaces": f"{call};early-only"},
    "after one that means nothing": lambda call: {
        "Replaces": f"nobody;to-tag=1;from-tag=2\r\nReplaces: {call}"
    },
    "longer than Asterisk looks": lambda call: {"Replaces": f"{call};{LONG}"},
    "longer than that once it is written out": lambda call: {"Replaces": f"{call};x=" + "%01" * 1300},
    "a long one first": lambda call: {"Replaces": f"nobody;to-tag=1;from-tag=2;{LONG}\r\nReplaces: {call}"},
}


def nobody_took_it(office: Office, theirs: Call, mine: Call, voices: tuple[str, str]) -> None:
    assert theirs.hears() == [TONES[voices[1]]]
    assert mine.hears() == [TONES[voices[0]]]
    theirs.hang_up()
    assert "0 active channels" in office.asterisk("core show channels count") or office.calls()


@pytest.mark.parametrize("how", REPLACES)
@pytest.mark.parametrize("who", ["1003", "1001", "Telco"])
def test_nobody_takes_a_call_over_by_invite(office: Office, who: str, how: str) -> None:
    """Neither somebody else's, nor one's own, which would go on without its recording."""
    at = len(office.phones["1001"].received())
    call = office.phones["1002"].dial("1001").is_up()
    mine = office.phones["1001"].incoming(at)
    for end in (call, mine):
        taking = office.line(who).dial("1001", headers=REPLACES[how](end.replaced_by()))
        assert taking.status() == 401
    nobody_took_it(office, call, mine, ("1002", "1001"))
