# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Addresses, hosts, networks, ports, files: what may stand in Asterisk's configuration."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition import network_form
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.outbound import (
    read_pattern,
    read_prefix,
    read_prepend,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.reading import (
    Reader,
    list_of,
    one_of,
    quoted,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import PORTS
from ansible_collections.voiceops.asterisk.tests.unit.directories import read, the_problem
from hypothesis import given
from hypothesis import strategies as st


def port(**options):
    """What is read of one connection port, named desk unless told otherwise."""
    (request,) = read(PORTS, [{"name": "desk", **options}], "connection_ports")
    return request


# --- protocols, addresses and ports ----------------------------------------------------------


@pytest.mark.parametrize("number", [1, 5060, 65535, "5060"])
def test_a_port_number_is_taken(number):
    assert port(port=number).given == {"port": int(number)}


@pytest.mark.parametrize("number", [0, 65536, -5060, "65536", "sip", True, 5060.0, ""], ids=repr)
def test_what_is_not_a_port_number_is_refused(number):
    found = the_problem(PORTS, {"name": "desk", "port": number})
    assert found == ("connection_ports[0].port", f"{number!r} is not a port from 1 to 65535")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        pytest.param("0.0.0.0", "0.0.0.0", id="every IPv4 address"),
        pytest.param("192.168.1.10", "192.168.1.10", id="IPv4"),
        pytest.param("::", "::", id="every IPv6 address"),
        pytest.param("2001:DB8:0:0::0001", "2001:db8::1", id="IPv6 in its short form"),
    ],
)
def test_an_address_is_stored_in_one_form(written, address):
    assert port(address=written).given == {"address": address}


@pytest.mark.parametrize(
    "written",
    [
        "",
        "pbx.example.org",
        "192.168.1",
        "192.168.1.256",
        "192.168.001.1",
        "[::1]",
        "10.0.0.0/8",
        "10.0.0.1:5060",
        [],
    ],
    ids=repr,
)
def test_what_is_not_an_address_is_refused(written):
    found = the_problem(PORTS, {"name": "desk", "address": written})
    assert found[0] == "connection_ports[0].address"
    assert found[1].startswith(f"{written!r} is not an IP address")


@pytest.mark.parametrize(
    "address", ["fe80::1%eth0\n[evil]\ntype = transport", "fe80::1%;", True, 1, b"abcd"], ids=repr
)
def test_an_address_is_text_without_a_scope_which_could_hold_anything(address):
    with pytest.raises(InvalidInputError):
        read(PORTS, [{"name": "x", "address": address}], "connection_ports")


@pytest.mark.parametrize("protocol", ["udp", "tcp", "tls", "ws", "wss"])
def test_a_protocol_is_taken(protocol):
    assert port(protocol=protocol).given == {"protocol": protocol}


@pytest.mark.parametrize("protocol", ["UDP", "sctp", "", 17, ["udp"]], ids=repr)
def test_what_is_not_a_protocol_is_refused(protocol):
    found = the_problem(PORTS, {"name": "desk", "protocol": protocol})
    assert found == ("connection_ports[0].protocol", f"{protocol!r} is not one of udp, tcp, tls, ws, wss")


# --- what is one value, whatever option it stands in -----------------------------------------


def attempt(read_one, value):
    """Read a value; return how it is kept and the messages."""
    found = []
    kept = read_one(Reader({}, "", found), "option", value)
    assert {problem.path.partition("[")[0] for problem in found} <= {"option"}
    return kept, [problem.message for problem in found]


