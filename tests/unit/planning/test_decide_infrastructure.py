# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What becomes of connection ports and trunks."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import ConnectionPort, Trunk
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    PORTS,
    TRUNKS,
    Changes,
    Plan,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    BROWSERS,
    DESK,
    OTHER_SECRET,
    SECRET,
    WAN,
    allow,
    becomes,
    directory,
    ext,
    line,
    plan_ext,
    plan_port,
    plan_profile,
    plan_trunk,
    problems,
    profile,
    refusal,
)

CERTIFICATE = {"certificate": "/c.pem", "private_key": "/k.pem"}


# --- ports -----------------------------------------------------------------------------------


def test_a_port_of_a_name_alone_is_udp_5060_on_every_address():
    plan = plan_port(directory(), {"name": "desk"})
    assert plan.ports.create == (ConnectionPort("desk", "udp", "0.0.0.0", 5060),)


@pytest.mark.parametrize(
    ("asked", "then"),
    [
        pytest.param({"protocol": "tcp"}, ("tcp", "0.0.0.0", 5060), id="another protocol"),
        pytest.param({"address": "10.0.0.1"}, ("udp", "10.0.0.1", 5060), id="another address"),
        pytest.param({"port": 5070}, ("udp", "0.0.0.0", 5070), id="another port"),
    ],
)
def test_what_is_left_out_of_a_port_is_left_alone(asked, then):
    ((was, new),) = plan_port(directory(DESK), {"name": "desk", **asked}).ports.change
    assert was is DESK
    assert (new.protocol, new.address, new.port) == then
    assert new.id == DESK.id


def test_a_port_that_is_as_it_should_be_is_kept():
    plan = plan_port(directory(DESK), {"name": "desk", "port": 5060})
    assert plan.ports == Changes(keep=(DESK,))
    assert not plan


def test_a_port_is_deleted():
    gone = {"name": "desk", "state": "absent"}
    assert plan_port(directory(DESK, WAN), gone).ports == Changes(delete=(DESK,))
    assert plan_port(directory(), gone) == Plan()


def test_a_port_in_use_is_not_deleted():
    have = directory(DESK, WAN, ext("1001", connection_port="desk"), ext("1002", connection_port="wan"))
    found = refusal(plan_port, have, {"name": "desk", "state": "absent"})
    assert found == {"connection_ports[0]": "port 'desk' is used by 1: extension 1001; change these first"}


# --- what ports listen on --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protocol", "number"), [("udp", 5060), ("tcp", 5060), ("tls", 5061), ("ws", 8088), ("wss", 8089)]
)
def test_a_new_port_listens_where_its_protocol_is_looked_for(protocol, number):
    files = CERTIFICATE if protocol in ("tls", "wss") else {}
    plan = plan_port(directory(), {"name": "new", "protocol": protocol, **files})
    assert (becomes(plan, PORTS).protocol, becomes(plan, PORTS).port) == (protocol, number)


