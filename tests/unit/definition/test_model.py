# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What ports, trunks, profiles, groups and extensions are, and how they are shown."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    EmergencyNumber,
    Extension,
    ExtensionGroup,
    InboundNumber,
    OutboundProfile,
    OutboundRule,
    Trunk,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.request import (
    CONNECTION_PORT_OPTIONS,
    EXTENSION_OPTIONS,
    OUTBOUND_PROFILE_OPTIONS,
    TRUNK_OPTIONS,
)

# --- what they are ---------------------------------------------------------------------------


def test_an_extension_of_a_number_alone_has_one_phone_that_rings_for_half_a_minute():
    assert Extension("1001").shown() == {
        "name": "",
        "connection_port": "",
        "outbound_profile": "",
        "outbound_caller_id": "",
        "groups": [],
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
    }


def test_an_extension_is_shown_as_it_would_be_written():
    full = Extension(
        "1001",
        "Ayşe",
        connection_port="desk",
        outbound_profile="office",
        outbound_caller_id="+4930123456",
        groups=frozenset({"b", "a"}),
        callable_groups=frozenset({"d", "c"}),
        record=True,
        enabled=False,
        max_devices=2,
        max_calls=3,
        ring_timeout=10,
        forward_to="1002",
        language="tr",
        email="a@example.org",
        labels=(("a", "1"), ("b", "2")),
        username="ayse.y",
        digest="d" * 32,
    )
    assert full.shown() == {
        "name": "Ayşe",
        "connection_port": "desk",
        "outbound_profile": "office",
        "outbound_caller_id": "+4930123456",
        "groups": ["a", "b"],
        "callable_groups": ["c", "d"],
        "record": True,
        "enabled": False,
        "max_devices": 2,
        "max_calls": 3,
        "ring_timeout": 10,
        "forward_to": "1002",
        "language": "tr",
        "email": "a@example.org",
        "labels": {"a": "1", "b": "2"},
        "username": "ayse.y",
        "has_password": True,
    }


def test_a_phone_authenticates_as_the_number_unless_it_has_another_user_name():
    assert Extension("1001").authenticates_as == "1001"
    assert Extension("1001", username="ayse.y").authenticates_as == "ayse.y"


def test_who_may_call_nobody_is_not_shown_as_one_without_restriction():
    assert Extension("1001", callable_groups=frozenset()).shown()["callable_groups"] == []


def test_what_is_shown_is_every_option_and_whether_there_is_a_password():
    assert Extension("1001").shown().keys() == EXTENSION_OPTIONS.keys() | {"has_password"}


@pytest.mark.parametrize(
    ("enabled", "digest", "can"),
    [(True, "d" * 32, True), (False, "d" * 32, False), (True, None, False), (False, None, False)],
)
def test_who_can_register_is_enabled_and_has_a_password(enabled, digest, can):
    assert Extension("1001", enabled=enabled, digest=digest).can_register is can


def test_a_port_and_a_group_show_what_they_are():
    assert ConnectionPort("desk", "tcp", "::", 5070, id=3).shown() == {
        "protocol": "tcp",
        "address": "::",
        "port": 5070,
        "certificate": "",
        "private_key": "",
        "external_address": "",
        "local_networks": [],
    }
    assert ExtensionGroup("Sales").shown() == {}


@pytest.mark.parametrize("thing", [ConnectionPort, Trunk])
def test_the_identifier_of_a_port_or_trunk_does_not_make_it_another(thing):
    assert thing("desk", id=1) == thing("desk", id=2)


@pytest.mark.parametrize(
    ("protocol", "transport"), [("udp", "udp"), ("tcp", "tcp"), ("tls", "tcp"), ("ws", "tcp"), ("wss", "tcp")]
)
def test_what_a_port_occupies_is_a_port_of_udp_or_tcp(protocol, transport):
    assert ConnectionPort("desk", protocol, "::", 5070).listener == (transport, 5070, "::")


