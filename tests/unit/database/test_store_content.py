# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is written into the directory database is what is read from it."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import REALM, ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    EmergencyNumber,
    Extension,
    ExtensionGroup,
    OutboundRule,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import DirectoryError
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    KINDS,
    Changes,
    Directory,
    Plan,
)
from ansible_collections.voiceops.asterisk.tests.unit.databases import (
    apply,
    read,
    rows,
    write_extensions,
    write_groups,
    write_ports,
    write_profiles,
    write_trunks,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    SECRET,
    all_of,
    allow,
    directory,
    line,
    profile,
)

# --- what is stored --------------------------------------------------------------------------


def test_what_was_written_is_read(path):
    write_ports(path, {"name": "desk"}, {"name": "wan", "protocol": "tcp", "address": "::", "port": 5061})
    write_extensions(
        path,
        {
            "number": "007",
            "name": "Ayşe",
            "connection_port": "wan",
            "groups": ["B", "A"],
            "callable_groups": ["C", "A"],
            "enabled": False,
            "max_devices": 3,
            "ring_timeout": 12,
            "forward_to": "7",
            "language": "en_GB",
            "email": "ayşe@example.org",
            "labels": {"room": 'B "12"', "asset": 7},
            "username": "ayse.y",
            "password": SECRET,
        },
        {"number": "7"},
    )
    assert read(path) == Directory(
        realm=REALM,
        ports={"desk": ConnectionPort("desk"), "wan": ConnectionPort("wan", "tcp", "::", 5061)},
        groups={name: ExtensionGroup(name) for name in "ABC"},
        extensions={
            "007": Extension(
                "007",
                "Ayşe",
                connection_port="wan",
                groups=frozenset({"A", "B"}),
                callable_groups=frozenset({"A", "C"}),
                enabled=False,
                max_devices=3,
                ring_timeout=12,
                forward_to="7",
                language="en_GB",
                email="ayşe@example.org",
                labels=(("asset", "7"), ("room", 'B "12"')),
                username="ayse.y",
                digest=ha1("ayse.y", REALM, SECRET),
            ),
            "7": Extension("7"),
        },
    )


def test_two_extensions_swap_their_user_names(path):
    write_extensions(
        path, {"number": "1", "username": "anna"}, {"number": "2"}, {"number": "3", "username": "1"}
    )
    write_extensions(
        path,
        {"number": "1", "username": ""},
        {"number": "2", "username": "3"},
        {"number": "3", "username": "anna"},
        {"number": "4", "username": "2"},
    )
    assert [e.username for e in read(path).extensions.values()] == [None, "3", "anna", "2"]


def test_the_database_itself_gives_a_user_name_only_once(path):
    write_extensions(path, {"number": "1", "username": "anna"}, {"number": "2"})
    with contextlib.closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE extension SET username = '2' WHERE number = '1'")


def test_no_password_is_in_the_files(path, tmp_path):
    with store.reading(path):  # an open reader keeps the log from being folded into the database
        write_extensions(path, {"number": "1001", "password": SECRET})
        for file in tmp_path.iterdir():
            assert SECRET.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    ("option", "table"),
    [("groups", "extension_membership"), ("callable_groups", "extension_callable_group")],
)
def test_a_deleted_extension_takes_its_memberships_along(path, option, table):
    write_extensions(path, {"number": "1001", option: ["Sales"]})
    write_extensions(path, {"number": "1001", "state": "absent"})
    assert rows(path, f"SELECT * FROM {table}") == []  # noqa: S608
    assert set(read(path).groups) == {"Sales"}


def test_a_deleted_extension_leaves_those_that_forward_to_it(path):
    write_extensions(path, {"number": "1001", "forward_to": "1002"}, {"number": "1002"})
    write_extensions(path, {"number": "1002", "state": "absent"})
    assert read(path).extensions == {"1001": Extension("1001", forward_to="1002")}


