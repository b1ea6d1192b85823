# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a plan says of itself: whether anything happens, and what, without secrets."""

from __future__ import annotations

import json

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import REALM, ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    EmergencyNumber,
    Extension,
    ExtensionGroup,
    OutboundRule,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    GROUPS,
    KINDS,
    Changes,
    Plan,
    by,
    password_changed,
    sort_out,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    DESK,
    IT,
    OTHER_SECRET,
    SECRET,
    WAN,
    all_of,
    allow,
    directory,
    ext,
    line,
    profile,
)
from ansible_collections.voiceops.asterisk.tests.unit.strategies import directories, plans_for
from hypothesis import given, settings
from hypothesis import strategies as st


def changing(was, becomes):
    """A plan that changes one extension."""
    return Plan(extensions=Changes(change=((was, becomes),)))


#: What is shown of an extension of a number alone.
NOTHING = Extension("1").shown()
#: What is shown of a port of a name alone.
PLAIN_PORT = {
    "protocol": "udp",
    "address": "0.0.0.0",
    "port": 5060,
    "certificate": "",
    "private_key": "",
    "external_address": "",
    "local_networks": [],
}


# --- whether anything happens ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "happens"),
    [
        pytest.param(Changes(), False, id="nothing"),
        pytest.param(Changes(keep=(IT,)), False, id="one is kept"),
        pytest.param(Changes(create=(IT,)), True, id="one is created"),
        pytest.param(Changes(change=((IT, IT),)), True, id="one is changed"),
        pytest.param(Changes(delete=(IT,)), True, id="one is deleted"),
    ],
)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.option)
def test_whether_anything_happens(kind, changes, happens):
    assert bool(changes) is happens
    assert bool(Plan(**{kind.attribute: changes})) is happens


def test_a_warning_changes_nothing():
    assert not Plan(warnings=("take care",))


# --- the diff --------------------------------------------------------------------------------


def test_a_diff_shows_only_what_changes():
    was = ext("1001", "Ayşe", connection_port="desk", forward_to="1002", labels=(("room", "1"),))
    becomes = ext("1001", "Fatma", connection_port="wan", forward_to="1002", labels=(("room", "2"),))
    plan = Plan(
        groups=Changes(create=(IT,)),
        extensions=Changes(
            create=(ext("1004", "Comes", groups=frozenset({"IT"})),),
            change=((was, becomes),),
            delete=(ext("1003", "Goes"),),
            keep=(ext("1002", "Stays"),),
        ),
    )
    assert plan.diff() == {
        "before": {
            "extension_groups": {},
            "extensions": {
                "1001": {"name": "Ayşe", "connection_port": "desk", "labels": {"room": "1"}},
                "1003": {**NOTHING, "name": "Goes"},
            },
        },
        "after": {
            "extension_groups": {"IT": {}},
            "extensions": {
                "1001": {"name": "Fatma", "connection_port": "wan", "labels": {"room": "2"}},
                "1004": {**NOTHING, "name": "Comes", "groups": ["IT"]},
            },
        },
    }


@pytest.mark.parametrize(
    ("was", "becomes", "before", "after"),
    [
        pytest.param(
            {"callable_groups": None},
            {"callable_groups": frozenset({"B", "A"})},
            {"callable_groups": ["*"]},
            {"callable_groups": ["A", "B"]},
            id="a restriction",
        ),
        pytest.param(
            {"callable_groups": None},
            {"callable_groups": frozenset()},
            {"callable_groups": ["*"]},
            {"callable_groups": []},
            id="nobody may be called",
        ),
        pytest.param(
            {"connection_port": "desk"},
            {"connection_port": None},
            {"connection_port": "desk"},
            {"connection_port": ""},
            id="any port",
        ),
        pytest.param({}, {"enabled": False}, {"enabled": True}, {"enabled": False}, id="disabled"),
        pytest.param({}, {"language": "tr"}, {"language": ""}, {"language": "tr"}, id="a language"),
        pytest.param(
            {"forward_to": "1"},
            {"forward_to": None, "ring_timeout": 5},
            {"forward_to": "1", "ring_timeout": 30},
            {"forward_to": "", "ring_timeout": 5},
            id="two at once",
        ),
    ],
)
def test_a_diff_shows_an_option_as_it_would_be_written(was, becomes, before, after):
    assert changing(ext(**was), ext(**becomes)).diff() == {
        "before": {"extensions": {"1001": before}},
        "after": {"extensions": {"1001": after}},
    }


@pytest.mark.parametrize(
    ("was", "becomes", "before", "after"),
    [
        pytest.param(None, SECRET, {"has_password": False}, {"has_password": True}, id="a first password"),
        pytest.param(SECRET, None, {"has_password": True}, {"has_password": False}, id="taken away"),
        pytest.param(
            SECRET,
            OTHER_SECRET,
            {"password": "(the one before)"},
            {"password": "(a new one)"},
            id="another one",
        ),
    ],
)
def test_a_diff_tells_that_a_password_changes_and_not_to_what(was, becomes, before, after):
    diff = changing(ext(password=was), ext(password=becomes)).diff()
    assert diff == {"before": {"extensions": {"1001": before}}, "after": {"extensions": {"1001": after}}}
    for password in (SECRET, OTHER_SECRET):
        assert password not in json.dumps(diff)
        assert ha1("1001", REALM, password) not in json.dumps(diff)