def test_a_port_of_tls_behind_nat_shows_its_files_and_networks():
    port = ConnectionPort("wan", "tls", "0.0.0.0", 5061, "/c.pem", "/k.pem", "192.0.2.1", ("10.0.0.0/8",))
    assert port.shown() == {
        "protocol": "tls",
        "address": "0.0.0.0",
        "port": 5061,
        "certificate": "/c.pem",
        "private_key": "/k.pem",
        "external_address": "192.0.2.1",
        "local_networks": ["10.0.0.0/8"],
    }


def test_a_trunk_of_a_name_alone_shows_its_defaults():
    assert Trunk("line").shown() == {
        "host": "",
        "port": 5060,
        "connection_port": "",
        "register": False,
        "username": "",
        "realm": "",
        "has_password": False,
        "codecs": ["alaw", "ulaw"],
        "caller_id": "",
        "inbound_addresses": [],
        "inbound_numbers": [],
        "country_code": "",
        "area_code": "",
        "called_number_header": "",
        "trust_identity": False,
        "qualify": True,
        "emergency": True,
    }


def test_a_trunk_is_shown_as_it_would_be_written():
    trunk = Trunk(
        "line",
        "sip.example.net",
        5080,
        connection_port="wan",
        register=True,
        username="4930123",
        realm="example.net",
        digest="d" * 32,
        codecs=("g722",),
        caller_id="+4930123",
        inbound_addresses=("192.0.2.0/24",),
        inbound_numbers=(InboundNumber("*", "1000"),),
        country_code="49",
        area_code="30",
        called_number_header="P-Called-Party-ID",
        trust_identity=True,
        qualify=False,
        emergency=False,
    )
    assert trunk.shown() == {
        "host": "sip.example.net",
        "port": 5080,
        "connection_port": "wan",
        "register": True,
        "username": "4930123",
        "realm": "example.net",
        "has_password": True,
        "codecs": ["g722"],
        "caller_id": "+4930123",
        "inbound_addresses": ["192.0.2.0/24"],
        "inbound_numbers": [{"number": "*", "extension": "1000"}],
        "country_code": "49",
        "area_code": "30",
        "called_number_header": "P-Called-Party-ID",
        "trust_identity": True,
        "qualify": False,
        "emergency": False,
    }


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        pytest.param(
            OutboundRule("0X.", trunks=("a", "b")),
            {"pattern": "0X.", "action": "allow", "trunks": ["a", "b"]},
            id="what goes out as it was dialled",
        ),
        pytest.param(
            OutboundRule(prefix="00", trunks=("a",), strip=2, prepend="+", caller_id="+4930"),
            {
                "prefix": "00",
                "action": "allow",
                "trunks": ["a"],
                "strip": 2,
                "prepend": "+",
                "caller_id": "+4930",
            },
            id="what is rewritten",
        ),
        pytest.param(
            OutboundRule(prefix="0900", action="deny"),
            {"prefix": "0900", "action": "deny"},
            id="what is denied",
        ),
    ],
)
def test_a_rule_shows_what_is_not_the_default(rule, shown):
    assert rule.shown() == shown


def test_a_profile_of_a_name_alone_lets_nothing_out_and_ends_calls_after_four_hours():
    assert OutboundProfile("office").shown() == {
        "rules": [],
        "max_concurrent_calls": 0,
        "max_call_time": 4 * 60 * 60,
    }


@pytest.mark.parametrize(
    ("thing", "options"),
    [
        (ConnectionPort("a"), CONNECTION_PORT_OPTIONS.keys()),
        (Trunk("a"), TRUNK_OPTIONS.keys() | {"has_password"}),
        (OutboundProfile("a"), OUTBOUND_PROFILE_OPTIONS.keys()),
        (EmergencyNumber("112"), set()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_option_of_a_thing_is_shown(thing, options):
    assert thing.shown().keys() == options


def test_no_representation_of_a_trunk_shows_its_digest():
    assert "d" * 32 not in repr(Trunk("line", digest="d" * 32))