def test_a_restriction_is_set_narrowed_and_lifted(path):
    found = []
    for callable_groups in (["*"], ["A", "B"], ["B"], [], ["*"], ["A"]):
        write_extensions(path, {"number": "1001", "callable_groups": callable_groups})
        found.append(read(path).extensions["1001"].callable_groups)
    assert found == [None, {"A", "B"}, {"B"}, frozenset(), None, {"A"}]


def test_whom_one_may_call_and_where_one_belongs_are_two_things(path):
    write_extensions(path, {"number": "1001", "groups": ["A"], "callable_groups": ["B"]})
    write_extensions(path, {"number": "1001", "groups": ["B"]})
    write_extensions(path, {"number": "1002", "groups": ["A"]})
    assert read(path).extensions == {
        "1001": Extension("1001", groups=frozenset({"B"}), callable_groups=frozenset({"B"})),
        "1002": Extension("1002", groups=frozenset({"A"})),
    }


def test_a_group_that_is_deleted_by_force_leaves_its_extensions(path):
    write_extensions(
        path,
        {"number": "1001", "groups": ["A", "B"], "callable_groups": ["A"]},
        {"number": "1002", "callable_groups": ["A", "B"]},
    )
    write_groups(path, {"name": "A", "state": "absent"}, force=True)
    assert set(read(path).groups) == {"B"}
    assert read(path).extensions == {
        "1001": Extension("1001", groups=frozenset({"B"}), callable_groups=frozenset()),
        "1002": Extension("1002", callable_groups=frozenset({"B"})),
    }


def test_a_deletion_and_a_creation_of_one_listener_fit_in_one_plan(path):
    write_ports(path, {"name": "old"})
    write_ports(path, {"name": "old", "state": "absent"}, {"name": "new"})
    assert set(read(path).ports) == {"new"}


def test_an_identifier_of_a_port_is_never_given_twice(path):
    given = []
    for name in ("first", "second", "third"):
        write_ports(path, {"name": name})
        given.append(read(path).ports[name].id)
        write_ports(path, {"name": name, "state": "absent"})
    assert given == [1, 2, 3]


def test_two_ports_can_swap_what_they_listen_on(path):
    write_ports(path, {"name": "a", "port": 5060}, {"name": "b", "protocol": "tcp", "port": 5070})
    ids = {port.name: port.id for port in read(path).ports.values()}
    write_ports(
        path, {"name": "a", "protocol": "tcp", "port": 5070}, {"name": "b", "protocol": "udp", "port": 5060}
    )
    ports = read(path).ports
    assert ports == {"a": ConnectionPort("a", "tcp", port=5070), "b": ConnectionPort("b", "udp", port=5060)}
    assert {port.name: port.id for port in ports.values()} == ids


def test_three_ports_can_move_round(path):
    numbers = {"a": 1, "b": 2, "c": 3}
    write_ports(path, *({"name": name, "port": number} for name, number in numbers.items()))
    moved = {"a": 2, "b": 3, "c": 1}
    write_ports(path, *({"name": name, "port": number} for name, number in moved.items()))
    assert {port.name: port.port for port in read(path).ports.values()} == moved


def test_a_port_that_changes_keeps_its_extensions(path):
    write_ports(path, {"name": "desk"})
    write_extensions(path, {"number": "1001", "connection_port": "desk"})
    write_ports(path, {"name": "desk", "port": 5070})
    assert read(path).extensions["1001"].connection_port == "desk"


# --- ports, trunks, profiles and emergency numbers -------------------------------------------


def test_every_option_of_a_port_is_stored(path):
    port = {
        "name": "wan",
        "protocol": "tls",
        "address": "192.0.2.1",
        "port": 5071,
        "certificate": "/c.pem",
        "private_key": "/k.pem",
        "external_address": "pbx.example.net",
        "local_networks": ["10.0.0.0/8", "2001:db8::/32"],
    }
    write_ports(path, port)
    stored = ConnectionPort(
        *("wan", "tls", "192.0.2.1", 5071, "/c.pem", "/k.pem", "pbx.example.net"),
        ("10.0.0.0/8", "2001:db8::/32"),
    )
    assert read(path).ports == {"wan": stored}
    write_ports(path, {"name": "wan", "protocol": "udp", "external_address": "", "local_networks": []})
    assert read(path).ports == {"wan": ConnectionPort("wan", "udp", "192.0.2.1", 5071)}


