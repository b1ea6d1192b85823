# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What changes, decided from what is there and what is wanted; and that the store does just that."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils import store
from ansible_collections.voiceops.asterisk.plugins.module_utils.digest import REALM, ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import (
    ConnectionPort,
    Extension,
    ExtensionGroup,
    read_connection_ports,
    read_extension_groups,
    read_extensions,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.plan import (
    Changes,
    Directory,
    Plan,
    Policy,
    password_changed,
    plan_connection_ports,
    plan_extension_groups,
    plan_extensions,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.problem import InvalidInputError
from hypothesis import given
from hypothesis import strategies as st

SECRET = "Kx7#mQ2p-old"
OTHER_SECRET = "Vw3!nR8t-new"


def ext(number="1001", name="", connection_port=None, groups=(), password=None):
    """An extension as it stands in a directory."""
    digest = None if password is None else ha1(number, REALM, password)
    return Extension(number, name, connection_port, frozenset(groups), digest)


def directory(*things):
    """A directory that holds these ports, groups and extensions."""
    return Directory(
        realm=REALM,
        ports={thing.name: thing for thing in things if isinstance(thing, ConnectionPort)},
        groups={thing.name: thing for thing in things if isinstance(thing, ExtensionGroup)},
        extensions={thing.number: thing for thing in things if isinstance(thing, Extension)},
    )


DESK = ConnectionPort("desk", "udp", "0.0.0.0", 5060, id=1)
WAN = ConnectionPort("wan", "tcp", "0.0.0.0", 5061, id=2)
SALES, IT = ExtensionGroup("Sales"), ExtensionGroup("IT")


def plan_ext(have, *items, **policy):
    return plan_extensions(have, read_extensions(items, "extensions"), Policy(**policy))


def plan_port(have, *items):
    return plan_connection_ports(have, read_connection_ports(items, "connection_ports"))


def plan_group(have, *items):
    return plan_extension_groups(have, read_extension_groups(items, "extension_groups"))


def becomes(plan):
    """The one extension that the plan creates, changes or keeps, as it will be."""
    changes = plan.extensions
    (extension,) = [*changes.create, *(new for _, new in changes.change), *changes.keep]
    return extension


def refusal(decide, *arguments, **policy):
    """What a refused plan says, as {path: message}; no path is told twice."""
    with pytest.raises(InvalidInputError) as refused:
        decide(*arguments, **policy)
    problems = refused.value.problems
    assert len({problem.path for problem in problems}) == len(problems)
    return {problem.path: problem.message for problem in problems}


# --- extensions ------------------------------------------------------------------------------


def test_an_extension_that_is_not_there_is_created():
    plan = plan_ext(directory(), {"number": "1001", "name": "Ayşe", "password": SECRET})
    assert plan.extensions == Changes(create=(ext(name="Ayşe", password=SECRET),))


def test_an_extension_of_a_number_alone_has_no_name_port_group_or_password():
    assert plan_ext(directory(), {"number": "1001"}).extensions.create == (Extension("1001"),)


def test_an_extension_that_differs_is_changed():
    plan = plan_ext(directory(ext(name="Ayşe")), {"number": "1001", "name": "Fatma"})
    assert plan.extensions == Changes(change=((ext(name="Ayşe"), ext(name="Fatma")),))


def test_an_extension_that_is_to_be_absent_is_deleted():
    plan = plan_ext(directory(ext(), ext("1002")), {"number": "1001", "state": "absent"})
    assert plan.extensions == Changes(delete=(ext(),))


def test_an_extension_that_is_as_it_should_be_is_kept():
    have = ext(name="Ayşe", connection_port="desk", groups=["Sales"], password=SECRET)
    asked = {
        "number": 1001,
        "name": " Ays\u0327e ",
        "connection_port": "desk",
        "groups": ["Sales"],
        "password": SECRET,
    }
    plan = plan_ext(directory(DESK, SALES, have), asked)
    assert plan.extensions == Changes(keep=(have,))
    assert not plan


def test_an_absent_extension_that_is_not_there_is_nothing_to_do():
    assert plan_ext(directory(), {"number": "1001", "state": "absent"}) == Plan()


def test_an_extension_that_is_not_named_is_left_alone():
    plan = plan_ext(directory(ext("1001"), ext("1002")), {"number": "1001", "name": "Ayşe"})
    assert [was.number for was, _ in plan.extensions.change] == ["1001"]
    assert plan.extensions.delete == ()


def test_what_the_plan_lists_is_ordered_by_number():
    plan = plan_ext(directory(), *({"number": number} for number in ("20", "100", "3")))
    assert [extension.number for extension in plan.extensions.create] == ["100", "20", "3"]


FULL = ext(name="Ayşe", connection_port="desk", groups=["Sales"], password=SECRET)


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        pytest.param({"name": "Fatma"}, {"name"}, id="a rename"),
        pytest.param({"name": ""}, {"name"}, id="a name taken away"),
        pytest.param({"connection_port": "wan"}, {"connection_port"}, id="another port"),
        pytest.param({"connection_port": ""}, {"connection_port"}, id="any port"),
        pytest.param({"groups": ["IT"]}, {"groups"}, id="another group"),
        pytest.param({"groups": []}, {"groups"}, id="no group"),
        pytest.param({"password": OTHER_SECRET}, {"digest"}, id="another password"),
        pytest.param({"password": ""}, {"digest"}, id="no password"),
        pytest.param({}, set(), id="nothing"),
    ],
)
def test_what_is_left_out_is_left_alone(asked, changed):
    new = becomes(plan_ext(directory(DESK, WAN, SALES, IT, FULL), {"number": "1001", **asked}))
    fields = ("number", "name", "connection_port", "groups", "digest")
    assert {field for field in fields if getattr(new, field) != getattr(FULL, field)} == changed


