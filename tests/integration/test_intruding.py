# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a stranger to a call needs to know to do something to it, and that nobody tells him."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from phones.exchange import Call, Line

from .company import TONES, Office, until


@pytest.fixture
def ends(office: Office) -> Iterator[dict[str, Call]]:
    """Both ends of a call between 1002 and 1001."""
    at = len(office.phones["1001"].received())
    call = office.phones["1002"].dial("1001")
    yield {"1002": call.is_up(), "1001": office.phones["1001"].incoming(at)}
    call.hang_up()
    until(lambda: "0 active channels" in office.asterisk("core show channels count"))


#: What somebody may ask for within a call.
REQUESTS = {
    "BYE": {},
    "REFER": {"Refer-To": "<sip:1003@office.example>"},
    "INVITE": {},
    "UPDATE": {},
    "INFO": {"Content-Type": "application/dtmf-relay"},
}


@pytest.mark.parametrize("who", ["a stranger", "a phone"])
def test_who_has_one_of_the_two_tags_only_finds_no_call(
    office: Office, ends: dict[str, Call], who: str
) -> None:
    intruder = office.phones["1003"] if who == "a phone" else office.room.line(4, number="1003")
    answers = {
        (whose, method, wrong): intruder.intrude(end, method, headers=headers, wrong=wrong)
        for whose, end in ends.items()
        for method, headers in REQUESTS.items()
        for wrong in ("local_tag", "remote_tag")
    }
    assert {asked: status for asked, status in answers.items() if status not in (401, 481)} == {}
    assert ends["1002"].hears() == [TONES["1001"]]
    assert ends["1001"].hears() == [TONES["1002"]]


def test_no_lamp_tells_the_identifiers_of_a_call(office: Office) -> None:
    watching: Line = office.phones["1003"]
    lamps = [watching.watch("1001", event) for event in ("dialog", "presence")]
    office.phones["1001"].does("ring")
    at = len(office.phones["1001"].received())
    call = office.phones["1002"].dial("1001").rings()
    ringing = office.phones["1001"].incoming(at)
    lamps[0].shows("early")
    ringing.answer()
    lamps[0].shows("confirmed")
    told = " ".join(text for lamp in lamps for text in lamp.told())
    known = {value for end in (call, ringing) for value in end.identifiers().values()}
    assert len(known) == 6
    assert [value for value in known if value in told] == []
    call.hang_up()
    office.phones["1001"].does("answer")
