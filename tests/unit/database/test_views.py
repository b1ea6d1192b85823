# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What Asterisk reads from the directory database."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from pathlib import Path

import pytest
import yaml
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store
from ansible_collections.voiceops.asterisk.plugins.module_utils.database.writing import caller_id_name
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import ha1
from ansible_collections.voiceops.asterisk.tests.unit.databases import (
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
)
from hypothesis import given
from hypothesis import strategies as st

# --- the views that Asterisk reads -----------------------------------------------------------


def test_an_extension_without_password_has_no_endpoint_auth_or_aor(path):
    write_extensions(path, {"number": "1001"}, {"number": "1002", "password": SECRET})
    for view in ("ps_endpoints", "ps_auths", "ps_aors"):
        assert rows(path, f"SELECT id FROM {view}") == [{"id": "1002"}]  # noqa: S608
    assert rows(path, "SELECT number, endpoint FROM pbx_callee ORDER BY number") == [
        {"number": "1001", "endpoint": ""},
        {"number": "1002", "endpoint": "1002"},
    ]


def test_a_disabled_extension_has_no_endpoint_auth_or_aor_until_it_is_enabled(path):
    write_extensions(path, *({"number": number, "password": SECRET} for number in ("1001", "1002")))
    for enabled, shown in ((False, ["1002"]), (True, ["1001", "1002"])):
        write_extensions(path, {"number": "1001", "enabled": enabled})
        for view in ("ps_endpoints", "ps_auths", "ps_aors"):
            assert [row["id"] for row in rows(path, f"SELECT id FROM {view} ORDER BY id")] == shown  # noqa: S608
        assert rows(path, "SELECT endpoint FROM pbx_callee WHERE number = '1001'") == [
            {"endpoint": "1001" if enabled else ""}
        ]


def test_an_extension_that_loses_its_password_loses_its_endpoint(path):
    write_extensions(path, {"number": "1001", "password": SECRET})
    write_extensions(path, {"number": "1001", "password": ""})
    assert rows(path, "SELECT id FROM ps_endpoints") == []


def test_the_endpoint_of_an_extension(path):
    write_extensions(path, {"number": "1001", "name": "Ayşe Yılmaz", "password": SECRET})
    assert rows(path, "SELECT * FROM ps_endpoints") == [
        {
            "id": "1001",
            "transport": "",
            "aors": "1001",
            "auth": "1001",
            "identify_by": "username,auth_username",
            "send_pai": "yes",
            "connected_line_method": "update",
            "context": "extensions",
            "subscribe_context": "lamps",
            "allow_subscribe": "yes",
            "callerid": '"Ayşe Yılmaz" <1001>',
            "disallow": "all",
            "allow": "g722,alaw,ulaw",
            "direct_media": "no",
            "rtp_symmetric": "yes",
            "force_rport": "yes",
            "rewrite_contact": "yes",
            "timers": "no",
            "webrtc": "no",
            "named_call_group": "",
            "named_pickup_group": "",
            "language": "",
            "rtp_timeout": "60",
            "rtp_timeout_hold": "1800",
            "set_var": "GROUP(legs)=all",
        }
    ]


def test_the_credential_of_an_extension(path):
    write_extensions(path, {"number": "007", "password": SECRET})
    assert rows(path, "SELECT * FROM ps_auths") == [
        {
            "id": "007",
            "auth_type": "md5",
            "username": "007",
            "realm": "asterisk",
            "md5_cred": ha1("007", "asterisk", SECRET),
        }
    ]


def test_another_user_name_is_that_of_the_credential_and_nothing_else(path):
    write_extensions(path, {"number": "1001", "username": "anna", "password": SECRET})
    assert rows(path, "SELECT id, username, md5_cred FROM ps_auths") == [
        {"id": "1001", "username": "anna", "md5_cred": ha1("anna", "asterisk", SECRET)}
    ]
    # A phone is not known by it either: it may be the number of another.
    assert rows(path, "SELECT id, aors, auth, identify_by, callerid FROM ps_endpoints") == [
        {"id": "1001", "aors": "1001", "auth": "1001", "identify_by": "username", "callerid": "<1001>"}
    ]
    for view in ("ps_endpoints", "ps_aors", "pbx_callee", "pbx_caller", "pbx_lamps"):
        assert "anna" not in str(rows(path, f"SELECT * FROM {view}"))  # noqa: S608


