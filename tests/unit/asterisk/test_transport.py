# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Connection ports as the text of Asterisk's transports, and of its HTTP server."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import transport
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import ConnectionPort
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.protocol import PROTOCOLS
from ansible_collections.voiceops.asterisk.tests.unit.asterisk_reader import read_sections
from ansible_collections.voiceops.asterisk.tests.unit.directories import directory, plan_port
from hypothesis import assume, given
from hypothesis import strategies as st

NOTICE = """\
; Written by voiceops.asterisk.pbx_connection_port: changes made here are lost.
; The names of the ports are in the directory database.
"""
PEM = {"certificate": "/etc/ssl/pbx.pem", "private_key": "/etc/ssl/pbx.key"}


def port(protocol="udp", address="0.0.0.0", number=5060, identifier=1, **fields):
    return ConnectionPort("a name", protocol, address, number, id=identifier, **fields)


# --- what Asterisk reads ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_port", "text"),
    [
        pytest.param(port(), "protocol = udp\nbind = 0.0.0.0:5060\n", id="udp"),
        pytest.param(port("tcp", "192.0.2.1", 5070), "protocol = tcp\nbind = 192.0.2.1:5070\n", id="tcp"),
        pytest.param(port("udp", "::"), "protocol = udp\nbind = [::]:5060\n", id="every IPv6 address"),
        pytest.param(
            port("tcp", "2001:db8::1"), "protocol = tcp\nbind = [2001:db8::1]:5060\n", id="an IPv6 address"
        ),
        pytest.param(
            port("tls", number=5061, **PEM),
            "protocol = tls\nbind = 0.0.0.0:5061\ncert_file = /etc/ssl/pbx.pem\n"
            "priv_key_file = /etc/ssl/pbx.key\nmethod = tlsv1_2\n",
            id="tls",
        ),
        pytest.param(port("ws", number=8088), "protocol = ws\nbind = 0.0.0.0:8088\n", id="ws"),
        pytest.param(
            port("wss", "::1", 8089, **PEM),
            "protocol = wss\nbind = [::1]:8089\n",
            id="wss has its certificate in the HTTP server",
        ),
        pytest.param(
            port(external_address="pbx.example.com"),
            "protocol = udp\nbind = 0.0.0.0:5060\nexternal_media_address = pbx.example.com\n"
            "external_signaling_address = pbx.example.com\n",
            id="behind address translation",
        ),
        pytest.param(
            port(local_networks=("192.168.0.0/16", "fd00::/8")),
            "protocol = udp\nbind = 0.0.0.0:5060\nlocal_net = 192.168.0.0/16\nlocal_net = fd00::/8\n",
            id="local networks",
        ),
        pytest.param(
            port("tls", number=5061, external_address="192.0.2.9", local_networks=("10.0.0.0/8",), **PEM),
            "protocol = tls\nbind = 0.0.0.0:5061\ncert_file = /etc/ssl/pbx.pem\n"
            "priv_key_file = /etc/ssl/pbx.key\nmethod = tlsv1_2\nexternal_media_address = 192.0.2.9\n"
            "external_signaling_address = 192.0.2.9\nlocal_net = 10.0.0.0/8\n",
            id="everything",
        ),
    ],
)
def test_a_port_is_a_transport(given_port, text):
    assert transport.render([given_port]) == f"{NOTICE}\n[port-1]\ntype = transport\n{text}"


def test_ports_are_written_in_the_order_of_their_identifiers():
    ports = [port(identifier=10), port("tcp", identifier=2), port("ws", identifier=1)]
    written = [name for name, _options in read_sections(transport.render(ports))]
    assert written == ["port-1", "port-2", "port-10"]
    assert transport.render(ports) == transport.render(reversed(ports))


def test_without_ports_there_is_only_the_notice():
    assert transport.render([]) == NOTICE


# --- the HTTP server -------------------------------------------------------------------------

WS, WSS = port("ws", number=8088), port("wss", "192.0.2.1", 8089, **PEM)
OPEN = "enabled = yes\nbindaddr = 0.0.0.0\nbindport = 8088\n"
ENCRYPTED = (
    "tlsenable = yes\ntlsbindaddr = 192.0.2.1:8089\ntlscertfile = /etc/ssl/pbx.pem\n"
    "tlsprivatekey = /etc/ssl/pbx.key\ntlsdisablev1 = yes\ntlsdisablev11 = yes\n"
)