def test_a_port_that_changes_its_protocol_keeps_its_number():
    plan = plan_port(directory(DESK), {"name": "desk", "protocol": "tls", **CERTIFICATE})
    assert becomes(plan, PORTS) == ConnectionPort("desk", "tls", "0.0.0.0", 5060, "/c.pem", "/k.pem")


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        pytest.param([{"name": "new"}], ["connection_ports[0]"], id="a new one like one there"),
        pytest.param(
            [{"name": "wan", "protocol": "udp", "port": 5060}],
            ["connection_ports[0]"],
            id="one becomes another",
        ),
        pytest.param(
            [{"name": "a", "port": 6000}, {"name": "b", "port": 6001}, {"name": "c", "port": 6000}],
            ["connection_ports[2]"],
            id="two new ones alike",
        ),
    ],
)
def test_the_same_listener_twice_is_refused(asked, places):
    found = refusal(plan_port, directory(DESK, WAN), *asked)
    assert list(found) == places
    assert "is already the port" in found[places[0]]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param([{"name": "new", "protocol": "tcp"}], id="another protocol"),
        pytest.param([{"name": "new", "port": 5062}], id="another port"),
        pytest.param([{"name": "new", "address": "::"}], id="every address of IPv6"),
        pytest.param([{"name": "desk", "state": "absent"}, {"name": "new"}], id="the other one goes"),
        pytest.param([{"name": "desk", "port": 5062}, {"name": "new"}], id="the other one moves"),
        pytest.param(
            [{"name": "desk", "address": "10.0.0.1"}, {"name": "new", "address": "10.0.0.2"}],
            id="another address",
        ),
        pytest.param(
            [
                {"name": "desk", "protocol": "tcp", "port": 5061},
                {"name": "wan", "protocol": "udp", "port": 5060},
            ],
            id="the two swap",
        ),
    ],
)
def test_listeners_that_differ_in_the_end_are_taken(asked):
    assert plan_port(directory(DESK, WAN), *asked)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        # what listens on every address has that of each
        ("udp 0.0.0.0:5060", "udp 10.0.0.1:5060", False),
        ("udp 10.0.0.1:5060", "udp 10.0.0.1:5060", False),
        ("udp 10.0.0.1:5060", "udp 10.0.0.2:5060", True),
        ("udp 10.0.0.1:5060", "udp 10.0.0.1:5062", True),
        ("udp :::5060", "udp 2001:db8::1:5060", False),
        ("udp 2001:db8::1:5060", "udp 2001:db8::2:5060", True),
        # IPv4 and IPv6 are two worlds
        ("udp 0.0.0.0:5060", "udp :::5060", True),
        ("udp 0.0.0.0:5060", "udp 2001:db8::1:5060", True),
        # UDP and TCP are too, and everything else is TCP
        ("udp 0.0.0.0:5060", "tcp 0.0.0.0:5060", True),
        ("udp 0.0.0.0:5061", "tls 0.0.0.0:5061", True),
        ("tcp 0.0.0.0:5061", "tls 0.0.0.0:5061", False),
        ("tcp 10.0.0.1:5061", "tls 0.0.0.0:5061", False),
        ("tcp 0.0.0.0:5061", "tls 0.0.0.0:5062", True),
        ("tls 0.0.0.0:8089", "wss 0.0.0.0:8089", False),
        ("ws 0.0.0.0:8088", "wss 0.0.0.0:8088", False),
        ("ws 0.0.0.0:8088", "wss 0.0.0.0:8089", True),
        # Asterisk has one HTTP server
        ("ws 10.0.0.1:8088", "ws 10.0.0.2:8090", False),
        ("wss 10.0.0.1:8089", "wss 10.0.0.2:8090", False),
    ],
)
def test_whether_two_ports_can_be_there_at_the_same_time(one, other, both):
    ports = []
    for name, listener in (("a", one), ("b", other)):
        protocol, _blank, place = listener.partition(" ")
        address, _colon, number = place.rpartition(":")
        files = CERTIFICATE if protocol in ("tls", "wss") else {}
        written = {"name": name, "protocol": protocol, "address": address, "port": int(number), **files}
        ports.append(written)
    for turned in (ports, ports[::-1]):
        if both:
            assert len(plan_port(directory(), *turned).ports.create) == 2
        else:
            place = f"connection_ports[{turned.index(ports[1])}]"
            assert list(refusal(plan_port, directory(), *turned)) == [place]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            [{"name": "a"}, {"name": "b", "address": "10.0.0.1"}],
            "udp 10.0.0.1:5060 is already the port 'a'",
        ),
        (
            [{"name": "a", "protocol": "ws"}, {"name": "b", "protocol": "ws", "port": 8090}],
            "Asterisk can have one port of ws, and there is already 'a'",
        ),
    ],
)
def test_a_port_in_anothers_way_is_told_which(asked, message):
    assert refusal(plan_port, directory(), *asked) == {"connection_ports[1]": message}


# --- certificates, and what the world outside sees -------------------------------------------


