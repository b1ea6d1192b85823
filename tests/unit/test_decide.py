# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What changes, decided from what is there and what is wanted."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.decide import (
    PURGE_ALWAYS,
    Policy,
    listed,
    plan_connection_ports,
    plan_extension_groups,
    plan_extensions,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.digest import REALM, ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import (
    ConnectionPort,
    Extension,
    ExtensionGroup,
    Request,
    read_connection_ports,
    read_extension_groups,
    read_extensions,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.plan import (
    Changes,
    Directory,
    Plan,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.problem import InvalidInputError
from hypothesis import given
from hypothesis import strategies as st

SECRET = "Kx7#mQ2p-old"
OTHER_SECRET = "Vw3!nR8t-new"


def ext(number="1001", name="", password=None, groups=(), callable_groups=None, **fields):
    """An extension as it stands in a directory."""
    if callable_groups is not None:
        callable_groups = frozenset(callable_groups)
    digest = None if password is None else ha1(number, REALM, password)
    return Extension(
        number, name, groups=frozenset(groups), callable_groups=callable_groups, digest=digest, **fields
    )


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
SATIS = ExtensionGroup("Satış")


def plan_ext(have, *items, **policy):
    return plan_extensions(have, read_extensions(items, "extensions"), Policy(**policy))


def plan_port(have, *items, **policy):
    requests = read_connection_ports(items, "connection_ports")
    return plan_connection_ports(have, requests, Policy(**policy))


def plan_group(have, *items, **policy):
    requests = read_extension_groups(items, "extension_groups")
    return plan_extension_groups(have, requests, Policy(**policy))


def becomes(plan):
    """The one extension that the plan creates, changes or keeps, as it will be."""
    changes = plan.extensions
    (extension,) = [*changes.create, *(new for _, new in changes.change), *changes.keep]
    return extension


def problems(decide, *arguments, **policy):
    """What a refused plan says, as (path, message)."""
    with pytest.raises(InvalidInputError) as refused:
        decide(*arguments, **policy)
    return [tuple(problem) for problem in refused.value.problems]


def refusal(decide, *arguments, **policy):
    """What a refused plan says, as {path: message}; no path is told twice."""
    found = problems(decide, *arguments, **policy)
    assert len(dict(found)) == len(found)
    return dict(found)


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


FULL = ext(
    name="Ayşe",
    password=SECRET,
    connection_port="desk",
    groups=["Sales"],
    callable_groups=["Sales"],
    enabled=False,
    max_devices=2,
    ring_timeout=10,
    forward_to="1002",
    language="tr",
    email="ayse@example.org",
    labels=(("room", "12"),),
)


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        pytest.param({"name": "Fatma"}, {"name": "Fatma"}, id="a rename"),
        pytest.param({"name": ""}, {"name": ""}, id="a name taken away"),
        pytest.param({"connection_port": "wan"}, {"connection_port": "wan"}, id="another port"),
        pytest.param({"connection_port": ""}, {"connection_port": None}, id="any port"),
        pytest.param({"groups": ["IT"]}, {"groups": {"IT"}}, id="another group"),
        pytest.param({"groups": []}, {"groups": set()}, id="no group"),
        pytest.param({"callable_groups": ["IT"]}, {"callable_groups": {"IT"}}, id="it may call others"),
        pytest.param({"callable_groups": ["*"]}, {"callable_groups": None}, id="it may call everybody"),
        pytest.param({"callable_groups": []}, {"callable_groups": set()}, id="it may call nobody"),
        pytest.param({"enabled": True}, {"enabled": True}, id="enabled"),
        pytest.param({"max_devices": 3}, {"max_devices": 3}, id="another number of phones"),
        pytest.param({"ring_timeout": 300}, {"ring_timeout": 300}, id="another time to ring"),
        pytest.param({"forward_to": "1003"}, {"forward_to": "1003"}, id="another forward"),
        pytest.param({"forward_to": ""}, {"forward_to": None}, id="no forward"),
        pytest.param({"language": "en"}, {"language": "en"}, id="another language"),
        pytest.param({"language": ""}, {"language": None}, id="the language of the host"),
        pytest.param({"email": "a@b.example"}, {"email": "a@b.example"}, id="another address"),
        pytest.param({"email": ""}, {"email": None}, id="no address"),
        pytest.param({"labels": {"a": "b"}}, {"labels": (("a", "b"),)}, id="other labels, and not one more"),
        pytest.param({"labels": {}}, {"labels": ()}, id="no label"),
        pytest.param({"password": OTHER_SECRET}, {"digest": ha1("1001", REALM, OTHER_SECRET)}, id="password"),
        pytest.param({"password": ""}, {"digest": None}, id="no password"),
        pytest.param({}, {}, id="nothing"),
    ],
)
def test_what_is_left_out_is_left_alone(asked, changed):
    have = directory(DESK, WAN, SALES, IT, FULL, ext("1002"), ext("1003"))
    plan = plan_ext(have, {"number": "1001", **asked})
    assert vars(becomes(plan)) == {**vars(FULL), **changed}
    assert bool(plan) is bool(changed)


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
    plan = plan_ext(directory(WAN), *asked, check_mode=True)
    assert [e.number for e in plan.extensions.create] == ["1", "2"]
    port_warning, group_warning = plan.warnings
    assert port_warning.startswith("connection_port: 'desk' does not exist on this host; there are: 'wan';")
    assert group_warning.startswith("groups: 'Sales' does not exist on this host; there are: none;")
    assert all("the run refuses this unless it is created before" in warning for warning in plan.warnings)


