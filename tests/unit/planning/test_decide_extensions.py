# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What becomes of extensions, decided from what is there and what is wanted."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import REALM, ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    Extension,
    ExtensionGroup,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.decide import plan_kind
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    EXTENSIONS,
    Changes,
    Directory,
    Plan,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.request import ask_extensions
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    DESK,
    IT,
    OTHER_SECRET,
    SALES,
    SATIS,
    SECRET,
    WAN,
    becomes,
    directory,
    ext,
    plan_ext,
    plan_group,
    plan_port,
    problems,
    refusal,
)

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
    assert [was.number for was, _new in plan.extensions.change] == ["1001"]
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
        plan_kind(EXTENSIONS, directory(), ask_extensions([{"number": "1001", "password": "1"}], ""))


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
            "'dekt' does not exist on this host; did you mean 'desk'?"
            " The system administrator defines ports in pbx_connection_ports"
        ),
        "extensions[1].groups": (
            "'Slaes' does not exist on this host; did you mean 'Sales'?"
            " If it is a new group, define it in pbx_extension_groups, or set create_groups"
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
    assert "port 'wan' is used by 1: extension 1001" in plan.warnings[0]


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
            " if it is a new group, define it in pbx_extension_groups, or set create_groups"
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
    assert [path for path, _message in found] == [f"extensions[0].{option}" for option in options]


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
