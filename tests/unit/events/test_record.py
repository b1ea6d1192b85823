# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is told of Asterisk's events, and what never leaves the host."""

from __future__ import annotations

import json

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.events import happening, record
from hypothesis import given
from hypothesis import strategies as st

MARK = "port-1-a3a11d7edb277b1ce0bab367c14c38d6"
URI = f"sip:1001@198.18.91.200:34960;x-ast-txp={MARK}"


def status(state, aor="1001", uri=URI):
    return {"Event": "ContactStatus", "URI": uri, "ContactStatus": state, "AOR": aor, "EndpointName": aor}


def channel(event, name="PJSIP/1001-00000000", unique="1796021191.8", linked="1796021191.8", **more):
    return {"Event": event, "Channel": name, "Uniqueid": unique, "Linkedid": linked, **more}


def told(message):
    """Return what is told, without what tells contacts apart."""
    made = record.of(message)
    return made and {key: value for key, value in made.items() if key != "contact"}


def contact(state, number="1001", address="198.18.91.200:34960", user_agent=""):
    return {
        "record": "contact",
        "number": number,
        "address": address,
        "user_agent": user_agent,
        "state": state,
    }


# Seen with Asterisk 22.10.1 and 16.28.0.
@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (status("NonQualified"), contact("there")),
        (status("Created"), contact("there")),
        (status("Reachable"), contact("reachable")),
        (status("Unreachable"), contact("unreachable")),
        (status("Removed"), contact("gone")),
        (
            status("Reachable", uri="sip:[2001:db8::7]:5060;x=1"),
            contact("reachable", address="[2001:db8::7]:5060"),
        ),
        (status("Reachable", uri="sip:phone.example"), contact("reachable", address="phone.example")),
        (status("Reachable", uri="tel:+49"), contact("reachable", address="")),
        (status("Reachable", aor="trunk-3"), None),
        (
            {
                "Event": "ContactList",
                "ObjectName": "1001;@77",
                "Uri": URI,
                "UserAgent": "Snom \x1b[2J",
                "Status": "Unreachable",
                "ViaAddr": "10.0.0.7",
            },
            contact("unreachable", user_agent="Snom \x1b[2J"),
        ),
        (
            channel("Newchannel", CallerIDNum="1001", Exten="1002"),
            {"record": "call", "call": "1796021191.8", "caller": "1001", "called": "1002"},
        ),
        # A phone that calls itself something else.
        (
            channel("Newchannel", CallerIDNum="5550000", Exten="${EXTEN}"),
            {"record": "call", "call": "1796021191.8", "caller": "1001", "called": ""},
        ),
        (
            channel("Newchannel", "PJSIP/trunk-3-0000001b", CallerIDNum="+902121112201", Exten="1001"),
            {"record": "call", "call": "1796021191.8", "caller": "+902121112201", "called": "1001"},
        ),
        (
            channel("Newchannel", "PJSIP/trunk-3-0000001b", CallerIDNum="<unknown>", Exten="s"),
            {"record": "call", "call": "1796021191.8", "caller": "", "called": ""},
        ),
        # The phone that is called.
        (channel("Newchannel", "PJSIP/1002-00000001", "1796021191.9", Exten="s"), None),
        (channel("Newchannel", "Local/1@x-0001;2"), None),
        (
            channel("DialEnd", DestChannel="PJSIP/1002-00000001", DialStatus="ANSWER"),
            {"record": "answer", "call": "1796021191.8", "by": "1002"},
        ),
        (channel("DialEnd", DestChannel="PJSIP/1002-00000001", DialStatus="BUSY"), None),
        (channel("Hangup", Cause="34"), {"record": "hangup", "call": "1796021191.8", "cause": "34"}),
        (channel("Hangup", Cause="\x1b"), {"record": "hangup", "call": "1796021191.8", "cause": "0"}),
        (channel("Status"), {"record": "going_on", "call": "1796021191.8"}),
        (channel("VarSet", Variable="SECRET", Value="x"), None),
        ({"Event": "FullyBooted"}, None),
        ({}, None),
    ],
)
def test_an_event_is_told_as(message, expected):
    assert told(message) == expected


@pytest.mark.parametrize(
    ("event", "remote", "account", "expected"),
    [
        (
            "ChallengeResponseFailed",
            "IPV4/UDP/203.0.113.9/5060",
            "1001",
            ("wrong_password", "203.0.113.9", "1001"),
        ),
        (
            "InvalidAccountID",
            "IPV6/TLS/2001:db8::7/5061",
            "admin",
            ("no_such_account", "2001:db8::7", "admin"),
        ),
        ("FailedACL", "nonsense", "<unknown>", ("address_refused", "", "")),
        ("ChallengeSent", "IPV4/UDP/203.0.113.9/5060", "1001", None),
        ("SuccessfulAuth", "IPV4/TCP/127.0.0.1/5038", "voiceops", None),
    ],
)
def test_an_attempt_is_what_has_failed(event, remote, account, expected):
    message = {
        "Event": event,
        "RemoteAddress": remote,
        "AccountID": account,
        "Response": "77",
        "Challenge": "8",
    }
    assert record.attempt(message) == (expected and record.Attempt(*expected))


def test_a_contact_has_the_name_in_asterisk_that_location_c_gives_it():
    # md5 of sip:1002@198.18.91.200:30378;x-ast-txp=port-1-… as Asterisk 22.10.1 has answered to it.
    uri = f"sip:1002@198.18.91.200:30378;x-ast-txp={MARK}"
    assert record.contact_id(status("NonQualified", "1002", uri)) == "1002;@3ab4eae8cbb87176f5f87c0c8ce20257"
    assert record.contact_id(status("NonQualified", "trunk-3")) == ""


EVENTS = st.sampled_from(["ContactStatus", "ContactList", "Newchannel", "DialEnd", "Hangup", "Status", "Foo"])
TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from([URI, "1001", "PJSIP/1001-00000000", "1796021191.8", "ANSWER", "Removed", "1001;@x"]),
)
FIELDS = st.sampled_from(
    [
        *(
            "AOR",
            "URI",
            "Uri",
            "ObjectName",
            "ContactStatus",
            "Status",
            "UserAgent",
            "Channel",
            "DestChannel",
        ),
        *("Uniqueid", "Linkedid", "CallerIDNum", "Exten", "DialStatus", "Cause", "Challenge", "Response"),
    ]
)


@given(event=EVENTS, fields=st.dictionaries(FIELDS, TEXTS))
def test_whatever_comes_is_told_in_a_form_that_is_understood_and_without_the_mark(event, fields):
    made = record.of({**fields, "Event": event, "Challenge": "challenge-7f3a", "Response": "response-7f3a"})
    if made is None:
        return
    line = json.dumps(made).encode("ascii")
    assert b"7f3a" not in line
    assert MARK.encode() not in line or MARK in fields.get("UserAgent", "")
    understood = happening.understood(line)
    assert understood is not None
    assert set(understood) == {"record", *record.FIELDS[made["record"]]}


@given(st.dictionaries(st.sampled_from(["Event", "RemoteAddress", "AccountID"]), st.text(max_size=300)))
def test_whatever_is_attempted_is_told_in_a_form_that_is_understood(fields):
    made = record.attempt({"Event": "FailedACL", **fields})
    if made is not None:
        line = json.dumps(record.attempts(made, 3)).encode("ascii")
        assert happening.understood(line) is not None
