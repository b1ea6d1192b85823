# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Lines to the outside world: who gets one, through which trunk, with which number; and who gets in."""

from __future__ import annotations

import time

import pytest

from .company import DEADLINE, Office, until

#: How long Asterisk waits for the answer to OPTIONS, unless told otherwise (qualify_timeout), in seconds.
QUALIFY_TIMEOUT = 3.0


#: The caller and what it dials; the answer; and where it rang: trunk, number, number shown there.
CALLS = [
    ("1001", "02121234567", 200, ("Telco", "+902121234567", "+902121112201")),
    ("1002", "02121234567", 200, ("Telco", "+902121234567", "+902121110000")),
    ("1001", "912345", 200, ("Backup", "12345", "+902121112201")),
    ("1002", "912345", 200, ("Backup", "12345", "+902129998877")),
    ("1001", "00442071234567", 403, None),
    ("1001", "555", 403, None),
    ("1001", "+902121234567", 403, None),
    ("1003", "02121234567", 404, None),
    ("1003", "5555", 404, None),
    ("1001", "112", 200, ("Telco", "112", "+902121112201")),
    ("1003", "112", 200, ("Telco", "112", "+902121110000")),
]


@pytest.mark.parametrize(("caller", "dialled", "answer", "rang"), CALLS)
def test_who_gets_which_line(
    office: Office, caller: str, dialled: str, answer: int, rang: tuple[str, str, str] | None
) -> None:
    before = {name: len(trunk.received()) for name, trunk in office.trunks.items()}
    assert office.phones[caller].call(dialled) == answer
    new = [
        (name, call["dialled"], call["from"], call["name"])
        for name, trunk in office.trunks.items()
        for call in trunk.received()[before[name] :]
    ]
    # No name goes out.
    assert new == ([(*rang, "")] if rang else [])


#: What the first trunk does with a call; the caller's answer; whether the second one was tried.
FALLBACK = [
    ("503", 200, True),
    ("500", 200, True),
    ("403", 200, True),
    ("404", 404, False),
    ("486", 486, False),
    ("480", 480, False),
    # The called party does not want to talk (RFC 3261, RFC 8197).
    ("603", 403, False),
    ("607", 403, False),
    # Called elsewhere instead: nobody is, and that is not busy.
    ("302", 200, True),
    ("483", 200, True),
    ("ignore", 200, True),
]


@pytest.mark.parametrize(("habit", "answer", "second"), FALLBACK)
def test_when_the_next_trunk_is_tried(office: Office, habit: str, answer: int, second: bool) -> None:
    office.trunks["Telco"].does(habit)
    before = len(office.trunks["Backup"].received())
    assert office.phones["1001"].call("02121234567", seconds=60) == answer
    assert (len(office.trunks["Backup"].received()) > before) is second


#: The answers of a trunk that end the search, and what the caller gets. Any other from 300 to 599 does not.
ENDS = {404: 404, 485: 404, 410: 410, 480: 480, 484: 484, 486: 486, 600: 486, 604: 404}
ENDS |= {status: 403 for status in range(601, 700) if status not in ENDS}


def test_every_status_that_a_trunk_can_answer_ends_the_search_or_does_not(office: Office) -> None:
    host, caller = office.host, office.phones["1003"]
    rules = [{"prefix": "7", "trunks": ["Telco", "Backup"]}]
    host.module("pbx_outbound_profile", outbound_profiles=[{"name": "Any status", "rules": rules}])
    host.module("pbx_extension", number="1003", outbound_profile="Any status")
    office.trunks["Telco"].does("as-dialled")
    before = len(office.trunks["Backup"].received())
    answers: dict[int, int] = {}
    try:
        for first in range(300, 700, 8):
            calls = {status: caller.dial(f"7{status}") for status in range(first, min(first + 8, 700))}
            for status, call in calls.items():
                answers[status] = call.status()
                if answers[status] == 200:
                    call.hang_up()
    finally:
        host.module("pbx_extension", number="1003", outbound_profile="")
    assert {s: a for s, a in answers.items() if a != ENDS.get(s, 200)} == {}
    tried = [int(call["dialled"][-3:]) for call in office.trunks["Backup"].received()[before:]]
    assert sorted(tried) == [status for status in range(300, 700) if status not in ENDS]


