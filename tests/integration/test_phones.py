# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What phones really send: numbers with ornaments, requests within a call, refusals, withheld numbers."""

from __future__ import annotations

import pytest

from .company import Office, until

#: What a phone sends within a call beside sound, and the answer.
WITHIN_A_CALL = [
    ("OPTIONS", "", ""),
    ("INFO", "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n"),
    ("INFO", "application/dtmf", "5"),
    ("INFO", "", ""),
    ("UPDATE", "", ""),
]


@pytest.mark.parametrize(("method", "kind", "body"), WITHIN_A_CALL)
def test_what_is_asked_within_a_call_is_answered(office: Office, method: str, kind: str, body: str) -> None:
    call = office.phones["1001"].dial("1003").is_up()
    answer = call.say(method, {"Content-Type": kind} if kind else {}, body)
    assert answer["status"] == 200
    call.hang_up()


#: What is dialled: the number is 1002, 112 or an outside number, however it is written.
NUMBERS = [
    ("sip:1002%23@HOST", "1002"),
    ("sip:1002#@HOST", "1002"),
    ("sip:1002;phone-context=example.com@HOST", "1002"),
    ("sip:10-02@HOST", "1002"),
    ("sip:10.02@HOST", "1002"),
    ("sip:(10)02@HOST", "1002"),
    ("sip:%2810%29%2002@HOST", "1002"),
    ("sip:1002@HOST;user=phone", "1002"),
    ("sip:112%23@HOST", "112"),
    ("sip:1-1-2@HOST", "112"),
    ("sip:0212-123-45-67@HOST", "+902121234567"),
    ("sip:(0212)1234567%23@HOST", "+902121234567"),
    ("sip:0(212)123.45.67;isub=1@HOST", "+902121234567"),
    # Nobody's number.
    ("sip:1002##@HOST", None),
    ("sip:10a02@HOST", None),
    ("sip:10%2502@HOST", None),
    ("sip:1002)@HOST", "1002"),
    ("sip:%23@HOST", None),
    ("sip:--@HOST", None),
    ("sip:+@HOST", None),
    ("sip:1%22)%26$%7B@HOST", None),
    (f"sip:{'1.' * 40}@HOST", None),
    (f"sip:{'1' * 21}@HOST", None),
    (f"sip:{'1' * 21}%23@HOST", None),
    (f"sip:+{'1' * 16}@HOST", None),
    (f"sip:*8{'1' * 16}@HOST", None),
    ("sip:*8(10)02%23@HOST", None),
]


@pytest.mark.parametrize(("uri", "number"), NUMBERS)
def test_a_number_is_a_number_however_it_is_written(office: Office, uri: str, number: str | None) -> None:
    called = {name: len(office.line(name).received()) for name in (*office.phones, *office.trunks)}
    here = office.host.address
    status = office.phones["1001"].call("", uri=uri.replace("HOST", here), to=f"<sip:x@{here}>")
    rang = [c["dialled"] for name, at in called.items() for c in office.line(name).received()[at:]]
    if number is None:
        assert (status in (404, 480, 484), rang) == (True, [])
    else:
        assert (status, rang) == (200, [number])


#: What a phone says that does not want to be called, of which some say 480 and others 486 or 603.
REFUSALS = [480, 486, 600, 603]


@pytest.mark.parametrize("status", REFUSALS)
def test_a_phone_that_refuses_is_busy_while_somebody_talks_there(office: Office, status: int) -> None:
    office.host.module("pbx_extension", number="1003", forward_to="1002")
    before = len(office.phones["1002"].received())
    talks = office.phones["1003"].dial("1001").is_up()
    office.phones["1003"].does(status)
    assert office.phones["1001"].call("1003") == 486
    assert len(office.phones["1002"].received()) == before
    talks.hang_up()


@pytest.mark.parametrize("status", REFUSALS)
def test_otherwise_it_is_as_if_nobody_were_there(office: Office, status: int) -> None:
    office.host.module("pbx_extension", number="1003", forward_to="1002")
    office.phones["1003"].does(status)
    before = len(office.phones["1002"].received())
    assert office.phones["1001"].call("1003") == 200
    assert len(office.phones["1002"].received()) == before + 1
    office.host.module("pbx_extension", number="1003", forward_to="")
    assert office.phones["1001"].call("1003") == 486


#: These reach the dialplan with the same cause as a refusal (hangup_sip2cause, chan_pjsip.c).
LIKE_REFUSALS = [401, 403, 407, 483]


def test_any_answer_of_a_phone_leads_to_what_the_manual_says(office: Office) -> None:
    told = {}
    for status in range(300, 700):
        office.phones["1003"].does(status)
        told[status] = office.phones["1001"].call("1003")
    busy = {status for status, answer in told.items() if answer == 486}
    assert busy == {*REFUSALS, *LIKE_REFUSALS}
    assert {answer for status, answer in told.items() if status not in busy} == {480}