@pytest.mark.parametrize(
    ("written", "host"),
    [
        pytest.param("sip.example.net", "sip.example.net", id="a name"),
        pytest.param("SIP.Example.NET", "sip.example.net", id="a name in capitals"),
        pytest.param("pbx", "pbx", id="a name without a domain"),
        pytest.param("3com.example.net", "3com.example.net", id="a name that begins with a digit"),
        pytest.param("xn--mller-kva.example", "xn--mller-kva.example", id="an umlaut as DNS has it"),
        pytest.param("a" * 63 + ".net", "a" * 63 + ".net", id="a label of 63 characters"),
        pytest.param("192.0.2.1", "192.0.2.1", id="an IPv4 address"),
        pytest.param("2001:DB8:0::1", "2001:db8::1", id="an IPv6 address in its short form"),
    ],
)
def test_a_host_is_a_name_or_an_address(written, host):
    assert attempt(network_form.host, written) == (host, [])
    assert attempt(network_form.network_or_host, written) == (host, [])
    assert attempt(network_form.host_or_none, written) == (host, [])


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("192.0.2.256", id="what looks like an address and is none"),
        pytest.param("192.0.2", id="half an address"),
        pytest.param("12345", id="digits alone"),
        pytest.param("192.0.2.1:5060", id="with a port"),
        pytest.param("[2001:db8::1]", id="in brackets"),
        pytest.param("fe80::1%eth0", id="with a scope"),
        pytest.param("sip:example.net", id="a URI"),
        pytest.param("example.net.", id="with a dot at its end"),
        pytest.param(".example.net", id="with a dot at its beginning"),
        pytest.param("a..b", id="with two dots"),
        pytest.param("-a.example", id="with a hyphen at its beginning"),
        pytest.param("a-.example", id="with a hyphen at its end"),
        pytest.param("a_b.example", id="with an underscore"),
        pytest.param("müller.example", id="with an umlaut"),
        pytest.param("a" * 64 + ".net", id="with a label of 64 characters"),
        pytest.param(".".join(["a" * 49] * 6), id="of 299 characters"),
        pytest.param("exa mple.net", id="with a blank"),
        pytest.param(" example.net", id="with a blank before it"),
        pytest.param(True, id="a boolean"),
        pytest.param(16843009, id="an integer, which Python takes for an address"),
        pytest.param(b"abcd", id="bytes, which Python takes for an address"),
        pytest.param(["a"], id="a list"),
    ],
)
def test_what_is_no_host_is_refused(written):
    _read, messages = attempt(network_form.host, written)
    assert messages == [f"{quoted(written)} is neither the name nor the IP address of a host"]


def test_an_empty_host_is_refused_or_takes_it_away():
    assert attempt(network_form.host, "")[1] == ["'' is neither the name nor the IP address of a host"]
    assert attempt(network_form.host_or_none, "") == (None, [])


@pytest.mark.parametrize(
    ("written", "network"),
    [
        pytest.param("10.0.0.0/8", "10.0.0.0/8", id="IPv4"),
        pytest.param("10.0.0.0/255.0.0.0", "10.0.0.0/8", id="IPv4 with a mask"),
        pytest.param("0.0.0.0/0", "0.0.0.0/0", id="everything"),
        pytest.param("192.0.2.7", "192.0.2.7/32", id="one address"),
        pytest.param("2001:DB8:0::/32", "2001:db8::/32", id="IPv6"),
        pytest.param("2001:db8::1", "2001:db8::1/128", id="one IPv6 address"),
    ],
)
def test_a_network_is_kept_in_one_form(written, network):
    assert attempt(network_form.network, written) == (network, [])
    if "/" in written:
        assert attempt(network_form.network_or_host, written) == (network, [])


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("", id="empty"),
        pytest.param("10.0.0.1/8", id="the address of a host in it"),
        pytest.param("10.0.0.0/33", id="a mask that is too long"),
        pytest.param("10.0.0.0/", id="no mask"),
        pytest.param("10.0/8", id="half an address"),
        pytest.param("10.0.0.0/٨", id="an Arabic digit"),
        pytest.param("fe80::%eth0/64", id="a scope"),
        pytest.param("example.net/24", id="a name"),
        pytest.param(("10.0.0.0", 8), id="a tuple, which Python takes for a network"),
        pytest.param(10, id="an integer, which Python takes for a network"),
        pytest.param(b"abcd", id="bytes, which Python takes for a network"),
        pytest.param(None, id="null"),
    ],
)
def test_what_is_no_network_is_refused(written):
    _read, messages = attempt(network_form.network, written)
    assert messages == [f"{quoted(written)} is not a network such as 192.0.2.0/24 or 2001:db8::/32"]
    if isinstance(written, str) and "/" in written:
        assert attempt(network_form.network_or_host, written)[1] == messages


@pytest.mark.parametrize(
    ("read_one", "written", "kept"),
    [
        (network_form.file, "/etc/asterisk/keys/pbx.pem", "/etc/asterisk/keys/pbx.pem"),
        (network_form.file, "/etc/ssl/a+b@c_d-e/1.PEM", "/etc/ssl/a+b@c_d-e/1.PEM"),
        (network_form.file, "/" + "x" * 200, "/" + "x" * 200),
        (network_form.file, "", None),
        (network_form.username, "4930123", "4930123"),
        (network_form.username, 4930123, "4930123"),
        (network_form.username, "Anna.Muster+pbx_1-2", "Anna.Muster+pbx_1-2"),
        (network_form.username, "+4930123", "+4930123"),
        (network_form.username, "x" * 64, "x" * 64),
        (network_form.username, "", None),
        (network_form.realm, "asterisk", "asterisk"),
        (network_form.realm, "sip.example.net", "sip.example.net"),
        (network_form.realm, "Example Telecom 2", "Example Telecom 2"),
        (network_form.realm, "sip:x@example.net:5060/a", "sip:x@example.net:5060/a"),
        (network_form.realm, "x" * 253, "x" * 253),
        (network_form.realm, "", ""),
        (Reader.outside_number, "+4930123456", "+4930123456"),
        (Reader.outside_number, "0049301234", "0049301234"),
        (Reader.outside_number, 4930123456, "4930123456"),
        (Reader.outside_number, 0, "0"),
        (Reader.outside_number, "1" * 20, "1" * 20),
        (Reader.outside_number, "", None),
        (Reader.country_code, "90", "90"),
        (Reader.country_code, 1, "1"),
        (Reader.country_code, "", None),
        (Reader.area_code, "212", "212"),
        (Reader.area_code, "", None),
        (network_form.header, "P-Called-Party-ID", "P-Called-Party-ID"),
        (network_form.header, "", None),
    ],
    ids=lambda value: getattr(value, "__name__", None) or quoted(value)[:30],
)
def test_a_value_is_taken(read_one, written, kept):
    assert attempt(read_one, written) == (kept, [])


