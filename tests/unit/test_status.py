# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is defined, joined with what Asterisk sees, is one answer for each extension."""

from __future__ import annotations

import json

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils import ami, status
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import (
    ConnectionPort,
    EmergencyNumber,
    Extension,
    ExtensionGroup,
    OutboundRule,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    SECRET,
    allow,
    directory,
    line,
    profile,
)

NOW = 1_700_000_000.5
DIGEST = "d" * 32


def contact(name="1001;@aa", expires_in=60, **fields):
    """A contact as AMI tells it."""
    return {
        "ObjectName": name,
        "ViaAddr": "10.0.0.7",
        "ViaPort": "5060",
        "Uri": "sip:1001@10.0.0.7:5060",
        "UserAgent": "Desk 5",
        "ExpirationTime": str(int(NOW) + expires_in),
        "RoundtripUsec": "12345",
        "Status": "Reachable",
        **fields,
    }


def device(state, name="PJSIP/1001"):
    return {"Device": name, "State": state}


ONE = directory(Extension("1001", "Ayşe", digest=DIGEST))


def seen(contacts=(), devices=(), have=ONE, number="1001"):
    """The facts of one extension."""
    return status.facts(have, status.Live(contacts, devices), NOW)["pbx_extensions"][number]


# --- contacts --------------------------------------------------------------------------------


def test_a_contact_is_told_in_words():
    assert status.contacts_by_number([contact()], NOW) == {
        "1001": [
            {
                "address": "10.0.0.7:5060",
                "uri": "sip:1001@10.0.0.7:5060",
                "user_agent": "Desk 5",
                "expires_in": 60,
                "reachable": True,
                "round_trip_ms": 12.3,
            }
        ]
    }


@pytest.mark.parametrize(
    ("expires", "counts"),
    [
        pytest.param(str(int(NOW) + 1), True, id="in a second"),
        pytest.param(str(int(NOW)), False, id="half a second ago"),
        pytest.param(str(int(NOW) - 3600), False, id="an hour ago"),
        pytest.param("0", False, id="never set"),
        pytest.param("", False, id="empty"),
        pytest.param("soon", False, id="not a number"),
        pytest.param(None, False, id="left out"),
    ],
)
def test_only_contacts_that_have_not_expired_count(expires, counts):
    message = contact(ExpirationTime=expires)
    if expires is None:
        del message["ExpirationTime"]
    assert bool(status.contacts_by_number([message], NOW)) is counts
    assert seen([message], [device("NOT_INUSE")])["registered"] is counts


def test_a_contact_that_expires_now_has_expired():
    assert status.contacts_by_number([contact(expires_in=0)], int(NOW)) == {}


@pytest.mark.parametrize(
    ("word", "reachable"),
    [
        ("Reachable", True),
        ("Unreachable", False),
        ("NonQualified", None),
        ("Created", None),
        ("Unknown", None),
        ("", None),
    ],
)
def test_whether_a_contact_is_reachable(word, reachable):
    (found,) = seen([contact(Status=word)])["contacts"]
    assert found["reachable"] is reachable


@pytest.mark.parametrize(
    ("microseconds", "milliseconds"),
    [("12345", 12.3), ("100", 0.1), ("0", None), ("", None), ("N/A", None)],
    ids=repr,
)
def test_how_long_a_phone_takes_to_answer(microseconds, milliseconds):
    (found,) = seen([contact(RoundtripUsec=microseconds)])["contacts"]
    assert found["round_trip_ms"] == milliseconds


def test_the_contact_that_lasts_longest_comes_last():
    messages = [contact(f"1001;@{left}", left, UserAgent=str(left)) for left in (300, 20, 3600)]
    assert [found["user_agent"] for found in seen(messages)["contacts"]] == ["20", "300", "3600"]


def test_contacts_belong_to_their_own_number():
    have = directory(*(Extension(number, digest=DIGEST) for number in ("1001", "1002", "100")))
    messages = [contact("1001;@aa"), contact("1002;@bb"), contact("1001;@cc")]
    found = status.facts(have, status.Live(messages, []), NOW)
    counts = {number: len(facts["contacts"]) for number, facts in found["pbx_extensions"].items()}
    assert counts == {"100": 0, "1001": 2, "1002": 1}
    assert found["pbx_extension_summary"] == {"asterisk": "running", "extensions": 3, "registered": 2}