def test_a_rename_leaves_the_password_alone():
    new = becomes(plan_ext(directory(ext(password=SECRET)), {"number": "1001", "name": "Fatma"}))
    assert new.digest == ha1("1001", REALM, SECRET)


def test_an_empty_password_takes_it_away():
    assert (
        becomes(plan_ext(directory(ext(password=SECRET)), {"number": "1001", "password": ""})).digest is None
    )


def test_an_empty_password_where_there_is_none_is_no_change():
    assert not plan_ext(directory(ext()), {"number": "1001", "password": ""})


@pytest.mark.parametrize(
    ("there", "asked", "update_password", "then"),
    [
        pytest.param(None, SECRET, True, SECRET, id="a first password"),
        pytest.param(SECRET, SECRET, True, SECRET, id="the same again"),
        pytest.param(SECRET, OTHER_SECRET, True, OTHER_SECRET, id="another one"),
        pytest.param(SECRET, OTHER_SECRET, False, SECRET, id="another one, only on creation"),
        pytest.param(SECRET, "", False, SECRET, id="taken away, only on creation"),
        pytest.param(None, SECRET, False, None, id="a first one for an old extension, only on creation"),
        pytest.param("not there", SECRET, False, SECRET, id="a new extension, only on creation"),
        pytest.param("not there", "", False, None, id="a new extension with an empty one"),
    ],
)
def test_when_a_password_is_set(there, asked, update_password, then):
    have = directory() if there == "not there" else directory(ext(password=there))
    plan = plan_ext(have, {"number": "1001", "password": asked}, update_password=update_password)
    assert becomes(plan) == ext(password=then)
    assert bool(plan) is (there != then)


def test_a_password_belongs_to_the_realm_of_the_directory():
    plan = plan_ext(Directory(realm="pbx.example.org"), {"number": "1001", "password": SECRET})
    assert becomes(plan).digest == ha1("1001", "pbx.example.org", SECRET)


# --- weak passwords --------------------------------------------------------------------------


def test_every_weak_password_is_told_with_its_place():
    found = refusal(
        plan_ext,
        directory(),
        {"number": "1001", "password": "1001"},
        {"number": "1002", "password": SECRET},
        {"number": "1003", "password": "password"},
    )
    cure = "; choose a stronger one, or set allow_weak_password"
    assert found == {
        "extensions[0].password": "is shorter than 8 characters" + cure,
        "extensions[2].password": "is one of the first that an attacker tries" + cure,
    }


