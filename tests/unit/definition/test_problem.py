# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""How problems are told: each with its place, all at once, in the order in which they are written."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import (
    InvalidInputError,
    Problem,
    told,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("extensions[3].name", "is too long"), "extensions[3].name: is too long"),
        (Problem("", "in general"), "in general"),
    ],
)
def test_a_problem_is_told_with_its_place_if_it_has_one(problem, text):
    assert str(problem) == text


def test_the_message_of_an_error_has_a_line_for_each_problem():
    error = InvalidInputError([Problem("", "in general"), Problem("extensions[3].name", "is too long")])
    assert str(error) == "in general\nextensions[3].name: is too long"


def test_problems_are_ordered_by_place_and_numbers_by_size():
    paths = [
        "",
        "extensions[9].name",
        "extensions[57].groups[2]",
        "extensions[57].groups[10]",
        "extensions[100]",
    ]
    error = InvalidInputError(Problem(path, "is wrong") for path in reversed(paths))
    assert [problem.path for problem in error.problems] == paths


def test_two_problems_of_one_place_are_told_in_the_order_in_which_they_were_found():
    error = InvalidInputError([Problem("b", "2"), Problem("a", "second"), Problem("a", "first")])
    assert str(error) == "a: second\na: first\nb: 2"


def test_a_mistake_that_is_made_four_times_is_told_once():
    def lines(count):
        return told(Problem(f"extensions[{i}].name", f"'{i}' is odd") for i in range(count))

    assert lines(3) == [f"extensions[{i}].name: '{i}' is odd" for i in range(3)]
    others = ", ".join(f"extensions[{i}].name" for i in (1, 2, 3))
    assert lines(4) == ["extensions[0].name: '0' is odd", f"  the same 3 times more: {others}"]


# Without leading zeros, which an index never has.
places = st.from_regex(r"(extensions\[(0|[1-9][0-9]{0,2})\])?(\.?(name|labels\.[a-z]{1,3}))?", fullmatch=True)


@given(paths=st.lists(places))
def test_any_problems_are_told_and_in_an_order_that_does_not_depend_on_how_they_were_found(paths):
    found = [Problem(path, "is wrong") for path in paths]
    error = InvalidInputError(found)
    assert sorted(error.problems) == sorted(found)
    assert InvalidInputError(reversed(found)).problems == error.problems