def test_in_check_mode_a_forward_to_somebody_who_is_not_there_is_a_warning():
    plan = plan_ext(directory(), {"number": "1", "forward_to": "2"}, check_mode=True)
    assert "there is no extension 2" in plan.warnings[0]


def test_in_check_mode_a_port_in_use_is_a_warning():
    have = directory(WAN, ext("1001", connection_port="wan"))
    plan = plan_port(have, {"name": "wan", "state": "absent"}, check_mode=True)
    assert [port.name for port in plan.ports.delete] == ["wan"]
    assert "port 'wan' is used by 1 extension(s): 1001" in plan.warnings[0]


def test_a_forward_that_leads_nowhere_already_is_no_mistake_of_who_writes_it_down_again():
    have = directory(ext("1", forward_to="2"))
    assert not plan_ext(have, {"number": "1", "forward_to": "2"})


def test_two_new_groups_that_look_alike_are_warned_of_and_a_corrected_spelling_is_not():
    new = plan_group(directory(), {"name": "Satış"}, {"name": "SATIŞ"})
    assert "differs from 'Satış' only in spelling" in new.warnings[0]
    corrected = plan_group(directory(SATIS), {"name": "SATIŞ"}, {"name": "Satış", "state": "absent"})
    assert corrected.warnings == ()


def test_in_check_mode_a_weak_password_is_still_refused():
    found = refusal(plan_ext, directory(), {"number": "1001", "password": "1"}, check_mode=True)
    assert list(found) == ["extensions[0].password"]


def test_an_unknown_group_to_call_is_told_as_one_to_belong_to_is():
    found = refusal(plan_ext, directory(IT), {"number": "1", "callable_groups": ["IT", "Lab"]})
    assert found == {
        "extensions[0].callable_groups": (
            "'Lab' does not exist on this host; there are: 'IT';"
            " define it in pbx_extension_groups, or set create_groups"
        )
    }


def test_create_groups_creates_a_group_to_call_and_only_once():
    asked = {"number": "1", "groups": ["IT"], "callable_groups": ["IT", "Lab"]}
    plan = plan_ext(directory(), asked, create_groups=True)
    assert plan.groups == Changes(create=(IT, ExtensionGroup("Lab")))
    assert becomes(plan).callable_groups == {"IT", "Lab"}


@pytest.mark.parametrize("callable_groups", [["*"], []], ids=["everybody", "nobody"])
def test_whom_everybody_or_nobody_may_call_needs_no_group(callable_groups):
    assert plan_ext(directory(), {"number": "1", "callable_groups": callable_groups}).groups == Changes()


def test_every_unknown_reference_of_one_extension_is_told():
    asked = {
        "number": "1",
        "connection_port": "x",
        "groups": ["a", "b"],
        "callable_groups": ["c"],
        "forward_to": "9",
    }
    found = problems(plan_ext, directory(), asked)
    options = ["callable_groups", "connection_port", "forward_to", "groups", "groups"]
    assert [path for path, _ in found] == [f"extensions[0].{option}" for option in options]


# --- names that are alike --------------------------------------------------------------------


SPELLINGS = [
    pytest.param("SATIŞ", id="in capitals"),
    pytest.param("satış", id="in small letters"),
    pytest.param("satis", id="without the signs of Turkish"),
    pytest.param("SATİŞ", id="with the other capital i"),
    pytest.param("Sat ış", id="with a blank"),
]


