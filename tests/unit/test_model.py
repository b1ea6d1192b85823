# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a user may write for a port, a group and an extension."""

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils import model
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import (
    ConnectionPort,
    Extension,
    ExtensionGroup,
    normalise_name,
    read_connection_ports,
    read_extension_groups,
    read_extensions,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.problem import InvalidInputError, Problem
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


def port(**options):
    """Read one connection port, named desk unless told otherwise."""
    (request,) = read_connection_ports([{"name": "desk", **options}], "connection_ports")
    return request


def problems(read, *items, option="extensions"):
    """Read items that are wrong; return what is said, as (path, message)."""
    with pytest.raises(InvalidInputError) as refused:
        read(items, option)
    return [tuple(problem) for problem in refused.value.problems]


def the_problem(read, item, option="extensions"):
    """Read one item in which one thing is wrong; return where and what."""
    (found,) = problems(read, item, option=option)
    return found


def attempt(read, items, option):
    """Read items; return the requests and no problems, or None and the problems."""
    try:
        return read(items, option), ()
    except InvalidInputError as error:
        return None, error.problems


# --- numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "number"),
    [
        pytest.param("1001", "1001", id="four digits"),
        pytest.param(1001, "1001", id="an integer, as YAML reads it"),
        pytest.param("0", "0", id="one digit"),
        pytest.param(0, "0", id="the integer zero"),
        pytest.param("12", "12", id="two digits"),
        pytest.param("007", "007", id="leading zeros are kept"),
        pytest.param("905321234567890", "905321234567890", id="fifteen digits"),
    ],
)
def test_a_number_is_kept_as_digits(written, number):
    assert extension(number=written).number == number


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("", id="empty"),
        pytest.param("12a", id="a letter"),
        pytest.param("1234567890123456", id="sixteen digits"),
        pytest.param(10**15, id="sixteen digits as an integer"),
        pytest.param(True, id="a boolean"),
        pytest.param(1.5, id="a fraction"),
        pytest.param(1001.0, id="a float"),
        pytest.param(-1, id="a negative integer"),
        pytest.param("+90532", id="a plus sign"),
        pytest.param(" 1001", id="a blank before"),
        pytest.param("1001\n", id="a line break after"),
        pytest.param("10 01", id="a blank inside"),
        pytest.param("١٠٠١", id="Arabic-Indic digits"),
        pytest.param("\uff11\uff10\uff10\uff11", id="full-width digits"),
        pytest.param("1²", id="a superscript"),
        pytest.param("*98", id="a feature code"),
        pytest.param("_X.", id="a dialplan pattern"),
        pytest.param(["1001"], id="a list"),
        pytest.param(b"1001", id="bytes"),
    ],
)
def test_what_is_not_a_number_is_refused(written):
    path, message = the_problem(read_extensions, {"number": written})
    assert path == "extensions[0].number"
    assert message == f"{written!r} is not a number of 1 to 15 digits; write digits only, in quotes"


@pytest.mark.parametrize("item", [{}, {"number": None}], ids=["left out", "null"])
def test_a_number_is_required(item):
    path, message = the_problem(read_extensions, item)
    assert (path, message.split(";")[0]) == ("extensions[0].number", "is missing")


def test_a_number_given_twice_names_both_places():
    found = problems(read_extensions, {"number": "1001"}, {"number": "1002"}, {"number": 1001})
    assert found == [("extensions[2].number", "1001 is also given by extensions[0]; name it once")]


def test_a_number_given_three_times_is_told_twice_with_the_first_place():
    found = problems(read_extensions, *[{"number": "1001"}] * 3)
    assert [path for path, _ in found] == ["extensions[1].number", "extensions[2].number"]
    assert all("also given by extensions[0];" in message for _, message in found)


def test_1_and_01_are_two_numbers():
    assert [r.number for r in read_extensions([{"number": "1"}, {"number": "01"}], "extensions")] == [
        "1",
        "01",
    ]


