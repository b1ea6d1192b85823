# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Trunks as the text of Asterisk's SIP peers."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import trunk
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    CODECS,
    ConnectionPort,
    MediaTimeouts,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.tests.unit.asterisk_reader import read_sections
from ansible_collections.voiceops.asterisk.tests.unit.directories import directory, ext, line, plan_trunk
from hypothesis import given, settings
from hypothesis import strategies as st

NOTICE = """\
; Written by voiceops.asterisk.pbx_trunk: changes made here are lost.
; The names of the trunks are in the directory database.
"""
PEM = {"certificate": "/etc/ssl/pbx.pem", "private_key": "/etc/ssl/pbx.key"}
PORTS = {
    each.name: each
    for each in (
        ConnectionPort("desk", id=1),
        ConnectionPort("wan", "tcp", "0.0.0.0", 5060, id=2),
        ConnectionPort("safe", "tls", "0.0.0.0", 5061, id=3, **PEM),
        ConnectionPort("six", "udp", "::", 5060, id=4),
    )
}

BY_REGISTRATION = """
[trunk-3]
type = endpoint
aors = trunk-3
outbound_auth = trunk-3
identify_by = ip
context = trunks
allow_transfer = no
set_var = trunk=3
set_var = GROUP(legs)=all
rtp_timeout = 60
rtp_timeout_hold = 1800
disallow = all
allow = alaw,ulaw
direct_media = no
rtp_symmetric = yes
send_pai = yes
trust_id_inbound = no
trust_id_outbound = no
from_user = 4930
from_domain = sip.example.net

[trunk-3]
type = aor
contact = sip:sip.example.net:5060
qualify_frequency = 30

[trunk-3]
type = identify
endpoint = trunk-3
match = sip.example.net

[trunk-3]
type = auth
auth_type = md5
username = 4930
realm = example.net
md5_cred = {digest}

[trunk-3]
type = registration
outbound_auth = trunk-3
server_uri = sip:sip.example.net:5060
client_uri = sip:4930@sip.example.net:5060
contact_user = 4930
retry_interval = 30
forbidden_retry_interval = 300
auth_rejection_permanent = no
max_retries = 1000000
line = yes
endpoint = trunk-3
"""

BY_ADDRESS = """
[trunk-3]
type = endpoint
transport = port-1
aors = trunk-3
identify_by = ip
context = trunks
allow_transfer = no
set_var = trunk=3
set_var = GROUP(legs)=all
rtp_timeout = 60
rtp_timeout_hold = 1800
disallow = all
allow = g722
direct_media = no
rtp_symmetric = yes
send_pai = yes
trust_id_inbound = no
trust_id_outbound = no
from_domain = 192.0.2.10

[trunk-3]
type = aor
contact = sip:192.0.2.10:5080
qualify_frequency = 30

[trunk-3]
type = identify
endpoint = trunk-3
match = 192.0.2.10
"""


def text(*trunks):
    rendered = trunk.render(trunks, PORTS)
    assert rendered.startswith(NOTICE)
    return rendered.removeprefix(NOTICE)


def objects(*trunks):
    """What Asterisk reads, as {(section, type): [(option, value), ...]}."""
    read = {(name, options[0][1]): options[1:] for name, options in read_sections(text(*trunks))}
    assert len(read) == len(read_sections(text(*trunks)))
    return read


def registering(**fields):
    return line("A", username="4930", password="s3cret", realm="example.net", register=True, id=3, **fields)


# --- what Asterisk reads ---------------------------------------------------------------------


def test_a_trunk_by_registration():
    digest = ha1("4930", "example.net", "s3cret")
    assert text(registering()) == BY_REGISTRATION.format(digest=digest)


def test_a_trunk_by_address():
    by_address = line("A", "192.0.2.10", port=5080, connection_port="desk", codecs=("g722",), id=3)
    assert text(by_address) == BY_ADDRESS


def test_a_trunk_that_asks_for_a_password_without_a_registration():
    found = objects(line("A", username="4930", password="s3cret", id=3))
    assert {kind for _name, kind in found} == {"endpoint", "aor", "identify", "auth"}
    assert ("outbound_auth", "trunk-3") in found["trunk-3", "endpoint"]