@pytest.mark.parametrize("spelt", SPELLINGS)
@pytest.mark.parametrize("option", ["groups", "callable_groups"])
def test_a_group_spelt_differently_is_recognised(option, spelt):
    found = refusal(plan_ext, directory(SALES, SATIS), {"number": "1", option: [spelt]})
    message = f"{spelt!r} does not exist on this host; did you mean 'Satış'?"
    assert found == {f"extensions[0].{option}": message}


def test_a_port_spelt_differently_is_recognised():
    found = refusal(plan_ext, directory(DESK, WAN), {"number": "1", "connection_port": "De sk"})
    assert found == {
        "extensions[0].connection_port": "'De sk' does not exist on this host; did you mean 'desk'?"
    }


def test_in_check_mode_a_group_spelt_differently_is_recognised():
    (warning,) = plan_ext(directory(SATIS), {"number": "1", "groups": ["satis"]}, check_mode=True).warnings
    assert warning.startswith("groups: 'satis' does not exist on this host; did you mean 'Satış'?")


@pytest.mark.parametrize("spelt", SPELLINGS)
def test_creating_a_group_that_is_spelt_differently_warns(spelt):
    warning = f"the new group {spelt!r} differs from 'Satış' only in spelling; is it meant to be another?"
    have = directory(SALES, SATIS)
    plan = plan_group(have, {"name": spelt})
    assert (plan.groups.create, plan.warnings) == ((ExtensionGroup(spelt),), (warning,))
    asked = [{"number": n, "groups": [spelt], "callable_groups": [spelt]} for n in ("1", "2")]
    plan = plan_ext(have, *asked, create_groups=True)
    assert (plan.groups.create, plan.warnings) == ((ExtensionGroup(spelt),), (warning,))


def test_a_group_that_resembles_several_is_told_of_each():
    have = directory(ExtensionGroup("IT"), ExtensionGroup("it"))
    assert [warning.split("'")[3] for warning in plan_group(have, {"name": "İt"}).warnings] == ["IT", "it"]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"name": "Satış"}, id="it is there"),
        pytest.param({"name": "Satıl"}, id="another letter"),
        pytest.param({"name": "Satış 2"}, id="a number more"),
        pytest.param({"name": "satis", "state": "absent"}, id="it goes"),
    ],
)
def test_a_group_that_is_no_slip_of_the_keyboard_warns_of_nothing(asked):
    assert plan_group(directory(SALES, SATIS), asked).warnings == ()


def test_a_lookalike_that_is_there_already_warns_of_nothing():
    have = directory(SATIS, ExtensionGroup("satis"))
    assert plan_group(have, {"name": "satis"}, {"name": "Satış"}) == Plan(
        groups=Changes(keep=(SATIS, ExtensionGroup("satis")))
    )
    assert not plan_ext(have, {"number": "1", "groups": ["satis"]}, create_groups=True).warnings


# --- forwards --------------------------------------------------------------------------------


def test_a_forward_leads_to_an_extension_that_is_there():
    plan = plan_ext(directory(ext("1002")), {"number": "1001", "forward_to": "1002"})
    assert becomes(plan).forward_to == "1002"
    assert plan.warnings == ()


@pytest.mark.parametrize("turn", [1, -1], ids=["before", "after"])
def test_a_forward_leads_to_an_extension_that_the_same_list_makes(turn):
    asked = [{"number": "1001"}, {"number": "1002", "forward_to": "1001"}]
    plan = plan_ext(directory(), *asked[::turn])
    assert [e.forward_to for e in plan.extensions.create] == [None, "1001"]


def test_two_extensions_forward_to_each_other():
    asked = [{"number": "1", "forward_to": "2"}, {"number": "2", "forward_to": "1"}]
    assert [e.forward_to for e in plan_ext(directory(), *asked).extensions.create] == ["2", "1"]