# --- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "name"),
    [
        pytest.param("Ayşe Yılmaz", "Ayşe Yılmaz", id="Turkish"),
        pytest.param("Ays\u0327e", "Ayşe", id="decomposed letters become one"),
        pytest.param("\ufb01 Ⅳ ①", "\ufb01 Ⅳ ①", id="signs that only look like letters stay"),
        pytest.param("  Reception \u00a0", "Reception", id="blanks at the ends go"),
        pytest.param("Two  blanks", "Two  blanks", id="blanks inside stay"),
        pytest.param("", "", id="empty"),
        pytest.param("x" * 80, "x" * 80, id="eighty characters"),
        pytest.param("e\u0301" * 80, "é" * 80, id="eighty characters after composing"),
        pytest.param("🏢" * 80, "🏢" * 80, id="eighty emoji"),
        pytest.param("👩\u200d💻 Ada", "👩\u200d💻 Ada", id="a joined emoji"),
        pytest.param("מזכירות שלום", "מזכירות שלום", id="Hebrew"),
        pytest.param("الاستقبال", "الاستقبال", id="Arabic"),
        pytest.param("営業部", "営業部", id="Japanese"),
        pytest.param('Ada "the boss" O\'Hara', 'Ada "the boss" O\'Hara', id="quotes"),
        pytest.param(
            "a;b<c>$d{e}[f]\\g,h|i", "a;b<c>$d{e}[f]\\g,h|i", id="characters of configuration files"
        ),
        pytest.param("${SHELL(rm -rf /)}", "${SHELL(rm -rf /)}", id="a dialplan function"),
        pytest.param("'); DROP TABLE extension; --", "'); DROP TABLE extension; --", id="an SQL injection"),
        pytest.param(2024, "2024", id="an integer, as YAML reads it"),
        pytest.param(1.5, "1.5", id="a fraction, as YAML reads it"),
    ],
)
def test_a_name_is_any_text_on_one_line(written, name):
    assert extension(name=written).name == name


@pytest.mark.parametrize(
    ("written", "why"),
    [
        pytest.param("x" * 81, "is 81 characters long; at most 80 fit", id="81 characters"),
        pytest.param("two\nlines", "one line", id="a line break"),
        pytest.param("trailing\n", "one line", id="a line break at the end"),
        pytest.param("carriage\rreturn", "one line", id="a carriage return"),
        pytest.param("a\tb", "control character", id="a tabulator"),
        pytest.param("a\0b", "control character", id="a zero byte"),
        pytest.param("a\x1b[31m", "control character", id="a terminal escape"),
        pytest.param("a\x7fb", "control character", id="a delete character"),
        pytest.param("a\x85b", "control character", id="a C1 next line"),
        pytest.param("a\u2028b", "one line", id="a line separator"),
        pytest.param("a\u2029b", "one line", id="a paragraph separator"),
        pytest.param("a\udcffb", "invalid text", id="a lone surrogate"),
        pytest.param(True, "is not text; put it in quotes", id="a boolean"),
        pytest.param(["a"], "is not text; put it in quotes", id="a list"),
        pytest.param({"a": 1}, "is not text; put it in quotes", id="a dictionary"),
    ],
)
def test_what_is_not_a_name_is_refused(written, why):
    path, message = the_problem(read_extensions, {"number": "1001", "name": written})
    assert path == "extensions[0].name"
    assert why in message


@pytest.mark.parametrize("kind", ["connection_ports", "extension_groups"])
@pytest.mark.parametrize(
    ("item", "why"),
    [
        pytest.param({}, "is missing; give it a name", id="left out"),
        pytest.param({"name": None}, "is missing; give it a name", id="null"),
        pytest.param({"name": ""}, "is empty; give it a name", id="empty"),
        pytest.param({"name": " \u3000"}, "is empty; give it a name", id="blanks"),
        pytest.param({"name": "x" * 81}, "is 81 characters long; at most 80 fit", id="too long"),
    ],
)
def test_a_port_and_a_group_need_a_name(kind, item, why):
    assert the_problem(READERS[kind], item, option=kind) == (f"{kind}[0].name", why)