def test_contacts_of_unknown_numbers_are_ignored():
    found = status.facts(ONE, status.Live([contact("9999;@aa"), contact(""), {}], []), NOW)
    assert list(found["pbx_extensions"]) == ["1001"]
    assert found["pbx_extension_summary"]["registered"] == 0


def test_a_contact_without_details_is_still_a_contact():
    message = {"ObjectName": "1001;@aa", "ExpirationTime": str(int(NOW) + 5)}
    assert seen([message])["contacts"] == [
        {
            "address": ":",
            "uri": "",
            "user_agent": "",
            "expires_in": 5,
            "reachable": None,
            "round_trip_ms": None,
        }
    ]


# --- states ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("NOT_INUSE", "idle"),
        ("INUSE", "in use"),
        ("BUSY", "busy"),
        ("RINGING", "ringing"),
        ("RINGINUSE", "ringing in use"),
        ("ONHOLD", "on hold"),
        ("INVALID", "idle"),
        ("UNKNOWN", "idle"),
        ("", "idle"),
    ],
)
def test_the_state_of_a_registered_extension(word, state):
    assert seen([contact()], [device(word)])["state"] == state


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        pytest.param(["Unreachable"], "unreachable", id="its one phone does not answer"),
        pytest.param(["Unreachable", "Reachable"], "idle", id="one of two phones does not answer"),
        pytest.param(["NonQualified"], "idle", id="Asterisk has not asked it yet"),
        pytest.param(["Unknown"], "idle", id="Asterisk is asking it"),
    ],
)
def test_a_phone_is_unreachable_when_asterisk_has_asked_it_in_vain(statuses, state):
    contacts = [contact(Status=status) for status in statuses]
    assert seen(contacts, [device("UNAVAILABLE")])["state"] == state


def test_a_registered_extension_that_asterisk_does_not_list_is_idle():
    assert seen([contact()], [])["state"] == "idle"


@pytest.mark.parametrize("word", ["UNAVAILABLE", "NOT_INUSE", "INVALID"])
def test_without_a_contact_an_extension_is_unregistered(word):
    found = seen([], [device(word)])
    assert (found["registered"], found["state"]) == (False, "unregistered")


@pytest.mark.parametrize("digest", [DIGEST, None], ids=["with a password", "without a password"])
def test_a_disabled_extension_is_disabled_whatever_asterisk_still_sees(digest):
    have = directory(Extension("1001", enabled=False, digest=digest))
    found = seen([contact()], [device("INUSE")], have=have)
    assert (found["registered"], found["state"], found["contacts"]) == (False, "disabled", [])


def test_an_extension_without_password_has_no_phone():
    found = seen([contact()], [device("INUSE")], have=directory(Extension("1001")))
    assert (found["registered"], found["state"], found["contacts"]) == (False, "no phone", [])


@pytest.mark.parametrize("name", ["SIP/1001", "Custom:1001", "PJSIP/1002", "PJSIP", "1001", ""], ids=repr)
def test_the_state_of_another_device_does_not_matter(name):
    assert seen([contact()], [device("BUSY", name)])["state"] == "idle"


def test_a_device_without_state_is_idle():
    assert seen([contact()], [{"Device": "PJSIP/1001"}, {}])["state"] == "idle"


# --- the facts of a host ---------------------------------------------------------------------

OFFICE = directory(
    Extension(
        "1002",
        "Fatma",
        connection_port="desk",
        outbound_profile="office",
        outbound_caller_id="+4930123",
        groups=frozenset({"Sales", "IT"}),
        callable_groups=frozenset({"IT", "Empty"}),
        record=True,
        max_devices=2,
        ring_timeout=10,
        forward_to="1001",
        language="tr",
        email="fatma@example.org",
        labels=(("asset", "7"), ("room", "12")),
        digest=DIGEST,
    ),
    Extension("1001", "Ayşe", groups=frozenset({"Sales"})),
    ConnectionPort("wan", "tcp", "::", 5061, id=2),
    ConnectionPort("desk", id=1),
    *(ExtensionGroup(name) for name in ("Sales", "IT", "Empty")),
    line(username="4930", password=SECRET, inbound=[("*", "1001")], connection_port="desk", register=True),
    profile("office", allow("0X.", "line", strip=1), OutboundRule(prefix="0900", action="deny")),
    EmergencyNumber("112"),
    EmergencyNumber("110"),
)
PLAIN_PORT = {
    "protocol": "udp",
    "address": "0.0.0.0",
    "port": 5060,
    "certificate": "",
    "private_key": "",
    "external_address": "",
    "local_networks": [],
}
SHOWN_LINE = {
    "host": "sip.example.net",
    "port": 5060,
    "connection_port": "desk",
    "register": True,
    "username": "4930",
    "realm": "sip.example.net",
    "codecs": ["alaw", "ulaw"],
    "caller_id": "",
    "inbound_addresses": [],
    "inbound_numbers": [{"number": "*", "extension": "1001"}],
    "emergency": True,
}
SHOWN_OFFICE = {
    "rules": [
        {"pattern": "0X.", "action": "allow", "trunks": ["line"], "strip": 1},
        {"prefix": "0900", "action": "deny"},
    ],
    "max_concurrent_calls": 0,
    "max_call_time": 14400,
}


