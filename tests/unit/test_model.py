# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a user may write for a port, a group and an extension, and what these are."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import (
    EXTENSION_OPTIONS,
    ConnectionPort,
    Extension,
    ExtensionGroup,
    Request,
    ask_connection_ports,
    ask_extension_groups,
    ask_extensions,
    read_connection_ports,
    read_extension_groups,
    read_extensions,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.problem import (
    InvalidInputError,
    Problem,
    ProblemOfTheList,
)
from hypothesis import given
from hypothesis import strategies as st

READERS = {
    "connection_ports": read_connection_ports,
    "extension_groups": read_extension_groups,
    "extensions": read_extensions,
}


def extension(**options):
    """Read one extension, 1001 unless told otherwise."""
    (request,) = read_extensions([{"number": "1001", **options}], "extensions")
    return request


def problems(read, *items, option="extensions"):
    """Read items that are wrong; return what is said, as (path, message)."""
    with pytest.raises(InvalidInputError) as refused:
        read(items, option)
    return [tuple(problem) for problem in refused.value.problems]


def attempt(read, items, option):
    """Read items; return the requests and no problems, or None and the problems."""
    try:
        return read(items, option), ()
    except InvalidInputError as error:
        return None, error.problems


# --- what is asked ---------------------------------------------------------------------------


def test_what_is_asked_is_a_key_a_place_and_the_options_that_are_given():
    item = {"number": 1001, "name": "", "password": "Kx7#mQ2p", "connection_port": "", "groups": ["B", "A"]}
    assert read_extensions([item], "extensions") == [
        Request(
            "1001",
            "extensions[0]",
            given={"name": "", "connection_port": None, "groups": frozenset({"A", "B"})},
            password="Kx7#mQ2p",
        )
    ]


def test_every_option_of_an_extension_that_is_given_is_read():
    request = extension(
        name="Ayşe",
        connection_port="desk",
        groups=["IT"],
        callable_groups=["*"],
        enabled=False,
        max_devices=2,
        ring_timeout=10,
        forward_to=1002,
        language="tr",
        email="a@example.org",
        labels={"b": 2, "a": "1"},
    )
    assert request.given == {
        "name": "Ayşe",
        "connection_port": "desk",
        "groups": frozenset({"IT"}),
        "callable_groups": None,
        "enabled": False,
        "max_devices": 2,
        "ring_timeout": 10,
        "forward_to": "1002",
        "language": "tr",
        "email": "a@example.org",
        "labels": (("a", "1"), ("b", "2")),
    }
    assert request.given.keys() == EXTENSION_OPTIONS.keys()


def test_what_is_left_out_is_not_there():
    nothing = dict.fromkeys(EXTENSION_OPTIONS)
    assert read_extensions([{"number": "1001", "password": None, **nothing}]) == [Request("1001")]
    assert read_connection_ports([{"name": "desk", "port": None}]) == [Request("desk")]


def test_what_is_to_be_absent_is_asked_as_such():
    assert read_extension_groups([{"name": "IT", "state": "absent"}], "extension_groups") == [
        Request("IT", "extension_groups[0]", present=False)
    ]


def test_an_option_that_is_not_ours_is_not_read():
    assert read_extension_groups([{"name": "IT", "groups": 5}]) == [Request("IT")]


# --- many items, and one ---------------------------------------------------------------------


def test_a_number_given_twice_names_both_places():
    found = problems(read_extensions, {"number": "1001"}, {"number": "1002"}, {"number": 1001})
    assert found == [("extensions[2].number", "1001 is also given by extensions[0]; name it once")]


def test_a_number_given_three_times_is_told_twice_with_the_first_place():
    found = problems(read_extensions, *[{"number": "1001"}] * 3)
    assert [path for path, _ in found] == ["extensions[1].number", "extensions[2].number"]
    assert all("also given by extensions[0];" in message for _, message in found)


def test_1_and_01_are_two_numbers():
    assert [r.key for r in read_extensions([{"number": "1"}, {"number": "01"}], "extensions")] == [
        "1",
        "01",
    ]


def test_the_same_name_typed_on_two_keyboards_is_given_twice():
    found = problems(
        read_extension_groups, {"name": "Satış"}, {"name": " Satıs\u0327"}, option="extension_groups"
    )
    assert found == [("extension_groups[1].name", "Satış is also given by extension_groups[0]; name it once")]


def test_names_that_differ_in_case_are_two_names():
    assert len(read_extension_groups([{"name": "Sales"}, {"name": "sales"}], "extension_groups")) == 2