FULL_TRUNK = {
    "name": "line",
    "host": "sip.example.net",
    "port": 5080,
    "connection_port": "desk",
    "register": True,
    "username": "4930",
    "password": SECRET,
    "realm": "example.net",
    "codecs": ["g722", "alaw"],
    "caller_id": "+4930",
    "inbound_addresses": ["192.0.2.0/24", "gw.example.net"],
    "inbound_numbers": [{"number": "*", "extension": "1001"}, {"number": "+49301", "extension": "1002"}],
    "emergency": False,
}


def test_every_option_of_a_trunk_is_stored(path):
    write_ports(path, {"name": "desk"})
    write_extensions(path, {"number": "1001"}, {"number": "1002"})
    write_trunks(path, FULL_TRUNK)
    full = line(
        username="4930",
        password=SECRET,
        realm="example.net",
        inbound=[("*", "1001"), ("+49301", "1002")],
        port=5080,
        connection_port="desk",
        register=True,
        codecs=("g722", "alaw"),
        caller_id="+4930",
        inbound_addresses=("192.0.2.0/24", "gw.example.net"),
        emergency=False,
    )
    assert read(path).trunks == {"line": full}
    write_trunks(path, {"name": "line", "inbound_numbers": [{"number": "+49301", "extension": "1001"}]})
    numbers = rows(path, "SELECT number, extension FROM trunk_inbound_number")
    assert numbers == [{"number": "+49301", "extension": "1001"}]


def test_a_trunk_that_changes_keeps_its_identifier_and_its_rules(path):
    write_trunks(path, {"name": "a", "host": "a.example"}, {"name": "b", "host": "b.example"})
    write_profiles(path, {"name": "office", "rules": [{"prefix": "0", "trunks": ["b", "a"]}]})
    before = read(path)
    write_trunks(path, {"name": "b", "host": "c.example"})
    after = read(path)
    assert after.trunks["b"].host == "c.example"
    assert after.trunks["b"].id == before.trunks["b"].id
    assert after.profiles == before.profiles


def test_an_identifier_of_a_trunk_is_never_given_twice(path):
    given = []
    for name in ("first", "second", "third"):
        write_trunks(path, {"name": name, "host": "sip.example.net"})
        given.append(read(path).trunks[name].id)
        write_trunks(path, {"name": name, "state": "absent"})
    assert len(set(given)) == 3
    assert given == sorted(given)


def test_a_deleted_trunk_takes_its_inbound_numbers_along(path):
    write_ports(path, {"name": "desk"})
    write_extensions(path, {"number": "1001"}, {"number": "1002"})
    write_trunks(path, FULL_TRUNK)
    write_trunks(path, {"name": "line", "state": "absent"})
    assert rows(path, "SELECT * FROM trunk_inbound_number") == []
    assert read(path).trunks == {}


def test_a_deleted_extension_leaves_the_trunks_that_send_calls_to_it(path):
    write_extensions(path, {"number": "1001"})
    inbound = [{"number": "*", "extension": "1001"}]
    write_trunks(path, {"name": "line", "host": "sip.example.net", "inbound_numbers": inbound})
    write_extensions(path, {"number": "1001", "state": "absent"})
    assert read(path).trunks == {"line": line(inbound=[("*", "1001")])}


