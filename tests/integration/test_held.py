# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Attacks that have always failed, and are to fail from now on as well."""

from __future__ import annotations

import json

import pytest
from phones.phone import phones_addresses, where_phones_are

from .company import Office
from .fleet import Host, command
from .test_torture import EXISTS, HAS_NO_PASSWORD, IS_NOBODY, RAW, request

#: How often each message is sent.
ROUNDS = 150
METHODS = ["REGISTER", "INVITE", "SUBSCRIBE", "OPTIONS", "MESSAGE"]


@pytest.mark.parametrize("method", METHODS)
def test_how_long_an_answer_takes_says_next_to_nothing_of_who_exists(directory: Host, method: str) -> None:
    """A number is looked up in two more views: some 0.15 ms (docs/security.md), and no more."""
    more = {"Event": "dialog", "Expires": "60"} if method == "SUBSCRIBE" else {}
    messages = [
        request(method, number, From=f"<sip:{number}@{{server}}>;tag={{id}}", **more)
        for number in (EXISTS, HAS_NO_PASSWORD, IS_NOBODY)
    ]
    asked = {"server": directory.address, "address": phones_addresses()[9], "messages": messages}
    run = command(*where_phones_are(), "python3", str(RAW), given=json.dumps({**asked, "rounds": ROUNDS}))
    assert run.returncode == 0, run.stderr
    exists, has_no_password, is_nobody = json.loads(run.stdout)
    assert exists < 2 * is_nobody, run.stdout
    assert has_no_password < 1.5 * is_nobody, run.stdout


#: What a phone may say of its identity, and of the party that it calls for.
IDENTITIES = [
    'P-Asserted-Identity: "Boss" <sip:1002@example.com>',
    "P-Preferred-Identity: <sip:1002@example.com>",
    'Remote-Party-ID: "Boss" <sip:1002@example.com>;party=calling;screen=yes',
    "Diversion: <sip:1002@example.com>;reason=unconditional",
    "History-Info: <sip:1002@example.com>;index=1",
    "Referred-By: <sip:1002@example.com>",
    "X-Asterisk-CallerID: 1002",
]


@pytest.mark.parametrize("header", IDENTITIES)
def test_a_phone_is_who_its_password_says_and_nobody_else(office: Office, header: str) -> None:
    name, _colon, value = header.partition(": ")
    office.forget()
    for callee, dialled, number in (("1003", "1003", "1001"), ("Telco", "02121234567", "+902121112201")):
        line = office.line(callee)
        before = len(line.received())
        assert office.phones["1001"].call(dialled, headers={name: value}) == 200
        shown = line.received()[before]
        assert (shown["from"], shown["identity"]) == (number, number)
        assert "Boss" not in shown["name"]
        assert "1002" not in str(shown)
    assert {call["caller"] for call in office.calls()} == {"1001"}


def test_nor_does_it_call_as_another_in_from(office: Office) -> None:
    """Another's password is asked for; with a name that is nobody's it is known by its own."""
    for other, answer in (("1002", 401), ("1003", 401), ("112", 200), ("trunk-1", 200), ("boss", 200)):
        before = len(office.phones["1003"].received())
        caller = f'"Boss" <sip:{other}@{office.host.address}>'
        assert (other, office.phones["1001"].call("1003", caller=caller)) == (other, answer)
        shown = office.phones["1003"].received()[before:]
        assert [(call["from"], call["name"]) for call in shown] == [("1001", "Ayşe Yılmaz")] * len(shown)