def test_a_weak_password_is_taken_where_that_is_allowed():
    plan = plan_ext(directory(), {"number": "1001", "password": "1"}, allow_weak_password=True)
    assert becomes(plan) == ext(password="1")


@pytest.mark.parametrize(
    ("asked", "policy"),
    [
        pytest.param({"password": "1"}, {}, id="the same again"),
        pytest.param({"password": "1", "name": "Fatma"}, {}, id="the same again with a rename"),
        pytest.param({"password": "2"}, {"update_password": False}, id="another one that is not taken"),
        pytest.param(
            {"password": "2", "name": "Fatma"}, {"update_password": False}, id="that, with a rename"
        ),
        pytest.param({"state": "absent", "password": "2"}, {}, id="a deletion"),
    ],
)
def test_a_weak_password_that_stands_already_stops_nothing(asked, policy):
    plan_ext(directory(ext(password="1")), {"number": "1001", **asked}, **policy)


def test_the_password_of_a_single_item_is_named_without_a_list():
    with pytest.raises(InvalidInputError, match=r"^password: is shorter"):
        plan_extensions(directory(), read_extensions([{"number": "1001", "password": "1"}]))


# --- references ------------------------------------------------------------------------------


def test_unknown_ports_and_groups_are_told_for_every_item_with_what_there_is():
    found = refusal(
        plan_ext,
        directory(WAN, DESK, SALES, IT),
        {"number": "1", "connection_port": "dekt"},
        {"number": "2", "connection_port": "desk", "groups": ["Sales", "Slaes"]},
        {"number": "3", "groups": ["IT"]},
        {"number": "4", "connection_port": "lan"},
    )
    assert found == {
        "extensions[0].connection_port": (
            "'dekt' does not exist on this host; there are: 'desk', 'wan';"
            " the system administrator defines ports in pbx_connection_ports"
        ),
        "extensions[1].groups": (
            "'Slaes' does not exist on this host; there are: 'IT', 'Sales';"
            " define it in pbx_extension_groups, or set create_groups"
        ),
        "extensions[3].connection_port": (
            "'lan' does not exist on this host; there are: 'desk', 'wan';"
            " the system administrator defines ports in pbx_connection_ports"
        ),
    }


def test_where_there_are_no_ports_the_message_says_none():
    found = refusal(plan_ext, directory(), {"number": "1", "connection_port": "desk"})
    assert "there are: none;" in found["extensions[0].connection_port"]


def test_the_references_of_a_deletion_do_not_matter():
    asked = {"number": "1001", "state": "absent", "connection_port": "gone", "groups": ["gone"]}
    assert plan_ext(directory(ext()), asked).extensions.delete == (ext(),)


def test_create_groups_creates_each_missing_group_once():
    plan = plan_ext(
        directory(SALES),
        {"number": "1", "groups": ["Sales", "IT", "Lab"]},
        {"number": "2", "groups": ["IT"]},
        create_groups=True,
    )
    assert plan.groups == Changes(create=(IT, ExtensionGroup("Lab")))
    assert [sorted(e.groups) for e in plan.extensions.create] == [["IT", "Lab", "Sales"], ["IT"]]


def test_create_groups_creates_no_port():
    found = refusal(plan_ext, directory(), {"number": "1", "connection_port": "desk"}, create_groups=True)
    assert list(found) == ["extensions[0].connection_port"]


def test_in_check_mode_an_unknown_reference_is_a_warning_told_once():
    asked = [{"number": n, "connection_port": "desk", "groups": ["Sales"]} for n in ("1", "2")]
    plan = plan_ext(directory(WAN), *asked, tolerate_unknown=True)
    assert [e.number for e in plan.extensions.create] == ["1", "2"]
    port_warning, group_warning = plan.warnings
    assert port_warning.startswith("connection_port 'desk' does not exist on this host; there are: 'wan';")
    assert group_warning.startswith("groups 'Sales' does not exist on this host; there are: none;")
    assert all(warning.endswith("would have to be created before") for warning in plan.warnings)


