# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Phones that reach the host from a trunk's address, as through one SBC, where the role is told of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .company import FAR_ENDS, PORTS, Office, open_office, password
from .fleet import DIRECTORY, Host, site

#: One of the company's, without a phone until now.
NUMBER = "1004"
WHERE_TELCO_IS = FAR_ENDS["Telco"][0]


def configured(host: Host, folder: Path, **variables: Any) -> None:
    """Apply the role, and leave the directory as it is."""
    kept = {"pbx_connection_ports": PORTS, "pbx_fail2ban_ignore": DIRECTORY["pbx_fail2ban_ignore"]}
    run = site([host], folder, {**kept, **variables}, "--tags", "configure")
    assert run.status == 0, run.text[-5000:]


@pytest.fixture(scope="module")
def shared_office(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("at-trunks")
    configured(host, folder, pbx_phones_at_trunks="yes")
    try:
        with open_office(host) as office:
            yield office
    finally:
        configured(host, folder)


def test_a_phone_at_a_trunks_address_registers_and_calls_with_its_password(office: Office) -> None:
    office.forget()
    phone = office.room.phone(NUMBER, password(NUMBER), which=WHERE_TELCO_IS)
    assert phone.call("1002") == 200
    assert [call["caller"] for call in office.calls()] == [NUMBER]
    before = len(phone.received())
    assert office.phones["1002"].call(NUMBER) == 200
    assert len(phone.received()) == before + 1
    assert phone.register(0) == 200
    phone.unplug()


def test_without_the_password_it_gets_nothing(office: Office) -> None:
    liar = office.room.line(WHERE_TELCO_IS, number=NUMBER, password="another-horse-1")
    assert (liar.register(), liar.call("1002")) == (401, 401)
    liar.unplug()
    for number in ("1001", NUMBER):
        assert office.trunks["Telco"].call("+902121112202", caller=f"<sip:{number}@telco.example>") == 401


def test_a_trunk_there_brings_calls_of_others(office: Office) -> None:
    office.forget()
    for caller in ("<sip:+905321112233@telco.example>", "<sip:anonymous@anonymous.invalid>"):
        assert office.trunks["Telco"].call("+902121112201", caller=caller) == 200
    assert [call["caller"] for call in office.calls()] == ["outside", "outside"]


def test_a_registered_line_is_known_before_any_name(office: Office) -> None:
    registered, to = office.trunks["Registered"], "<sip:+902125550001@telco.example>"
    uri = office.line_contact()
    assert registered.call("902125550000", uri=uri, to=to, caller="<sip:1001@telco.example>") == 200
