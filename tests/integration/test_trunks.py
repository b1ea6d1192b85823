# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Calls from outside: by what a trunk is known, and how the number that is called is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from .company import Office, password, until


def rings(office: Office, trunk: str, number: str, **options: Any) -> list[str]:
    """Return whose phones ring when somebody calls a number through a trunk."""
    before = {name: len(phone.received()) for name, phone in office.phones.items()}
    assert office.trunks[trunk].call(number, 10, **options) == 200
    return [name for name, phone in office.phones.items() if len(phone.received()) > before[name]]


#: What a trunk's peer says of the caller: one of our numbers, the name of an endpoint, or nobody.
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


@pytest.mark.parametrize(("uri", "extension"), NUMBERS)
def test_what_stands_beside_a_number_is_no_part_of_it(office: Office, uri: str, extension: str) -> None:
    uri = uri.replace("HOST", office.host.address)
    assert rings(office, "Telco", "", uri=uri, to=NOBODY) == [extension]


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


@contextmanager
def changed(office: Office, trunk: str, **options: Any) -> Iterator[None]:
    """Have a trunk other options for a while."""
    before = {"country_code": "", "area_code": "", "called_number_header": "", "trust_identity": False}
    before |= {"qualify": True, "inbound_addresses": []}
    try:
        result = office.host.module("pbx_trunk", name=trunk, **options)
        assert not result["failed"], result
        yield
    finally:
        office.host.module("pbx_trunk", name=trunk, **{option: before[option] for option in options})


def test_a_number_is_known_in_the_forms_of_its_country(office: Office) -> None:
    always = ["+902121112202", "902121112202", "00902121112202"]
    with_codes = ["02121112202", "2121112202", "1112202", "0212-111.22.02"]
    assert [rings(office, "Telco", number) for number in always] == [["1002"]] * 3
    assert [rings(office, "Telco", number) for number in with_codes] == [["1003"]] * 4
    with changed(office, "Telco", country_code="90", area_code="212"):
        assert [rings(office, "Telco", number) for number in always + with_codes] == [["1002"]] * 7
        assert rings(office, "Telco", "03121112202") == ["1003"]


def test_two_accounts_at_one_provider_are_told_apart_by_the_number_that_is_called(office: Office) -> None:
    host, telco = office.host, office.trunks["Telco"]
    office.forget()
    other = {
        "name": "Second account",
        "host": telco.address,
        "port": telco.port,
        "username": "902127770000",
        "inbound_numbers": [{"number": "+902127770001", "extension": "1001"}],
    }
    assert not host.module("pbx_trunk", **other)["failed"]
    try:
        assert rings(office, "Telco", "+902127770001") == ["1001"]
        assert rings(office, "Telco", "+902121112202") == ["1002"]
        assert rings(office, "Telco", "+902121119999") == ["1003"]
        first, second, third = (call["trunk"] for call in office.calls())
        assert first != second == third
        twice = [{"number": "902121112202", "extension": "1001"}]
        refused = host.module("pbx_trunk", name="Second account", inbound_numbers=twice)
        assert refused["failed"]
        assert "come from the same address" in refused["msg"]
    finally:
        host.module("pbx_trunk", name="Second account", state="absent")


def test_a_provider_that_does_not_call_the_registered_line_is_known_by_where_one_registers(
    office: Office,
) -> None:
    assert rings(office, "Registered", "+902125550001") == ["1002"]


def test_one_that_calls_from_elsewhere_without_the_line_is_refused_and_its_address_is_told(
    office: Office,
) -> None:
    elsewhere = office.room.line(8, number="elsewhere")
    assert elsewhere.call("+902125550001") == 401
    told = office.host.shell("tail -20 /var/log/asterisk/security.log")
    assert f"/{elsewhere.address}/" in told
    with changed(office, "Registered", inbound_addresses=[elsewhere.address]):
        before = len(office.phones["1002"].received())
        assert elsewhere.call("+902125550001") == 200
        assert len(office.phones["1002"].received()) == before + 1
    elsewhere.unplug()


def test_a_header_names_the_number_that_is_called_where_the_trunk_says_so(office: Office) -> None:
    header = {"P-Called-Party-ID": '"Desk" <sip:%2B90-212-1112202;npdi@telco.example;user=phone>'}
    assert rings(office, "Telco", "902121110000", headers=header) == ["1003"]
    with changed(office, "Telco", called_number_header="P-Called-Party-ID"):
        assert rings(office, "Telco", "902121110000", headers=header) == ["1002"]
        assert rings(office, "Telco", "+902121112201") == ["1001"]
        strange = {"P-Called-Party-ID": "<sip:),${CHANNEL}(@telco.example>"}
        assert rings(office, "Telco", "+902121112201", headers=strange) == ["1001"]


def test_who_calls_is_what_a_trusted_trunk_asserts(office: Office) -> None:
    asserted = {"P-Asserted-Identity": "<sip:+905321112233@telco.example>"}
    caller = "<sip:unknown@telco.example>"

    def shown(**headers: str) -> str:
        assert rings(office, "Telco", "+902121112201", caller=caller, headers={**asserted, **headers})
        return str(office.phones["1001"].received()[-1]["from"])

    assert shown() == "unknown"
    with changed(office, "Telco", trust_identity=True):
        assert shown() == "+905321112233"
        assert shown(Privacy="id") == "anonymous"


@pytest.mark.parametrize("trusted", [False, True])
def test_a_withheld_number_is_told_to_a_trunk_that_is_trusted_and_to_no_other(
    office: Office, trusted: bool
) -> None:
    before = len(office.trunks["Telco"].received())
    with changed(office, "Telco", trust_identity=trusted):
        assert office.phones["1001"].call("02121234567", headers={"Privacy": "id"}) == 200
    shown = office.trunks["Telco"].received()[before]
    assert (shown["from"], shown["privacy"]) == ("anonymous", "id")
    assert shown["identity"] == ("+902121112201" if trusted else "")


def test_a_trunk_that_is_not_asked_counts_as_there(office: Office) -> None:
    endpoint = office.endpoint("Backup")
    with changed(office, "Backup", qualify=False):
        office.trunks["Backup"].does("silent")
        assert office.phones["1001"].call("912345") == 200
        assert "NonQual" in office.asterisk(f"pjsip show aor {endpoint}")
        assert "Unavailable" not in office.asterisk(f"pjsip show endpoint {endpoint}")
    office.trunks["Backup"].does("answer")
    office.asterisk(f"pjsip qualify {endpoint}")
    until(lambda: "Avail" in office.asterisk(f"pjsip show aor {endpoint}"))