def test_in_check_mode_a_weak_password_is_still_refused():
    found = refusal(plan_ext, directory(), {"number": "1001", "password": "1"}, tolerate_unknown=True)
    assert list(found) == ["extensions[0].password"]


# --- groups ----------------------------------------------------------------------------------


def test_groups_are_created_kept_and_deleted():
    plan = plan_group(
        directory(SALES, IT), {"name": "Lab"}, {"name": "IT"}, {"name": "Sales", "state": "absent"}
    )
    assert plan.groups == Changes(create=(ExtensionGroup("Lab"),), delete=(SALES,), keep=(IT,))


def test_an_absent_group_that_is_not_there_is_nothing_to_do():
    assert plan_group(directory(), {"name": "Sales", "state": "absent"}) == Plan()


def test_a_group_with_members_is_not_deleted():
    have = directory(SALES, IT, ext("1002", groups=["Sales"]), ext("1001", groups=["Sales", "IT"]))
    found = refusal(
        plan_group,
        have,
        {"name": "Lab", "state": "absent"},
        {"name": "Sales", "state": "absent"},
        {"name": "IT", "state": "absent"},
    )
    assert found == {
        "extension_groups[1]": "group 'Sales' is used by 2 extension(s): 1001, 1002; change these first",
        "extension_groups[2]": "group 'IT' is used by 1 extension(s): 1001; change these first",
    }


def test_of_many_members_ten_are_named():
    members = [ext(str(number), groups=["Sales"]) for number in range(100, 111)]
    found = refusal(plan_group, directory(SALES, *members), {"name": "Sales", "state": "absent"})
    shown = "100, 101, 102, 103, 104, 105, 106, 107, 108, 109, …"
    assert (
        found["extension_groups[0]"]
        == f"group 'Sales' is used by 11 extension(s): {shown}; change these first"
    )


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
    assert found == {"connection_ports[0]": "port 'desk' is used by 1 extension(s): 1001; change these first"}


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
        pytest.param([{"name": "new", "address": "10.0.0.1"}], id="another address"),
        pytest.param([{"name": "new", "port": 5062}], id="another port"),
        pytest.param([{"name": "desk", "state": "absent"}, {"name": "new"}], id="the other one goes"),
        pytest.param([{"name": "desk", "port": 5062}, {"name": "new"}], id="the other one moves"),
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


# --- the diff --------------------------------------------------------------------------------


def test_a_diff_shows_only_what_changes():
    have = directory(DESK, WAN, SALES, FULL, ext("1002", name="Stays"), ext("1003", name="Goes"))
    plan = plan_ext(
        have,
        {"number": "1001", "name": "Fatma", "connection_port": "wan"},
        {"number": "1002", "name": "Stays"},
        {"number": "1003", "state": "absent"},
        {"number": "1004", "name": "Comes", "groups": ["IT"]},
        create_groups=True,
    )
    empty = {"connection_port": None, "groups": [], "has_password": False}
    assert plan.diff() == {
        "before": {
            "extension_groups": {},
            "extensions": {
                "1001": {"name": "Ayşe", "connection_port": "desk"},
                "1003": {**empty, "name": "Goes"},
            },
        },
        "after": {
            "extension_groups": {"IT": {}},
            "extensions": {
                "1001": {"name": "Fatma", "connection_port": "wan"},
                "1004": {**empty, "name": "Comes", "groups": ["IT"]},
            },
        },
    }


@pytest.mark.parametrize(
    ("there", "asked", "before", "after"),
    [
        pytest.param(None, SECRET, {"has_password": False}, {"has_password": True}, id="a first password"),
        pytest.param(SECRET, "", {"has_password": True}, {"has_password": False}, id="taken away"),
        pytest.param(
            SECRET,
            OTHER_SECRET,
            {"password": "(the one before)"},
            {"password": "(a new one)"},
            id="another one",
        ),
    ],
)
def test_a_diff_tells_that_a_password_changes_and_not_to_what(there, asked, before, after):
    diff = plan_ext(directory(ext(password=there)), {"number": "1001", "password": asked}).diff()
    assert diff == {"before": {"extensions": {"1001": before}}, "after": {"extensions": {"1001": after}}}
    for password in (SECRET, OTHER_SECRET):
        assert password not in json.dumps(diff)
        assert ha1("1001", REALM, password) not in json.dumps(diff)


