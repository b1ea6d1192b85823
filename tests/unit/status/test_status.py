# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is defined, joined with what Asterisk sees, is one answer for each extension."""

from __future__ import annotations

import contextlib
import json
import re
import time

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import ami
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    EmergencyNumber,
    Extension,
    ExtensionGroup,
    OutboundRule,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.status import facts as status
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    SECRET,
    allow,
    directory,
    line,
    profile,
)
from hypothesis import given
from hypothesis import strategies as st

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


def seen(contacts=(), devices=(), channels=(), have=ONE, number="1001"):
    """The facts of one extension."""
    return status.facts(have, status.Live(contacts, devices, channels), NOW)["pbx_extensions"][number]


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
    ("uri", "shown"),
    [
        ("sip:2900@10.0.0.7:5060;line=ucevhit", "sip:2900@10.0.0.7:5060"),
        ("sip:2900@10.0.0.7;transport=tcp;LINE=ucevhit;x=1?y=2", "sip:2900@10.0.0.7;transport=tcp;x=1?y=2"),
        ("sip:line@10.0.0.7;outline=1", "sip:line@10.0.0.7;outline=1"),
    ],
)
def test_by_what_another_asterisk_knows_our_calls_is_not_told(uri, shown):
    assert seen([contact(Uri=uri)])["contacts"][0]["uri"] == shown


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
    assert found["pbx_extension_summary"]["registered"] == 2


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


# --- calls -----------------------------------------------------------------------------------


def channel(name="PJSIP/1001-0000002a", **fields):
    """A channel as AMI tells it: 1001 has called 1002, who has answered."""
    return {
        "Channel": name,
        "ChannelStateDesc": "Up",
        "ConnectedLineNum": "1002",
        "ConnectedLineName": "Fatma",
        "Exten": "1002",
        "Application": "Dial",
        "Seconds": "3725",
        **fields,
    }


def the_call(**fields):
    """The only call of 1001."""
    (call,) = seen(channels=[channel(**fields)])["calls"]
    return call


def test_a_call_is_told_in_words():
    assert the_call() == {
        "direction": "outgoing",
        "other": "1002",
        "state": "connected",
        "seconds": 3725,
        "recorded": None,
    }


@pytest.mark.parametrize(
    ("variable", "recorded"),
    [
        ("MIXMONITOR_FILENAME=2026/11/23/a=b.wav", True),
        ("MIXMONITOR_FILENAME=", False),
        ("MIXMONITOR_FILENAME=(null)", False),
        ("MIXMONITOR_FILENAME", False),
        ("OTHER=x", None),
        ("", None),
    ],
)
def test_a_call_is_recorded_if_its_channel_has_a_file_for_it(variable, recorded):
    assert the_call(Variable=variable)["recorded"] is recorded


@pytest.mark.parametrize("application", ["AppDial", "AppDial2", "AppQueue"])
def test_a_phone_that_asterisk_has_called_has_an_incoming_call(application):
    call = the_call(Application=application, ChannelStateDesc="Ringing", Exten="1001")
    assert (call["direction"], call["other"], call["state"]) == ("incoming", "1002", "ringing")


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Up", "connected"),
        ("Ring", "calling"),
        ("Ringing", "ringing"),
        ("Down", "setting up"),
        ("", "setting up"),
    ],
)
def test_the_state_of_a_call(word, state):
    assert the_call(ChannelStateDesc=word)["state"] == state


@pytest.mark.parametrize("connected", ["", "<unknown>"])
def test_until_the_other_side_is_there_it_is_what_was_dialled(connected):
    assert the_call(ConnectedLineNum=connected, Exten="0902123")["other"] == "0902123"
    # What a called phone would dial is not the other side.
    assert the_call(ConnectedLineNum=connected, Application="AppDial")["other"] == ""


@pytest.mark.parametrize(
    ("says", "other"),
    [
        ("+902121112233", "+902121112233"),
        ("1" * 32, "1" * 32),
        ("1" * 33, ""),
        ("+", ""),
        ("1002\n", ""),
        ("1002&PJSIP/9", ""),
        ("<script>", ""),
        ("١٠٠٢", ""),
        ("anonymous", ""),
    ],
    ids=repr,
)
def test_the_other_side_may_call_itself_anything_and_only_a_number_is_told(says, other):
    assert the_call(ConnectedLineNum=says, Exten="")["other"] == other
    assert the_call(ConnectedLineNum="", Exten=says)["other"] == other


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("0", 0), ("442801", 442801), ("", None), ("00:01", None), ("a", None)],
)
def test_how_long_a_call_takes(told, seconds):
    assert the_call(Seconds=told)["seconds"] == seconds