def test_the_diff_of_ports_shows_what_they_listen_on():
    plan = Plan(
        ports=Changes(
            create=(ConnectionPort("lan", port=5080),),
            change=((DESK, ConnectionPort("desk", port=5070)),),
            delete=(WAN,),
        )
    )
    assert plan.diff() == {
        "before": {
            "connection_ports": {
                "desk": {"port": 5060},
                "wan": {**PLAIN_PORT, "protocol": "tcp", "port": 5061},
            }
        },
        "after": {
            "connection_ports": {
                "desk": {"port": 5070},
                "lan": {**PLAIN_PORT, "port": 5080},
            }
        },
    }


def test_a_plan_without_change_has_an_empty_diff():
    kept = Changes(keep=(ext(),))
    assert Plan(extensions=kept, warnings=("take care",)).diff() == {"before": {}, "after": {}}


def test_the_diff_of_a_trunk_shows_no_password():
    was = line(username="4930", password=SECRET)
    becomes = line(username="4930", password=OTHER_SECRET, inbound=[("*", "1001")])
    plan = Plan(
        trunks=Changes(create=(line("new", username="4931", password=SECRET),), change=((was, becomes),))
    )
    assert plan.diff()["before"] == {
        "trunks": {"line": {"inbound_numbers": [], "password": "(the one before)"}}
    }
    assert plan.diff()["after"]["trunks"]["line"] == {
        "inbound_numbers": [{"number": "*", "extension": "1001"}],
        "password": "(a new one)",
    }
    assert plan.diff()["after"]["trunks"]["new"]["has_password"] is True
    for trunk in (was, becomes, *plan.trunks.create):
        assert trunk.digest not in json.dumps(plan.diff())
        assert trunk.digest not in repr(plan)


def test_a_diff_is_ordered_by_kind_and_key():
    plan = Plan(
        ports=Changes(create=(WAN,), delete=(DESK,)),
        groups=Changes(create=(ExtensionGroup("B"), ExtensionGroup("A"))),
        extensions=Changes(create=(ext("2"),), change=((ext("1"), ext("1", "Ayşe")),)),
        trunks=Changes(create=(line("b"), line("a"))),
        profiles=Changes(create=(profile(),)),
        emergency_numbers=Changes(create=(EmergencyNumber("112"), EmergencyNumber("110"))),
    )
    after = plan.diff()["after"]
    assert {kind: list(things) for kind, things in after.items()} == {
        "emergency_numbers": ["110", "112"],
        "connection_ports": ["wan"],
        "trunks": ["a", "b"],
        "outbound_profiles": ["office"],
        "extension_groups": ["A", "B"],
        "extensions": ["1", "2"],
    }
    assert list(after) == [kind.option for kind in KINDS]


def test_a_diff_as_text_has_a_line_for_each_value_in_any_language():
    created = ext("1002", groups=frozenset({"Satış: 🏢"}), labels=(("oda", 'B "1"'),))
    plan = Plan(
        groups=Changes(create=(ExtensionGroup("Satış: 🏢"),)),
        extensions=Changes(
            create=(created,),
            change=((ext("1001", "Ayşe", SECRET), ext("1001", 'Fatma "F" Şen', OTHER_SECRET)),),
        ),
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
            '    connection_port: ""\n'
            '    outbound_profile: ""\n'
            '    outbound_caller_id: ""\n'
            '    groups: ["Satış: 🏢"]\n'
            '    callable_groups: ["*"]\n'
            "    record: false\n"
            "    enabled: true\n"
            "    max_devices: 1\n"
            "    max_calls: 10\n"
            "    ring_timeout: 30\n"
            '    forward_to: ""\n'
            '    language: ""\n'
            '    email: ""\n'
            '    labels: {"oda": "B \\"1\\""}\n'
            '    username: ""\n'
            "    has_password: false\n"
        ),
    }


def test_a_diff_as_text_has_a_line_for_each_rule():
    kept, gone = allow("0[1-9]X.", "line"), OutboundRule(prefix="0900", action="deny")
    plan = Plan(profiles=Changes(change=((profile("office", kept, gone), profile("office", kept)),)))
    rule = '{"pattern": "0[1-9]X.", "action": "allow", "trunks": ["line"]}'
    head = f'outbound_profiles:\n  "office":\n    rules:\n      - {rule}\n'
    assert plan.diff_text() == {
        "before": head + '      - {"prefix": "0900", "action": "deny"}\n',
        "after": head,
    }


def test_a_plan_without_change_has_an_empty_text():
    assert Plan().diff_text() == {"before": "", "after": ""}


def test_a_port_has_no_password_that_could_change():
    assert password_changed(DESK, WAN) is False