def test_the_diff_of_ports_shows_what_they_listen_on():
    plan = plan_port(
        directory(DESK, WAN),
        {"name": "desk", "port": 5070},
        {"name": "wan", "state": "absent"},
        {"name": "lan", "port": 5080},
    )
    assert plan.diff() == {
        "before": {
            "connection_ports": {
                "desk": {"port": 5060},
                "wan": {"protocol": "tcp", "address": "0.0.0.0", "port": 5061},
            }
        },
        "after": {
            "connection_ports": {
                "desk": {"port": 5070},
                "lan": {"protocol": "udp", "address": "0.0.0.0", "port": 5080},
            }
        },
    }


def test_a_plan_without_change_has_an_empty_diff():
    assert plan_ext(directory(FULL), {"number": "1001"}).diff() == {"before": {}, "after": {}}


def test_a_diff_as_text_has_a_line_for_each_value_in_any_language():
    plan = plan_ext(
        directory(DESK, SALES, FULL),
        {"number": "1001", "name": 'Fatma "F" Şen', "password": OTHER_SECRET},
        {"number": "1002", "groups": ["Satış: 🏢"]},
        create_groups=True,
    )
    assert plan.diff_text() == {
        "before": (
            'extension_groups:\nextensions:\n  "1001":\n    name: "Ayşe"\n    password: "(the one before)"\n'
        ),
        "after": (
            "extension_groups:\n"
            '  "Satış: 🏢":\n'
            "extensions:\n"
            '  "1001":\n'
            '    name: "Fatma \\"F\\" Şen"\n'
            '    password: "(a new one)"\n'
            '  "1002":\n'
            '    name: ""\n'
            "    connection_port: null\n"
            '    groups: ["Satış: 🏢"]\n'
            "    has_password: false\n"
        ),
    }


def test_a_plan_without_change_has_an_empty_text():
    assert Plan().diff_text() == {"before": "", "after": ""}


def test_a_port_has_no_password_that_could_change():
    assert password_changed(DESK, WAN) is False


# --- any plan, carried out in a real store ---------------------------------------------------

NUMBERS = ["1", "01", "10", "1001", "905321234567890"]
GROUPS = ["A", "a", "Satış", "x'); --"]
PORTS = ["desk", "wan", "Ofis 🏢"]
PASSWORDS = ["", "1", SECRET, OTHER_SECRET]
LISTENERS = [(p, a, n) for p in ("udp", "tcp") for a in ("0.0.0.0", "::1") for n in (5060, 5061)]


@st.composite
def directories(draw):
    """Any directory over a few names."""
    ports = draw(st.dictionaries(st.sampled_from(PORTS), st.sampled_from(LISTENERS)))
    listeners = set()
    for name in list(ports):
        if ports[name] in listeners:
            del ports[name]
        else:
            listeners.add(ports[name])
    groups = draw(st.sets(st.sampled_from(GROUPS)))
    extensions = [
        ext(
            number,
            name=draw(st.sampled_from(["", "Ayşe", 'O"Hara\\'])),
            connection_port=draw(st.sampled_from([None, *sorted(ports)])),
            groups=draw(st.sets(st.sampled_from(sorted(groups)))) if groups else (),
            password=draw(st.sampled_from([None, *PASSWORDS[1:]])),
        )
        for number in draw(st.sets(st.sampled_from(NUMBERS)))
    ]
    ports = [ConnectionPort(name, *listener) for name, listener in ports.items()]
    return directory(*ports, *(ExtensionGroup(group) for group in groups), *extensions)


def lists_of(key, keys, **options):
    """Any list of items, each with its own key, a state, and some of the options."""
    optional = {name: st.one_of(st.none(), values) for name, values in options.items()}
    item = st.fixed_dictionaries(
        {key: st.sampled_from(keys)}, optional={"state": st.sampled_from(["present", "absent"]), **optional}
    )
    return st.lists(item, max_size=5, unique_by=lambda it: it[key])


