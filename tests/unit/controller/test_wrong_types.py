# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A variable of another type is told in one line, with its place."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.filter.wrong_types import FilterModule

wrong_types = FilterModule().filters()["wrong_types"]
OPTIONS = {
    "pbx_purge": {"type": "bool"},
    "pbx_rtp_start": {"type": "int"},
    "pbx_timezone": {"type": "str"},
    "pbx_restart": {"type": "str", "choices": ["never", "if_needed"]},
    "pbx_groups": {"type": "list", "elements": "dict"},
    "pbx_networks": {"type": "list", "elements": "str"},
    "pbx_removes": {"type": "list", "elements": "str", "choices": ["database", "recordings"]},
}
LIST = "and has to be a list, whose items each begin with a dash"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"pbx_purge": "no", "pbx_rtp_start": "10000", "pbx_timezone": "", "pbx_restart": "never"},
        {"pbx_purge": False, "pbx_rtp_start": 0, "pbx_timezone": 5, "pbx_groups": [], "pbx_networks": []},
        {
            # The options of an item are judged where they are read.
            "pbx_groups": [{"name": "IT"}, {}, "Depo", None],
            "pbx_networks": ["10.0.0.0/8", 1002],
            "pbx_removes": ["database"],
        },
        # By -e; and what is empty is left out.
        {"pbx_removes": "database,recordings", "pbx_groups": None, "pbx_timezone": None},
        {"somebody_elses": {}},
    ],
    ids=repr,
)
def test_nothing_is_said_of_what_is_right(given):
    assert wrong_types(given, OPTIONS) == []


@pytest.mark.parametrize(
    ("name", "value", "place", "say"),
    [
        ("pbx_purge", "maybe", "", "'maybe' is neither true nor false"),
        ("pbx_purge", [], "", "is a list, and has to be true or false"),
        ("pbx_rtp_start", "many", "", "'many' is not a whole number"),
        ("pbx_rtp_start", True, "", "True is not a whole number"),
        ("pbx_rtp_start", {"a": 1}, "", "is a mapping, and has to be a number"),
        ("pbx_timezone", ["UTC"], "", "is a list, and has to be a text"),
        ("pbx_restart", False, "", "False is not one of never, if_needed"),
        ("pbx_groups", {"name": "IT"}, "", f"is a mapping, {LIST}"),
        ("pbx_groups", "IT", "", f"is a text, {LIST}"),
        ("pbx_networks", "10.0.0.0/8", "", f"is a text, {LIST}"),
        ("pbx_networks", [{"a": 1}], "[0]", "is a mapping, and has to be a text"),
        ("pbx_removes", ["all"], "[0]", "'all' is a text, and has to be one of database, recordings"),
    ],
    ids=repr,
)
def test_what_is_of_another_type_is_told_with_its_place(name, value, place, say):
    (told,) = wrong_types({name: value}, OPTIONS)
    assert told == {"path": f"{name}{place}", "variable": name, "wrong": True, "say": say}
