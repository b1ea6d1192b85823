# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is wrong with a directory as an inventory has it, found without its host."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.inspection import inspected
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.judgement import Policy
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.number_ranges import read_ranges
from hypothesis import given
from hypothesis import strategies as st

IN_THE_INVENTORY = Policy(by_role=True, there="in the inventory")
#: A site with which nothing is wrong.
SITE = {
    "connection_ports": [{"name": "SIP"}],
    "extension_groups": [{"name": "Sales"}],
    "outbound_profiles": [{"name": "National", "rules": [{"pattern": "0X.", "trunks": ["Telco"]}]}],
    "trunks": [
        {
            "name": "Telco",
            "host": "sip.example.net",
            "inbound_numbers": [{"number": "902125550100", "extension": "1001"}],
        }
    ],
    "emergency_numbers": ["112"],
    "extensions": [
        {"number": "1001", "name": "Ayşe", "password": "correct-horse-1", "groups": ["Sales"]},
        {"number": "1002", "forward_to": "1001", "outbound_profile": "National"},
    ],
}
NO_TRUNK = "pbx_trunks has no trunk that takes such calls"


def site(*extensions, **lists):
    return {**SITE, "extensions": [*SITE["extensions"], *extensions], **lists}


def said(lists, ranges=(), policy=IN_THE_INVENTORY):
    return {problem.path: problem.message for problem in inspected(lists, ranges, policy).problems}


def remarks(lists):
    return [remark.message for remark in inspected(lists, [], IN_THE_INVENTORY).remarks]


def test_nothing_is_said_of_a_site_with_which_nothing_is_wrong():
    found = inspected(SITE, ["1000-1999"], IN_THE_INVENTORY)
    assert (found.problems, found.remarks) == ((), ())
    assert found.numbers == {"1001": "pbx_extensions[0].number", "1002": "pbx_extensions[1].number"}