@pytest.mark.parametrize(
    ("have", "asked", "message"),
    [
        pytest.param(
            [],
            [{"number": "1001", "forward_to": "1002"}],
            "there is no extension 1002 on this host, and the list makes none",
            id="to nobody",
        ),
        pytest.param(
            [ext("01002"), ext("100")],
            [{"number": "1001", "forward_to": "1002"}],
            "there is no extension 1002 on this host, and the list makes none",
            id="to a number that only looks alike",
        ),
        pytest.param(
            [ext("1001")],
            [{"number": "1001", "forward_to": 1001}],
            "is the extension itself",
            id="to itself",
        ),
        pytest.param(
            [],
            [{"number": "1001", "forward_to": "1001"}],
            "is the extension itself",
            id="to itself, which is new",
        ),
        pytest.param(
            [ext("1002")],
            [{"number": "1001", "forward_to": "1002"}, {"number": "1002", "state": "absent"}],
            "there is no extension 1002 on this host, and the list makes none",
            id="to one that the same list deletes",
        ),
    ],
)
def test_a_forward_into_the_void_is_refused(have, asked, message):
    assert refusal(plan_ext, directory(*have), *asked) == {"extensions[0].forward_to": message}


def test_a_forward_to_one_that_a_purge_deletes_is_refused():
    have = directory(ext("1001"), ext("1002"))
    found = refusal(plan_ext, have, {"number": "1001", "forward_to": "1002"}, purge=True)
    assert list(found) == ["extensions[0].forward_to"]


def test_who_forwards_to_a_deleted_extension_is_told_and_left_as_it_is():
    have = directory(
        ext("1001", forward_to="1003"),
        ext("1002", forward_to="1003"),
        ext("1003"),
        ext("1004", forward_to="1001"),
    )
    plan = plan_ext(have, {"number": "1002", "name": "Fatma"}, {"number": "1003", "state": "absent"})
    assert plan.warnings == (
        "extension 1001 forwards to 1003, which is deleted",
        "extension 1002 forwards to 1003, which is deleted",
    )
    assert becomes(plan) == ext("1002", "Fatma", forward_to="1003")


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"number": "1001", "forward_to": ""}, id="it forwards no more"),
        pytest.param({"number": "1001", "forward_to": "1003"}, id="it forwards to another"),
        pytest.param({"number": "1001", "state": "absent"}, id="it goes too"),
    ],
)
def test_a_forward_that_is_mended_in_the_same_list_is_not_told(asked):
    have = directory(ext("1001", forward_to="1002"), ext("1002"), ext("1003"))
    assert plan_ext(have, asked, {"number": "1002", "state": "absent"}).warnings == ()


def test_who_forwards_to_a_purged_extension_is_told():
    have = directory(ext("1001", forward_to="1002"), ext("1002"))
    assert plan_ext(have, {"number": "1001"}, purge=True).warnings == (
        "extension 1001 forwards to 1002, which is deleted",
    )


# --- groups ----------------------------------------------------------------------------------


FORCE = "change these first, or set force, which takes it from them"


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
        "extension_groups[1]": f"group 'Sales' is used by 2 extension(s): 1001, 1002; {FORCE}",
        "extension_groups[2]": f"group 'IT' is used by 1 extension(s): 1001; {FORCE}",
    }


def test_of_many_members_ten_are_named():
    members = [ext(str(number), groups=["Sales"]) for number in range(100, 111)]
    found = refusal(plan_group, directory(SALES, *members), {"name": "Sales", "state": "absent"})
    shown = "100, 101, 102, 103, 104, 105, 106, 107, 108, 109, …"
    assert found["extension_groups[0]"] == f"group 'Sales' is used by 11 extension(s): {shown}; {FORCE}"


def test_a_group_that_somebody_may_call_is_not_deleted():
    have = directory(SALES, ext("1001", callable_groups=["Sales"]), ext("1002", groups=["Sales"]))
    found = refusal(plan_group, have, {"name": "Sales", "state": "absent"})
    message = f"group 'Sales' is used by 2 extension(s): 1001, 1002; {FORCE}"
    assert found == {"extension_groups[0]": message}


@pytest.mark.parametrize(
    "used", [{"groups": ["Sales"]}, {"callable_groups": ["Sales"]}], ids=["member", "caller"]
)
def test_in_check_mode_a_group_in_use_is_a_warning_for_an_earlier_task_may_free_it(used):
    have = directory(SALES, ext("1001", **used))
    gone = {"name": "Sales", "state": "absent"}
    message = f"group 'Sales' is used by 1 extension(s): 1001; {FORCE}"
    expected = Plan(groups=Changes(delete=(SALES,)), warnings=(message,))
    assert plan_group(have, gone, check_mode=True) == expected
    assert plan_group(have, purge=True, check_mode=True) == expected


def test_in_check_mode_force_shows_who_loses_a_group_without_a_warning():
    have = directory(SALES, ext(groups=["Sales"]))
    plan = plan_group(have, {"name": "Sales", "state": "absent"}, check_mode=True, force=True)
    assert plan.extensions.change == ((ext(groups=["Sales"]), ext()),)
    assert plan.warnings == ()


