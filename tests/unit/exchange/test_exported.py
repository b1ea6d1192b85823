# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a host says about its directory becomes variables that change nothing, and a word about passwords."""

from __future__ import annotations

import contextlib
import json
import re

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    EmergencyNumber,
    Extension,
    ExtensionGroup,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange import exported
from ansible_collections.voiceops.asterisk.plugins.module_utils.status import facts as status
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    SECRET,
    allow,
    directory,
    ext,
    line,
    plan_whole,
    profile,
)
from ansible_collections.voiceops.asterisk.tests.unit.strategies import directories
from hypothesis import given
from hypothesis import strategies as st

OFFICE = directory(
    ConnectionPort("Ofis"),
    EmergencyNumber("112"),
    ExtensionGroup("Satış"),
    line("Telco", username="ofis", password=SECRET, inbound=[("02125550100", "1001")]),
    profile("Yurt içi", allow("0X.", "Telco")),
    ext("1001", "Elif Demir", SECRET, ["Satış"], outbound_profile="Yurt içi", labels=(("oda", "12"),)),
    ext("1002", "Depo kapısı"),
)


def told(content):
    """What a host says about its directory, as it arrives."""
    question = status.Question(gather=["directory"])
    return json.loads(json.dumps(status.facts(content, None, 0, question)))


def lists(it):
    return {name.removeprefix("pbx_"): value for name, value in it.variables.items()}


@given(directories())
def test_any_directory_is_left_as_it_is_by_its_export(have):
    it = exported.exported(told(have))
    for purge in (False, True):
        assert not plan_whole(have, lists(it), purge=purge)


def test_every_option_is_written_so_that_no_default_of_the_inventory_fills_it():
    shown = Extension("1002").shown()
    of_one = exported.exported(told(OFFICE)).variables["pbx_extensions"][1]
    assert of_one.keys() == {"number", *shown} - {"has_password"}


def test_the_head_says_which_passwords_a_new_host_needs():
    it = exported.exported(told(OFFICE))
    assert exported.heading(it, "pbx-izmir") == (
        "# The directory of pbx-izmir, as voiceops.asterisk.export has found it there.\n"
        "# A host does not know passwords, so none is here: this one keeps those that it has.\n"
        "# On a new host these need one:\n"
        "#   extensions 1001\n"
        "#   trunks Telco\n"
    )
    assert exported.summary(it) == [
        "2 extensions, 1 extension group, 1 outbound profile, 1 trunk, 1 connection port, 1 emergency number",
        "without the passwords of 1 extension and 1 trunk",
    ]
    nobody = exported.exported(told(directory(ext("1002"))))
    assert exported.heading(nobody, "pbx-izmir").count("\n") == 1
    assert exported.summary(nobody) == ["1 extension", "there are no passwords"]


def test_many_numbers_are_on_lines_of_their_own():
    numbers = [str(number) for number in range(1000, 1100)]
    it = exported.exported(told(directory(*(ext(number, "", SECRET) for number in numbers))))
    head = exported.heading(it, "x")
    assert max(map(len, head.splitlines())) <= 112
    assert re.findall(r"\b[0-9]{4}\b", head) == numbers


@given(st.lists(st.text(), min_size=1))
def test_no_name_ends_the_comment(names):
    head = exported.heading(exported.Exported({}, names, names), names[0])
    assert all(each.startswith("#") for each in head.splitlines())


def with_item(**options):
    facts = told(OFFICE)
    facts["pbx_directory"]["extensions"][1].update(options)
    return facts


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ([], "there is no directory in these facts: gather [directory]"),
        (status.facts(OFFICE, None, 0), "there is no directory in these facts: gather [directory]"),
        ({"pbx_directory": {}}, "pbx_extensions: is not a list"),
        (with_item(name="a\nb"), "pbx_extensions[1].name: holds a control character"),
        (with_item(groups={"a": 1}), "pbx_extensions[1].groups: {'a': 1} is not a list"),
        (with_item(x="{{ 1 }}"), "pbx_extensions[1]: has no option 'x'"),
        (with_item(number="1003"), "pbx_extensions: do not say of each whether it has a password"),
        ({**told(OFFICE), "pbx_trunks": None}, "pbx_trunks: do not say of each whether it has a password"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_no_directory_is_refused(facts, message):
    with pytest.raises(InvalidInputError) as refused:
        exported.exported(facts)
    assert message in str(refused.value)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(told(OFFICE)["pbx_directory"])), ANYTHING, st.booleans())
def test_whatever_a_host_says_is_understood_or_refused(option, anything, in_a_list):
    facts = told(OFFICE)
    facts["pbx_directory"][option] = [anything, facts["pbx_directory"][option][0]] if in_a_list else anything
    with contextlib.suppress(InvalidInputError):
        exported.exported(facts)


@given(st.sampled_from(sorted(told(OFFICE)["pbx_directory"])), st.data(), ANYTHING)
def test_whatever_a_host_says_of_one_thing_is_understood_or_refused(option, data, anything):
    facts = told(OFFICE)
    item = facts["pbx_directory"][option][0]
    if isinstance(item, dict):
        item[data.draw(st.sampled_from(sorted(item)))] = anything
    with contextlib.suppress(InvalidInputError):
        exported.exported(facts)