@pytest.mark.parametrize("protocol", ["tls", "wss"])
@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, ["certificate", "private_key"]),
        ({"certificate": "/c.pem"}, ["private_key"]),
        ({"private_key": "/k.pem"}, ["certificate"]),
        ({"certificate": "", "private_key": "/k.pem"}, ["certificate"]),
    ],
    ids=["neither", "a certificate alone", "a key alone", "an empty certificate"],
)
def test_an_encrypted_port_needs_a_certificate_and_a_key(protocol, given, missing):
    found = refusal(plan_port, directory(), {"name": "wan", "protocol": protocol, **given})
    message = f"is missing; a port of {protocol} needs the path of a PEM file"
    assert found == {f"connection_ports[0].{option}": message for option in missing}


@pytest.mark.parametrize("protocol", ["udp", "tcp", "ws"])
def test_a_port_that_is_not_encrypted_takes_no_certificate(protocol):
    found = refusal(plan_port, directory(), {"name": "wan", "protocol": protocol, **CERTIFICATE})
    message = f"is for ports of tls and wss; this is {protocol}"
    assert found == {
        "connection_ports[0].certificate": message,
        "connection_ports[0].private_key": message,
    }


def test_a_certificate_for_a_port_that_is_udp_already_is_refused():
    found = refusal(plan_port, directory(DESK), {"name": "desk", "certificate": "/c.pem"})
    assert found == {"connection_ports[0].certificate": "is for ports of tls and wss; this is udp"}


TLS = ConnectionPort("wan", "tls", "0.0.0.0", 5061, "/c.pem", "/k.pem", id=2)


@pytest.mark.parametrize(
    ("asked", "then"),
    [
        pytest.param({}, TLS, id="nothing changes"),
        pytest.param({"port": 5071}, dataclasses.replace(TLS, port=5071), id="it keeps its files"),
        pytest.param(
            {"certificate": "/n.pem"}, dataclasses.replace(TLS, certificate="/n.pem"), id="a renewal"
        ),
        pytest.param({"protocol": "wss"}, dataclasses.replace(TLS, protocol="wss"), id="for browsers"),
        pytest.param(
            {"protocol": "udp"}, ConnectionPort("wan", "udp", "0.0.0.0", 5061), id="udp, which drops them"
        ),
        pytest.param(
            {"protocol": "tcp", "certificate": "", "private_key": ""},
            ConnectionPort("wan", "tcp", "0.0.0.0", 5061),
            id="tcp, and they are taken away",
        ),
    ],
)
def test_what_becomes_of_certificates(asked, then):
    plan = plan_port(directory(TLS), {"name": "wan", **asked})
    assert becomes(plan, PORTS) == then
    assert bool(plan) is (then != TLS)


def test_the_certificate_of_an_encrypted_port_cannot_be_taken_away():
    found = refusal(plan_port, directory(TLS), {"name": "wan", "certificate": ""})
    assert list(found) == ["connection_ports[0].certificate"]


def test_what_the_world_outside_sees_is_kept_and_taken_away():
    nat = {"external_address": "192.0.2.1", "local_networks": ["10.0.0.0/8"]}
    behind = dataclasses.replace(DESK, external_address="192.0.2.1", local_networks=("10.0.0.0/8",))
    assert becomes(plan_port(directory(DESK), {"name": "desk", **nat}), PORTS) == behind
    assert not plan_port(directory(behind), {"name": "desk", **nat})
    assert not plan_port(directory(behind), {"name": "desk"})
    gone = {"name": "desk", "external_address": "", "local_networks": []}
    assert becomes(plan_port(directory(behind), gone), PORTS) == DESK


# --- trunks ----------------------------------------------------------------------------------

HOST = "sip.example.net"
FULL = line(
    username="4930",
    password=SECRET,
    inbound=[("*", "1001")],
    port=5080,
    connection_port="desk",
    register=True,
    codecs=("g722",),
    caller_id="+4930",
    inbound_addresses=("192.0.2.0/24",),
    emergency=False,
)