def test_a_group_that_everybody_may_call_as_any_other_is_deleted():
    assert plan_group(directory(SALES, ext()), {"name": "Sales", "state": "absent"}).groups.delete == (SALES,)


def test_force_takes_a_group_from_its_members_and_callers_who_stay():
    member = ext("1001", "Ayşe", SECRET, ["Sales", "IT"], forward_to="1003")
    caller = ext("1002", callable_groups=["Sales", "IT"])
    have = directory(SALES, IT, member, caller, ext("1003", groups=["IT"]))
    plan = plan_group(have, {"name": "Sales", "state": "absent"}, force=True)
    assert plan == Plan(
        groups=Changes(delete=(SALES,)),
        extensions=Changes(
            change=(
                (member, ext("1001", "Ayşe", SECRET, ["IT"], forward_to="1003")),
                (caller, ext("1002", callable_groups=["IT"])),
            )
        ),
    )


def test_force_never_lifts_a_restriction():
    have = directory(
        SALES, IT, ext("1001", callable_groups=["Sales"]), ext("1002", callable_groups=["IT", "Sales"])
    )
    gone = [{"name": name, "state": "absent"} for name in ("Sales", "IT")]
    plan = plan_group(have, *gone, force=True)
    assert [new.callable_groups for _, new in plan.extensions.change] == [frozenset(), frozenset()]


def test_force_makes_nobody_restricted_who_was_not():
    plan = plan_group(
        directory(SALES, ext(groups=["Sales"])), {"name": "Sales", "state": "absent"}, force=True
    )
    assert becomes(plan) == ext()


def test_force_is_not_needed_and_does_nothing_where_a_group_has_no_members():
    have = directory(SALES, IT, ext(groups=["IT"]))
    plan = plan_group(have, {"name": "Sales", "state": "absent"}, {"name": "IT"}, force=True)
    assert plan == Plan(groups=Changes(delete=(SALES,), keep=(IT,)))


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


# --- purge -----------------------------------------------------------------------------------


KINDS = {
    "ports": (plan_connection_ports, lambda n: ConnectionPort(f"{n:03}", port=n)),
    "groups": (plan_extension_groups, lambda n: ExtensionGroup(f"{n:03}")),
    "extensions": (plan_extensions, lambda n: ext(f"{n:03}")),
}


def purge(kind, there, left_out, **policy):
    """Plan a list that leaves out the first so many of what is there; return what happens to this kind."""
    decide, thing = KINDS[kind]
    have = directory(*(thing(n) for n in range(1, there + 1)))
    want = [Request(f"{n:03}", f"{kind}[{n}]") for n in range(left_out + 1, there + 1)]
    return getattr(decide(have, want, Policy(**policy)), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_without_purge_nothing_that_is_left_out_is_deleted(kind):
    changes = purge(kind, 10, 10, purge_limit=100)
    assert changes == Changes()
    assert len(purge(kind, 10, 7).keep) == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("there", "left_out", "limit"),
    [
        pytest.param(0, 0, 20, id="nothing is there"),
        pytest.param(10, 0, 0, id="nothing is left out"),
        pytest.param(5, 5, 0, id="five may always go, even all of them"),
        pytest.param(500, 5, 0, id="five of many"),
        pytest.param(30, 6, 20, id="a fifth"),
        pytest.param(34, 6, 20, id="less than a fifth"),
        pytest.param(12, 6, 50, id="half"),
        pytest.param(100, 100, 100, id="everything"),
        pytest.param(100, 20, 20, id="twenty of a hundred"),
    ],
)
def test_a_purge_deletes_what_is_left_out(kind, there, left_out, limit):
    changes = purge(kind, there, left_out, purge=True, purge_limit=limit)
    assert [getattr(thing, "number", None) or thing.name for thing in changes.delete] == [
        f"{n:03}" for n in range(1, left_out + 1)
    ]
    assert len(changes.keep) == there - left_out
    assert changes.change == changes.create == ()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("there", "left_out", "limit", "allowed"),
    [
        pytest.param(6, 6, 0, 5, id="six of six"),
        pytest.param(6, 6, 99, 5, id="six of six, of which 99 % are not six"),
        pytest.param(29, 6, 20, 5, id="a fifth is rounded down"),
        pytest.param(30, 7, 20, 6, id="one more than a fifth"),
        pytest.param(100, 21, 20, 20, id="21 of a hundred"),
        pytest.param(100, 100, 99, 99, id="everything, and one had to stay"),
    ],
)
def test_a_purge_of_more_than_the_limit_is_refused_with_the_numbers(kind, there, left_out, limit, allowed):
    found = refusal(purge, kind, there, left_out, purge=True, purge_limit=limit)
    names = ", ".join(f"{n:03}" for n in range(1, min(left_out, 10) + 1)) + (", …" if left_out > 10 else "")
    assert found == {
        "purge": (
            f"the list leaves out {left_out} of the {there} there are ({names}), and a purge"
            f" deletes at most {allowed} of them at once; if that is what you want, raise purge_limit"
            f" (now {limit} %)"
        )
    }