def test_calls_belong_to_their_own_number_and_the_longest_comes_first():
    channels = [
        channel(Seconds="1"),
        channel("PJSIP/1002-1", ConnectedLineNum="1001"),
        channel(Seconds="300"),
        channel(Seconds="?"),
    ]
    assert [call["seconds"] for call in seen(channels=channels)["calls"]] == [300, 1, None]


@pytest.mark.parametrize(
    "name", ["Local/1001@x-1;1", "PJSIP/trunk-3-1", "PJSIP/11001-1", "PJSIP/1001", "SIP/1001-1", "1001-1", ""]
)
def test_channels_of_others_are_nobodys_calls(name):
    assert seen(channels=[channel(name), {}])["calls"] == []


def test_a_call_of_an_extension_that_was_disabled_meanwhile_is_still_told():
    have = directory(Extension("1001", enabled=False, digest=DIGEST))
    found = seen(channels=[channel()], have=have)
    assert (found["state"], len(found["calls"])) == ("disabled", 1)


MESSAGES = st.lists(
    st.dictionaries(
        st.sampled_from([*contact(), *channel(), *device("")]),
        st.one_of(
            st.text(max_size=9), st.sampled_from(["PJSIP/1001-1", "PJSIP/1001", "1001;@a", "99999999999"])
        ),
    ),
    max_size=4,
)


@given(contacts=MESSAGES, devices=MESSAGES, channels=MESSAGES)
def test_whatever_asterisk_says_there_are_facts(contacts, devices, channels):
    found = seen(contacts, devices, channels)
    assert found["state"] in ("unregistered", "unreachable", "idle", "in use", "busy", "on hold", "ringing")
    assert all(re.fullmatch(r"\+?[0-9]*", call["other"]) for call in found["calls"])
    json.dumps(found)


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
        max_calls=1,
        ring_timeout=10,
        forward_to="1001",
        language="tr",
        email="fatma@example.org",
        labels=(("asset", "7"), ("room", "12")),
        username="fatma.s",
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
    "country_code": "",
    "area_code": "",
    "called_number_header": "",
    "trust_identity": False,
    "qualify": True,
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

UNKNOWN = ("registered", "state", "contacts", "calls", "at_call_limit", "at_lamp_limit")
NOTHING_REFUSED = {"call_limit_reached": None, "no_room_at": None}


def test_the_facts_of_a_running_host():
    live = status.Live(
        [contact("1002;@aa")],
        [device("RINGING", "PJSIP/1002")],
        [channel("PJSIP/1002-1", Application="AppDial", ChannelStateDesc="Ringing")],
        {"trunk-0": "rejected"},
        refused_lamps=frozenset({"1002"}),
    )
    found = status.facts(OFFICE, live, NOW)
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
                "max_calls": 10,
                "ring_timeout": 30,
                "forward_to": "",
                "language": "",
                "email": "",
                "labels": {},
                "username": "",
                "has_password": False,
                "contacts": [],
                "registered": False,
                "state": "no phone",
                "at_lamp_limit": False,
                "calls": [],
                "at_call_limit": False,
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
                "max_calls": 1,
                "ring_timeout": 10,
                "forward_to": "1001",
                "language": "tr",
                "email": "fatma@example.org",
                "labels": {"asset": "7", "room": "12"},
                "username": "fatma.s",
                "has_password": True,
                "registered": True,
                "state": "ringing",
                "at_lamp_limit": True,
                "calls": [
                    {
                        "direction": "incoming",
                        "other": "1002",
                        "state": "ringing",
                        "seconds": 3725,
                        "recorded": None,
                    }
                ],
                "at_call_limit": False,
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
        "pbx_trunks": {"line": {**SHOWN_LINE, "has_password": True, "registration": "rejected"}},
        "pbx_outbound_profiles": {"office": SHOWN_OFFICE},
        "pbx_emergency_numbers": ["110", "112"],
        "pbx_extension_summary": {"asterisk": "running", "extensions": 2, "registered": 1, **NOTHING_REFUSED},
        "pbx_recording_storage": None,
    }
    assert list(found["pbx_extensions"]) == ["1001", "1002"]
    assert list(found["pbx_extension_groups"]) == ["Empty", "IT", "Sales"]