EXTENSION_LISTS = lists_of(
    "number",
    NUMBERS,
    name=st.sampled_from(["", "Ayşe", "Fatma $;"]),
    connection_port=st.sampled_from(["", *PORTS]),
    groups=st.lists(st.sampled_from(GROUPS), max_size=3),
    password=st.sampled_from(PASSWORDS),
)
PORT_LISTS = lists_of(
    "name",
    PORTS,
    protocol=st.sampled_from(["udp", "tcp"]),
    address=st.sampled_from(["0.0.0.0", "::1"]),
    port=st.sampled_from([5060, 5061]),
)
GROUP_LISTS = lists_of("name", GROUPS)
POLICIES = st.builds(Policy, st.booleans(), st.booleans(), st.booleans())


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "empty.sqlite3"
    store.create(str(path), os.getgid())
    return path


@contextlib.contextmanager
def stored(empty_database, content):
    """A database that holds this content."""
    with tempfile.TemporaryDirectory(dir=empty_database.parent) as folder:
        path = str(Path(folder) / "directory.sqlite3")
        shutil.copy(empty_database, path)
        everything = Plan(
            Changes(create=tuple(content.ports.values())),
            Changes(create=tuple(content.groups.values())),
            Changes(create=tuple(content.extensions.values())),
        )
        with store.writing(path) as database:
            database.apply(everything)
        assert read(path) == content
        yield path


def read(path):
    with store.reading(path) as database:
        return database.read()


def shown(content):
    """All that a user may see of a directory, in the form of a diff."""
    kinds = {
        "connection_ports": content.ports,
        "extension_groups": content.groups,
        "extensions": content.extensions,
    }
    return {kind: {key: thing.shown() for key, thing in things.items()} for kind, things in kinds.items()}


def without_password_note(fields):
    return {name: value for name, value in fields.items() if name != "password"}


def assert_diff_tells_the_truth(diff, had, has):
    """Before and after agree with what the store held and holds, and nothing else changed."""
    before, after = shown(had), shown(has)
    for kind in before:
        old, new = diff["before"].get(kind, {}), diff["after"].get(kind, {})
        for key in before[kind].keys() | after[kind].keys() | old.keys() | new.keys():
            if key not in old and key not in new:
                assert before[kind].get(key) == after[kind].get(key)
            elif key not in old:
                assert key not in before[kind]
                assert new[key] == after[kind][key]
            elif key not in new:
                assert key not in after[kind]
                assert old[key] == before[kind][key]
            else:
                assert before[kind][key] | without_password_note(old[key]) == before[kind][key]
                assert before[kind][key] | without_password_note(new[key]) == after[kind][key]
                assert not any(value == old[key][name] for name, value in new[key].items())


def assert_carried_out(path, decide, wanted):
    """Plan from the store, apply, and compare: with what is wanted, with the diff, with a second plan.

    ``wanted`` is None where the plan ought to be refused; then nothing changes.
    """
    bytes_before = Path(path).read_bytes()
    had = read(path)
    try:
        plan = decide(had)
    except InvalidInputError:
        assert wanted is None
        assert Path(path).read_bytes() == bytes_before
        return
    assert wanted is not None
    assert Path(path).read_bytes() == bytes_before
    with store.writing(path) as database:
        database.apply(plan)
    has = read(path)
    assert has == wanted
    assert bool(plan) is (had != has)
    assert_diff_tells_the_truth(plan.diff(), had, has)
    again = decide(has)
    assert not again
    assert again.diff() == {"before": {}, "after": {}}
    assert {port.name: port.id for port in has.ports.values() if port.name in had.ports}.items() <= {
        port.name: port.id for port in had.ports.values()
    }.items()