@pytest.mark.parametrize("view", ["ps_endpoints", "ps_auths", "ps_aors"])
def test_what_a_phone_asks_is_one_look_into_an_index(path, view):
    """Not one through all extensions, of which there may be 10,000."""
    plan = rows(path, f"EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE id = '1001'")  # noqa: S608
    through = [row["detail"] for row in plan if row["detail"].startswith("SCAN")]
    assert through == []


@pytest.mark.parametrize("table", ["ps_endpoints", "ps_auths", "ps_aors"])
def test_asterisk_reads_all_extensions_from_the_greatest_to_the_least(path, table):
    """In this order, and in no other, Asterisk 22 needs no look at those before for each."""
    numbers = ["1002", "0100", "99", "1001"]
    write_extensions(path, *({"number": number, "password": SECRET} for number in numbers))
    # As Asterisk asks when it starts (res_sorcery_realtime.c); it names no order.
    read_at_once = rows(path, f"SELECT * FROM {table} WHERE id LIKE '%'")  # noqa: S608
    assert [row["id"] for row in read_at_once] == ["99", "1002", "1001", "0100"]
    write_extensions(path, {"number": "500", "password": SECRET})
    read_at_once = rows(path, f"SELECT * FROM {table} WHERE id LIKE '%'")  # noqa: S608
    assert [row["id"] for row in read_at_once] == ["99", "500", "1002", "1001", "0100"]


@pytest.mark.parametrize("view", ["made_endpoints", "made_auths", "made_aors"])
def test_the_row_of_one_extension_is_made_without_a_look_at_the_others(path, view):
    plan = rows(path, f"EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE id = '1001'")  # noqa: S608
    through = [row["detail"] for row in plan if row["detail"].startswith("SCAN")]
    # One row of a constant; the few ports.
    assert [detail for detail in through if detail not in ("SCAN connection_port", "SCAN CONSTANT ROW")] == []
    assert "SEARCH extension USING INDEX sqlite_autoindex_extension_1 (number=?)" in str(plan)


@pytest.mark.parametrize(("asked", "phones"), [({}, 1), ({"max_devices": 3}, 3)], ids=["one", "three"])
def test_an_extension_takes_so_many_phones_and_the_newest_wins(path, asked, phones):
    write_extensions(path, {"number": "1001", "password": SECRET, **asked})
    (aor,) = rows(path, "SELECT * FROM ps_aors")
    assert [{name: value for name, value in aor.items() if not name.startswith("@")}] == [
        {
            "id": "1001",
            "max_contacts": phones,
            "remove_existing": "yes",
            "minimum_expiration": 60,
            "maximum_expiration": 3600,
            "qualify_frequency": 60,
        }
    ]


def in_aors(path, field):
    """Return a field of the dialplan's in each AOR, as its parts."""
    found = rows(path, f'SELECT id, "{field}" AS field FROM ps_aors')  # noqa: S608
    return {row["id"]: row["field"] and row["field"].split(",") for row in found}


def of_view(path, view):
    """Return the rows of a view by their number, as the dialplan gets them: texts."""
    found = rows(path, f"SELECT * FROM {view}")  # noqa: S608
    return {row["number"]: [str(value) for value in row.values()] for row in found}


def test_an_aor_says_of_its_extension_what_the_views_say(path):
    write_extensions(
        path,
        {"number": "1", "password": SECRET, "ring_timeout": 12, "forward_to": "2", "groups": ["A", "B"]},
        {"number": "2", "password": SECRET, "record": True, "callable_groups": ["B", "A"]},
        {"number": "3"},
        {"number": "4", "password": SECRET, "enabled": False},
    )
    for field, view in (("@caller", "pbx_caller"), ("@callee", "pbx_callee")):
        told = of_view(path, view)
        assert in_aors(path, field) == {number: told[number] for number in ("1", "2")}
    records = rows(path, 'SELECT id, "@record" AS record FROM ps_aors')
    assert {row["id"]: row["record"] for row in records} == {"1": 0, "2": 1}


