# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a user asks for: read item by item, with all that is wrong in any of them."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    Extension,
    InboundNumber,
    OutboundRule,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import (
    InvalidInputError,
    gathered,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    EMERGENCY_NUMBERS,
    EXTENSIONS,
    GROUPS,
    PORTS,
    PROFILES,
    TRUNKS,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.request import (
    CONNECTION_PORT_OPTIONS,
    EXTENSION_OPTIONS,
    OUTBOUND_PROFILE_OPTIONS,
    TRUNK_OPTIONS,
    Request,
    ask_emergency_numbers,
    ask_extensions,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import ASK, KINDS_OF_MODULES, read
from hypothesis import given
from hypothesis import strategies as st

SECRET = "Zq9!secret-of-1001"
every_kind = pytest.mark.parametrize("kind", KINDS_OF_MODULES, ids=lambda kind: kind.option)


def extension(**options):
    """Read one extension, 1001 unless told otherwise."""
    (request,) = read(EXTENSIONS, [{"number": "1001", **options}], "extensions")
    return request


def problems(kind, *items):
    """Read items that are wrong; return what is said, as (path, message)."""
    with pytest.raises(InvalidInputError) as refused:
        read(kind, items, kind.option)
    return [tuple(problem) for problem in refused.value.problems]


def attempt(kind, items):
    """Read items; return the requests and no problems, or None and the problems."""
    try:
        return read(kind, items, kind.option), ()
    except InvalidInputError as error:
        return None, error.problems


# --- what is asked ---------------------------------------------------------------------------


def test_what_is_asked_is_a_key_a_place_and_the_options_that_are_given():
    item = {"number": 1001, "name": "", "password": "Kx7#mQ2p", "connection_port": "", "groups": ["B", "A"]}
    assert read(EXTENSIONS, [item], "extensions") == [
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
        outbound_profile="office",
        outbound_caller_id="+4930123456",
        groups=["IT"],
        callable_groups=["*"],
        record=True,
        enabled=False,
        max_devices=2,
        max_calls="3",
        ring_timeout=10,
        forward_to=1002,
        language="tr",
        email="a@example.org",
        labels={"b": 2, "a": "1"},
        username="ayse.y",
    )
    assert request.given == {
        "name": "Ayşe",
        "connection_port": "desk",
        "outbound_profile": "office",
        "outbound_caller_id": "+4930123456",
        "groups": frozenset({"IT"}),
        "callable_groups": None,
        "record": True,
        "enabled": False,
        "max_devices": 2,
        "max_calls": 3,
        "ring_timeout": 10,
        "forward_to": "1002",
        "language": "tr",
        "email": "a@example.org",
        "labels": (("a", "1"), ("b", "2")),
        "username": "ayse.y",
    }
    assert request.given.keys() == EXTENSION_OPTIONS.keys()


def test_every_option_of_a_port_that_is_given_is_read():
    item = {
        "name": "wan",
        "protocol": "tls",
        "address": "::",
        "port": 5061,
        "certificate": "/etc/ssl/pbx.pem",
        "private_key": "/etc/ssl/pbx.key",
        "external_address": "PBX.example.net",
        "local_networks": ["10.0.0.0/8", "192.168.1.5"],
    }
    (request,) = read(PORTS, [item])
    assert (request.key, request.password) == ("wan", None)
    assert request.given == {
        "protocol": "tls",
        "address": "::",
        "port": 5061,
        "certificate": "/etc/ssl/pbx.pem",
        "private_key": "/etc/ssl/pbx.key",
        "external_address": "pbx.example.net",
        "local_networks": ("10.0.0.0/8", "192.168.1.5/32"),
    }
    assert request.given.keys() == CONNECTION_PORT_OPTIONS.keys()


def test_every_option_of_a_trunk_that_is_given_is_read():
    item = {
        "name": "line",
        "host": "SIP.example.net",
        "port": 5080,
        "connection_port": "wan",
        "register": True,
        "username": 4930123,
        "password": SECRET,
        "realm": "example.net",
        "codecs": ["g722", "alaw"],
        "caller_id": "+4930123",
        "inbound_addresses": ["192.0.2.0/24", "192.0.2.9", "gw.Example.net"],
        "inbound_numbers": [{"number": "*", "extension": 1000}, {"number": "+49301231", "extension": "1"}],
        "country_code": 49,
        "area_code": "30",
        "called_number_header": "P-Called-Party-ID",
        "trust_identity": "yes",
        "qualify": False,
        "emergency": False,
    }
    (request,) = read(TRUNKS, [item])
    assert (request.key, request.password) == ("line", SECRET)
    assert request.given == {
        "host": "sip.example.net",
        "port": 5080,
        "connection_port": "wan",
        "register": True,
        "username": "4930123",
        "realm": "example.net",
        "codecs": ("g722", "alaw"),
        "caller_id": "+4930123",
        "inbound_addresses": ("192.0.2.0/24", "192.0.2.9", "gw.example.net"),
        "inbound_numbers": (InboundNumber("*", "1000"), InboundNumber("+49301231", "1")),
        "country_code": "49",
        "area_code": "30",
        "called_number_header": "P-Called-Party-ID",
        "trust_identity": True,
        "qualify": False,
        "emergency": False,
    }
    assert request.given.keys() == TRUNK_OPTIONS.keys()


def test_every_option_of_a_profile_that_is_given_is_read():
    item = {
        "name": "office",
        "rules": [{"pattern": "_0X.", "trunks": ["line"], "strip": 1}],
        "max_concurrent_calls": 4,
        "max_call_time": 3600,
    }
    (request,) = read(PROFILES, [item])
    assert (request.key, request.password) == ("office", None)
    assert request.given == {
        "rules": (OutboundRule("0X.", trunks=("line",), strip=1),),
        "max_concurrent_calls": 4,
        "max_call_time": 3600,
    }
    assert request.given.keys() == OUTBOUND_PROFILE_OPTIONS.keys()


@pytest.mark.parametrize(
    ("kind", "option", "empty"),
    [
        (PORTS, "certificate", None),
        (PORTS, "private_key", None),
        (PORTS, "external_address", None),
        (TRUNKS, "connection_port", None),
        (TRUNKS, "username", None),
        (TRUNKS, "realm", ""),
        (TRUNKS, "caller_id", None),
        (EXTENSIONS, "connection_port", None),
        (EXTENSIONS, "outbound_profile", None),
        (EXTENSIONS, "outbound_caller_id", None),
        (EXTENSIONS, "username", None),
    ],
    ids=lambda value: getattr(value, "option", value),
)
def test_an_empty_text_takes_a_value_away(kind, option, empty):
    (request,) = read(kind, [{kind.key: "1", option: ""}])
    assert request.given == {option: empty}


def test_an_emergency_number_is_asked_by_its_digits():
    assert read(EMERGENCY_NUMBERS, ["112", 110], "emergency_numbers") == [
        Request("112", "emergency_numbers[0]"),
        Request("110", "emergency_numbers[1]"),
    ]


@pytest.mark.parametrize(
    ("numbers", "path", "message"),
    [
        (
            ["112", "11O"],
            "emergency_numbers[1]",
            "'11O' is not a number of 1 to 15 digits; write digits only, in quotes",
        ),
        ([None], "emergency_numbers[0]", "is missing; every item needs it"),
        ([""], "emergency_numbers[0]", "'' is not a number of 1 to 15 digits; write digits only, in quotes"),
        (
            ["112", "110", 112],
            "emergency_numbers[2]",
            "112 is also given by emergency_numbers[0]; name it once",
        ),
    ],
)
def test_an_emergency_number_that_is_wrong_is_told_by_its_place(numbers, path, message):
    asked = ask_emergency_numbers(numbers, "emergency_numbers")
    assert [tuple(problem) for problem in asked.problems] == [(path, message)]


def test_what_is_left_out_is_not_there():
    nothing = dict.fromkeys(EXTENSION_OPTIONS)
    assert read(EXTENSIONS, [{"number": "1001", "password": None, **nothing}]) == [Request("1001")]
    assert read(PORTS, [{"name": "desk", "port": None}]) == [Request("desk")]


def test_what_is_to_be_absent_is_asked_as_such():
    assert read(GROUPS, [{"name": "IT", "state": "absent"}], "extension_groups") == [
        Request("IT", "extension_groups[0]", present=False)
    ]


@pytest.mark.parametrize(
    ("kind", "item", "message"),
    [
        pytest.param(
            GROUPS,
            {"name": "IT", "groups": 5},
            "has no option 'groups'; it has: name, state",
            id="of another",
        ),
        pytest.param(
            PROFILES,
            {"name": "office", "max_calls": 5, "Rules": []},
            "has no option 'Rules', 'max_calls'; it has:"
            " max_call_time, max_concurrent_calls, name, rules, state",
            id="misspelt",
        ),
        pytest.param(
            GROUPS, {"name": "IT", 5: None}, "has no option '5'; it has: name, state", id="a number, and null"
        ),
    ],
)
def test_an_option_that_is_not_ours_is_refused(kind, item, message):
    assert problems(kind, item) == [(f"{kind.option}[0]", message)]


def test_only_what_has_a_password_takes_one():
    for kind in KINDS_OF_MODULES:
        (asked,) = [ASK[kind]([{kind.key: "1", "password": SECRET}], kind.option)]
        assert bool(asked.requests) is (kind in (TRUNKS, EXTENSIONS))
        (asked,) = [ASK[kind]([{kind.key: "1", "password_digest": "d" * 32}], kind.option)]
        assert bool(asked.requests) is (kind is EXTENSIONS)


def test_neither_a_password_nor_its_digest_is_in_the_text_of_what_is_asked():
    assert SECRET not in repr(extension(password=SECRET))
    assert "d" * 32 not in repr(extension(password_digest="D" * 32))


# --- many items, and one ---------------------------------------------------------------------


def test_a_number_given_twice_names_both_places():
    found = problems(EXTENSIONS, {"number": "1001"}, {"number": "1002"}, {"number": 1001})
    assert found == [("extensions[2].number", "1001 is also given by extensions[0]; name it once")]


def test_the_first_of_two_extensions_with_a_number_is_named():
    found = problems(EXTENSIONS, {"number": "1001", "name": "Ayşe Yılmaz"}, {"number": "1001"})
    message = "1001 is also given by extensions[0] ('Ayşe Yılmaz'); name it once"
    assert found == [("extensions[1].number", message)]


def test_many_numbers_given_twice_are_said_as_one_mistake_whatever_the_names_are():
    names = ["Ayşe Yılmaz", "O'Neill", "Depot 7", "1"]
    twice = [{"number": str(1000 + index), "name": name} for index, name in enumerate(names)] * 2
    (said,) = gathered(ask_extensions(twice, "extensions").problems)
    assert "the same 3 times more: extensions[5].number, extensions[6].number" in said.message


def test_a_number_given_three_times_is_told_twice_with_the_first_place():
    found = problems(EXTENSIONS, *[{"number": "1001"}] * 3)
    assert [path for path, _message in found] == ["extensions[1].number", "extensions[2].number"]
    assert all("also given by extensions[0];" in message for _path, message in found)


def test_1_and_01_are_two_numbers():
    assert [r.key for r in read(EXTENSIONS, [{"number": "1"}, {"number": "01"}], "extensions")] == [
        "1",
        "01",
    ]


def test_the_same_name_typed_on_two_keyboards_is_given_twice():
    found = problems(GROUPS, {"name": "Satış"}, {"name": " Satıs\u0327"})
    assert found == [("extension_groups[1].name", "Satış is also given by extension_groups[0]; name it once")]


def test_names_that_differ_in_case_are_two_names():
    assert len(read(GROUPS, [{"name": "Sales"}, {"name": "sales"}], "extension_groups")) == 2


def test_of_a_hundred_items_exactly_the_wrong_ones_are_named():
    items = [{"number": str(1000 + i), "name": f"Person {i}"} for i in range(100)]
    items[57]["number"] = "10S7"
    items[81]["name"] = "two\nlines"
    found = problems(EXTENSIONS, *items)
    assert [path for path, _message in found] == ["extensions[57].number", "extensions[81].name"]


def test_everything_wrong_in_one_item_is_told_at_once():
    item = {"number": "x", "password": "\0", "state": "?", **dict.fromkeys(EXTENSION_OPTIONS, 1.5)}
    item |= {"name": "\0", "connection_port": "\0", "outbound_profile": "\0"}
    paths = {path for path, _message in problems(EXTENSIONS, item)}
    assert paths == {f"extensions[0].{option}" for option in item}


def test_a_single_item_is_named_by_its_option_alone():
    with pytest.raises(InvalidInputError) as refused:
        read(EXTENSIONS, [{"number": "x"}])
    assert str(refused.value).startswith("number: 'x' is not a number")


def test_two_items_without_a_list_name_are_told_apart_from_nothing():
    with pytest.raises(InvalidInputError) as refused:
        read(EXTENSIONS, [{"number": "1"}, {"number": "1"}])
    assert refused.value.problems[0].path == "number"


def test_an_item_that_is_no_mapping_is_told_without_repeating_it():
    with pytest.raises(InvalidInputError) as refused:
        read(EXTENSIONS, [{"number": "1"}, "1001 my-secret-password"], "extensions")
    assert str(refused.value).startswith("extensions[1]: is not a mapping")
    assert "my-secret-password" not in str(refused.value)


def test_an_empty_list_asks_for_nothing():
    assert [read(kind, [], kind.option) for kind in ASK] == [[]] * 6


# --- what is asked along with what is wrong --------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        (PORTS, {"name": "desk", "port": 5070}),
        (TRUNKS, {"name": "line", "host": "sip.example.net", "password": SECRET}),
        (PROFILES, {"name": "office", "rules": [{"prefix": "0", "action": "deny"}]}),
        (GROUPS, {"name": "IT"}),
        (EXTENSIONS, {"number": "1001", "name": "Ayşe"}),
        (EMERGENCY_NUMBERS, "112"),
    ],
    ids=lambda value: getattr(value, "option", ""),
)
def test_what_is_asked_rightly_is_what_is_read(kind, item):
    asked = ASK[kind]([item], "list")
    assert (asked.problems, asked.unsound) == ((), frozenset())
    (request,) = asked.requests
    assert (request.path, request.present) == ("list[0]", True)


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
    ("items", "unsound"),
    [
        pytest.param([{"number": "1001"}], set(), id="nothing is wrong"),
        pytest.param([{"number": "1001", "enabled": 7}], {"1001"}, id="an option is wrong"),
        pytest.param([{"number": "12a"}], {"12a"}, id="the number itself is wrong, and may be named so"),
        pytest.param([{"name": "Ayşe"}], set(), id="there is no number to name it by"),
        pytest.param([{"number": "1001"}, {"number": "1001", "enabled": 7}], set(), id="the first is sound"),
        pytest.param([{"number": "1001", "enabled": 7}, {"number": "1001"}], {"1001"}, id="the second is"),
        pytest.param(["1001"], set(), id="it is not an item at all"),
    ],
)
def test_what_is_wrong_is_known_by_its_key(items, unsound):
    assert ask_extensions(items, "extensions").unsound == unsound


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        pytest.param(EXTENSIONS, {"number": ""}, id="an empty number"),
        pytest.param(GROUPS, {"name": "a\nb"}, id="a line break in a name"),
        pytest.param(EXTENSIONS, {"number": "1", "groups": ["a\nb"]}, id="a line break in a group"),
        pytest.param(PORTS, {"name": "a", "local_networks": ["x"]}, id="a wrong network"),
        pytest.param(TRUNKS, {"name": "a", "host": ""}, id="an empty host"),
        pytest.param(TRUNKS, {"name": "a", "codecs": []}, id="no codec"),
        pytest.param(PROFILES, {"name": "a", "rules": ["x"]}, id="a rule that is none"),
        pytest.param(
            PROFILES,
            {"name": "a", "rules": [{"prefix": "0", "trunks": [""]}]},
            id="an empty name of a trunk",
        ),
    ],
)
def test_one_mistake_is_told_once(kind, item):
    assert len(ASK[kind]([item], "list").problems) == 1


