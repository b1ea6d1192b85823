# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a purge takes away, and where it stops."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    ExtensionGroup,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.judgement import PURGE_ALWAYS, listed
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    EXTENSIONS,
    GROUPS,
    PORTS,
    PROFILES,
    TRUNKS,
    Changes,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    DESK,
    IT,
    SALES,
    WAN,
    directory,
    ext,
    line,
    plan_ext,
    plan_group,
    plan_port,
    planned,
    problems,
    profile,
    refusal,
)
from hypothesis import given
from hypothesis import strategies as st

FORCE = "change these extensions first, or set force, which takes it from them"
MAKE = {
    PORTS: lambda name: ConnectionPort(name, port=int(name)),
    TRUNKS: line,
    PROFILES: profile,
    GROUPS: ExtensionGroup,
    EXTENSIONS: ext,
}
every_kind = pytest.mark.parametrize("kind", MAKE, ids=lambda kind: kind.option)


def purge(kind, there, left_out, **policy):
    """Plan a list that leaves out the first so many of what is there; return what happens to this kind."""
    names = [f"{n:03}" for n in range(1, there + 1)]
    have = directory(*(MAKE[kind](name) for name in names))
    plan = planned(kind, have, *({kind.key: name} for name in names[left_out:]), **policy)
    return getattr(plan, kind.attribute)


@every_kind
def test_without_purge_nothing_that_is_left_out_is_deleted(kind):
    changes = purge(kind, 10, 10, purge_limit=100)
    assert changes == Changes()
    assert len(purge(kind, 10, 7).keep) == 3


@every_kind
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
    assert [getattr(thing, kind.key) for thing in changes.delete] == [
        f"{n:03}" for n in range(1, left_out + 1)
    ]
    assert len(changes.keep) == there - left_out
    assert changes.change == changes.create == ()


@every_kind
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
            f"the list leaves out {left_out} of the {there} {kind.option} there are ({names}), and a purge"
            f" deletes at most {allowed} of them at once; if that is what you want, raise purge_limit"
            f" (now {limit} %)"
        )
    }


def test_unless_told_otherwise_a_fifth_may_be_purged():
    assert len(purge(EXTENSIONS, 100, 20, purge=True).delete) == 20
    with pytest.raises(InvalidInputError, match="leaves out 21 of the 100"):
        purge(EXTENSIONS, 100, 21, purge=True)


@given(there=st.integers(0, 60), share=st.integers(0, 60), limit=st.integers(0, 100))
def test_a_purge_is_allowed_up_to_five_or_its_share_of_all(there, share, limit):
    left_out = min(share, there)
    if left_out <= PURGE_ALWAYS or left_out * 100 <= there * limit:
        assert len(purge(GROUPS, there, left_out, purge=True, purge_limit=limit).delete) == left_out
    else:
        refusal(purge, GROUPS, there, left_out, purge=True, purge_limit=limit)


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
    assert found == {"purge": "port 'desk' is used by 1: extension 1001; change these first"}


@pytest.mark.parametrize(
    "used", [{"groups": ["Sales"]}, {"callable_groups": ["Sales"]}], ids=["member", "caller"]
)
def test_a_purge_of_a_group_in_use_is_refused_unless_forced(used):
    have = directory(SALES, IT, ext("1001", **used))
    found = refusal(plan_group, have, {"name": "IT"}, purge=True)
    assert found == {"purge": f"group 'Sales' is used by 1: 1001; {FORCE}"}
    plan = plan_group(have, {"name": "IT"}, purge=True, force=True)
    assert plan.groups == Changes(delete=(SALES,), keep=(IT,))
    assert not plan.extensions.delete


def test_every_port_in_use_that_a_purge_would_delete_is_told():
    have = directory(DESK, WAN, ext("1", connection_port="desk"), ext("2", connection_port="wan"))
    found = problems(plan_port, have, purge=True)
    assert [(path, message.split("'")[1]) for path, message in found] == [("purge", "desk"), ("purge", "wan")]


def test_force_does_not_raise_the_limit_of_a_purge():
    found = refusal(purge, GROUPS, 20, 20, purge=True, force=True)
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