#: What the phone asks for in From or Privacy, and whether its number is withheld.
WITHHELD = [
    ("<sip:1001@HOST>", "", False),
    ("<sip:1001@HOST>", "id", True),
    ("<sip:1001@HOST>", "header;user;id", True),
    ("<sip:1001@HOST>", "none", False),
    ('"Anonymous" <sip:anonymous@anonymous.invalid>', "", True),
    ("<sip:anonymous@HOST>", "id", True),
    ("sip:Anonymous@Anonymous.invalid", "", True),
]


@pytest.mark.parametrize(("caller", "privacy", "withheld"), WITHHELD)
def test_a_withheld_number_is_shown_to_nobody(
    office: Office, caller: str, privacy: str, withheld: bool
) -> None:
    options = {"caller": caller.replace("HOST", office.host.address)}
    if privacy:
        options["headers"] = {"Privacy": privacy}
    office.forget()
    for callee, dialled in (("1003", "1003"), ("Telco", "02121234567")):
        line = office.line(callee)
        before = len(line.received())
        assert office.phones["1001"].call(dialled, **options) == 200
        shown = line.received()[before]
        expected = "1001" if callee == "1003" else "+902121112201"
        assert shown["from"] == ("anonymous" if withheld else expected)
        assert shown["identity"] == ("" if withheld else expected)
        if callee == "Telco":
            assert shown["privacy"] == ("id" if withheld else "")
        assert "Yılmaz" not in shown["name"] or not withheld
    # The record knows who it was, and nobody is taken for somebody who guesses.
    assert [call["caller"] for call in office.calls()] == ["1001", "1001"]


def test_an_emergency_call_shows_its_number_all_the_same(office: Office) -> None:
    before = len(office.trunks["Telco"].received())
    assert office.phones["1001"].call("112", headers={"Privacy": "id"}) == 200
    assert office.trunks["Telco"].received()[before]["from"] == "+902121112201"


def test_who_withholds_its_number_needs_its_password_all_the_same(office: Office) -> None:
    nobody = '"Anonymous" <sip:anonymous@anonymous.invalid>'
    stranger = office.room.line(9, number="1001", password="not-the-password-7")
    assert stranger.call("1003", caller=nobody) == 401
    assert office.room.line(8, number="anonymous").call("1003", caller=nobody) == 401


def test_the_display_shows_with_whom_one_speaks(office: Office) -> None:
    call = office.phones["1001"].dial("1003").is_up()
    assert call.shown()["speaks_with"] == ["Workshop", "1003"]
    theirs = office.phones["1003"].incoming(len(office.phones["1003"].received()) - 1)
    assert theirs.shown()["speaks_with"] == ["Ayşe Yılmaz", "1001"]
    call.hang_up()


@pytest.mark.parametrize("attended", [True, False])
def test_after_a_transfer_too(office: Office, attended: bool) -> None:
    at = {name: len(phone.received()) for name, phone in office.phones.items()}
    theirs = office.phones["1003"].dial("1001").is_up()
    mine = office.phones["1001"].incoming(at["1001"])
    asked = None
    if attended:
        asked = office.phones["1001"].dial("1002").is_up()
    assert mine.transfer("1002", replaces=asked)["progress"][-1] == 200
    other = office.phones["1002"].incoming(at["1002"])
    until(lambda: theirs.shown()["speaks_with"] == ["Recorded", "1002"])
    until(lambda: other.shown()["speaks_with"] == ["Workshop", "1003"])
    theirs.hang_up()


def test_a_phone_cannot_feign_who_it_is(office: Office) -> None:
    feigned = {"P-Asserted-Identity": '"Boss" <sip:1002@example.com>', "Remote-Party-ID": "<sip:1002@x>"}
    before = len(office.phones["1003"].received())
    call = office.phones["1001"].dial("1003", headers=feigned).is_up()
    assert office.phones["1003"].received()[before]["speaks_with"] == ["Ayşe Yılmaz", "1001"]
    theirs = office.phones["1003"].incoming(before)
    assert call.say("UPDATE", feigned)["status"] == 200
    assert theirs.say("UPDATE", feigned)["status"] == 200
    assert call.shown()["speaks_with"] == ["Workshop", "1003"]
    assert theirs.shown()["speaks_with"] == ["Ayşe Yılmaz", "1001"]
    call.hang_up()


@pytest.mark.parametrize("seconds", [30, 60, 90, 1800])
def test_a_call_that_asks_for_a_session_timer_goes_without(office: Office, seconds: int) -> None:
    headers = {"Session-Expires": str(seconds), "Supported": "timer"}
    assert office.phones["1001"].call("1003", headers=headers) == 200
    assert office.phones["1001"].call("1003") == 200