def test_the_same_name_typed_on_two_keyboards_is_given_twice():
    found = problems(
        read_extension_groups, {"name": "Satış"}, {"name": " Satıs\u0327"}, option="extension_groups"
    )
    assert found == [("extension_groups[1].name", "Satış is also given by extension_groups[0]; name it once")]


def test_names_that_differ_in_case_are_two_names():
    assert len(read_extension_groups([{"name": "Sales"}, {"name": "sales"}], "extension_groups")) == 2


@given(value=st.one_of(st.text(), st.integers(-(10**90), 10**90), st.floats(), st.booleans(), st.none()))
def test_normalising_a_name_twice_is_normalising_it_once(value):
    name, error = normalise_name(value)
    if error is None:
        assert normalise_name(name) == (name, None)
        assert name == unicodedata.normalize("NFC", name).strip()
        assert len(name) <= model.NAME_MAX_CHARACTERS
        assert len(name.splitlines()) <= 1
        name.encode("utf-8")


# --- passwords -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "password"),
    [
        pytest.param("Kx7#mQ2p", "Kx7#mQ2p", id="text"),
        pytest.param("", "", id="empty, which takes it away"),
        pytest.param(None, None, id="null leaves it as it is"),
        pytest.param(" blanks count ", " blanks count ", id="blanks at the ends"),
        pytest.param("s\u0327ifre", "s\u0327ifre", id="not composed"),
        pytest.param("a:b;c$d", "a:b;c$d", id="a colon"),
        pytest.param("x" * 128, "x" * 128, id="128 characters"),
        pytest.param(12345678, "12345678", id="an integer, as YAML reads it"),
    ],
)
def test_a_password_is_taken_as_it_is(written, password):
    assert extension(password=written).password == password


@pytest.mark.parametrize(
    ("written", "why"),
    [
        pytest.param("x" * 129, "is longer than 128 characters", id="129 characters"),
        pytest.param("secret\n", "holds a control character", id="a line break"),
        pytest.param("sec\0ret", "holds a control character", id="a zero byte"),
        pytest.param("sec\ud800ret", "invalid text", id="a lone surrogate"),
    ],
)
def test_a_password_that_no_phone_can_send_is_refused_without_showing_it(written, why):
    path, message = the_problem(read_extensions, {"number": "1001", "password": written})
    assert path == "extensions[0].password"
    assert why in message
    assert written.strip() not in message


# --- the other options -----------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 5060, 65535])
def test_a_port_number_is_taken(number):
    assert port(port=number).port == number


@pytest.mark.parametrize("number", [0, 65536, -5060, "5060", True, 5060.0, ""], ids=repr)
def test_what_is_not_a_port_number_is_refused(number):
    found = the_problem(read_connection_ports, {"name": "desk", "port": number}, option="connection_ports")
    assert found == ("connection_ports[0].port", f"{number!r} is not a port from 1 to 65535")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        pytest.param("0.0.0.0", "0.0.0.0", id="every IPv4 address"),
        pytest.param("192.168.1.10", "192.168.1.10", id="IPv4"),
        pytest.param("::", "::", id="every IPv6 address"),
        pytest.param("2001:DB8:0:0::0001", "2001:db8::1", id="IPv6 in its short form"),
    ],
)
def test_an_address_is_stored_in_one_form(written, address):
    assert port(address=written).address == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        "pbx.example.org",
        "192.168.1",
        "192.168.1.256",
        "192.168.001.1",
        "[::1]",
        "10.0.0.0/8",
        "10.0.0.1:5060",
        [],
    ],
    ids=repr,
)
def test_what_is_not_an_address_is_refused(written):
    found = the_problem(
        read_connection_ports, {"name": "desk", "address": written}, option="connection_ports"
    )
    assert found[0] == "connection_ports[0].address"
    assert found[1].startswith(f"{written!r} is not an IP address")


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
def test_a_protocol_is_taken(protocol):
    assert port(protocol=protocol).protocol == protocol