def test_a_trunk_of_a_name_and_a_host_neither_registers_nor_asks_for_a_password():
    plan = plan_trunk(directory(), {"name": "line", "host": HOST})
    assert plan.trunks == Changes(create=(Trunk("line", HOST, realm=HOST),))


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        ({}, {}),
        ({"host": "other.example.net"}, {"host": "other.example.net"}),
        ({"port": 5060}, {"port": 5060}),
        ({"connection_port": "wan"}, {"connection_port": "wan"}),
        ({"connection_port": ""}, {"connection_port": None}),
        ({"register": False}, {"register": False}),
        ({"codecs": ["ulaw", "alaw"]}, {"codecs": ("ulaw", "alaw")}),
        ({"caller_id": ""}, {"caller_id": None}),
        ({"inbound_addresses": []}, {"inbound_addresses": ()}),
        ({"inbound_numbers": []}, {"inbound_numbers": ()}),
        ({"emergency": True}, {"emergency": True}),
        ({"password": OTHER_SECRET}, {"digest": ha1("4930", HOST, OTHER_SECRET)}),
        (
            {"username": "4931", "password": SECRET},
            {"username": "4931", "digest": ha1("4931", HOST, SECRET)},
        ),
        (
            {"realm": "example.net", "password": SECRET},
            {"realm": "example.net", "digest": ha1("4930", "example.net", SECRET)},
        ),
        ({"username": "", "register": False}, {"username": None, "register": False, "digest": None}),
        ({"password": "", "register": False}, {"register": False, "digest": None}),
    ],
    ids=lambda value: ", ".join(value) or "nothing",
)
def test_what_is_left_out_of_a_trunk_is_left_alone(asked, changed):
    plan = plan_trunk(directory(DESK, WAN, ext(), FULL), {"name": "line", **asked})
    assert vars(becomes(plan, TRUNKS)) == {**vars(FULL), **changed}
    assert bool(plan) is bool(changed)


def test_a_trunk_is_deleted():
    gone = {"name": "line", "state": "absent"}
    assert plan_trunk(directory(line()), gone).trunks == Changes(delete=(line(),))
    assert plan_trunk(directory(), gone) == Plan()


@pytest.mark.parametrize(
    ("there", "asked", "realm"),
    [
        pytest.param(None, {"host": HOST}, HOST, id="the host's name unless told otherwise"),
        pytest.param(None, {"host": HOST, "realm": "example.net"}, "example.net", id="as told"),
        pytest.param(None, {"host": HOST, "realm": ""}, HOST, id="empty, as if not told"),
        pytest.param(
            "old.example.net", {"host": HOST}, "old.example.net", id="it stays when the host changes"
        ),
        pytest.param("old.example.net", {"realm": "example.net"}, "example.net", id="another"),
        pytest.param("old.example.net", {"realm": ""}, "old.example.net", id="empty leaves the one before"),
    ],
)
def test_in_which_realm_a_trunk_is_asked_for_its_password(there, asked, realm):
    have = directory() if there is None else directory(line(host="old.example.net", realm=there))
    assert becomes(plan_trunk(have, {"name": "line", **asked}), TRUNKS).realm == realm


def test_a_password_stays_good_when_only_the_host_changes():
    plan = plan_trunk(directory(ext(), DESK, FULL), {"name": "line", "host": "192.0.2.9"})
    assert becomes(plan, TRUNKS).digest == ha1("4930", HOST, SECRET)