def wanted_extensions(have, items, policy):
    """What the extensions ought to be, said without the planner; None where they are refused."""
    groups, extensions = dict(have.groups), dict(have.extensions)
    for item in items:
        number, old = item["number"], have.extensions.get(item["number"])
        if item.get("state") == "absent":
            extensions.pop(number, None)
            continue
        if item.get("connection_port") and item["connection_port"] not in have.ports:
            return None
        for group in item.get("groups") or []:
            if group not in have.groups and not policy.create_groups:
                return None
            groups[group] = ExtensionGroup(group)
        given = {name: value for name, value in item.items() if value is not None}
        digest = old.digest if old else None
        if "password" in given and (old is None or policy.update_password):
            digest = ha1(number, REALM, given["password"]) if given["password"] else None
            if given["password"] == "1" and not policy.allow_weak_password and digest != (old and old.digest):
                return None
        extensions[number] = Extension(
            number,
            given.get("name", old.name if old else ""),
            given.get("connection_port", old.connection_port if old else None) or None,
            frozenset(given.get("groups", old.groups if old else ())),
            digest,
        )
    return Directory(have.realm, have.ports, groups, extensions)


@given(have=directories(), items=EXTENSION_LISTS, policy=POLICIES)
def test_any_plan_of_extensions_is_carried_out_exactly(empty_database, have, items, policy):
    requests = read_extensions(items, "extensions")
    with stored(empty_database, have) as path:
        wanted = wanted_extensions(have, items, policy)
        assert_carried_out(path, lambda directory: plan_extensions(directory, requests, policy), wanted)


@given(have=directories(), items=EXTENSION_LISTS, policy=POLICIES)
def test_no_plan_of_extensions_shows_a_secret(have, items, policy):
    try:
        plan = plan_extensions(have, read_extensions(items, "extensions"), policy)
        told = json.dumps([plan.diff(), plan.diff_text()]) + repr(plan) + " ".join(plan.warnings)
    except InvalidInputError as error:
        told = str(error)
    assert not [password for password in (SECRET, OTHER_SECRET) if password in told]
    assert not [n for n in NUMBERS for password in PASSWORDS if ha1(n, REALM, password) in told]


@given(have=directories(), items=GROUP_LISTS)
def test_any_plan_of_groups_is_carried_out_exactly(empty_database, have, items):
    requests = read_extension_groups(items, "extension_groups")
    gone = {item["name"] for item in items if item.get("state") == "absent"}
    named = {item["name"] for item in items} - gone
    in_use = any(gone & extension.groups for extension in have.extensions.values())
    groups = {name: ExtensionGroup(name) for name in (have.groups.keys() | named) - gone}
    wanted = None if in_use else Directory(have.realm, have.ports, groups, have.extensions)
    with stored(empty_database, have) as path:
        assert_carried_out(path, lambda directory: plan_extension_groups(directory, requests), wanted)


def wanted_ports(have, items):
    """What the ports ought to be, said without the planner; None where they are refused."""
    ports = dict(have.ports)
    for item in items:
        name = item["name"]
        if item.get("state") == "absent":
            ports.pop(name, None)
            if any(extension.connection_port == name for extension in have.extensions.values()):
                return None
            continue
        given = {option: item[option] for option in ("protocol", "address", "port") if item.get(option)}
        base = ports.get(name, ConnectionPort(name)).shown()
        ports[name] = ConnectionPort(name=name, **{**base, **given})
    if len({tuple(port.shown().values()) for port in ports.values()}) < len(ports):
        return None
    return Directory(have.realm, ports, have.groups, have.extensions)


@given(have=directories(), items=PORT_LISTS)
def test_any_plan_of_ports_is_carried_out_exactly(empty_database, have, items):
    requests = read_connection_ports(items, "connection_ports")
    with stored(empty_database, have) as path:
        wanted = wanted_ports(have, items)
        assert_carried_out(path, lambda directory: plan_connection_ports(directory, requests), wanted)


@given(have=directories(), items=EXTENSION_LISTS, policy=POLICIES)
def test_the_order_of_a_list_does_not_matter(have, items, policy):
    def outcome(some):
        try:
            return plan_extensions(have, read_extensions(some, "extensions"), policy)
        except InvalidInputError as error:
            return sorted(problem.message for problem in error.problems)

    assert outcome(items) == outcome(items[::-1])
