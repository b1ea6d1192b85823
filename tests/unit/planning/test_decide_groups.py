# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What becomes of groups, and what is said of names that are alike."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import ExtensionGroup
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import Changes, Plan
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    DESK,
    IT,
    SALES,
    SATIS,
    SECRET,
    WAN,
    becomes,
    directory,
    ext,
    plan_ext,
    plan_group,
    refusal,
)

# --- groups ----------------------------------------------------------------------------------


FORCE = "change these extensions first, or set force, which takes it from them"


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
        "extension_groups[1]": f"group 'Sales' is used by 2: 1001, 1002; {FORCE}",
        "extension_groups[2]": f"group 'IT' is used by 1: 1001; {FORCE}",
    }


def test_of_many_members_ten_are_named():
    members = [ext(str(number), groups=["Sales"]) for number in range(100, 111)]
    found = refusal(plan_group, directory(SALES, *members), {"name": "Sales", "state": "absent"})
    shown = "100, 101, 102, 103, 104, 105, 106, 107, 108, 109, …"
    assert found["extension_groups[0]"] == f"group 'Sales' is used by 11: {shown}; {FORCE}"


def test_a_group_that_somebody_may_call_is_not_deleted():
    have = directory(SALES, ext("1001", callable_groups=["Sales"]), ext("1002", groups=["Sales"]))
    found = refusal(plan_group, have, {"name": "Sales", "state": "absent"})
    message = f"group 'Sales' is used by 2: 1001, 1002; {FORCE}"
    assert found == {"extension_groups[0]": message}


@pytest.mark.parametrize(
    "used", [{"groups": ["Sales"]}, {"callable_groups": ["Sales"]}], ids=["member", "caller"]
)
def test_in_check_mode_a_group_in_use_is_a_warning_for_an_earlier_task_may_free_it(used):
    have = directory(SALES, ext("1001", **used))
    gone = {"name": "Sales", "state": "absent"}
    message = f"group 'Sales' is used by 1: 1001; {FORCE}"
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
    assert [new.callable_groups for _was, new in plan.extensions.change] == [frozenset(), frozenset()]


def test_force_makes_nobody_restricted_who_was_not():
    plan = plan_group(
        directory(SALES, ext(groups=["Sales"])), {"name": "Sales", "state": "absent"}, force=True
    )
    assert becomes(plan) == ext()


def test_force_is_not_needed_and_does_nothing_where_a_group_has_no_members():
    have = directory(SALES, IT, ext(groups=["IT"]))
    plan = plan_group(have, {"name": "Sales", "state": "absent"}, {"name": "IT"}, force=True)
    assert plan == Plan(groups=Changes(delete=(SALES,), keep=(IT,)))


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


@pytest.mark.parametrize("turn", [1, -1], ids=["one way", "the other way"])
def test_two_new_groups_that_extensions_bring_along_are_warned_of_once_whatever_their_order(turn):
    asked = [
        {"number": "1", "groups": ["A"]},
        {"number": "2", "groups": ["A", "a"]},
        {"number": "3", "groups": ["a"]},
    ]
    assert plan_ext(directory(), *asked[::turn], create_groups=True).warnings == (
        "the new group 'a' differs from 'A' only in spelling; is it meant to be another?",
    )