def test_the_role_reads_the_fields_of_the_views_in_their_order(path):
    configure = Path(__file__).parents[3] / "roles" / "pbx" / "vars" / "main" / "configure.yml"
    variables = yaml.safe_load(configure.read_text())
    write_extensions(path, {"number": "1", "password": SECRET})
    for name in ("caller", "callee"):
        (row,) = rows(path, f"SELECT * FROM pbx_{name}")  # noqa: S608
        assert variables[f"__pbx_row_of_{name}"] == list(row)


def test_who_dials_an_emergency_number_reaches_no_extension_of_that_number(path):
    write_extensions(path, {"number": "112", "password": SECRET}, {"number": "113", "password": SECRET})
    with store.writing(path) as opened:
        opened._connection.execute("INSERT INTO emergency_number VALUES ('112')")
    assert {number: bool(row) for number, row in in_aors(path, "@callee").items()} == {
        "112": False,
        "113": True,
    }


def test_an_endpoint_speaks_the_language_of_its_extension(path):
    for language in ("tr", "en_GB", ""):
        write_extensions(path, {"number": "1001", "password": SECRET, "language": language})
        assert rows(path, "SELECT language FROM ps_endpoints") == [{"language": language}]


@pytest.mark.parametrize(
    ("protocol", "webrtc"), [("udp", "no"), ("tcp", "no"), ("tls", "no"), ("ws", "yes"), ("wss", "yes")]
)
def test_a_phone_in_a_browser_speaks_webrtc(path, protocol, webrtc):
    files = {"certificate": "/c.pem", "private_key": "/k.pem"} if protocol in ("tls", "wss") else {}
    write_ports(path, {"name": "desk", "protocol": protocol, **files})
    write_extensions(
        path, {"number": "1001", "password": SECRET, "connection_port": "desk"}, {"number": "1002"}
    )
    assert rows(path, "SELECT id, webrtc FROM ps_endpoints") == [{"id": "1001", "webrtc": webrtc}]


def test_what_the_dialplan_asks_of_a_dialled_number(path):
    write_extensions(
        path,
        {"number": "1", "password": SECRET, "ring_timeout": 12, "forward_to": "2", "groups": ["A", "B"]},
        {"number": "2", "record": True},
    )
    asked = (
        "SELECT number, endpoint, ring_timeout, forward_to, record, groups FROM pbx_callee ORDER BY number"
    )
    assert [tuple(row.values()) for row in rows(path, asked)] == [
        ("1", "1", 12, "2", 0, ":1:2:"),
        ("2", "", 30, "", 1, ":"),
    ]


def test_a_disabled_extension_still_says_where_its_calls_go(path):
    write_extensions(
        path,
        {"number": "1", "password": SECRET, "enabled": False, "forward_to": "2", "groups": ["A"]},
        {"number": "2"},
    )
    (callee,) = rows(path, "SELECT endpoint, forward_to, groups FROM pbx_callee WHERE number = '1'")
    assert callee == {"endpoint": "", "forward_to": "2", "groups": ":1:"}


def test_what_the_dialplan_asks_of_a_caller(path):
    write_extensions(
        path,
        {"number": "1"},
        {"number": "2", "callable_groups": []},
        {"number": "3", "callable_groups": ["A"]},
        {"number": "4", "callable_groups": ["A", "B"]},
    )
    assert rows(path, "SELECT number, callable FROM pbx_caller ORDER BY number") == [
        {"number": "1", "callable": "*"},
        {"number": "2", "callable": "^nobody$"},
        {"number": "3", "callable": ":(1):"},
        {"number": "4", "callable": ":(1|2):"},
    ]