def test_the_facts_of_a_running_host():
    found = status.facts(OFFICE, status.Live([contact("1002;@aa")], [device("RINGING", "PJSIP/1002")]), NOW)
    contacts = found["pbx_extensions"]["1002"].pop("contacts")
    assert [c["address"] for c in contacts] == ["10.0.0.7:5060"]
    assert found == {
        "pbx_extensions": {
            "1001": {
                "number": "1001",
                "name": "Ayşe",
                "connection_port": "",
                "outbound_profile": "",
                "outbound_caller_id": "",
                "groups": ["Sales"],
                "callable_groups": ["*"],
                "record": False,
                "enabled": True,
                "max_devices": 1,
                "ring_timeout": 30,
                "forward_to": "",
                "language": "",
                "email": "",
                "labels": {},
                "has_password": False,
                "contacts": [],
                "registered": False,
                "state": "no phone",
            },
            "1002": {
                "number": "1002",
                "name": "Fatma",
                "connection_port": "desk",
                "outbound_profile": "office",
                "outbound_caller_id": "+4930123",
                "groups": ["IT", "Sales"],
                "callable_groups": ["Empty", "IT"],
                "record": True,
                "enabled": True,
                "max_devices": 2,
                "ring_timeout": 10,
                "forward_to": "1001",
                "language": "tr",
                "email": "fatma@example.org",
                "labels": {"asset": "7", "room": "12"},
                "has_password": True,
                "registered": True,
                "state": "ringing",
            },
        },
        "pbx_extension_groups": {
            "Empty": {"members": []},
            "IT": {"members": ["1002"]},
            "Sales": {"members": ["1001", "1002"]},
        },
        "pbx_connection_ports": {
            "desk": PLAIN_PORT,
            "wan": {**PLAIN_PORT, "protocol": "tcp", "address": "::", "port": 5061},
        },
        "pbx_trunks": {"line": {**SHOWN_LINE, "has_password": True}},
        "pbx_outbound_profiles": {"office": SHOWN_OFFICE},
        "pbx_emergency_numbers": ["110", "112"],
        "pbx_extension_summary": {"asterisk": "running", "extensions": 2, "registered": 1},
    }
    assert list(found["pbx_extensions"]) == ["1001", "1002"]
    assert list(found["pbx_extension_groups"]) == ["Empty", "IT", "Sales"]


def test_where_asterisk_is_stopped_the_definitions_stand_and_the_rest_is_unknown():
    found = status.facts(OFFICE, None, NOW)
    assert found["pbx_extension_summary"] == {"asterisk": "stopped", "extensions": 2, "registered": None}
    for facts in found["pbx_extensions"].values():
        assert (facts["registered"], facts["state"], facts["contacts"]) == (None, None, [])
    assert found["pbx_extensions"]["1002"]["groups"] == ["IT", "Sales"]
    assert found["pbx_extension_groups"]["Sales"]["members"] == ["1001", "1002"]


def test_an_empty_host_has_empty_facts():
    assert status.facts(directory(), status.Live([], []), NOW) == {
        "pbx_extensions": {},
        "pbx_extension_groups": {},
        "pbx_connection_ports": {},
        "pbx_trunks": {},
        "pbx_outbound_profiles": {},
        "pbx_emergency_numbers": [],
        "pbx_extension_summary": {"asterisk": "running", "extensions": 0, "registered": 0},
    }


