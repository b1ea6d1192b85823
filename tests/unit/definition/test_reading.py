# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a person may write for each option, and how it is kept."""

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import (
    InvalidInputError,
    Problem,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.reading import (
    Reader,
    joined,
    normalise_name,
    quoted,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import EXTENSIONS
from ansible_collections.voiceops.asterisk.tests.unit.directories import KINDS_OF_MODULES, read, the_problem
from hypothesis import given
from hypothesis import strategies as st


def extension(**options):
    """What is read of one extension, 1001 unless told otherwise."""
    (request,) = read(EXTENSIONS, [{"number": "1001", **options}], "extensions")
    return request


def refusal(**options):
    """Read one extension in which one thing is wrong; return where in it, and what."""
    path, message = the_problem(EXTENSIONS, {"number": "1001", **options})
    assert path.startswith("extensions[0].")
    return path[len("extensions[0].") :], message


# --- the reader ------------------------------------------------------------------------------


def test_what_is_not_given_is_not_read():
    problems = []
    reader = Reader({"name": None, "other": "x"}, "extensions[0]", problems)
    assert reader.given({"name": Reader.text, "groups": Reader.group_names}) == {}
    assert problems == []


def test_what_is_given_is_read_option_by_option():
    reader = Reader({"name": " Ayşe ", "enabled": False, "forward_to": ""}, "", [])
    options = {"name": Reader.text, "enabled": Reader.flag, "forward_to": Reader.number_or_none}
    assert reader.given(options) == {"name": "Ayşe", "enabled": False, "forward_to": None}


def test_every_problem_is_told_with_its_place():
    problems = []
    reader = Reader({"name": "\0", "enabled": 2}, "extensions[7]", problems)
    reader.given({"name": Reader.text, "enabled": Reader.flag})
    assert [problem.path for problem in problems] == ["extensions[7].name", "extensions[7].enabled"]
    assert problems[1] == Problem("extensions[7].enabled", "2 is neither true nor false")


@pytest.mark.parametrize(
    ("path", "option", "place"),
    [
        ("extensions[3]", "name", "extensions[3].name"),
        ("", "name", "name"),
        ("extensions[3]", "", "extensions[3]"),
    ],
)
def test_a_place_is_a_path_and_an_option(path, option, place):
    assert joined(path, option) == place


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("x" * 58, repr("x" * 58), id="what fits is shown whole"),
        pytest.param("x" * 59, repr("x" * 59)[:60] + "…", id="what does not is cut"),
        pytest.param(10**5000, "an enormous number", id="an integer that Python does not print"),
        pytest.param("a\nb", "'a\\nb'", id="a line break does not break the message"),
    ],
)
def test_a_wrong_value_is_quoted_as_far_as_it_helps(value, text):
    assert quoted(value) == text


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
    assert extension(number=written).key == number