def test_when_no_trunk_takes_a_call_the_caller_is_told(office: Office) -> None:
    for trunk in office.trunks.values():
        trunk.does(503)
    assert office.phones["1001"].call("02121234567") == 503
    assert office.phones["1001"].call("112") == 503


def test_trunks_that_are_known_to_be_gone_come_last(office: Office) -> None:
    telco, backup = office.trunks["Telco"], office.trunks["Backup"]
    gone = office.endpoint("Telco")
    telco.does("gone")
    office.asterisk(f"pjsip qualify {gone}")
    until(lambda: unavailable(office, gone))
    # One that takes calls, if it does not answer the question whether it is there.
    telco.does("silent")
    before = len(telco.received())
    assert office.phones["1001"].call("02121234567") == 200
    assert len(telco.received()) == before
    backup.does(503)
    assert office.phones["1001"].call("02121234567") == 200
    assert [call["dialled"] for call in telco.received()[before:]] == ["+902121234567"]
    backup.does(486)
    assert office.phones["1001"].call("02121234567") == 486
    assert office.phones["1001"].call("112") == 200
    assert telco.received()[-1]["dialled"] == "112"
    assert len(telco.received()) == before + 2
    # The only one of a rule.
    only = office.endpoint("Backup")
    backup.does("silent")
    office.asterisk(f"pjsip qualify {only}")
    until(lambda: unavailable(office, only))
    assert office.phones["1001"].call("912345") == 200
    # Of several one is tried, because each may be waited for.
    telco.does(503)
    before = len(backup.received())
    assert office.phones["1001"].call("02121234567") == 503
    assert len(backup.received()) == before
    # Asterisk asks every 30 s by itself too. What it asked while nobody answered must be over before it
    # asks once more: that question, late, would say that the trunk is gone again, until the next.
    for trunk in (telco, backup):
        trunk.does("answer")
    time.sleep(QUALIFY_TIMEOUT + 1)
    for endpoint in (gone, only):
        office.asterisk(f"pjsip qualify {endpoint}")
        until(lambda endpoint=endpoint: not unavailable(office, endpoint))


def unavailable(office: Office, endpoint: str) -> bool:
    return "Unavailable" in office.asterisk(f"pjsip show endpoint {endpoint}")


def test_a_profile_has_so_many_calls_at_the_same_time_and_an_emergency_is_not_counted(office: Office) -> None:
    first, second = office.phones["1001"], office.phones["1002"]
    calls = [first.dial("02121234567").is_up(), second.dial("02121234567").is_up()]
    assert first.call("02121234567") == 503
    assert first.call("112") == 200
    calls[0].hang_up()
    until(lambda: first.call("02121234567") == 200)
    calls[1].hang_up()


def test_a_line_stays_counted_when_its_call_is_handed_over(office: Office) -> None:
    """Otherwise who steals one password calls premium numbers without limit, transfer by transfer."""
    first = office.phones["1001"]
    handed_over = []
    for _call in range(2):
        call = first.dial("02121234567").is_up()
        at = len(office.phones["1003"].received())
        assert call.transfer("1003")["progress"][-1] == 200
        handed_over.append(office.phones["1003"].incoming(at))
    assert first.call("02121234567") == 503
    for call in handed_over:
        call.hang_up()
    until(lambda: first.call("02121234567") == 200)


def test_an_outside_call_ends_when_it_has_lasted_as_long_as_it_may(office: Office) -> None:
    host = office.host
    rules = [{"prefix": "0", "trunks": ["Telco"]}]
    result = host.module(
        "pbx_outbound_profile", outbound_profiles=[{"name": "Short", "rules": rules, "max_call_time": 1}]
    )
    assert not result["failed"], result
    host.module("pbx_extension", number="1003", outbound_profile="Short")
    try:
        call = office.phones["1003"].dial("02121234567")
        assert call.status() == 200
        call.has_ended(DEADLINE)
    finally:
        host.module("pbx_extension", number="1003", outbound_profile="")


def test_a_profile_counts_from_the_next_call_on(office: Office) -> None:
    host = office.host
    caller = office.phones["1003"]
    assert caller.call("02121234567") == 404
    host.module("pbx_extension", number="1003", outbound_profile="National")
    assert caller.call("02121234567") == 200
    host.module("pbx_extension", number="1003", outbound_profile="")
    assert caller.call("02121234567") == 404