def test_no_fact_is_a_secret():
    told = json.dumps(status.facts(OFFICE, status.Live([contact()], []), NOW))
    told += json.dumps(status.directory_as_written(OFFICE))
    assert DIGEST not in told
    assert OFFICE.trunks["line"].digest not in told


# --- the directory as a user writes it -------------------------------------------------------


def test_the_directory_is_told_as_a_user_writes_it():
    assert status.directory_as_written(OFFICE) == {
        "connection_ports": [
            {"name": "desk", **PLAIN_PORT},
            {"name": "wan", **PLAIN_PORT, "protocol": "tcp", "address": "::", "port": 5061},
        ],
        "trunks": [{"name": "line", **SHOWN_LINE}],
        "outbound_profiles": [{"name": "office", **SHOWN_OFFICE}],
        "emergency_numbers": ["110", "112"],
        "extension_groups": [{"name": "Empty"}, {"name": "IT"}, {"name": "Sales"}],
        "extensions": [
            {
                "number": "1001",
                "name": "Ayşe",
                "connection_port": "",
                "outbound_profile": "",
                "outbound_caller_id": "",
                "groups": ["Sales"],
                "callable_groups": ["*"],
                "record": False,
                "enabled": True,
                "max_devices": 1,
                "ring_timeout": 30,
                "forward_to": "",
                "language": "",
                "email": "",
                "labels": {},
            },
            {
                "number": "1002",
                "name": "Fatma",
                "connection_port": "desk",
                "outbound_profile": "office",
                "outbound_caller_id": "+4930123",
                "groups": ["IT", "Sales"],
                "callable_groups": ["Empty", "IT"],
                "record": True,
                "enabled": True,
                "max_devices": 2,
                "ring_timeout": 10,
                "forward_to": "1001",
                "language": "tr",
                "email": "fatma@example.org",
                "labels": {"asset": "7", "room": "12"},
            },
        ],
    }


def test_an_empty_directory_is_told_as_empty_lists():
    assert status.directory_as_written(directory()) == {
        "emergency_numbers": [],
        "connection_ports": [],
        "trunks": [],
        "outbound_profiles": [],
        "extension_groups": [],
        "extensions": [],
    }


def test_a_directory_as_written_holds_no_password_nor_whether_there_is_one():
    written = status.directory_as_written(OFFICE)
    for thing in (*written["extensions"], *written["trunks"]):
        assert not {"password", "has_password"} & thing.keys()


# --- asking ----------------------------------------------------------------------------------


def listing(action, event, *entries):
    """Asterisk's answer to a list action."""
    lines = ["Response: Success\r\nActionID: {id}\r\n\r\n"]
    for fields in entries:
        lines.append(f"Event: {event}\r\nActionID: {{id}}\r\n")
        lines.extend(f"{key}: {value}\r\n" for key, value in fields.items())
        lines.append("\r\n")
    return action, "".join(lines)


def complete(event, count):
    return f"Event: {event}\r\nActionID: {{id}}\r\nListItems: {count}\r\n\r\n"


def test_asterisk_is_asked_for_contacts_and_device_states(scripted_asterisk):
    show, contacts = listing("PJSIPShowContacts", "ContactList", contact(), contact("1002;@bb"))
    states, devices = listing("DeviceStateList", "DeviceStateChange", device("INUSE"))
    exchanges = [
        (show, contacts + complete("ContactListComplete", 2)),
        (states, devices + complete("DeviceStateListComplete", 1)),
    ]
    with scripted_asterisk(*exchanges) as asterisk, ami.Client("s3cret", asterisk.port, 5) as client:
        live = status.ask(client)
    found = status.facts(ONE, live, NOW)["pbx_extensions"]["1001"]
    assert (found["registered"], found["state"]) == (True, "in use")
    assert found["contacts"][0]["uri"] == "sip:1001@10.0.0.7:5060"


def test_where_no_phone_is_registered_there_are_no_contacts(scripted_asterisk):
    states, devices = listing("DeviceStateList", "DeviceStateChange")
    exchanges = [
        ("PJSIPShowContacts", "Response: Error\r\nActionID: {id}\r\nMessage: No Contacts found\r\n\r\n"),
        (states, devices + complete("DeviceStateListComplete", 0)),
    ]
    with scripted_asterisk(*exchanges) as asterisk, ami.Client("s3cret", asterisk.port, 5) as client:
        assert status.ask(client) == status.Live([], [])