@pytest.mark.parametrize(
    "written",
    [
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
    path, message = the_problem(EXTENSIONS, {"number": written})
    assert path == "extensions[0].number"
    assert message == f"{written!r} is not a number of 1 to 15 digits; write digits only, in quotes"


@pytest.mark.parametrize("item", [{}, {"number": None}], ids=["left out", "null"])
def test_a_number_is_required(item):
    path, message = the_problem(EXTENSIONS, item)
    assert (path, message.split(";")[0]) == ("extensions[0].number", "is missing")


def test_an_enormous_integer_is_told():
    with pytest.raises(InvalidInputError, match="an enormous number is not a number of 1 to 15 digits"):
        read(EXTENSIONS, [{"number": 10**5000}], "extensions")


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
    path, message = the_problem(EXTENSIONS, {"number": "1001", "password": written})
    assert path == "extensions[0].password"
    assert why in message
    assert written.strip() not in message


@pytest.mark.parametrize("password", [True, ["a", "b"], {"a": 1}], ids=repr)
def test_a_password_is_text(password):
    with pytest.raises(InvalidInputError):
        read(EXTENSIONS, [{"number": "1001", "password": password}], "extensions")


# --- states ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "present"),
    [({}, True), ({"state": None}, True), ({"state": "present"}, True), ({"state": "absent"}, False)],
    ids=["left out", "null", "present", "absent"],
)
def test_a_state_is_present_unless_absent_is_said(item, present):
    assert extension(**item).present is present


@pytest.mark.parametrize("kind", KINDS_OF_MODULES, ids=lambda kind: kind.option)
@pytest.mark.parametrize("state", ["gone", "Present", 1, True, ["absent"]], ids=repr)
def test_what_is_not_a_state_is_refused(kind, state):
    assert the_problem(kind, {kind.key: "1", "state": state}) == (
        f"{kind.option}[0].state",
        f"{state!r} is neither present nor absent",
    )


# --- references to ports and groups ----------------------------------------------------------


def test_an_empty_port_means_any_port():
    assert extension(connection_port="").given == {"connection_port": None}


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
    assert extension(groups=written).given == {"groups": groups}


@pytest.mark.parametrize(
    ("written", "path", "why"),
    [
        pytest.param("Sales", "groups", "'Sales' is not a list", id="text"),
        pytest.param(5, "groups", "5 is not a list", id="a number"),
        pytest.param({"Sales": True}, "groups", "is not a list", id="a dictionary"),
        pytest.param(["Sales", ""], "groups[1]", "is empty; give the name of a group", id="an empty name"),
        pytest.param(["Sales", None], "groups[1]", "None is not text; put it in quotes", id="null"),
    ],
)
def test_what_is_not_a_list_of_groups_is_refused(written, path, why):
    found = the_problem(EXTENSIONS, {"number": "1001", "groups": written})
    assert found[0] == f"extensions[0].{path}"
    assert why in found[1]


def test_bytes_are_no_list_of_groups():
    with pytest.raises(InvalidInputError):
        read(EXTENSIONS, [{"number": "1", "groups": b"ab"}], "extensions")


@pytest.mark.parametrize(
    ("written", "groups"),
    [
        pytest.param(["*"], None, id="a star does not restrict"),
        pytest.param(("*",), None, id="a star in a tuple"),
        pytest.param([], frozenset(), id="none is nobody"),
        pytest.param(["IT", " Satıs\u0327"], {"IT", "Satış"}, id="two"),
    ],
)
def test_callable_groups_are_every_group_or_a_set_of_names(written, groups):
    assert extension(callable_groups=written).given == {"callable_groups": groups}


@pytest.mark.parametrize(
    ("options", "path", "why"),
    [
        pytest.param(
            {"callable_groups": ["*", "IT"]}, "callable_groups[0]", "* means every", id="and one more"
        ),
        pytest.param(
            {"callable_groups": ["IT", "*"]}, "callable_groups[1]", "* means every", id="and one before"
        ),
        pytest.param({"callable_groups": ["*", "*"]}, "callable_groups[0]", "* means every", id="twice"),
        pytest.param({"groups": ["*"]}, "groups[0]", "* means every", id="as a member of every group"),
        pytest.param({"callable_groups": "IT"}, "callable_groups", "'IT' is not a list", id="text"),
        pytest.param({"callable_groups": {"IT": 1}}, "callable_groups", "is not a list", id="a dictionary"),
        pytest.param({"callable_groups": ["a", ""]}, "callable_groups[1]", "is empty", id="an empty name"),
        pytest.param({"callable_groups": [None]}, "callable_groups[0]", "None is not text", id="null"),
    ],
)
def test_a_star_stands_alone_in_callable_groups(options, path, why):
    with pytest.raises(InvalidInputError) as refused:
        extension(**options)
    first = refused.value.problems[0]
    assert first.path == f"extensions[0].{path}"
    assert why in first.message


# --- the other options of an extension -------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "written", "kept"),
    [
        ("enabled", True, True),
        ("enabled", False, False),
        ("enabled", "yes", True),
        ("enabled", "True", True),
        ("enabled", "on", True),
        ("enabled", "no", False),
        ("enabled", "FALSE", False),
        ("enabled", "off", False),
        ("record", True, True),
        ("max_devices", 1, 1),
        ("max_devices", 20, 20),
        ("max_devices", "2", 2),  # what a template renders is text
        ("max_devices", "020", 20),
        ("max_calls", 1, 1),
        ("max_calls", 1000, 1000),
        ("ring_timeout", 5, 5),
        ("ring_timeout", 300, 300),
        ("forward_to", "1002", "1002"),
        ("forward_to", 1002, "1002"),
        ("forward_to", "007", "007"),
        ("forward_to", "", None),
        ("language", "tr", "tr"),
        ("language", "fil", "fil"),
        ("language", "en_GB", "en_GB"),
        ("language", "", None),
        ("email", "ayse@example.org", "ayse@example.org"),
        ("email", "o'hara+pbx@mail.example.co.uk", "o'hara+pbx@mail.example.co.uk"),
        ("email", "ayşe@example.org", "ayşe@example.org"),
        ("email", "x" * 64 + "@example.org", "x" * 64 + "@example.org"),
        ("email", "", None),
        ("labels", {}, ()),
        ("labels", {"room": "B 12", "asset": "7"}, (("asset", "7"), ("room", "B 12"))),
        ("labels", {"asset": 7}, (("asset", "7"),)),
        ("labels", {"note": ""}, (("note", ""),)),
        ("labels", {"_a.b-C9": "ğüş 🏢"}, (("_a.b-C9", "ğüş 🏢"),)),
        ("labels", {"k" * 40: "v" * 200}, (("k" * 40, "v" * 200),)),
        ("labels", {f"k{i:02}": "" for i in range(20)}, tuple((f"k{i:02}", "") for i in range(20))),
    ],
    ids=lambda value: quoted(value)[:30],
)
def test_an_option_is_taken(option, written, kept):
    assert extension(**{option: written}).given == {option: kept}