def test_the_groups_in_which_an_extension_picks_up_are_its_own_that_it_may_call(path):
    write_extensions(
        path,
        {"number": "1", "password": SECRET, "groups": ["A", "B"]},
        {"number": "2", "password": SECRET, "groups": ["A", "B"], "callable_groups": ["B", "C"]},
        {"number": "3", "password": SECRET, "groups": ["A"], "callable_groups": []},
    )
    columns = "named_call_group, named_pickup_group"
    shown = [tuple(row.values()) for row in rows(path, f"SELECT {columns} FROM ps_endpoints ORDER BY id")]  # noqa: S608
    assert shown == [("1,2", "1,2"), ("1,2", "2"), ("1", "")]


def test_what_the_dialplan_asks_of_an_outside_call(path):
    write_ports(path, {"name": "secure", "protocol": "tcp"})
    write_extensions(path, {"number": "1", "record": True}, {"number": "2", "max_calls": 2})
    write_trunks(
        path,
        {"name": "T", "host": "telco.example", "caller_id": "+9021", "emergency": False},
        {"name": "U", "host": "2001:db8::1", "port": 5070, "connection_port": "secure"},
    )
    inbound = [{"number": "+9021", "extension": "1"}, {"number": "*", "extension": "2"}]
    write_trunks(path, {"name": "T", "inbound_numbers": inbound})
    rules = [
        {"prefix": "00", "action": "deny"},
        {"pattern": "_0X.", "trunks": ["U", "T"], "strip": 1, "prepend": "+90", "caller_id": "+9023"},
    ]
    write_profiles(path, {"name": "P", "rules": rules, "max_concurrent_calls": 2})
    write_extensions(path, {"number": "1", "outbound_profile": "P", "outbound_caller_id": "+9022"})

    def values(view):
        return [tuple(row.values()) for row in rows(path, f"SELECT * FROM {view}")]  # noqa: S608

    assert values("pbx_caller") == [("1", "*", 1, "+9022", 10, 1), ("2", "*", "", "", 2, 0)]
    assert values("pbx_profile") == [(1, 2, 14400)]
    assert values("pbx_rule") == [
        ("1-1", "^00[0-9]*$", "deny", "", 0, "", ""),
        ("1-2", "^0[0-9][0-9]+$", "allow", "-2-1", 1, "+90", "+9023"),
    ]
    assert values("pbx_trunk") == [
        (1, "telco.example:5060", "+9021"),
        (2, "[2001:db8::1]:5070;transport=tcp", ""),
    ]
    assert sorted(values("pbx_inbound")) == [
        ("1-*", "2", 1),
        ("1-+9021", "1", 1),
        ("1-009021", "1", 1),
        ("1-9021", "1", 1),
    ]


def test_two_trunks_at_one_address_have_each_others_numbers(path):
    write_extensions(path, *({"number": number} for number in "123"))

    def leads(*numbers):
        return [{"number": number, "extension": extension} for number, extension in numbers]

    write_trunks(
        path,
        {"name": "A", "host": "a.example", "inbound_numbers": leads(("111", "1"))},
        {"name": "B", "host": "a.example", "inbound_numbers": leads(("222", "2"), ("*", "3"))},
        {"name": "C", "host": "c.example", "inbound_numbers": leads(("111", "3"))},
        {"name": "D", "host": "d.example", "inbound_addresses": ["a.example", "192.0.2.1"]},
    )
    found = {
        row["id"]: (row["extension"], row["trunk"])
        for row in rows(path, "SELECT * FROM pbx_inbound WHERE id NOT LIKE '%+%'")
    }
    assert found == {
        **{f"{trunk}-111": ("1", 1) for trunk in (1, 2, 4)},
        **{f"{trunk}-222": ("2", 2) for trunk in (1, 2, 4)},
        **{f"{trunk}-*": ("3", 2) for trunk in (1, 2, 4)},
        "3-111": ("3", 3),
    }


