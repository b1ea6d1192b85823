# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""One phone does not take all lines, an emergency call gets through, and a call whose phone is gone ends."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from phones.exchange import Call, Line

from .company import PORTS, Office, directory, open_office, until
from .fleet import DIRECTORY, Host, site

#: Ports for ten calls, of which four are kept for emergencies.
FIRST_PORT, LAST_PORT = 10000, 10039
ORDINARY_CALLS = 6
#: When a call without media ends, in seconds.
MEDIA_TIMEOUT, ON_HOLD = 5, 12
#: How long Asterisk may take for what is due: it looks once in a timeout.
GRACE = MEDIA_TIMEOUT + 3
#: How long Asterisk waits for the answer to OPTIONS (qualify_timeout), in seconds.
QUALIFY_TIMEOUT = 3.0
LOG = "/var/log/asterisk/messages.log"


@pytest.fixture(scope="module")
def shared_office(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("limits")
    emptied = host.whole_directory(pbx_connection_ports=PORTS)
    assert not emptied["failed"], emptied
    run = site(
        [host],
        folder,
        {
            **directory(),
            "pbx_rtp_start": FIRST_PORT,
            "pbx_rtp_end": LAST_PORT,
            "pbx_media_timeout": MEDIA_TIMEOUT,
            "pbx_media_timeout_hold": ON_HOLD,
            "pbx_fail2ban": False,
        },
    )
    assert run.status == 0, run.text[-5000:]
    with open_office(host) as office:
        yield office
    back = site([host], folder, {**DIRECTORY, "pbx_fail2ban": False})
    assert back.status == 0, back.text[-5000:]


@pytest.fixture
def office(shared_office: Office) -> Iterator[Office]:
    shared_office.everybody_answers()
    shared_office.host.shell(f"truncate -s 0 {LOG}")
    yield shared_office
    shared_office.asterisk("channel request hangup all")
    until(lambda: channels(shared_office) == 0)
    limited(shared_office, "1001", 10)


@contextmanager
def gone(office: Office, *names: str) -> Iterator[None]:
    """These say nothing to anybody; afterwards they are there again, and Asterisk knows it."""
    for name in names:
        office.line(name).does("gone")
    yield
    for name in names:
        office.line(name).does("answer")
    # What was asked while nobody answered has to be over, or it would say that the phone is gone again.
    time.sleep(QUALIFY_TIMEOUT + 1)
    until(lambda: all_are_there(office))


def all_are_there(office: Office) -> bool:
    """Tell whether Asterisk thinks so; it is made to ask the phones it takes for gone."""
    away = re.findall(r"Contact: +([\w-]+)/.* Unavail ", office.asterisk("pjsip show contacts"))
    for name in away:
        office.asterisk(f"pjsip qualify {name}")
    return not away


def channels(office: Office) -> int:
    return int(office.asterisk("core show channels count").split()[0])


def media(office: Office) -> str:
    """Return which calls there are, what each side has sent, and what Asterisk has said."""
    shown = [office.asterisk(command) for command in ("core show channels", "pjsip show channelstats")]
    return "\n".join([*shown, log(office)])


def log(office: Office) -> str:
    return office.host.shell(f"cat {LOG}")


def limited(office: Office, number: str, calls: int) -> None:
    result = office.host.module("pbx_extension", number=number, max_calls=calls)
    assert not result["failed"], result


def as_many_as_it_can(phone: Line, number: str, most: int = 15) -> tuple[list[Call], int]:
    """Open call after call; return those that are up, and what the next one is told."""
    calls: list[Call] = []
    for _call in range(most):
        call = phone.dial(number)
        status = call.status()
        if status != 200:
            return calls, status
        calls.append(call)
    pytest.fail(f"{most} calls, and none is refused")


# --- how many calls an extension may have placed -------------------------------------------------


def test_an_extension_places_so_many_calls_and_no_more_and_the_facts_say_so(office: Office) -> None:
    phone = office.phones["1001"]
    limited(office, "1001", 2)
    assert office.host.facts()["pbx_extensions"]["1001"]["at_call_limit"] is False
    calls, refused = as_many_as_it_can(phone, "1002")
    assert (len(calls), refused) == (2, 503)
    assert "Extension 1001 called 1002: it has as many calls as it may have (max_calls 2)" in log(office)
    facts = office.host.facts()
    assert facts["pbx_extensions"]["1001"]["at_call_limit"] is True
    assert facts["pbx_extensions"]["1002"]["at_call_limit"] is False
    assert facts["pbx_extension_summary"]["call_limit_reached"]["number"] == "1001"
    # Outside calls are calls, and those that come to it are not its own.
    assert phone.call("02121234567") == 503
    assert office.phones["1003"].call("1001") == 200
    # An emergency call never counts.
    emergency = phone.dial("112")
    assert emergency.status() == 200
    calls[0].hang_up()
    until(lambda: phone.call("1002") == 200)
    assert emergency.hang_up() == 200


def test_a_call_that_is_on_hold_or_rings_or_is_to_itself_is_a_call(office: Office) -> None:
    phone = office.phones["1001"]
    limited(office, "1001", 3)
    held = phone.dial("1002").is_up()
    held.hold()
    office.phones["1003"].does("ring")
    ringing = phone.dial("1003").rings()
    itself = phone.dial("1001").is_up()
    assert phone.call("1002") == 503
    itself.hang_up()
    until(lambda: phone.call("1002") == 200)
    ringing.hang_up()
    held.hang_up()


def test_a_call_that_was_handed_over_is_still_of_who_has_placed_it(office: Office) -> None:
    """Otherwise a phone takes line after line, transfer by transfer."""
    phone, workshop = office.phones["1001"], office.phones["1003"]
    limited(office, "1001", 2)
    # Blindly: the channel of the transferred party goes on.
    assert phone.dial("1002").is_up().transfer("1003")["progress"][-1] == 200
    until(lambda: channels(office) == 2)
    # After asking: only the two lines go on.
    first, second = phone.dial("1002").is_up(), phone.dial("1003")
    assert second.status() == 503
    limited(office, "1001", 3)
    second = phone.dial("1003").is_up()
    assert first.transfer("1003", replaces=second)["progress"][-1] == 200
    until(lambda: channels(office) == 4)
    limited(office, "1001", 2)
    assert phone.call("1002") == 503
    assert workshop.call("1001") == 200


def test_many_calls_at_the_same_moment_are_counted_one_by_one(office: Office) -> None:
    limited(office, "1001", 3)
    phone = office.phones["1001"]
    calls = [phone.dial("1002") for _call in range(10)]
    assert sorted(call.status() for call in calls) == [200] * 3 + [503] * 7


# --- room for emergency calls --------------------------------------------------------------------


def test_ordinary_calls_leave_the_ports_that_emergency_calls_need(office: Office) -> None:
    calls, refused = as_many_as_it_can(office.phones["1001"], "1002")
    assert (len(calls), refused) == (ORDINARY_CALLS, 503)
    assert "Extension 1001 called 1002: all ports for sound are taken but for" in log(office)
    other = office.phones["1003"]
    assert other.call("1001") == 503
    assert office.trunks["Telco"].call("+902121112201") == 503
    emergencies = [other.dial("112") for _call in range(3)]
    assert [call.status() for call in emergencies] == [200] * 3
    assert office.host.facts()["pbx_extension_summary"]["no_room_at"]
    calls[0].hang_up()
    for call in emergencies:
        call.hang_up()
    until(lambda: other.call("1001") == 200)


def test_one_phone_with_the_usual_limit_leaves_room_for_another(office: Office) -> None:
    limited(office, "1001", 4)
    calls, refused = as_many_as_it_can(office.phones["1001"], "1002")
    assert (len(calls), refused) == (4, 503)
    assert office.phones["1003"].call("1002") == 200
    assert office.phones["1003"].call("112") == 200


def test_an_emergency_call_gets_through_while_a_phone_calls_as_fast_as_it_can(office: Office) -> None:
    phone, other = office.phones["1001"], office.phones["1003"]
    answers: list[int] = []
    for _round in range(5):
        calls = [phone.dial("1002") for _call in range(20)]
        answers.append(other.call("112"))
        for call in calls:
            if call.status() == 200:
                call.hang_up()
    assert answers == [200] * 5


# --- a call of which nothing is heard any more ---------------------------------------------------


@pytest.mark.parametrize("who", [("1001",), ("Telco",), ("1001", "Telco")], ids="-".join)
def test_a_call_ends_when_a_side_is_gone_and_its_place_is_free(office: Office, who: tuple[str, ...]) -> None:
    office.forget()
    phone, other = office.phones["1001"], office.phones["1002"]
    calls = [phone.dial("02121234567").is_up(), phone.dial("02121234567").is_up()]
    at = len(office.trunks["Telco"].received())
    lines = [office.trunks["Telco"].incoming(at - 2), office.trunks["Telco"].incoming(at - 1)]
    assert other.call("02121234567") == 503
    with gone(office, *who):
        began = time.monotonic()
        until(lambda: channels(office) == 0, MEDIA_TIMEOUT + GRACE)
        assert time.monotonic() - began > MEDIA_TIMEOUT - 2
    for name, sides in (("1001", calls), ("Telco", lines)):
        if name not in who:
            for side in sides:
                side.has_ended()
    assert "for lack of audio RTP activity" in log(office)
    assert other.call("02121234567") == 200
    told = [(row["caller"], row["side_b"][:6], row["reason"]) for row in office.calls() if row["answered"]]
    assert told[:2] == [("1001", "trunk-", "no-media")] * 2, told


def test_a_phone_that_is_muted_goes_on(office: Office) -> None:
    call = office.phones["1001"].dial("1003").is_up()
    call.mute()
    time.sleep(MEDIA_TIMEOUT + GRACE)
    assert not call.shown()["ended"]
    call.mute(on=False)
    assert call.hears() == [850]
    call.hang_up()


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_a_call_on_hold_goes_on_and_is_taken_back_but_not_for_ever(office: Office, who: str) -> None:
    at = len(office.phones["1003"].received())
    call = office.phones["1001"].dial("1003").is_up()
    callee = office.phones["1003"].incoming(at)
    holding, held = (call, callee) if who == "caller" else (callee, call)
    holding.hold()
    time.sleep(MEDIA_TIMEOUT + 3)
    assert not held.shown()["ended"]
    holding.hold(on=False)
    # Long enough for a look at the timeout of before.
    time.sleep(2)
    assert held.hears()
    holding.hold()
    with gone(office, "1001" if who == "caller" else "1003"):
        until(lambda: held.shown()["ended"], 2 * ON_HOLD + GRACE, seen=lambda: media(office))
        until(lambda: channels(office) == 0)
    (seconds,) = re.findall(r"for lack of audio RTP activity in (\d+) seconds", log(office))
    assert int(seconds) >= ON_HOLD


def test_a_phone_that_rings_is_not_cut_for_saying_nothing(office: Office) -> None:
    office.phones["1003"].does("ring")
    at = len(office.phones["1003"].received())
    call = office.phones["1001"].dial("1003").rings()
    time.sleep(MEDIA_TIMEOUT + 3)
    office.phones["1003"].incoming(at).answer()
    call.is_up()
    time.sleep(2)
    assert call.hears() == [850]
    call.hang_up()