FILE = "is not the absolute path of a file, of letters, digits and ._@+-"
USER = "is not a user name of letters, digits, ., _, + and -"
REALM = "is not a realm as a SIP server names it"
COUNTRY = "is not a country code of 1 to 3 digits without + or 00, such as 90"
AREA = "is not an area code of 1 to 6 digits without the 0 before it, such as 212"
HEADER = "is not the name of a SIP header, such as P-Called-Party-ID"
OUTSIDE = "is not a number of digits, perhaps with a + before them"


@pytest.mark.parametrize(
    ("read_one", "written", "message"),
    [
        (network_form.file, "pbx.pem", FILE),
        (network_form.file, "~/pbx.pem", FILE),
        (network_form.file, "/", FILE),
        (network_form.file, "/etc/my keys/pbx.pem", FILE),
        (network_form.file, "/etc/schlüssel.pem", FILE),
        (network_form.file, "/" + "x" * 201, FILE),
        (network_form.file, 5, FILE),
        (network_form.username, "anna muster", USER),
        (network_form.username, "anna@example.net", USER),
        (network_form.username, "müller", USER),
        (network_form.username, "x" * 65, USER),
        (network_form.username, 1.5, USER),
        (network_form.username, True, USER),
        *((Reader.country_code, wrong, COUNTRY) for wrong in ("+90", "090", "0090", "9000", "x", True)),
        *((Reader.area_code, wrong, AREA) for wrong in ("0212", "21-2", "2120000", 1.5)),
        *((network_form.header, wrong, HEADER) for wrong in ("P Called", "P:", "-P", "x" * 41, "Ü", 5)),
        (network_form.realm, " asterisk", REALM),
        (network_form.realm, "asterisk ", REALM),
        (network_form.realm, 'a"b', REALM),
        (network_form.realm, "Türk Telekom", REALM),
        (network_form.realm, "x" * 254, REALM),
        (network_form.realm, 5, REALM),
        (Reader.outside_number, "+", OUTSIDE),
        (Reader.outside_number, "030 123456", OUTSIDE),
        (Reader.outside_number, "030/123456", OUTSIDE),
        (Reader.outside_number, "49+30", OUTSIDE),
        (Reader.outside_number, "1" * 21, OUTSIDE),
        (Reader.outside_number, "anonymous", OUTSIDE),
        (Reader.outside_number, -30, OUTSIDE),
        (Reader.outside_number, ["030"], OUTSIDE),
    ],
    ids=lambda value: getattr(value, "__name__", None) or quoted(value)[:30],
)
def test_what_is_not_a_value_is_refused(read_one, written, message):
    (told,) = attempt(read_one, written)[1]
    assert told.endswith(message)


# --- what would be another line of a configuration file --------------------------------------

#: Something that is taken, whose reading a hostile text is put into.
SOUND = {
    network_form.address: "192.0.2.1",
    network_form.file: "/etc/pbx.pem",
    network_form.host: "sip.example.net",
    network_form.network: "192.0.2.0/24",
    network_form.network_or_host: "192.0.2.0/24",
    network_form.username: "4930123",
    network_form.realm: "example.net",
    Reader.outside_number: "+4930123",
    read_pattern: "0X.",
    read_prefix: "0049",
    read_prepend: "+49",
}
every_reader = pytest.mark.parametrize("read_one", SOUND, ids=lambda read_one: read_one.__name__)
HOSTILE = {
    "a line break": "\n",
    "a carriage return": "\r",
    "both": "\r\n",
    "a line of its own": "\n[evil]\ntype = endpoint\n",
    "a comment": ";",
    "a quote": '"',
    "a percent sign": "%",
    "a dialplan function": "${SHELL(id)}",
    "a comma": ",",
    "a zero byte": "\0",
    "a tabulator": "\t",
    "an escape": "\x1b[31m",
    "a next line of C1": "\x85",
    "a line separator": "\u2028",
    "a soft hyphen": "\u00ad",
    "a lone surrogate": "\udcff",
    "an Arabic digit": "٣",
    "a digit of full width": "３",
    "a superscript digit": "²",
    "a digit in bold": "𝟑",
    "a letter of full width": "ａ",
}