def test_a_call_from_outside_is_one_look_into_an_index(path):
    """Not one through all numbers of all trunks, whatever form they come in."""
    write_trunks(path, {"name": "A", "host": "a.example"})
    plan = rows(path, "EXPLAIN QUERY PLAN SELECT * FROM pbx_inbound WHERE id = '1-5'")
    assert all("SEARCH" in row["detail"] for row in plan), plan


def test_an_emergency_number_has_all_trunks_that_take_it(path):
    trunks = [{"name": name, "host": "a.example", "emergency": name != "B"} for name in "CBA"]
    write_trunks(path, *trunks)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO emergency_number VALUES ('112')")
    assert rows(path, "SELECT * FROM pbx_emergency") == [{"number": "112", "trunks": "-1-3"}]


# More than ten, so that one identifier is the beginning of another.
GROUPS = [f"group {n:02}" for n in range(1, 13)]
GROUP_SETS = st.sets(st.sampled_from(["group 01", "group 02", "group 11", "group 12"]))


@given(may_call=st.one_of(st.none(), GROUP_SETS), belongs_to=st.lists(GROUP_SETS, min_size=1, max_size=4))
def test_a_caller_reaches_exactly_those_in_its_callable_groups(shared_database, may_call, belongs_to):
    write_groups(shared_database, *({"name": name} for name in GROUPS))
    callees = {str(number): groups for number, groups in enumerate(belongs_to)}
    write_extensions(
        shared_database,
        {"number": "1001", "callable_groups": ["*"] if may_call is None else sorted(may_call)},
        *({"number": number, "groups": sorted(groups)} for number, groups in callees.items()),
        purge=True,
        purge_limit=100,
    )
    ((pattern,),) = [
        row.values() for row in rows(shared_database, "SELECT callable FROM pbx_caller WHERE number = '1001'")
    ]
    groups = {
        row["number"]: row["groups"] for row in rows(shared_database, "SELECT number, groups FROM pbx_callee")
    }
    for number, its_groups in callees.items():
        reached = pattern == "*" or re.search(pattern, groups[number]) is not None
        assert reached is (may_call is None or bool(may_call & its_groups))


def test_a_transport_is_named_by_the_identifier_of_its_port(path):
    write_ports(path, {"name": "gone"}, {"name": "Ofis; [x]", "port": 5070})
    write_ports(path, {"name": "gone", "state": "absent"})
    write_extensions(path, {"number": "1001", "connection_port": "Ofis; [x]", "password": SECRET})
    port = read(path).ports["Ofis; [x]"]
    assert re.fullmatch(rf"port-{port.id}-[0-9a-f]{{32}}", port.transport)
    assert rows(path, "SELECT transport FROM ps_endpoints") == [{"transport": port.transport}]


def proof(path):
    """What a contact over UDP has to hold."""
    ((expression,),) = [row.values() for row in rows(path, "SELECT DISTINCT contact_proof FROM pbx_callee")]
    return expression


def test_a_contact_is_known_by_the_secret_names_of_the_ports_for_udp(path):
    write_extensions(path, {"number": "1001"})
    assert proof(path) == ";x-ast-txp=(none)"
    write_ports(path, {"name": "a"}, {"name": "b", "port": 5070}, {"name": "c", "protocol": "tcp"})
    a, b, c = (read(path).ports[name] for name in "abc")
    assert len({a.mark, b.mark}) == 2
    assert c.transport == f"port-{c.id}"
    assert proof(path) == f";x-ast-txp=({a.transport}|{b.transport})"


def test_contacts_without_a_mark_count_until_those_that_there_are_have_got_one_and_then_for_a_while(path):
    write_extensions(path, {"number": "1001"})
    write_ports(path, {"name": "a"})
    with store.writing(path) as opened:
        opened._connection.execute("UPDATE connection_port SET mark = ''")
    assert proof(path) == ""
    with store.writing(path) as opened:
        opened.mark_ports()
    name = read(path).ports["a"].transport
    assert re.fullmatch(r"port-1-[0-9a-f]{32}", name)
    assert proof(path) == ""
    until = str(int(time.time()) + 60)
    with store.writing(path) as opened:
        opened.note("earlier_contacts", "until-1")
        opened.note("earlier_contacts_until", until)
    assert proof(path) == f";x-ast-txp=({name})"
    assert rows(path, "SELECT earlier_mark, earlier_until FROM pbx_callee") == [
        {"earlier_mark": "until-1", "earlier_until": until}
    ]