@pytest.mark.parametrize(
    ("given_trunk", "matches"),
    [
        pytest.param(line(id=3), ["sip.example.net"], id="by its host's name"),
        pytest.param(line(host="2001:db8::1", id=3), ["2001:db8::1"], id="by an IPv6 address"),
        pytest.param(
            line(inbound_addresses=("192.0.2.0/28", "2001:db8::/64", "gw.example.net"), id=3),
            ["192.0.2.0/28", "2001:db8::/64", "gw.example.net"],
            id="by networks, and its host is not one of them",
        ),
        pytest.param(registering(), ["sip.example.net"], id="a registering one where it registers"),
        pytest.param(
            registering(inbound_addresses=("192.0.2.0/28",)), ["192.0.2.0/28"], id="a registering one by both"
        ),
    ],
)
def test_where_its_calls_come_from(given_trunk, matches):
    identify = objects(given_trunk).get(("trunk-3", "identify"))
    expected = matches and [("endpoint", "trunk-3"), *(("match", match) for match in matches)]
    assert identify == expected


def test_what_a_trunk_says_of_itself_that_asterisk_has_to_know():
    endpoint = objects(line(id=3))["trunk-3", "endpoint"]
    assert ("trust_id_inbound", "no") in endpoint
    options = {"called_number_header": "P-Called-Party-ID", "trust_identity": True, "qualify": False}
    found = objects(line(id=3, **options))
    assert set(found["trunk-3", "endpoint"]) - set(endpoint) == {
        ("set_var", "called_number_header=P-Called-Party-ID"),
        ("trust_id_inbound", "yes"),
        ("trust_id_outbound", "yes"),
    }
    assert ("qualify_frequency", "0") in found["trunk-3", "aor"]


def test_a_name_that_does_not_resolve_keeps_no_registering_trunk_from_being_in_force():
    """Asterisk makes no identify object of it (res_pjsip_endpoint_identifier_ip.c)."""

    def needed(each):
        return {section.type for section in trunk.needed(each, PORTS)}

    assert "identify" not in needed(registering())
    assert "identify" in needed(registering(inbound_addresses=("192.0.2.0/28",)))
    assert "identify" in needed(line(id=3))


@pytest.mark.parametrize(
    ("fields", "transport", "peer"),
    [
        pytest.param({}, None, "sip:sip.example.net:5060", id="through no port of its own"),
        pytest.param({"connection_port": "desk"}, "port-1", "sip:sip.example.net:5060", id="udp"),
        pytest.param(
            {"connection_port": "wan"}, "port-2", "sip:sip.example.net:5060;transport=tcp", id="tcp"
        ),
        pytest.param(
            {"connection_port": "safe", "port": 5061},
            "port-3",
            "sip:sip.example.net:5061;transport=tls",
            id="tls",
        ),
        pytest.param(
            {"connection_port": "six", "host": "2001:db8::1"}, "port-4", "sip:[2001:db8::1]:5060", id="IPv6"
        ),
        pytest.param(
            {"connection_port": "safe", "host": "2001:db8::1"},
            "port-3",
            "sip:[2001:db8::1]:5060;transport=tls",
            id="IPv6 and tls",
        ),
    ],
)
def test_how_the_peer_is_reached(fields, transport, peer):
    found = objects(registering(**fields))
    for kind, option in (("aor", "contact"), ("registration", "server_uri")):
        assert dict(found["trunk-3", kind])[option] == peer
    for kind in ("endpoint", "registration"):
        assert dict(found["trunk-3", kind]).get("transport") == transport


def test_the_semicolon_of_an_address_is_escaped():
    assert "contact = sip:sip.example.net:5060\\;transport=tcp\n" in text(line(connection_port="wan", id=3))


def test_who_registers_says_so_with_the_name_of_its_host():
    uri = dict(objects(registering(host="2001:db8::1"))["trunk-3", "registration"])["client_uri"]
    assert uri == "sip:4930@[2001:db8::1]:5060"


def test_a_call_of_which_nothing_is_heard_ends_when_the_directory_says():
    rendered = trunk.render([line(id=3)], PORTS, MediaTimeouts(5, 0))
    assert "rtp_timeout = 5\nrtp_timeout_hold = 0\n" in rendered


def test_what_the_directory_alone_needs_is_not_in_the_text():
    more = line(inbound=[("030", "1001")], caller_id="030", country_code="49", emergency=False, id=3)
    assert text(more) == text(line(id=3))


def test_trunks_are_written_in_the_order_of_their_identifiers():
    trunks = [line("a", id=10), line("b", id=2)]
    names = [name for name, _options in read_sections(text(*trunks))]
    assert names == ["trunk-2"] * 3 + ["trunk-10"] * 3
    assert text(*trunks) == text(*reversed(trunks))


def test_without_trunks_there_is_only_the_notice():
    assert trunk.render([], PORTS) == NOTICE


# --- any trunks that may be asked for --------------------------------------------------------