def test_of_a_hundred_items_exactly_the_wrong_ones_are_named():
    items = [{"number": str(1000 + i), "name": f"Person {i}"} for i in range(100)]
    items[57]["number"] = "10S7"
    items[81]["name"] = "two\nlines"
    found = problems(read_extensions, *items)
    assert [path for path, _ in found] == ["extensions[57].number", "extensions[81].name"]


def test_everything_wrong_in_one_item_is_told_at_once():
    item = {"number": "x", "password": "\0", "state": "?", **dict.fromkeys(EXTENSION_OPTIONS, 1.5)}
    item |= {"name": "\0", "connection_port": "\0"}
    paths = {path for path, _ in problems(read_extensions, item)}
    assert paths == {f"extensions[0].{option}" for option in item}


def test_a_single_item_is_named_by_its_option_alone():
    with pytest.raises(InvalidInputError) as refused:
        read_extensions([{"number": "x"}])
    assert str(refused.value).startswith("number: 'x' is not a number")


def test_two_items_without_a_list_name_are_told_apart_from_nothing():
    with pytest.raises(InvalidInputError) as refused:
        read_extensions([{"number": "1"}, {"number": "1"}])
    assert refused.value.problems[0].path == "number"


def test_an_item_that_is_no_mapping_is_told_without_repeating_it():
    with pytest.raises(InvalidInputError) as refused:
        read_extensions([{"number": "1"}, "1001 my-secret-password"], "extensions")
    assert str(refused.value).startswith("extensions[1]: is not a mapping")
    assert "my-secret-password" not in str(refused.value)


def test_an_empty_list_asks_for_nothing():
    assert [read([], kind) for kind, read in READERS.items()] == [[], [], []]


# --- what is asked along with what is wrong --------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "item"),
    [
        (ask_connection_ports, {"name": "desk", "port": 5070}),
        (ask_extension_groups, {"name": "IT"}),
        (ask_extensions, {"number": "1001", "name": "Ayşe"}),
    ],
)
def test_what_is_asked_rightly_is_what_is_read(ask, item):
    asked = ask([item], "list")
    assert asked.problems == ()
    read = {ask_connection_ports: read_connection_ports, ask_extension_groups: read_extension_groups}
    assert list(asked.requests) == read.get(ask, read_extensions)([item], "list")


def test_faulty_items_are_told_and_left_out():
    asked = ask_extensions(
        [{"number": "1001", "name": "\0"}, {"number": "1002"}, {"number": "x"}, {"number": "1002"}, "1004"],
        "extensions",
    )
    assert [(request.key, request.path) for request in asked.requests] == [("1002", "extensions[1]")]
    assert [problem.path for problem in asked.problems] == [
        "extensions[0].name",
        "extensions[2].number",
        "extensions[3].number",
        "extensions[4]",
    ]


@pytest.mark.parametrize(
    ("numbers", "problem", "follows"),
    [
        pytest.param(["1", "x"], ProblemOfTheList("purge", "is too much"), True, id="the list is not whole"),
        pytest.param(["1", "x"], Problem("extensions[0].groups", "is wrong"), False, id="of a sound item"),
        pytest.param(["1", "2"], ProblemOfTheList("purge", "is too much"), False, id="the list is whole"),
    ],
)
def test_what_is_found_in_a_list_that_is_not_whole_may_be_a_consequence(numbers, problem, follows):
    asked = ask_extensions([{"number": number} for number in numbers], "extensions")
    assert asked.is_consequence(problem) is follows


@pytest.mark.parametrize(
    ("ask", "item"),
    [
        pytest.param(ask_extensions, {"number": ""}, id="an empty number"),
        pytest.param(ask_extension_groups, {"name": "a\nb"}, id="a line break in a name"),
        pytest.param(ask_extensions, {"number": "1", "groups": ["a\nb"]}, id="a line break in a group"),
    ],
)
def test_one_mistake_is_told_once(ask, item):
    assert len(ask([item], "list").problems) == 1


# --- what they are ---------------------------------------------------------------------------


def test_an_extension_of_a_number_alone_has_one_phone_that_rings_for_half_a_minute():
    assert Extension("1001").shown() == {
        "name": "",
        "connection_port": "",
        "groups": [],
        "callable_groups": ["*"],
        "enabled": True,
        "max_devices": 1,
        "ring_timeout": 30,
        "forward_to": "",
        "language": "",
        "email": "",
        "labels": {},
        "has_password": False,
    }