# --- one plan after another ------------------------------------------------------------------

A, B, C = (ext(name=name) for name in "ABC")
NOTHING_HAPPENS = Changes()


@pytest.mark.parametrize(
    ("first", "later", "both"),
    [
        pytest.param(Changes(create=(A,)), NOTHING_HAPPENS, Changes(create=(A,)), id="create, nothing"),
        pytest.param(NOTHING_HAPPENS, Changes(create=(A,)), Changes(create=(A,)), id="nothing, create"),
        pytest.param(Changes(create=(A,)), Changes(keep=(A,)), Changes(create=(A,)), id="create, keep"),
        pytest.param(
            Changes(create=(A,)), Changes(change=((A, B),)), Changes(create=(B,)), id="create, change"
        ),
        pytest.param(Changes(create=(A,)), Changes(delete=(A,)), NOTHING_HAPPENS, id="create, delete"),
        pytest.param(
            Changes(change=((A, B),)), Changes(keep=(B,)), Changes(change=((A, B),)), id="change, keep"
        ),
        pytest.param(
            Changes(change=((A, B),)),
            Changes(change=((B, C),)),
            Changes(change=((A, C),)),
            id="change, change",
        ),
        pytest.param(
            Changes(change=((A, B),)), Changes(change=((B, A),)), Changes(keep=(A,)), id="change, change back"
        ),
        pytest.param(
            Changes(change=((A, B),)), Changes(delete=(B,)), Changes(delete=(A,)), id="change, delete"
        ),
        pytest.param(
            Changes(delete=(A,)), Changes(create=(B,)), Changes(change=((A, B),)), id="delete, create another"
        ),
        pytest.param(
            Changes(delete=(A,)), Changes(create=(A,)), Changes(keep=(A,)), id="delete, create the same"
        ),
        pytest.param(
            Changes(keep=(A,)), Changes(change=((A, B),)), Changes(change=((A, B),)), id="keep, change"
        ),
        pytest.param(Changes(keep=(A,)), Changes(delete=(A,)), Changes(delete=(A,)), id="keep, delete"),
    ],
)
def test_what_two_plans_come_to(first, later, both):
    plan = Plan(extensions=first).then(Plan(extensions=later))
    assert plan == Plan(extensions=both)
    assert bool(plan) is bool(both)


def test_two_plans_of_other_things_stay_beside_each_other_in_order():
    first = Plan(groups=Changes(create=(ExtensionGroup("B"),)), extensions=Changes(keep=(ext("2"),)))
    later = Plan(groups=Changes(create=(ExtensionGroup("A"),)), ports=Changes(delete=(DESK,)))
    assert first.then(later) == Plan(
        groups=Changes(create=(ExtensionGroup("A"), ExtensionGroup("B"))),
        extensions=Changes(keep=(ext("2"),)),
        ports=Changes(delete=(DESK,)),
    )


def test_a_warning_of_two_plans_is_told_once():
    assert Plan(warnings=("a", "b")).then(Plan(warnings=("c", "a"))).warnings == ("a", "b", "c")


def test_a_directory_after_a_plan():
    have = directory(DESK, IT, ext("1"), ext("2"), ext("3"), line())
    plan = Plan(
        extensions=Changes(
            create=(ext("4"),), change=((ext("1"), ext("1", "Ayşe")),), delete=(ext("2"),), keep=(ext("3"),)
        ),
        trunks=Changes(delete=(line(),)),
        profiles=Changes(create=(profile(),)),
    )
    assert have.after(plan) == directory(DESK, IT, ext("1", "Ayşe"), ext("3"), ext("4"), profile())
    assert have == directory(DESK, IT, ext("1"), ext("2"), ext("3"), line())


@given(have=directories())
def test_the_plan_of_everything_makes_a_directory_out_of_nothing(have):
    assert directory().after(all_of(have)) == have


@pytest.mark.no_cover
@given(data=st.data())
def test_two_plans_come_to_what_they_do_one_after_the_other(data):
    have = data.draw(directories())
    first = data.draw(plans_for(have))
    later = data.draw(plans_for(have.after(first)))
    both = first.then(later)
    assert have.after(both) == have.after(first).after(later)
    assert bool(both) is (have.after(both) != have)
    for kind in KINDS:
        changes = getattr(both, kind.attribute)
        assert sort_out(changes.pairs(), by(kind)) == changes
        assert [
            was for was, _becomes in changes.change if was not in getattr(have, kind.attribute).values()
        ] == []


@pytest.mark.no_cover
@settings(max_examples=15)
@given(data=st.data())
def test_it_does_not_matter_how_plans_are_bracketed(data):
    have = data.draw(directories())
    one = data.draw(plans_for(have))
    two = data.draw(plans_for(have.after(one)))
    three = data.draw(plans_for(have.after(one).after(two)))
    assert one.then(two).then(three) == one.then(two.then(three))
    assert one.then(Plan()) == one == Plan().then(one)


def test_things_are_known_by_their_key():
    assert by(GROUPS)(IT) == "IT"