def test_the_rules_of_a_profile_are_stored_in_their_order(path):
    write_trunks(path, {"name": "a", "host": "a.example"}, {"name": "b", "host": "b.example"})
    rules = [
        {"prefix": "0900", "action": "deny"},
        {"pattern": "00X.", "trunks": ["b", "a"], "strip": 2, "prepend": "+", "caller_id": "+4930"},
        {"pattern": "0[1-9]X.", "trunks": ["a"]},
    ]
    limits = {"max_concurrent_calls": 4, "max_call_time": 3600}
    write_profiles(path, {"name": "office", "rules": rules, **limits})
    stored = profile(
        "office",
        OutboundRule(prefix="0900", action="deny"),
        allow("00X.", "b", "a", strip=2, prepend="+", caller_id="+4930"),
        allow("0[1-9]X.", "a"),
        **limits,
    )
    assert read(path).profiles == {"office": stored}
    expressions = "SELECT position, expression FROM outbound_rule ORDER BY position"
    assert rows(path, expressions) == [
        {"position": 1, "expression": "^0900[0-9]*$"},
        {"position": 2, "expression": "^00[0-9][0-9]+$"},
        {"position": 3, "expression": "^0[1-9][0-9][0-9]+$"},
    ]
    write_profiles(path, {"name": "office", "rules": rules[::-1][:2]})
    assert read(path).profiles["office"].rules == stored.rules[::-1][:2]
    assert len(rows(path, "SELECT * FROM outbound_rule_trunk")) == 3


def test_a_profile_that_changes_keeps_its_extensions(path):
    write_profiles(path, {"name": "office"})
    write_extensions(
        path, {"number": "1001", "outbound_profile": "office", "outbound_caller_id": "030", "record": True}
    )
    write_profiles(path, {"name": "office", "max_call_time": 60})
    stored = Extension("1001", outbound_profile="office", outbound_caller_id="030", record=True)
    assert read(path).extensions == {"1001": stored}


def test_a_deleted_profile_takes_its_rules_along(path):
    write_trunks(path, {"name": "a", "host": "a.example"})
    write_profiles(path, {"name": "office", "rules": [{"prefix": "0", "trunks": ["a"]}]})
    write_profiles(path, {"name": "office", "state": "absent"})
    assert rows(path, "SELECT * FROM outbound_rule") == []
    assert rows(path, "SELECT * FROM outbound_rule_trunk") == []


def test_emergency_numbers_are_stored_and_taken_away(path):
    numbers = {n: EmergencyNumber(n) for n in ("110", "112")}
    apply(path, all_of(directory(*numbers.values())))
    assert read(path).emergency_numbers == numbers
    apply(path, Plan(emergency_numbers=Changes(delete=(numbers["110"],))))
    assert set(read(path).emergency_numbers) == {"112"}


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(Plan(ports=Changes(delete=(ConnectionPort("desk"),))), id="the port of a trunk"),
        pytest.param(Plan(trunks=Changes(delete=(line(),))), id="the trunk of a rule"),
        pytest.param(Plan(profiles=Changes(delete=(profile(),))), id="the profile of an extension"),
    ],
)
def test_the_database_itself_refuses_to_delete_what_is_in_use(path, plan):
    write_ports(path, {"name": "desk"})
    write_trunks(path, {"name": "line", "host": "sip.example.net", "connection_port": "desk"})
    write_profiles(path, {"name": "office", "rules": [{"prefix": "0", "trunks": ["line"]}]})
    write_extensions(path, {"number": "1001", "outbound_profile": "office"})
    before = read(path)
    with pytest.raises(DirectoryError, match="constraint failed"):
        apply(path, plan)
    assert read(path) == before


def test_what_names_each_other_is_written_and_deleted_in_one_plan(path):
    content = directory(
        ConnectionPort("desk"),
        line(connection_port="desk", inbound=[("*", "1001")]),
        profile("office", allow("0X.", "line")),
        ExtensionGroup("Sales"),
        Extension("1001", connection_port="desk", outbound_profile="office", groups=frozenset({"Sales"})),
        EmergencyNumber("112"),
    )
    everything = all_of(content)
    apply(path, everything)
    assert read(path) == content
    gone = {kind.attribute: Changes(delete=getattr(everything, kind.attribute).create) for kind in KINDS}
    apply(path, Plan(**gone))
    assert read(path) == directory()