@pytest.mark.parametrize(
    ("lists", "place", "words"),
    [
        (site({"number": "1003", "ring_timeout": "soon"}), "pbx_extensions[2].ring_timeout", "'soon' is not"),
        (site({"number": "1003", "grups": []}), "pbx_extensions[2]", "has no option 'grups'"),
        (site({"number": "1001"}), "pbx_extensions[2].number", "also given by pbx_extensions[0]"),
        (site({"number": "1003", "groups": ["sales"]}), "pbx_extensions[2].groups", "did you mean 'Sales'?"),
        (
            site({"number": "1003", "outbound_profile": "X"}),
            "pbx_extensions[2].outbound_profile",
            "in the inventory",
        ),
        (
            site({"number": "1003", "connection_port": "X"}),
            "pbx_extensions[2].connection_port",
            "there are: 'SIP'",
        ),
        (site({"number": "1003", "forward_to": "1999"}), "pbx_extensions[2].forward_to", "no extension 1999"),
        (site({"number": "112"}), "pbx_extensions[2].number", "112 is an emergency number"),
        (
            site({"number": "1003", "password": "1234567"}),
            "pbx_extensions[2].password",
            "pbx_allow_weak_passwords",
        ),
        (
            site(trunks=[]),
            "pbx_outbound_profiles[0].rules[0].trunks[0]",
            "'Telco' does not exist in the inventory",
        ),
        (
            site(extension_defaults={"language": "X"}),
            "pbx_extension_defaults.language",
            "'X' is not a language",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_each_mistake_has_its_place(lists, place, words):
    found = said(lists)
    assert found.keys() == {place}
    assert words in found[place]


def test_an_inbound_number_that_leads_to_nobody_is_a_mistake():
    found = said({**SITE, "extensions": SITE["extensions"][1:], "extension_defaults": {}})
    assert "there is no extension 1001 in the inventory" in found["pbx_trunks[0].inbound_numbers"]


def test_what_a_policy_allows_is_no_mistake():
    lists = site({"number": "1003", "password": "1234", "groups": ["New"]})
    assert said(lists, policy=Policy(allow_weak_password=True, create_groups=True, by_role=True)) == {}


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        (
            site(emergency_numbers=[]),
            ["no emergency number can be dialled: pbx_emergency_numbers names none"],
        ),
        (
            site(trunks=[{**SITE["trunks"][0], "emergency": False}]),
            [f"no emergency number can be reached: {NO_TRUNK}"],
        ),
        ({**SITE, "extensions": [], "trunks": [], "outbound_profiles": [], "emergency_numbers": []}, []),
    ],
    ids=["no number", "no trunk for it", "nobody there"],
)
def test_a_site_from_which_nobody_can_call_for_help_is_a_remark(lists, told):
    assert remarks(lists) == told


WITHOUT = "no phone can register with a new extension; one that the host has already keeps its password"


@pytest.mark.parametrize(
    ("extensions", "told"),
    [
        ([{"number": "1003", "name": "Can"}], [("pbx_extensions[2]", f"has no password: {WITHOUT}")]),
        (
            [{"number": str(number)} for number in range(2000, 2007)],
            [
                (
                    "pbx_extensions",
                    f"7 extensions have no password (2000, 2001, 2002, 2003, 2004 and 2 more): {WITHOUT}",
                )
            ],
        ),
        (
            [{"number": "1003"}, {"number": "1004"}],
            [("pbx_extensions", f"2 extensions have no password (1003, 1004): {WITHOUT}")],
        ),
        ([{"number": "1003", "state": "absent"}], []),
        ([{"number": "1003", "forward_to": "1001"}], []),
        ([{"number": "1003", "enabled": False}], []),
        ([{"number": "1003", "password": ""}], []),
        ([{"number": "1003", "password_digest": "d" * 32}], []),
        ([{"number": "1003", "forward_to": ""}], [("pbx_extensions[2]", f"has no password: {WITHOUT}")]),
    ],
    ids=["one", "many", "two", "to go", "forwarded", "locked", "taken away", "a digest", "forwarded no more"],
)
def test_an_extension_without_a_password_is_a_remark(extensions, told):
    assert [tuple(each) for each in inspected(site(*extensions), [], IN_THE_INVENTORY).remarks] == told


def test_a_forward_may_come_of_the_defaults():
    lists = site({"number": "1003"}, extension_defaults={"forward_to": "1001"})
    assert remarks(lists) == []


# --- the numbers of a site -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ranges", "numbers", "outside"),
    [
        ([], ["7", "1001"], []),
        (["1000-1999"], ["1000", "1999", "2000", "0999", "10000", "100"], ["2000", "0999", "10000", "100"]),
        (["1000-1999", "2500"], ["1500", "2500", "2501"], ["2501"]),
        (["0100-0199"], ["0150", "150"], ["150"]),
        ([2500], ["2500", "2501"], ["2501"]),
        (["0000-9999"], ["1234", "123"], ["123"]),
    ],
)
def test_a_number_is_in_a_range_of_numbers_as_long(ranges, numbers, outside):
    lists = {"extensions": [{"number": number} for number in numbers]}
    found = said(lists, ranges)
    assert found.keys() == {f"pbx_extensions[{numbers.index(number)}].number" for number in outside}


def test_a_number_that_is_to_go_may_be_anywhere():
    assert said({"extensions": [{"number": "7", "state": "absent"}]}, ["1000-1999"]) == {}


@pytest.mark.parametrize(
    "wrong", ["1000-999", "100-1999", "1000 - 1999", "2[0-4]XX", "", "-", None, [], 1.5, "1" * 16]
)
def test_what_is_no_range_is_said(wrong):
    found = said({"extensions": [{"number": "1001"}]}, ["1000-1999", wrong])
    assert found.keys() == {"pbx_number_ranges[1]"}
    assert "is not a range such as 1000-1999" in found["pbx_number_ranges[1]"]


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(7, 15))
def test_a_range_is_what_arithmetic_says(one, other, number, digits):
    first, last = sorted((one, other))
    ((numbers,), problems) = read_ranges([f"{first:0{digits}}-{last:0{digits}}"], "x")
    assert problems == []
    assert (f"{number:0{digits}}" in numbers) == (first <= number <= last)