@every_reader
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_hostile_text_passes_wherever_it_stands(read_one, text):
    sound = SOUND[read_one]
    assert attempt(read_one, sound)[1] == []
    for written in (text, text + sound, sound[:3] + text + sound[3:], sound + text):
        kept, messages = attempt(read_one, written)
        assert len(messages) == 1, kept
        assert "\n" not in messages[0]


@pytest.mark.parametrize("text", ["[", "]", "[x]", "="])
@pytest.mark.parametrize("read_one", [r for r in SOUND if r is not read_pattern], ids=lambda r: r.__name__)
def test_no_section_passes_wherever_it_stands(read_one, text):
    sound = SOUND[read_one]
    for written in (text, text + sound, sound[:3] + text + sound[3:], sound + text):
        assert attempt(read_one, written)[1]


almost = st.text(st.sampled_from("0123456789abcfxXZN.:/+-_*#@ []!%;\n\r\0\t\x85\u2028٣３²ａ"), max_size=12)
near_a_sound_one = st.tuples(st.sampled_from(sorted(SOUND.values())), almost, st.integers(0, 12)).map(
    lambda drawn: drawn[0][: drawn[2]] + drawn[1] + drawn[0][drawn[2] :]
)


@every_reader
@given(written=st.one_of(st.text(max_size=20), almost, near_a_sound_one))
def test_whatever_passes_is_one_plain_line(read_one, written):
    kept, messages = attempt(read_one, written)
    if messages:
        return
    assert (kept or "").isascii()
    assert (kept or "").isprintable()
    assert not set(kept or "") & set(";\"%$=,\\'`|<>(){}")
    assert kept == (kept or "").strip() or not written
    assert attempt(read_one, kept or "") == (kept, [])


# --- lists -----------------------------------------------------------------------------------

read_networks = list_of(network_form.network, "a network")
read_codecs = list_of(one_of(["alaw", "g722"]), "a codec", least=1)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        pytest.param([], (), id="none"),
        pytest.param(["2001:db8::/32", "10.0.0.0/8"], ("2001:db8::/32", "10.0.0.0/8"), id="in their order"),
        pytest.param(("10.0.0.0/8",), ("10.0.0.0/8",), id="a tuple"),
    ],
)
def test_a_list_is_kept_in_its_order(written, kept):
    assert attempt(read_networks, written) == (kept, [])


@pytest.mark.parametrize(
    ("read_list", "written", "messages"),
    [
        pytest.param(
            read_networks, "10.0.0.0/8", ["'10.0.0.0/8' is not a list; put it in brackets"], id="text"
        ),
        pytest.param(read_networks, b"10", ["b'10' is not a list; put it in brackets"], id="bytes"),
        pytest.param(read_networks, {"a": 1}, ["{'a': 1} is not a list; put it in brackets"], id="a mapping"),
        pytest.param(
            read_networks,
            ["192.0.2.7", "10.0.0.0/8", "192.0.2.7/32"],
            ["'192.0.2.7/32' is named before; name it once"],
            id="the same twice, written differently",
        ),
        pytest.param(
            read_networks,
            ["x", "y"],
            [
                "'x' is not a network such as 192.0.2.0/24 or 2001:db8::/32",
                "'y' is not a network such as 192.0.2.0/24 or 2001:db8::/32",
            ],
            id="two that are wrong are not the same one twice",
        ),
        pytest.param(read_codecs, [], ["is empty; name a codec at least"], id="none where one is needed"),
        pytest.param(read_codecs, ["alaw", "mp3"], ["'mp3' is not one of alaw, g722"], id="one is wrong"),
        pytest.param(read_codecs, [["alaw"]], ["['alaw'] is not one of alaw, g722"], id="a list in it"),
    ],
)
def test_what_is_wrong_in_a_list_is_told_once(read_list, written, messages):
    assert attempt(read_list, written)[1] == messages


def test_what_is_wrong_in_a_list_is_told_with_its_place():
    found = []
    read_networks(Reader({}, "connection_ports[2]", found), "local_networks", ["10.0.0.0/8", "x"])
    assert [problem.path for problem in found] == ["connection_ports[2].local_networks[1]"]