@pytest.mark.parametrize(
    ("there", "asked", "place", "message"),
    [
        pytest.param(
            [],
            {},
            "host",
            "is missing; a trunk needs the name or the IP address of its peer",
            id="a new one without host",
        ),
        pytest.param(
            [],
            {"host": HOST, "password": SECRET},
            "username",
            "is missing; the password belongs to a user name",
            id="a password without user name",
        ),
        pytest.param(
            [],
            {"host": HOST, "register": True},
            "register",
            "needs a username and a password",
            id="a registration without either",
        ),
        pytest.param(
            [],
            {"host": HOST, "register": True, "username": "4930"},
            "register",
            "needs a username and a password",
            id="a registration without password",
        ),
        pytest.param(
            [],
            {"host": HOST, "register": True, "username": "4930", "password": ""},
            "register",
            "needs a username and a password",
            id="a registration with an empty password",
        ),
        pytest.param(
            [FULL],
            {"password": ""},
            "register",
            "needs a username and a password",
            id="the password is taken from one that registers",
        ),
        pytest.param(
            [FULL],
            {"username": ""},
            "register",
            "needs a username and a password",
            id="the user name is taken from one that registers",
        ),
        pytest.param(
            [FULL],
            {"username": "4931"},
            "password",
            "is needed again; it is stored only together with the user name and the realm",
            id="another user name",
        ),
        pytest.param(
            [FULL],
            {"realm": "example.net"},
            "password",
            "is needed again; it is stored only together with the user name and the realm",
            id="another realm",
        ),
        pytest.param(
            [],
            {"host": HOST, "connection_port": "wann"},
            "connection_port",
            "'wann' does not exist on this host; did you mean 'wan'?"
            " The system administrator defines ports in pbx_connection_ports",
            id="an unknown port",
        ),
        pytest.param(
            [],
            {"host": HOST, "connection_port": "Desk"},
            "connection_port",
            "'Desk' does not exist on this host; did you mean 'desk'?",
            id="a port spelt differently",
        ),
        pytest.param(
            [],
            {"host": HOST, "connection_port": "browsers"},
            "connection_port",
            "'browsers' is a port of ws, which only browsers connect to",
            id="a port for browsers",
        ),
        pytest.param(
            [],
            {"host": HOST, "inbound_numbers": [{"number": "*", "extension": "1009"}]},
            "inbound_numbers",
            "there is no extension 1009 on this host, and the list makes none",
            id="calls for nobody",
        ),
        pytest.param(
            [],
            {"host": HOST, "area_code": "212"},
            "area_code",
            "needs the country_code too",
            id="an area of no country",
        ),
        pytest.param(
            [ext("1002")],
            {
                "host": HOST,
                "country_code": "90",
                "inbound_numbers": [
                    {"number": "+902121112201", "extension": "1001"},
                    {"number": "02121112201", "extension": "1002"},
                ],
            },
            "inbound_numbers",
            "+902121112201 and 02121112201 are one number; give it one extension",
            id="one number in two forms",
        ),
        pytest.param(
            [ext("1002"), line("other", HOST, inbound=[("+902121112201", "1002")])],
            {"host": HOST, "inbound_numbers": [{"number": "902121112201", "extension": "1001"}]},
            "inbound_numbers",
            f"calls of the trunks 'line' and 'other' come from the same address ({HOST}), and both have the"
            " number +902121112201: which extension it is for cannot be told; name it in one of them",
            id="a number of another account of the same provider",
        ),
    ],
)
def test_a_trunk_that_cannot_work_is_refused(there, asked, place, message):
    have = directory(DESK, WAN, BROWSERS, ext(), *there)
    assert refusal(plan_trunk, have, {"name": "line", **asked}) == {f"trunks[0].{place}": message}


@pytest.mark.parametrize(
    ("other", "asked"),
    [
        pytest.param({"inbound": [("*", "1002")]}, {"host": "other.example"}, id="elsewhere"),
        pytest.param({"inbound": [("*", "1001")]}, {}, id="for the same extension"),
        pytest.param({"inbound": [("222", "1002")]}, {}, id="another number"),
        pytest.param(
            {"inbound": [("*", "1002")]},
            {"username": "2", "password": SECRET, "register": True},
            id="one that registers and is known by its line",
        ),
    ],
)
def test_two_trunks_that_can_be_told_apart_may_both_be_there(other, asked):
    have = directory(ext("1001"), ext("1002"), line("other", HOST, **other))
    inbound = [{"number": "*", "extension": "1001"}]
    plan = plan_trunk(have, {"name": "line", "host": HOST, "inbound_numbers": inbound, **asked})
    assert not plan.warnings