def test_where_asterisk_is_stopped_the_definitions_stand_and_the_rest_is_unknown():
    found = status.facts(OFFICE, None, NOW)
    assert found["pbx_extension_summary"] == {
        "asterisk": "stopped",
        "extensions": 2,
        "registered": None,
        **NOTHING_REFUSED,
    }
    for facts in found["pbx_extensions"].values():
        assert {facts[name] for name in UNKNOWN} == {None}
    assert found["pbx_trunks"]["line"]["registration"] is None
    assert found["pbx_extensions"]["1002"]["groups"] == ["IT", "Sales"]
    assert found["pbx_extension_groups"]["Sales"]["members"] == ["1001", "1002"]


@pytest.mark.parametrize(
    ("channels", "at_limit"),
    [
        pytest.param([], False, id="no call"),
        pytest.param([channel("PJSIP/1002-1", Application="Dial")], True, id="as many as it may have"),
        pytest.param([channel("PJSIP/1002-1", Application="AppDial")], False, id="one that came to it"),
        pytest.param([channel("PJSIP/1001-1", Application="Dial")], False, id="somebody else's"),
    ],
)
def test_who_has_placed_as_many_calls_as_it_may_is_seen(channels, at_limit):
    found = status.facts(OFFICE, status.Live([], [], channels), NOW)
    assert found["pbx_extensions"]["1002"]["at_call_limit"] is at_limit


@pytest.mark.parametrize(
    ("told", "facts"),
    [
        ({"call_limit_reached": "", "no_room": ""}, NOTHING_REFUSED),
        ({"call_limit_reached": "x", "no_room": "y"}, NOTHING_REFUSED),
        (
            {"call_limit_reached": "1002-0", "no_room": "60"},
            {
                "call_limit_reached": {"number": "1002", "at": "1970-01-01T00:00:00Z"},
                "no_room_at": "1970-01-01T00:01:00Z",
            },
        ),
    ],
)
def test_what_was_refused_is_told(told, facts):
    live = status.Live([], [], [], refusals=told)
    summary = status.facts(OFFICE, live, NOW)["pbx_extension_summary"]
    assert {name: summary[name] for name in NOTHING_REFUSED} == facts


def test_an_empty_host_has_empty_facts():
    assert status.facts(directory(), status.Live([], []), NOW) == {
        "pbx_extensions": {},
        "pbx_extension_groups": {},
        "pbx_connection_ports": {},
        "pbx_trunks": {},
        "pbx_outbound_profiles": {},
        "pbx_emergency_numbers": [],
        "pbx_extension_summary": {"asterisk": "running", "extensions": 0, "registered": 0, **NOTHING_REFUSED},
        "pbx_recording_storage": None,
    }


def test_no_fact_is_a_secret():
    told = json.dumps(status.facts(OFFICE, status.Live([contact()], []), NOW))
    told += json.dumps(status.directory_as_written(OFFICE))
    assert DIGEST not in told
    assert OFFICE.trunks["line"].digest not in told


# --- what is asked for -----------------------------------------------------------------------

LIVE = status.Live([contact()], [], [channel()], {})


def told(*, live=LIVE, **question):
    return status.facts(OFFICE, live, NOW, status.Question(**question))


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ({}, ["1001", "1002"]),
        ({"numbers": ["1002"]}, ["1002"]),
        ({"numbers": ["1002", "1002"]}, ["1002"]),
        ({"numbers": []}, []),
        ({"groups": []}, []),
        ({"groups": ["Sales"]}, ["1001", "1002"]),
        ({"groups": ["IT", "Empty"]}, ["1002"]),
        ({"groups": ["Empty"]}, []),
        ({"groups": [" IT "]}, ["1002"]),
        ({"numbers": ["1001"], "groups": ["IT"]}, ["1001", "1002"]),
    ],
    ids=repr,
)
def test_extensions_are_told_by_number_and_by_group(question, numbers):
    found = told(**question)
    assert list(found["pbx_extensions"]) == numbers
    # Everything else is that of the whole host.
    everything = told()
    assert {**found, "pbx_extensions": {}} == {**everything, "pbx_extensions": {}}