@pytest.mark.parametrize(
    ("ports", "text"),
    [
        pytest.param([], "", id="no port"),
        pytest.param([port(), port("tcp"), port("tls", **PEM)], "", id="no port for browsers"),
        pytest.param([WS], OPEN, id="ws"),
        pytest.param([WSS], ENCRYPTED, id="wss opens nothing unencrypted"),
        pytest.param([WSS, port(), WS], OPEN + ENCRYPTED, id="both"),
        pytest.param(
            [dataclasses.replace(WS, address="::1")],
            "enabled = yes\nbindaddr = ::1\nbindport = 8088\n",
            id="ws on an IPv6 address",
        ),
        pytest.param(
            [dataclasses.replace(WSS, address="::")],
            ENCRYPTED.replace("192.0.2.1", "[::]"),
            id="wss on every IPv6 address",
        ),
    ],
)
def test_the_http_server_listens_for_browsers_and_for_nobody_else(ports, text):
    assert transport.render_http(ports) == NOTICE + (f"\n{text}" if text else "")


# --- any ports that may be asked for ---------------------------------------------------------

hosts = st.one_of(
    st.just(""), st.ip_addresses().map(str), st.from_regex(r"[A-Za-z0-9.-]{1,60}", fullmatch=True)
)
files = st.one_of(st.from_regex(r"/[A-Za-z0-9._/@+-]{1,40}", fullmatch=True), st.text(max_size=10))
networks = st.one_of(
    st.integers(0, 32).map(lambda bits: f"0.0.0.0/{bits}"),
    st.integers(0, 128).map(lambda bits: f"::/{bits}"),
    st.ip_addresses().map(str),
    st.text(max_size=10),
)
# What is right most of the time, and anything else at times; what is refused is left out.
items = st.fixed_dictionaries(
    {"name": st.text(min_size=1, max_size=40)},
    optional={
        "protocol": st.sampled_from(PROTOCOLS),
        "address": st.ip_addresses().map(str),
        "port": st.integers(1, 65535),
        "certificate": files,
        "private_key": files,
        "external_address": hosts,
        "local_networks": st.lists(networks, max_size=3),
    },
)


@st.composite
def some_ports(draw):
    """The ports of a directory in which everything asked for was taken."""
    have = directory()
    for item in draw(st.lists(items, max_size=5)):
        try:
            have = have.after(plan_port(have, item))
        except InvalidInputError:
            continue
    ports = list(have.ports.values())
    identifiers = draw(st.permutations(range(1, len(ports) + 1)))
    return [dataclasses.replace(each, id=identifier) for each, identifier in zip(ports, identifiers)]


@given(ports=some_ports())
def test_every_port_is_one_transport_with_what_it_listens_on(ports):
    assume(ports)
    by_identifier = sorted(ports, key=lambda each: each.id)
    written = read_sections(transport.render(ports))
    assert [name for name, _options in written] == [f"port-{each.id}" for each in by_identifier]
    for each, (_name, options) in zip(by_identifier, written):
        host = f"[{each.address}]" if ":" in each.address else each.address
        assert options[:3] == [
            ("type", "transport"),
            ("protocol", each.protocol),
            ("bind", f"{host}:{each.port}"),
        ]
        assert [value for option, value in options if option == "local_net"] == list(each.local_networks)
        assert ("cert_file" in dict(options)) == (each.protocol == "tls")


@given(ports=some_ports())
def test_the_names_of_ports_are_in_no_text(ports):
    renamed = [dataclasses.replace(each, name=f"another {each.id}") for each in ports]
    assert transport.render(renamed) == transport.render(ports)
    assert transport.render_http(renamed) == transport.render_http(ports)


@given(ports=some_ports())
def test_the_http_server_listens_only_where_a_port_says(ports):
    (section,) = read_sections("[general]\n" + transport.render_http(ports))
    options = dict(section[1])
    protocols = {each.protocol for each in ports}
    assert (options.get("enabled") == "yes") == ("ws" in protocols)
    assert (options.get("tlsenable") == "yes") == ("wss" in protocols)
    assert len(options) == len(section[1])