def test_two_accounts_that_were_there_before_are_no_mistake_of_who_changes_something_else():
    accounts = [line(name, HOST, inbound=[("*", number)]) for name, number in (("a", "1001"), ("b", "1002"))]
    have = directory(ext("1001"), ext("1002"), *accounts)
    (warning,) = plan_ext(have, {"number": "1003"}).warnings
    assert warning.startswith("calls of the trunks 'a' and 'b' come from the same address")


def test_a_port_that_a_trunk_speaks_through_is_not_given_to_browsers():
    have = directory(DESK, Trunk("line", HOST, connection_port=DESK.name))
    assert refusal(plan_port, have, {"name": DESK.name, "protocol": "ws"}) == {
        "trunk 'line'": "'desk' is a port of ws, which only browsers connect to"
    }


def test_everything_wrong_with_a_trunk_is_told_at_once():
    asked = {"name": "line", "password": SECRET, "connection_port": "x", "register": True}
    assert sorted(refusal(plan_trunk, directory(), asked)) == [
        "trunks[0].connection_port",
        "trunks[0].host",
        "trunks[0].username",
    ]


def test_in_check_mode_a_trunk_may_name_what_an_earlier_task_would_make():
    asked = {
        "name": "line",
        "host": HOST,
        "connection_port": "new",
        "inbound_numbers": [{"number": "*", "extension": "1009"}],
    }
    plan = plan_trunk(directory(), asked, check_mode=True)
    assert [trunk.name for trunk in plan.trunks.create] == ["line"]
    port, extension = plan.warnings
    assert port.startswith("connection_port: 'new' does not exist on this host; there are: none;")
    assert extension.startswith("trunks[0].inbound_numbers: there is no extension 1009 on this host")


def test_numbers_that_led_nowhere_before_are_no_mistake_of_who_writes_them_down_again():
    have = directory(line(inbound=[("030", "1009")]))
    assert not plan_trunk(have, {"name": "line", "inbound_numbers": [{"number": "030", "extension": "1009"}]})
    assert plan_trunk(have, {"name": "line", "port": 5070}).warnings == ()


def test_every_trunk_that_sends_calls_to_a_deleted_extension_is_told():
    have = directory(
        ext("1001"),
        ext("1002"),
        line("b", inbound=[("*", "1001")]),
        line("a", inbound=[("030", "1001"), ("031", "1002")]),
    )
    plan = plan_ext(have, {"number": "1001", "state": "absent"})
    assert plan.warnings == (
        "trunk 'a' sends calls to 030 to extension 1001, which is deleted",
        "trunk 'b' sends calls to * to extension 1001, which is deleted",
    )
    assert not plan.trunks


# --- what is in use --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("have", "plan_one", "name", "message"),
    [
        pytest.param(
            [DESK, line(connection_port="desk"), ext("1001", connection_port="desk")],
            plan_port,
            "desk",
            "port 'desk' is used by 2: extension 1001, trunk 'line'; change these first",
            id="a port",
        ),
        pytest.param(
            [
                line(),
                line("b"),
                profile("office", allow("0X.", "line")),
                profile("all", allow(".", "b", "line")),
            ],
            plan_trunk,
            "line",
            "trunk 'line' is used by 2: profile 'all', profile 'office'; change these first",
            id="a trunk",
        ),
        pytest.param(
            [
                profile("office"),
                ext("1002", outbound_profile="office"),
                ext("1001", outbound_profile="office"),
            ],
            plan_profile,
            "office",
            "profile 'office' is used by 2: 1001, 1002; change these extensions first",
            id="a profile",
        ),
    ],
)
def test_what_is_in_use_is_not_deleted_and_in_check_mode_warned_of(have, plan_one, name, message):
    gone = {"name": name, "state": "absent"}
    (found,) = refusal(plan_one, directory(*have), gone).items()
    assert found[0].endswith("[0]")
    assert found[1] == message
    assert ("purge", message) in problems(plan_one, directory(*have), purge=True)
    checked = plan_one(directory(*have), gone, check_mode=True)
    assert checked
    assert checked.warnings == (message,)