def test_what_is_asked_for_and_is_elsewhere_is_named_with_its_place():
    asked = {"numbers": ["1001", "83", "7"], "groups": ["Sales", "sales", "Satış"]}
    assert [tuple(problem) for problem in status.not_here(OFFICE, status.Question(**asked))] == [
        ("numbers[1]", "there is no extension '83' on this host"),
        ("numbers[2]", "there is no extension '7' on this host"),
        ("groups[1]", "there is no group 'sales' on this host; did you mean 'Sales'?"),
        ("groups[2]", "there is no group 'Satış' on this host"),
    ]
    # A fleet is asked as one, and each host reports what it has.
    assert told(**asked)["pbx_extensions"].keys() == {"1001", "1002"}
    assert told(groups=["Satış"])["pbx_extensions"] == {}


LIVE_FACTS = {
    "definition": {"name", "number", "groups", "labels", "has_password"},
    "registration": {"registered", "state", "contacts"},
    "calls": {"calls"},
    "certificates": set(),
    "recording": set(),
    "confirmation": set(),
    "blocked": set(),
    "directory": {"has_password"},
    "history": set(),
}


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize(
    "gather", [[], *([each] for each in status.GATHERED), list(status.GATHERED)], ids=repr
)
def test_what_is_not_to_be_gathered_is_left_out(gather, running):
    found = told(gather=gather, live=status.Live() if running else None)
    facts = found["pbx_extensions"]["1001"]
    wanted = set().union(*(LIVE_FACTS[each] for each in gather))
    assert facts.keys() & set().union(*LIVE_FACTS.values()) == wanted
    assert ("registration" in found["pbx_trunks"]["line"]) is ("registration" in gather)
    assert ("pbx_extension_groups" in found) is ("definition" in gather)
    assert ("pbx_directory" in found) is ("directory" in gather)
    assert ("pbx_recording_storage" in found) is ("recording" in gather)
    assert found["pbx_extension_summary"]["registered"] == (
        0 if running and "registration" in gather else None
    )
    is_running = {True: "running", False: "stopped"}[running]
    assert found["pbx_extension_summary"]["asterisk"] == (
        None if gather in (["confirmation"], ["blocked"], ["directory"], ["history"]) else is_running
    )


def test_the_registration_of_a_trunk_that_does_not_register_is_none():
    have = directory(line(id=3), line("other", id=4, register=True))
    live = status.Live([], [], [], {"trunk-3": "registered"})
    found = status.facts(have, live, NOW)["pbx_trunks"]
    assert {name: trunk["registration"] for name, trunk in found.items()} == {"line": None, "other": None}


def test_facts_about_certificates_belong_to_their_port():
    found = status.facts(OFFICE, LIVE, NOW, certificates={"wan": {"days_left": 3}})["pbx_connection_ports"]
    assert found["wan"]["certificate_facts"] == {"days_left": 3}
    assert "certificate_facts" not in found["desk"]


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
                "max_calls": 10,
                "ring_timeout": 30,
                "forward_to": "",
                "language": "",
                "email": "",
                "labels": {},
                "username": "",
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
                "max_calls": 1,
                "ring_timeout": 10,
                "forward_to": "1001",
                "language": "tr",
                "email": "fatma@example.org",
                "labels": {"asset": "7", "room": "12"},
                "username": "fatma.s",
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


#: What Asterisk answers where 1001 is registered and speaks.
ANSWERS = (
    (*listing("PJSIPShowContacts", "ContactList", contact(), contact("1002;@bb")), "ContactListComplete", 2),
    (*listing("DeviceStateList", "DeviceStateChange", device("INUSE")), "DeviceStateListComplete", 1),
    (*listing("Status", "Status", channel()), "StatusComplete", 1),
)


STORAGE = {"recordings": "/var/recordings", "recording_required": "yes", "recording_failed": ""}
REFUSALS = {"call_limit_reached": "", "no_room": ""}
VARIABLES = [
    ("Getvar", f"Response: Success\r\nActionID: {{id}}\r\nVariable: {name}\r\nValue: {value}\r\n\r\n")
    for name, value in {**REFUSALS, **STORAGE}.items()
]


def exchanges(answers=ANSWERS):
    lists = [(action, answer + complete(event, count)) for action, answer, event, count in answers]
    return [*lists, *VARIABLES]


@contextlib.contextmanager
def asking(scripted_asterisk, script, **options):
    timeout = options.pop("timeout", 5)
    with (
        scripted_asterisk(*script, **options) as asterisk,
        ami.Client("s3cret", asterisk.port, timeout) as client,
    ):
        yield client, asterisk