def test_an_extension_is_shown_as_it_would_be_written():
    full = Extension(
        "1001",
        "Ayşe",
        connection_port="desk",
        groups=frozenset({"b", "a"}),
        callable_groups=frozenset({"d", "c"}),
        enabled=False,
        max_devices=2,
        ring_timeout=10,
        forward_to="1002",
        language="tr",
        email="a@example.org",
        labels=(("a", "1"), ("b", "2")),
        digest="d" * 32,
    )
    assert full.shown() == {
        "name": "Ayşe",
        "connection_port": "desk",
        "groups": ["a", "b"],
        "callable_groups": ["c", "d"],
        "enabled": False,
        "max_devices": 2,
        "ring_timeout": 10,
        "forward_to": "1002",
        "language": "tr",
        "email": "a@example.org",
        "labels": {"a": "1", "b": "2"},
        "has_password": True,
    }


def test_who_may_call_nobody_is_not_shown_as_one_without_restriction():
    assert Extension("1001", callable_groups=frozenset()).shown()["callable_groups"] == []


def test_what_is_shown_is_every_option_and_whether_there_is_a_password():
    assert Extension("1001").shown().keys() == EXTENSION_OPTIONS.keys() | {"has_password"}


@pytest.mark.parametrize(
    ("enabled", "digest", "can"),
    [(True, "d" * 32, True), (False, "d" * 32, False), (True, None, False), (False, None, False)],
)
def test_who_can_register_is_enabled_and_has_a_password(enabled, digest, can):
    assert Extension("1001", enabled=enabled, digest=digest).can_register is can


def test_a_port_and_a_group_show_what_they_are():
    assert ConnectionPort("desk", "tcp", "::", 5070, id=3).shown() == {
        "protocol": "tcp",
        "address": "::",
        "port": 5070,
    }
    assert ExtensionGroup("Sales").shown() == {}


def test_the_identifier_of_a_port_does_not_make_it_another_port():
    assert ConnectionPort("desk", id=1) == ConnectionPort("desk", id=2)


# --- secrets ---------------------------------------------------------------------------------


SECRET = "Zq9!secret-of-1001"


def test_no_representation_shows_a_secret():
    assert SECRET not in repr(extension(password=SECRET))
    assert "d" * 32 not in repr(Extension("1001", digest="d" * 32))


@given(
    item=st.fixed_dictionaries(
        {"password": st.sampled_from([SECRET, SECRET + "\n", SECRET * 10, [SECRET], {"a": SECRET}])},
        optional={"number": st.text(max_size=5), "name": st.text(), "state": st.text(), "groups": st.text()},
    )
)
def test_no_problem_shows_the_password(item):
    try:
        shown = repr(read_extensions([item], "extensions"))
    except InvalidInputError as error:
        shown = str(error) + repr(error) + repr(error.problems)
    assert SECRET not in shown


# --- whatever is written ---------------------------------------------------------------------


anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**90), 10**90),
        st.floats(),
        st.text(),
        st.binary(max_size=5),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=2)),
    max_leaves=5,
)
plausible = st.sampled_from(
    [
        "1001",
        1001,
        "desk",
        "udp",
        "tcp",
        "0.0.0.0",
        "::",
        5060,
        10,
        "present",
        "absent",
        ["a"],
        ["*"],
        {"a": "b"},
        "",
    ]
)
OPTIONS = ["number", "name", "password", "state", "protocol", "address", "port", *EXTENSION_OPTIONS]
items = st.lists(st.dictionaries(st.sampled_from(OPTIONS), st.one_of(plausible, anything)), max_size=4)


@pytest.mark.parametrize("kind", sorted(READERS))
@given(written=items)
def test_whatever_is_written_is_read_or_refused_by_place(kind, written):
    places = [f"{kind}[{index}]" for index in range(len(written))]
    requests, problems_found = attempt(READERS[kind], written, kind)
    if requests is None:
        assert problems_found
        assert all(
            problem.path.startswith(tuple(f"{place}." for place in places)) for problem in problems_found
        )
        assert all(problem.message for problem in problems_found)
    else:
        assert [request.path for request in requests] == places
        keys = [request.key for request in requests]
        assert all(keys)
        assert len(set(keys)) == len(keys)


@given(
    wrong=st.sets(st.integers(0, 29)),
    option=st.sampled_from(["number", "state", *sorted(EXTENSION_OPTIONS)]),
)
def test_the_problems_are_at_the_wrong_items_and_nowhere_else(wrong, option):
    written = [{"number": str(100 + i)} for i in range(30)]
    for i in wrong:
        written[i][option] = f"\0{i}"
    _, found = attempt(read_extensions, written, "extensions")
    assert [problem.path for problem in found] == [f"extensions[{i}].{option}" for i in sorted(wrong)]
