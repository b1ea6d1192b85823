# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Calls from outside: by what a trunk is known, and how the number that is called is read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .company import Office, open_office, password
from .fleet import Host


@pytest.fixture(scope="module")
def shared_office(host: Host) -> Iterator[Office]:
    with open_office(host) as office:
        yield office


@pytest.fixture
def office(shared_office: Office) -> Office:
    for line in (*shared_office.phones.values(), *shared_office.trunks.values()):
        line.does("answer")
    return shared_office


#: What a trunk's peer says of who calls: a number of ours, the name of an endpoint, or nobody.
CALLERS = [
    "<sip:1002@telco.example>",
    '"Ayşe" <sip:1001@198.18.0.1>',
    "<sip:1003;phone-context=office@telco.example>",
    "<sip:trunk-2@telco.example>",
    "<sip:replaces@telco.example>",
    "<sip:anonymous@anonymous.invalid>",
    "<sip:+905321112233@telco.example>",
]


@pytest.mark.parametrize("caller", CALLERS)
def test_a_trunk_is_known_by_its_address_whatever_it_says_of_who_calls(office: Office, caller: str) -> None:
    office.forget()
    before = len(office.phones["1001"].received())
    assert office.trunks["Telco"].call("+902121112201", caller=caller) == 200
    assert len(office.phones["1001"].received()) == before + 1
    assert [call["caller"] for call in office.calls()] == ["outside"]


def test_a_trunk_that_registers_is_known_by_its_line_whatever_it_says_of_who_calls(office: Office) -> None:
    office.forget()
    to = "<sip:+902125550001@telco.example>"
    for caller in CALLERS[:2]:
        registered = office.trunks["Registered"]
        assert registered.call("902125550000", uri=office.line_contact(), to=to, caller=caller) == 200
    assert [call["caller"] for call in office.calls()] == ["outside", "outside"]


def test_who_calls_from_a_trunk_with_a_number_of_ours_gets_nothing_that_is_the_extensions(
    office: Office,
) -> None:
    """No line to the outside, no lamp, no registration: not even a question for the password."""
    telco, before = office.trunks["Telco"], len(office.trunks["Backup"].received())
    assert telco.call("912345", caller="<sip:1001@telco.example>") == 200  # "*": 1003
    assert len(office.trunks["Backup"].received()) == before
    liar = office.room.line(5, number="1001", password=password("1001"))
    assert liar.register() == 404
    assert liar.watch("1002").status in {404, 489}
    assert office.phones["1002"].call("1001") == 200
    liar.unplug()


NOBODY = "<sip:telco.example>"

#: What is dialled, as a URI; and whose phone rings: 1003 is for numbers that nobody has.
NUMBERS = [
    ("sip:+902121112202@HOST", "1002"),
    # RFC 4694: where the call is to be routed.
    ("sip:+902121112202;npdi;rn=+19725551212@HOST", "1002"),
    ("sip:+902121112202;npdi;rn=+19725551212;cic=+16789@HOST;user=phone", "1002"),
    # RFC 3966: a subaddress, an extension of somebody else's, a context, visual separators.
    ("sip:+902121112202;isub=1411@HOST;user=phone", "1002"),
    ("sip:+902121112202;ext=1001@HOST;user=phone", "1002"),
    ("sip:+902121112202;phone-context=+90@HOST", "1002"),
    ("sip:+90-212-111.22.02@HOST", "1002"),
    ("sip:+90(212)1112202@HOST", "1002"),
    ("sip:%2B902121112202@HOST", "1002"),
    ("sip:+90%20212%20111%2022%2002@HOST", "1002"),
    ("sip:+902121112202%23@HOST", "1002"),
    ("sip:+902121112202:secret1@HOST", "1002"),
    ("sip:+902121112202;rn=+902121112201@HOST", "1002"),
    ("sip:+902121112299;rn=+902121112202@HOST", "1003"),
    ("sip:(0212)1112299@HOST", "1003"),
    ("sip:.%28@HOST", "1003"),
]


@pytest.mark.parametrize(("uri", "rings"), NUMBERS)
def test_what_stands_beside_a_number_is_no_part_of_it(office: Office, uri: str, rings: str) -> None:
    before = {name: len(phone.received()) for name, phone in office.phones.items()}
    uri = uri.replace("HOST", office.host.address)
    assert office.trunks["Telco"].call("", 10, uri=uri, to=NOBODY) == 200
    assert [name for name, phone in office.phones.items() if len(phone.received()) > before[name]] == [rings]


@pytest.mark.parametrize(
    "to",
    [
        "<sip:+902125550001;npdi;rn=+19725551212@telco.example>",
        "<sip:+90-212-555.00.01@telco.example;user=phone>",
        "<sip:%2B902125550001@telco.example>",
        "sip:+902125550001@telco.example",
    ],
)
def test_what_stands_beside_a_number_in_to_is_no_part_of_it(office: Office, to: str) -> None:
    assert office.trunks["Registered"].call("902125550000", uri=office.line_contact(), to=to) == 200


@pytest.mark.parametrize(
    "number",
    [
        "tel:+902125550001",
        "tel:+90-212-555-00-01;npdi;rn=+19725551212",
        "tel:5550001;phone-context=+90212",
    ],
)
def test_a_tel_uri_is_a_number_too(office: Office, number: str) -> None:
    """Asterisk 16 answers a request to one with 416, and reads none in To."""
    telco = office.trunks["Telco"]
    answer = telco.call("", 10, uri=number, to=NOBODY)
    assert answer == (200 if office.host.name == "asterisk22" else 416)