PHONES = "is not a number of phones from 1 to 20"
SECONDS = "is not a number of seconds from 5 to 300"
DIGITS = "is not a number of 1 to 15 digits; write digits only, in quotes"
LANGUAGE = "is not a language such as tr, en or en_GB"
EMAIL = "is not an e-mail address"
KEY = "is not a key of letters, digits, _, . and - (at most 40)"


@pytest.mark.parametrize(
    ("option", "written", "message"),
    [
        ("enabled", "ja", "'ja' is neither true nor false"),
        ("enabled", " yes", "' yes' is neither true nor false"),
        ("enabled", "ｙｅｓ", "'ｙｅｓ' is neither true nor false"),
        ("enabled", 1, "1 is neither true nor false"),
        ("enabled", "", "'' is neither true nor false"),
        ("max_devices", 0, f"0 {PHONES}"),
        ("max_devices", 21, f"21 {PHONES}"),
        ("max_devices", "", f"'' {PHONES}"),
        ("max_devices", " 2", f"' 2' {PHONES}"),
        ("max_devices", "2\n", f"'2\\n' {PHONES}"),
        ("max_devices", "２", f"'２' {PHONES}"),
        ("max_devices", "٢", f"'٢' {PHONES}"),
        ("max_devices", "+2", f"'+2' {PHONES}"),
        ("max_devices", "two", f"'two' {PHONES}"),
        ("max_devices", True, f"True {PHONES}"),
        ("max_devices", 2.0, f"2.0 {PHONES}"),
        ("max_devices", 10**5000, f"an enormous number {PHONES}"),
        ("max_calls", 0, "0 is not a number of calls from 1 to 1000"),
        ("max_calls", 1001, "1001 is not a number of calls from 1 to 1000"),
        ("ring_timeout", 4, f"4 {SECONDS}"),
        ("ring_timeout", 301, f"301 {SECONDS}"),
        ("ring_timeout", "", f"'' {SECONDS}"),
        ("ring_timeout", -30, f"-30 {SECONDS}"),
        ("forward_to", "12a", f"'12a' {DIGITS}"),
        ("forward_to", " ", f"' ' {DIGITS}"),
        ("forward_to", "1" * 16, f"'{'1' * 16}' {DIGITS}"),
        ("forward_to", False, f"False {DIGITS}"),
        ("forward_to", ["1002"], f"['1002'] {DIGITS}"),
        ("language", "TR", f"'TR' {LANGUAGE}"),
        ("language", "t", f"'t' {LANGUAGE}"),
        ("language", "turkish", f"'turkish' {LANGUAGE}"),
        ("language", "en-GB", f"'en-GB' {LANGUAGE}"),
        ("language", "../tr", f"'../tr' {LANGUAGE}"),
        ("language", "tr\n", f"'tr\\n' {LANGUAGE}"),
        ("language", False, f"False {LANGUAGE}"),  # what YAML 1.1 makes of the country no
        ("email", "ayse", f"'ayse' {EMAIL}"),
        ("email", "@example.org", f"'@example.org' {EMAIL}"),
        ("email", "ayse@", f"'ayse@' {EMAIL}"),
        ("email", "a@b@c", f"'a@b@c' {EMAIL}"),
        ("email", "Ayşe <a@example.org>", f"'Ayşe <a@example.org>' {EMAIL}"),
        ("email", "a@example.org, b@example.org", f"'a@example.org, b@example.org' {EMAIL}"),
        ("email", "a@example.org\n", f"'a@example.org\\n' {EMAIL}"),
        ("email", "a\x00b@example.org", f"'a\\x00b@example.org' {EMAIL}"),
        ("email", 5, f"5 {EMAIL}"),
        ("labels", ["room"], "['room'] is not a mapping; write it as `key: value` lines"),
        ("labels", "", "'' is not a mapping; write it as `key: value` lines"),
        ("labels", {f"k{i}": "" for i in range(21)}, "are 21; at most 20 fit"),
        ("labels", {"": "x"}, f"'' {KEY}"),
        ("labels", {"9a": "x"}, f"'9a' {KEY}"),
        ("labels", {"a b": "x"}, f"'a b' {KEY}"),
        ("labels", {"oda\n": "x"}, f"'oda\\n' {KEY}"),
        ("labels", {"ğ": "x"}, f"'ğ' {KEY}"),
        ("labels", {"k" * 41: "x"}, f"'{'k' * 41}' {KEY}"),
        ("labels", {7: "x"}, f"7 {KEY}"),
    ],
    ids=lambda value: quoted(value)[:30],
)
def test_what_is_not_a_value_of_an_option_is_refused(option, written, message):
    assert refusal(**{option: written}) == (option, message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(None, "None is not text; put it in quotes", id="null"),
        pytest.param(True, "True is not text; put it in quotes", id="a boolean"),
        pytest.param(1.5, "1.5 is not text; put it in quotes", id="a fraction"),
        pytest.param(["x"], "['x'] is not text; put it in quotes", id="a list"),
        pytest.param("x" * 201, "is not one line of at most 200 characters", id="201 characters"),
        pytest.param("a\nb", "is not one line of at most 200 characters", id="two lines"),
        pytest.param("a\ud800b", "is not one line of at most 200 characters", id="a lone surrogate"),
    ],
)
def test_the_text_of_a_label_is_refused_by_its_key(text, message):
    assert refusal(labels={"fine": "x", "room": text}) == ("labels.room", message)


@given(
    labels=st.dictionaries(
        st.from_regex(r"[a-zA-Z_][\w.-]{0,5}", fullmatch=True).filter(str.isascii),
        st.text("ab ç", max_size=5),
        max_size=5,
    )
)
def test_labels_are_ordered_whatever_order_they_are_written_in(labels):
    turned = dict(reversed(labels.items()))
    assert extension(labels=labels) == extension(labels=turned)
    assert dict(extension(labels=labels).given["labels"]) == labels


def test_a_name_holds_no_character_that_is_not_shown_on_one_line():
    refused = {code for code in range(0x10000) if normalise_name(f"a{chr(code)}b")[1] is not None}
    # As Unicode sorts them: control characters, lone surrogates, separators of lines and of paragraphs.
    assert refused == {
        code for code in range(0x10000) if unicodedata.category(chr(code)) in ("Cc", "Cs", "Zl", "Zp")
    }