@pytest.mark.parametrize("protocol", ["UDP", "sctp", "", 17, ["udp"]], ids=repr)
def test_what_is_not_a_protocol_is_refused(protocol):
    found = the_problem(
        read_connection_ports, {"name": "desk", "protocol": protocol}, option="connection_ports"
    )
    assert found == ("connection_ports[0].protocol", f"{protocol!r} is not one of udp, tcp")


@pytest.mark.parametrize(
    ("item", "present"),
    [({}, True), ({"state": None}, True), ({"state": "present"}, True), ({"state": "absent"}, False)],
    ids=["left out", "null", "present", "absent"],
)
def test_a_state_is_present_unless_absent_is_said(item, present):
    assert extension(**item).present is present


@pytest.mark.parametrize("kind", sorted(READERS))
@pytest.mark.parametrize("state", ["gone", "Present", 1, True, ["absent"]], ids=repr)
def test_what_is_not_a_state_is_refused(kind, state):
    item = {"name": "x", "number": "1", "state": state}
    assert the_problem(READERS[kind], item, option=kind) == (
        f"{kind}[0].state",
        f"{state!r} is neither present nor absent",
    )


def test_what_is_left_out_is_none():
    request = extension()
    assert (request.name, request.password, request.connection_port, request.groups) == (None,) * 4
    request = port()
    assert (request.protocol, request.address, request.port) == (None,) * 3


def test_an_empty_port_means_any_port():
    assert extension(connection_port="").connection_port == ""


@pytest.mark.parametrize(
    ("written", "groups"),
    [
        pytest.param([], frozenset(), id="none"),
        pytest.param(["Sales", "IT"], {"Sales", "IT"}, id="two"),
        pytest.param(("Sales",), {"Sales"}, id="a tuple"),
        pytest.param(["Satış", " Satıs\u0327"], {"Satış"}, id="the same twice"),
        pytest.param([2024], {"2024"}, id="a number, as YAML reads it"),
    ],
)
def test_groups_are_a_set_of_names(written, groups):
    assert extension(groups=written).groups == groups


@pytest.mark.parametrize(
    ("written", "path", "why"),
    [
        pytest.param("Sales", "groups", "'Sales' is not a list", id="text"),
        pytest.param(5, "groups", "5 is not a list", id="a number"),
        pytest.param({"Sales": True}, "groups", "is not a list", id="a dictionary"),
        pytest.param(["Sales", ""], "groups[1]", "is empty; give it a name", id="an empty name"),
        pytest.param(["Sales", None], "groups[1]", "None is not text; put it in quotes", id="null"),
        pytest.param(["Sales", "a\nb"], "groups[1]", "one line", id="a line break"),
    ],
)
def test_what_is_not_a_list_of_groups_is_refused(written, path, why):
    found = the_problem(read_extensions, {"number": "1001", "groups": written})
    assert found[0] == f"extensions[0].{path}"
    assert why in found[1]


# --- many items, and one ---------------------------------------------------------------------


def test_of_a_hundred_items_exactly_the_wrong_ones_are_named():
    items = [{"number": str(1000 + i), "name": f"Person {i}"} for i in range(100)]
    items[57]["number"] = "10S7"
    items[81]["name"] = "two\nlines"
    found = problems(read_extensions, *items)
    assert [path for path, _ in found] == ["extensions[57].number", "extensions[81].name"]


def test_everything_wrong_in_one_item_is_told_at_once():
    item = {"number": "x", "name": "\0", "password": "\0", "connection_port": "\0", "groups": 1, "state": "?"}
    paths = {path for path, _ in problems(read_extensions, item)}
    assert paths == {f"extensions[0].{option}" for option in item}


def test_a_single_item_is_named_by_its_option_alone():
    with pytest.raises(InvalidInputError) as refused:
        read_extensions([{"number": "x"}])
    assert str(refused.value).startswith("number: 'x' is not a number")


