# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What extensions are given that leave an option out."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.decide import (
    AS_IT_COMES,
    plan_directory,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.defaults import (
    NEVER,
    ask_defaults,
    filled,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.judgement import Policy
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.request import (
    EXTENSION_OPTIONS,
    ask_extensions,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    DESK,
    IT,
    SALES,
    directory,
    ext,
    profile,
)

#: A host on which everything is that a default below names.
HOST = directory(DESK, SALES, IT, profile("office"), ext("1900"))


def planned(defaults, *extensions, have=HOST, policy=AS_IT_COMES):
    asked = {"extensions": ask_extensions(list(extensions), "extensions")}
    return plan_directory(have, filled(asked, ask_defaults(defaults)), policy)


def outcome(defaults, *extensions, have=HOST):
    """What the extensions of a host are afterwards, by their numbers."""
    return have.after(planned(defaults, *extensions, have=have)).extensions


def refusal(defaults, *extensions):
    with pytest.raises(InvalidInputError) as raised:
        planned(defaults, *extensions)
    return {problem.path: problem.message for problem in raised.value.problems}


DEFAULT_AND_OWN = [
    ("outbound_profile", "office", "", "office", None),
    ("connection_port", "desk", "", "desk", None),
    ("callable_groups", ["Sales"], ["*"], frozenset({"Sales"}), None),
    ("groups", ["Sales"], ["IT"], frozenset({"Sales"}), frozenset({"IT"})),
    ("language", "tr", "en", "tr", "en"),
    ("max_devices", 3, 1, 3, 1),
    ("enabled", "no", True, False, True),
    ("forward_to", "1900", "", "1900", None),
    ("labels", {"site": "A"}, {"room": "7"}, (("site", "A"),), (("room", "7"),)),
]


@pytest.mark.parametrize(("option", "default", "own", "filled_in", "own_value"), DEFAULT_AND_OWN)
def test_a_default_is_for_who_leaves_the_option_out_and_for_nobody_else(
    option, default, own, filled_in, own_value
):
    after = outcome({option: default}, {"number": "1001"}, {"number": "1002", option: own})
    assert getattr(after["1001"], option) == filled_in
    assert getattr(after["1002"], option) == own_value


def test_an_option_that_is_null_is_left_out():
    assert outcome({"language": "tr"}, {"number": "1001", "language": None})["1001"].language == "tr"
    assert outcome({"language": None}, {"number": "1001", "language": "en"})["1001"].language == "en"


def test_a_default_counts_as_given_in_every_run():
    have = directory(ext("1001", language="en"), ext("1002", language="en"))
    after = outcome({"language": "tr"}, {"number": "1001"}, have=have)
    assert after["1001"].language == "tr"
    assert after["1002"].language == "en", "the list does not name it"


def test_who_is_to_go_needs_nothing():
    plan = planned({"language": "tr"}, {"number": "1900", "state": "absent"})
    assert [gone.number for gone in plan.extensions.delete] == ["1900"]


@pytest.mark.parametrize("option", NEVER)
def test_what_belongs_to_one_extension_has_no_default_and_is_not_repeated(option):
    said = refusal({option: "correct-horse-1"}, {"number": "1001"})
    assert said == {f"extension_defaults.{option}": "belongs to each extension by itself; name it there"}


def test_every_other_option_has_one():
    said = refusal({"unheard-of": 1}, {"number": "1001"})["extension_defaults"]
    assert set(said.rpartition("it has: ")[2].split(", ")) == EXTENSION_OPTIONS.keys() - {*NEVER}


@pytest.mark.parametrize("written", [[], "tr", 5, [{"language": "tr"}]], ids=repr)
def test_defaults_are_a_mapping(written):
    assert refusal(written, {"number": "1001"}) == {
        "extension_defaults": "is not a mapping; write its options as `key: value`"
    }


@pytest.mark.parametrize(
    ("default", "words"),
    [
        ({"language": "Turkish"}, "'Turkish' is not a language"),
        ({"outbound_profile": "Office"}, "did you mean 'office'?"),
        ({"connection_port": "roof"}, "'roof' does not exist"),
        ({"callable_groups": ["Sale"]}, "'Sale' does not exist"),
        ({"forward_to": "1999"}, "there is no extension 1999"),
    ],
    ids=repr,
)
def test_what_is_wrong_with_a_default_is_said_once_and_at_its_place(default, words):
    (option,) = default
    said = refusal(default, *({"number": str(number)} for number in range(1000, 1100)))
    assert said.keys() == {f"extension_defaults.{option}"}
    assert words in said[f"extension_defaults.{option}"]
    assert "times more" not in said[f"extension_defaults.{option}"]


def test_all_mistakes_are_named_at_once_each_where_it_is():
    said = refusal(
        {"language": "Turkish", "groups": ["Nobody"]},
        {"number": "10 01"},
        {"number": "1002", "groups": ["Sale"]},
        {"number": "1003"},
    )
    assert said.keys() == {
        "extension_defaults.language",
        "extension_defaults.groups",
        "extensions[0].number",
        "extensions[1].groups",
    }


def test_the_extension_that_the_others_are_forwarded_to_needs_a_word_of_its_own():
    said = refusal({"forward_to": "1900"}, {"number": "1001"}, {"number": "1900"})
    assert said == {
        "extensions[1].forward_to": "is the extension itself, by extension_defaults.forward_to;"
        ' give this one its own, or ""'
    }
    assert outcome({"forward_to": "1900"}, {"number": "1001"}, {"number": "1900", "forward_to": ""})


def test_without_defaults_what_is_asked_stays_the_very_same():
    asked = {"extensions": ask_extensions([{"number": "1001"}], "extensions")}
    assert filled(asked, ask_defaults(None))["extensions"] is asked["extensions"]
    assert filled(asked, ask_defaults({}))["extensions"] is asked["extensions"]


def test_a_list_that_is_not_given_is_not_made_by_its_defaults():
    assert filled({}, ask_defaults({"language": "tr"})) == {}
    with pytest.raises(InvalidInputError, match=r"extension_defaults\.language"):
        plan_directory(HOST, filled({}, ask_defaults({"language": "Turkish"})), Policy(purge=True))


def test_a_group_that_only_a_default_names_can_be_created():
    plan = planned({"groups": ["New"]}, {"number": "1001"}, policy=Policy(create_groups=True))
    assert [group.name for group in plan.groups.create] == ["New"]