#: Through which trunk a call comes in and for which number; the answer; whose phone rings.
INBOUND = [
    ("Telco", "+902121112201", 200, "1001"),
    ("Telco", "+902121112202", 200, "1002"),
    ("Telco", "1001", 200, "1003"),
    # A caller from outside gets no line out: these are just numbers that nobody has.
    ("Telco", "02121234567", 200, "1003"),
    ("Telco", "112", 200, "1003"),
    ("Backup", "1001", 404, None),
    ("Backup", "02121234567", 404, None),
    ("Backup", "112", 404, None),
]


@pytest.mark.parametrize(("trunk", "number", "answer", "rings"), INBOUND)
def test_whose_phone_rings_when_somebody_calls_from_outside(
    office: Office, trunk: str, number: str, answer: int, rings: str | None
) -> None:
    everything = {**office.phones, **office.trunks}
    before = {name: len(line.received()) for name, line in everything.items()}
    assert office.trunks[trunk].call(number) == answer
    rang = [name for name, line in everything.items() if len(line.received()) > before[name]]
    assert rang == ([rings] if rings else [])


@pytest.mark.parametrize(
    ("to", "answer"),
    [
        ("<sip:+902125550001@telco.example>", 200),
        ('"a;:@,)( b" <sip:+902125550001@telco.example>', 200),
        ("<sip:12%2C%29%28%24%7BCHANNEL%7D345@telco.example>", 404),
        ("<sip:telco.example>", 404),
    ],
)
def test_a_trunk_that_registers_is_called_by_its_name_and_the_number_is_in_to(
    office: Office, to: str, answer: int
) -> None:
    assert office.trunks["Registered"].call("902125550000", uri=office.line_contact(), to=to) == answer


HOSTILE = [
    "1002&PJSIP/1003",
    "1002%26PJSIP/1003",
    "1001&PJSIP%2Ftrunk-1%2F00442071234567",
    "%24%7BEXTEN%7D",
    "1" * 21,
    "s",
    "trunk-1",
    "*81001&1002",
]


@pytest.mark.parametrize("dialled", HOSTILE)
def test_what_is_no_number_goes_nowhere(office: Office, dialled: str) -> None:
    before = [len(line.received()) for line in (*office.phones.values(), *office.trunks.values())]
    assert office.phones["1001"].call(dialled) in {404, 484}
    assert [len(line.received()) for line in (*office.phones.values(), *office.trunks.values())] == before


def test_who_is_dialled_cannot_send_the_call_elsewhere(office: Office) -> None:
    """The agent's redirection (302) is to a number abroad."""
    before = [len(trunk.received()) for trunk in office.trunks.values()]
    office.phones["1001"].does(302)
    assert office.phones["1002"].call("1001") == 480
    assert [len(trunk.received()) for trunk in office.trunks.values()] == before
    office.trunks["Telco"].does(302)
    assert office.phones["1002"].call("02121234567") == 200
    assert [call["dialled"] for call in office.trunks["Backup"].received()[before[1] :]] == ["+902121234567"]


def test_strangers_get_the_same_answer_whoever_they_say_they_are(office: Office) -> None:
    who = ["1001", "7777", "anonymous", "trunk-1"]
    assert [office.room.line(number=name).call("1002") for name in who] == [401] * len(who)


def test_the_caller_id_is_the_directorys_and_not_the_phones(office: Office) -> None:
    liar = office.phones["1001"]
    caller = f'"The Boss" <sip:1001@{office.host.address}>'
    identity = {
        "P-Asserted-Identity": '"The Boss" <sip:1002@example.com>',
        "Remote-Party-ID": "<sip:1002@example.com>",
    }
    assert liar.call("1003", caller=caller, headers=identity) == 200
    shown = office.phones["1003"].received()[-1]
    assert (shown["from"], shown["name"]) == ("1001", "Ayşe Yılmaz")
    assert liar.call("02121234567", caller=caller, headers=identity) == 200
    shown = office.trunks["Telco"].received()[-1]
    assert (shown["from"], shown["name"], shown["identity"]) == ("+902121112201", "", "+902121112201")
