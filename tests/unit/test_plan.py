# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a plan says of itself: whether anything happens, and what, without secrets."""

from __future__ import annotations

import json

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.digest import REALM, ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import (
    ConnectionPort,
    Extension,
    ExtensionGroup,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.plan import (
    Changes,
    Plan,
    password_changed,
)

SECRET = "Kx7#mQ2p-old"
OTHER_SECRET = "Vw3!nR8t-new"


def ext(number="1001", name="", password=None, **fields):
    """An extension as it stands in a directory."""
    digest = None if password is None else ha1(number, REALM, password)
    return Extension(number, name, digest=digest, **fields)


def changing(was, becomes):
    """A plan that changes one extension."""
    return Plan(extensions=Changes(change=((was, becomes),)))


DESK = ConnectionPort("desk", "udp", "0.0.0.0", 5060, id=1)
WAN = ConnectionPort("wan", "tcp", "0.0.0.0", 5061, id=2)
IT = ExtensionGroup("IT")
#: What is shown of an extension of a number alone.
NOTHING = Extension("1").shown()


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
@pytest.mark.parametrize("kind", ["ports", "groups", "extensions"])
def test_whether_anything_happens(kind, changes, happens):
    assert bool(changes) is happens
    assert bool(Plan(**{kind: changes})) is happens


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
    kept = Changes(keep=(ext(),))
    assert Plan(extensions=kept, warnings=("take care",)).diff() == {"before": {}, "after": {}}


def test_a_diff_is_ordered_by_kind_and_key():
    plan = Plan(
        ports=Changes(create=(WAN,), delete=(DESK,)),
        groups=Changes(create=(ExtensionGroup("B"), ExtensionGroup("A"))),
        extensions=Changes(create=(ext("2"),), change=((ext("1"), ext("1", "Ayşe")),)),
    )
    after = plan.diff()["after"]
    assert list(after) == ["connection_ports", "extension_groups", "extensions"]
    assert [list(things) for things in after.values()] == [["wan"], ["A", "B"], ["1", "2"]]


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
            '    groups: ["Satış: 🏢"]\n'
            '    callable_groups: ["*"]\n'
            "    enabled: true\n"
            "    max_devices: 1\n"
            "    ring_timeout: 30\n"
            '    forward_to: ""\n'
            '    language: ""\n'
            '    email: ""\n'
            '    labels: {"oda": "B \\"1\\""}\n'
            "    has_password: false\n"
        ),
    }


def test_a_plan_without_change_has_an_empty_text():
    assert Plan().diff_text() == {"before": "", "after": ""}


def test_a_port_has_no_password_that_could_change():
    assert password_changed(DESK, WAN) is False