# --- secrets ---------------------------------------------------------------------------------


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
        shown = repr(read(EXTENSIONS, [item], "extensions"))
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
inner_item = st.dictionaries(
    st.sampled_from(["pattern", "prefix", "action", "trunks", "strip", "prepend", "number", "extension"]),
    st.one_of(plausible, anything),
    max_size=5,
)
OPTIONS = {
    kind: sorted({kind.key, "state", "password", *options})
    for kind, options in (
        (PORTS, CONNECTION_PORT_OPTIONS),
        (TRUNKS, TRUNK_OPTIONS),
        (PROFILES, OUTBOUND_PROFILE_OPTIONS),
        (GROUPS, {}),
        (EXTENSIONS, EXTENSION_OPTIONS),
    )
}


@every_kind
@given(data=st.data())
def test_whatever_is_written_is_read_or_refused_by_place(kind, data):
    value = st.one_of(plausible, anything, st.lists(inner_item, max_size=2))
    written = data.draw(st.lists(st.dictionaries(st.sampled_from(OPTIONS[kind]), value), max_size=4))
    places = [f"{kind.option}[{index}]" for index in range(len(written))]
    requests, problems_found = attempt(kind, written)
    if requests is None:
        assert problems_found
        assert {problem.path.partition(".")[0] for problem in problems_found} <= set(places)
        assert all(problem.message for problem in problems_found)
    else:
        assert [request.path for request in requests] == places
        keys = [request.key for request in requests]
        assert all(keys)
        assert len(set(keys)) == len(keys)


@given(numbers=st.lists(st.one_of(plausible, anything), max_size=4))
def test_whatever_is_written_as_an_emergency_number_is_read_or_refused_by_place(numbers):
    requests, found = attempt(EMERGENCY_NUMBERS, numbers)
    places = {f"emergency_numbers[{index}]" for index in range(len(numbers))}
    assert {problem.path for problem in found} <= places
    assert requests is None or {request.path for request in requests} == places


@given(
    wrong=st.sets(st.integers(0, 29)),
    option=st.sampled_from(["number", "state", *sorted(EXTENSION_OPTIONS)]),
)
def test_the_problems_are_at_the_wrong_items_and_nowhere_else(wrong, option):
    written = [{"number": str(100 + i)} for i in range(30)]
    for i in wrong:
        written[i][option] = f"\0{i}"
    _read, found = attempt(EXTENSIONS, written)
    assert [problem.path for problem in found] == [f"extensions[{i}].{option}" for i in sorted(wrong)]