def test_unless_told_otherwise_a_fifth_may_be_purged():
    assert len(purge("extensions", 100, 20, purge=True).delete) == 20
    with pytest.raises(InvalidInputError, match="leaves out 21 of the 100"):
        purge("extensions", 100, 21, purge=True)


@given(there=st.integers(0, 60), share=st.integers(0, 60), limit=st.integers(0, 100))
def test_a_purge_is_allowed_up_to_five_or_its_share_of_all(there, share, limit):
    left_out = min(share, there)
    if left_out <= PURGE_ALWAYS or left_out * 100 <= there * limit:
        assert len(purge("groups", there, left_out, purge=True, purge_limit=limit).delete) == left_out
    else:
        refusal(purge, "groups", there, left_out, purge=True, purge_limit=limit)


def test_what_the_list_itself_deletes_does_not_count_as_left_out():
    asked = [{"number": str(n), "state": "absent"} for n in range(100, 110)]
    have = directory(*(ext(str(n)) for n in range(100, 112)))
    assert len(plan_ext(have, *asked, purge=True, purge_limit=0).extensions.delete) == 12


def test_a_purge_deletes_creates_and_changes_in_one_plan():
    plan = plan_ext(
        directory(ext("1"), ext("2")), {"number": "2", "name": "Fatma"}, {"number": "3"}, purge=True
    )
    assert plan.extensions == Changes(
        create=(ext("3"),), change=((ext("2"), ext("2", "Fatma")),), delete=(ext("1"),)
    )


def test_a_listener_is_taken_over_from_a_port_that_is_purged():
    plan = plan_port(directory(DESK), {"name": "new"}, purge=True)
    assert plan.ports == Changes(create=(ConnectionPort("new"),), delete=(DESK,))


def test_a_purge_of_a_port_in_use_is_refused():
    have = directory(DESK, WAN, ext("1001", connection_port="desk"))
    found = refusal(plan_port, have, {"name": "wan"}, purge=True)
    assert found == {"purge": "port 'desk' is used by 1 extension(s): 1001; change these first"}


@pytest.mark.parametrize(
    "used", [{"groups": ["Sales"]}, {"callable_groups": ["Sales"]}], ids=["member", "caller"]
)
def test_a_purge_of_a_group_in_use_is_refused_unless_forced(used):
    have = directory(SALES, IT, ext("1001", **used))
    found = refusal(plan_group, have, {"name": "IT"}, purge=True)
    assert found == {"purge": f"group 'Sales' is used by 1 extension(s): 1001; {FORCE}"}
    plan = plan_group(have, {"name": "IT"}, purge=True, force=True)
    assert plan.groups == Changes(delete=(SALES,), keep=(IT,))
    assert not plan.extensions.delete


def test_every_port_in_use_that_a_purge_would_delete_is_told():
    have = directory(DESK, WAN, ext("1", connection_port="desk"), ext("2", connection_port="wan"))
    found = problems(plan_port, have, purge=True)
    assert [(path, message.split("'")[1]) for path, message in found] == [("purge", "desk"), ("purge", "wan")]


def test_force_does_not_raise_the_limit_of_a_purge():
    found = refusal(purge, "groups", 20, 20, purge=True, force=True)
    assert "leaves out 20 of the 20" in found["purge"]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        pytest.param([], "", id="none"),
        pytest.param({"b", "a"}, "a, b", id="ordered"),
        pytest.param("kjihgfedcba", "a, b, c, d, e, f, g, h, i, j, …", id="ten of eleven"),
        pytest.param("jihgfedcba", "a, b, c, d, e, f, g, h, i, j", id="all of ten"),
    ],
)
def test_names_are_listed_as_far_as_they_help(names, text):
    assert listed(names) == text