hosts = st.one_of(
    st.ip_addresses().map(str), st.from_regex(r"[A-Za-z0-9-]{1,10}(\.[a-z]{1,5}){0,2}", fullmatch=True)
)
sources = st.one_of(
    hosts,
    st.integers(0, 32).map(lambda bits: f"0.0.0.0/{bits}"),
    st.just("2001:db8::/32"),
    st.text(max_size=8),
)
items = st.fixed_dictionaries(
    {"name": st.text(min_size=1, max_size=40), "host": hosts},
    optional={
        "port": st.integers(1, 65535),
        "connection_port": st.sampled_from(sorted(PORTS)),
        "codecs": st.lists(st.sampled_from(CODECS), unique=True, min_size=1),
        "caller_id": st.sampled_from(["", "030", "+4930"]),
        "inbound_addresses": st.lists(sources, max_size=3),
        "inbound_numbers": st.just([{"number": "*", "extension": "1001"}]),
        "qualify": st.booleans(),
        "trust_identity": st.booleans(),
        "called_number_header": st.sampled_from(["", "P-Called-Party-ID"]),
        "emergency": st.booleans(),
    },
)
credentials = st.fixed_dictionaries(
    {"username": st.from_regex(r"[A-Za-z0-9._+-]{1,20}", fullmatch=True)},
    optional={
        "password": st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20).map("§§§".__add__),
        "realm": st.one_of(st.from_regex(r"[A-Za-z0-9 ._@:/-]{1,20}", fullmatch=True), st.text(max_size=5)),
        "register": st.booleans(),
    },
)


@st.composite
def some_trunks(draw):
    """The trunks of a directory in which everything asked for was taken, and their passwords."""
    have = directory(*PORTS.values(), ext("1001"))
    passwords = []
    for item in draw(st.lists(items, max_size=4)):
        asked = {**item, **draw(st.one_of(st.just({}), credentials))}
        try:
            have = have.after(plan_trunk(have, asked))
        except InvalidInputError:
            continue
        passwords.append(asked.get("password"))
    return [dataclasses.replace(each, id=i) for i, each in enumerate(have.trunks.values(), 1)], passwords


@given(some=some_trunks())
def test_a_stranger_who_calls_himself_trunk_3_is_not_let_in(some):
    trunks, _passwords = some
    found = objects(*trunks)
    endpoints = [options for (_name, kind), options in found.items() if kind == "endpoint"]
    assert len(endpoints) == len(trunks)
    for options in endpoints:
        assert [value for option, value in options if option == "identify_by"] == ["ip"]


@settings(max_examples=20)
@given(some=some_trunks())
def test_every_call_of_a_trunk_arrives_in_the_context_for_trunks_with_its_identifier(some):
    trunks, _passwords = some
    for each in trunks:
        options = objects(each)[f"trunk-{each.id}", "endpoint"]
        assert [value for option, value in options if option == "context"] == ["trunks"]
        variables = [value for option, value in options if option == "set_var"]
        assert variables[0] == f"trunk={each.id}"
        assert variables[-1] == "GROUP(legs)=all"


@settings(max_examples=20)
@given(some=some_trunks())
def test_each_trunk_is_identified_by_where_its_calls_come_from(some):
    trunks, _passwords = some
    found = objects(*trunks)
    for each in trunks:
        matches = [value for option, value in found[f"trunk-{each.id}", "identify"] if option == "match"]
        assert matches == list(each.inbound_addresses or [each.host])
        assert ((f"trunk-{each.id}", "registration") in found) == each.register


@settings(max_examples=20)
@given(some=some_trunks())
def test_no_trunk_names_an_object_that_is_not_there(some):
    trunks, _passwords = some
    found = objects(*trunks)
    refers = {"aors": "aor", "outbound_auth": "auth", "endpoint": "endpoint"}
    for (name, _kind), options in found.items():
        for option, value in options:
            if option in refers:
                assert value == name
                assert (name, refers[option]) in found


@settings(max_examples=20)
@given(some=some_trunks())
def test_the_names_of_trunks_and_ports_are_not_in_the_text(some):
    trunks, _passwords = some
    renamed = [
        dataclasses.replace(each, name=f"n{each.id}", connection_port=each.connection_port and "§")
        for each in trunks
    ]
    for each, other in zip(trunks, renamed):
        port = PORTS.get(each.connection_port)
        ports = {"§": dataclasses.replace(port, name="§")} if port else {}
        assert trunk.render([other], ports) == trunk.render([each], PORTS)


@given(some=some_trunks())
def test_no_password_is_in_the_text(some):
    trunks, passwords = some
    written = text(*trunks)
    # Every password of this test has it, and nothing else.
    assert "§§§" not in written
    assert not any(password and password in written for password in passwords)
    assert written.count("md5_cred") == sum(each.digest is not None for each in trunks)