def test_a_port_keeps_its_mark_under_another_name_and_has_one_for_udp_only(path):
    write_ports(path, {"name": "a"})
    mark = read(path).ports["a"].mark
    write_ports(path, {"name": "b"}, purge=True, purge_limit=100)
    assert read(path).ports["b"].mark == mark
    write_ports(path, {"name": "b", "protocol": "tcp"})
    assert read(path).ports["b"].mark == ""
    write_ports(path, {"name": "b", "protocol": "udp"})
    assert read(path).ports["b"].mark not in ("", mark)


@pytest.mark.parametrize(
    ("name", "callerid"),
    [
        pytest.param("", "<1001>", id="no name"),
        pytest.param('Ada "Boss" Hara', r'"Ada \"Boss\" Hara" <1001>', id="quotes"),
        pytest.param("back\\slash", r'"back\\slash" <1001>', id="a backslash"),
        pytest.param('end\\"', r'"end\\\"" <1001>', id="a backslash before a quote"),
        pytest.param("a;b", '"a;b" <1001>', id="a semicolon"),
        pytest.param("${SHELL(id)}", '"${SHELL(id)}" <1001>', id="a dialplan function"),
        pytest.param("Eve <911>", '"Eve <911>" <1001>', id="another number in brackets"),
        pytest.param('" <911>', r'"\" <911>" <1001>', id="an escape from the quotes"),
        pytest.param("Ofis 🏢", '"Ofis 🏢" <1001>', id="emoji"),
        pytest.param("שלום", '"שלום" <1001>', id="right to left"),
        pytest.param("x" * 80, '"' + "x" * 79 + '" <1001>', id="one character too long for Asterisk"),
        pytest.param("ü" * 40, '"' + "ü" * 39 + '" <1001>', id="longer than Asterisk can show"),
    ],
)
def test_a_caller_id_quotes_the_name(path, name, callerid):
    write_extensions(path, {"number": "1001", "name": name, "password": SECRET})
    assert rows(path, "SELECT callerid FROM ps_endpoints") == [{"callerid": callerid}]
    assert read(path).extensions["1001"].name == name


def test_a_rename_renames_the_caller_id(path):
    write_extensions(path, {"number": "1001", "name": "Ayşe", "password": SECRET})
    write_extensions(path, {"number": "1001", "name": "Fatma"})
    assert rows(path, "SELECT callerid FROM ps_endpoints") == [{"callerid": '"Fatma" <1001>'}]


@given(name=st.text(st.sampled_from("aü€🏢"), max_size=80))
def test_a_caller_id_name_is_as_much_as_fits_and_never_half_a_character(name):
    shown = caller_id_name(name)
    size = len(shown.encode())
    assert name.startswith(shown)
    assert size <= 79
    assert shown == name or size + len(name[len(shown)].encode()) > 79


quotable = st.text(st.sampled_from('a"\\ ;<>$é'), max_size=12)


@given(name=quotable)
def test_a_caller_id_can_be_read_back_whatever_the_name(shared_database, name):
    asked = {"number": "1001", "name": name, "password": SECRET}
    write_extensions(shared_database, asked, purge=True, purge_limit=100)
    ((callerid,),) = [
        tuple(row.values()) for row in rows(shared_database, "SELECT callerid FROM ps_endpoints")
    ]
    text = name.strip()
    if not text:
        assert callerid == "<1001>"
        return
    characters, quoted, unescaped = iter(callerid[1:]), True, ""
    while quoted:
        character = next(characters)
        if character == '"':
            quoted = False
        else:
            unescaped += next(characters) if character == "\\" else character
    assert unescaped == text
    assert "".join(characters) == " <1001>"