def test_the_message_of_an_error_has_a_line_for_each_problem():
    error = InvalidInputError([Problem("extensions[3].name", "is too long"), Problem("", "in general")])
    assert str(error) == "extensions[3].name: is too long\nin general"


def test_an_empty_list_asks_for_nothing():
    assert [read([], kind) for kind, read in READERS.items()] == [[], [], []]


# --- what is shown ---------------------------------------------------------------------------


def test_of_a_password_is_shown_only_whether_there_is_one():
    with_password = Extension("1001", "Ayşe", "desk", frozenset({"b", "a"}), digest="d" * 32)
    assert with_password.shown() == {
        "name": "Ayşe",
        "connection_port": "desk",
        "groups": ["a", "b"],
        "has_password": True,
    }
    assert Extension("1001").shown()["has_password"] is False


def test_a_port_and_a_group_show_what_they_are():
    assert ConnectionPort("desk", "tcp", "::", 5070, id=3).shown() == {
        "protocol": "tcp",
        "address": "::",
        "port": 5070,
    }
    assert ExtensionGroup("Sales").shown() == {}


def test_the_identifier_of_a_port_does_not_make_it_another_port():
    assert ConnectionPort("desk", id=1) == ConnectionPort("desk", id=2)


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
    ["1001", 1001, "desk", "udp", "tcp", "0.0.0.0", "::", 5060, "present", "absent", ["a"]]
)
OPTIONS = ["number", "name", "password", "connection_port", "groups", "state", "protocol", "address", "port"]
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
        keys = [getattr(request, "number", None) or getattr(request, "name", None) for request in requests]
        assert all(keys)
        assert len(set(keys)) == len(keys)


@given(
    wrong=st.sets(st.integers(0, 29)),
    option=st.sampled_from(["number", "name", "groups", "state"]),
)
def test_the_problems_are_at_the_wrong_items_and_nowhere_else(wrong, option):
    written = [{"number": str(100 + i)} for i in range(30)]
    for i in wrong:
        written[i][option] = f"\0{i}"
    _, found = attempt(read_extensions, written, "extensions")
    assert [problem.path for problem in found] == [f"extensions[{i}].{option}" for i in sorted(wrong)]


# --- what is not text, number or list at all -----------------------------------------------------


@pytest.mark.parametrize(
    "address", ["fe80::1%eth0\n[evil]\ntype = transport", "fe80::1%;", True, 1, b"abcd"], ids=repr
)
def test_an_address_is_text_without_a_scope_which_could_hold_anything(address):
    with pytest.raises(InvalidInputError):
        read_connection_ports([{"name": "x", "address": address}], "connection_ports")


@pytest.mark.parametrize("password", [True, ["a", "b"], {"a": 1}], ids=repr)
def test_a_password_is_text(password):
    with pytest.raises(InvalidInputError):
        read_extensions([{"number": "1001", "password": password}], "extensions")


def test_two_items_without_a_list_name_are_told_apart_from_nothing():
    with pytest.raises(InvalidInputError) as refused:
        read_extensions([{"number": "1"}, {"number": "1"}])
    assert refused.value.problems[0].path == "number"


def test_an_item_that_is_no_mapping_is_told_without_repeating_it():
    with pytest.raises(InvalidInputError) as refused:
        read_extensions([{"number": "1"}, "1001 my-secret-password"], "extensions")
    assert str(refused.value).startswith("extensions[1]: is not a mapping")
    assert "my-secret-password" not in str(refused.value)


def test_an_enormous_integer_is_told():
    with pytest.raises(InvalidInputError, match="an enormous number is not a number of 1 to 15 digits"):
        read_extensions([{"number": 10**5000}], "extensions")


def test_bytes_are_no_list_of_groups():
    with pytest.raises(InvalidInputError):
        read_extensions([{"number": "1", "groups": b"ab"}], "extensions")