def test_asterisk_is_asked_for_everything_in_one_conversation(scripted_asterisk):
    with asking(scripted_asterisk, exchanges()) as (client, asterisk):
        live = status.ask(client)
    assert [action["Action"] for action in asterisk.received] == [
        "Login",
        "PJSIPShowContacts",
        "DeviceStateList",
        "Status",
        *["Getvar"] * 5,
    ]
    assert live.storage == STORAGE
    found = status.facts(ONE, live, NOW)["pbx_extensions"]["1001"]
    assert (found["registered"], found["state"], len(found["calls"])) == (True, "in use", 1)
    assert found["contacts"][0]["uri"] == "sip:1001@10.0.0.7:5060"


@pytest.mark.parametrize(
    ("gather", "asked"),
    [
        (["registration"], ["PJSIPShowContacts", "DeviceStateList"]),
        (["calls"], ["Status", "Getvar", "Getvar"]),
        (["recording"], ["Getvar", "Getvar", "Getvar"]),
        (["certificates", "directory"], []),
    ],
)
def test_asterisk_is_asked_for_nothing_that_nobody_wants_to_know(scripted_asterisk, gather, asked):
    script = [exchange for exchange in exchanges() if exchange[0] in asked][: len(asked)]
    with asking(scripted_asterisk, script) as (client, asterisk):
        live = status.ask(client, gather)
    assert [action["Action"] for action in asterisk.received[1:]] == asked
    assert (live.contacts is None, live.channels is None) == (
        "registration" not in gather,
        "calls" not in gather,
    )


def test_where_no_phone_is_registered_there_are_no_contacts(scripted_asterisk):
    nobody = ("PJSIPShowContacts", "Response: Error\r\nActionID: {id}\r\nMessage: No Contacts found\r\n\r\n")
    quiet = [(action, listing(action, event)[1], event, 0) for action, _told, event, _count in ANSWERS[1:]]
    with asking(scripted_asterisk, [nobody, *exchanges(quiet)]) as (client, _asterisk):
        assert status.ask(client) == status.Live([], [], [], refusals=REFUSALS, storage=STORAGE)


@pytest.mark.parametrize("which", range(len(ANSWERS)), ids=[answer[0] for answer in ANSWERS])
@pytest.mark.parametrize("announced", [-1, 1], ids=["fewer", "more"])
def test_a_list_that_is_not_complete_is_no_answer_at_all(scripted_asterisk, which, announced):
    action, answer, event, count = ANSWERS[which]
    script = exchanges()
    script[which] = (action, answer + complete(event, count + announced))
    with (
        asking(scripted_asterisk, script) as (client, _asterisk),
        pytest.raises(ami.AmiError, match=f"AMI {action}: {count} entries came and"),
    ):
        status.ask(client)


@pytest.mark.parametrize("stalls", [False, True], ids=["dies", "stalls"])
@pytest.mark.parametrize("which", range(len(ANSWERS)), ids=[answer[0] for answer in ANSWERS])
def test_an_asterisk_that_dies_or_stalls_half_way_is_an_error_in_time(scripted_asterisk, which, stalls):
    action, answer, _event, _count = ANSWERS[which]
    script = [*exchanges()[:which], (action, answer[:-20])]
    begun = time.monotonic()
    with (
        asking(scripted_asterisk, script, stalls=stalls, timeout=0.4 if stalls else 5) as (client, _asterisk),
        pytest.raises(ami.AmiError),
    ):
        status.ask(client)
    assert time.monotonic() - begun < 2


def test_events_of_others_between_the_entries_change_nothing(scripted_asterisk):
    chatter = "Event: Newchannel\r\nChannel: PJSIP/1001-9\r\n\r\nEvent: Status\r\nActionID: x\r\n\r\n"
    script = [(action, answer.replace("Event: ", chatter + "Event: ")) for action, answer in exchanges()]
    with asking(scripted_asterisk, script) as (client, _asterisk):
        noisy = status.ask(client)
    with asking(scripted_asterisk, exchanges()) as (client, _asterisk):
        quiet = status.ask(client)
    assert [len(m) for m in (noisy.contacts, noisy.device_states, noisy.channels)] == [2, 1, 1]
    assert status.facts(ONE, noisy, NOW) == status.facts(ONE, quiet, NOW)
