# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Which outside numbers a rule is for, and how rules and inbound numbers are written."""

from __future__ import annotations

import re

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    InboundNumber,
    OutboundRule,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.outbound import (
    INBOUND_NUMBERS_MAX,
    RULES_MAX,
    expression,
    read_inbound_numbers,
    read_pattern,
    read_prefix,
    read_prepend,
    read_rules,
    trunks_by_place,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import quoted
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.reading import Reader
from hypothesis import given
from hypothesis import strategies as st


def attempt(read_one, value):
    """Read a value; return how it is kept, and what is wrong as (place, message)."""
    found = []
    kept = read_one(Reader({}, "", found), "rules" if read_one is read_rules else "it", value)
    return kept, [tuple(problem) for problem in found]


def matches(rule, number):
    """Tell whether a number is one of the rule's: POSIX and Python agree on what an expression holds."""
    return re.fullmatch(expression(rule).removeprefix("^").removesuffix("$"), number) is not None


# --- patterns --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        pytest.param("0X.", "0X.", id="an outside line"),
        pytest.param("_0X.", "0X.", id="with Asterisk's underscore"),
        pytest.param("00[1-9]X.", "00[1-9]X.", id="abroad"),
        pytest.param("[1-35-7]XXX", "[1-35-7]XXX", id="a set of two ranges"),
        pytest.param("[13579]", "[13579]", id="a set of digits"),
        pytest.param("[1-1]", "[1-1]", id="a range of one"),
        pytest.param("+49ZXXXXXXX!", "+49ZXXXXXXX!", id="with a plus"),
        pytest.param("NXXNXXXXXX", "NXXNXXXXXX", id="of North America"),
        pytest.param("110", "110", id="a number as it is"),
        pytest.param(110, "110", id="a number as YAML reads it"),
        pytest.param(".", ".", id="anything"),
        pytest.param("!", "!", id="anything or nothing"),
        pytest.param("X" * 40, "X" * 40, id="forty digits"),
    ],
)
def test_a_pattern_is_taken_as_asterisk_writes_it(written, pattern):
    assert attempt(read_pattern, written) == (pattern, [])


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("", id="empty"),
        pytest.param("_", id="an underscore alone"),
        pytest.param("__0X.", id="two underscores"),
        pytest.param("+", id="a plus alone"),
        pytest.param("+.", id="a plus and anything"),
        pytest.param("++49X.", id="two pluses"),
        pytest.param("0+X", id="a plus inside"),
        pytest.param("0x.", id="a small letter"),
        pytest.param("0.X", id="a dot inside"),
        pytest.param("0X..", id="two dots"),
        pytest.param("0X.!", id="a dot and an exclamation mark"),
        pytest.param("[]", id="an empty set"),
        pytest.param("[4-1]", id="a range that runs backwards"),
        pytest.param("[1-3-5]", id="a range of ranges"),
        pytest.param("[1-]", id="half a range"),
        pytest.param("[1", id="a set that does not end"),
        pytest.param("1]", id="a set that does not begin"),
        pytest.param("[[1]]", id="a set in a set"),
        pytest.param("[X]", id="a letter in a set"),
        pytest.param("[^1]", id="a set of others"),
        pytest.param("0X.\n", id="a line break at its end"),
        pytest.param("0 X.", id="a blank"),
        pytest.param("0-X.", id="a hyphen"),
        pytest.param("*21*X.", id="a star"),
        pytest.param("(0|1)", id="a regular expression"),
        pytest.param("X" * 41, id="41 digits"),
        pytest.param("٣X.", id="an Arabic digit"),
        pytest.param("３X.", id="a digit of full width"),
        pytest.param(-5, id="a negative number"),
        pytest.param(0.5, id="a fraction"),
        pytest.param(True, id="a boolean"),
        pytest.param(["0X."], id="a list"),
        pytest.param(10**5000, id="an enormous number"),
    ],
)
def test_what_is_no_pattern_is_refused(written):
    _read, ((place, message),) = attempt(read_pattern, written)
    assert place == "it"
    assert message == (
        f"{quoted(written)} is not a pattern of digits, X (0-9), Z (1-9), N (2-9) and sets such as [1-4],"
        " with . (one or more digits) or ! (any number of them) at its end only"
    )


@pytest.mark.parametrize(
    ("written", "prefix"), [("0", "0"), ("+49", "+49"), (49, "49"), ("1" * 20, "1" * 20)]
)
def test_a_prefix_is_digits(written, prefix):
    assert attempt(read_prefix, written) == (prefix, [])


@pytest.mark.parametrize(
    "written", ["", "+", "0X", "1" * 21, "0 1", "4+9", "*21*", "٣", -4, None, True], ids=repr
)
def test_what_is_no_prefix_is_refused(written):
    message = f"{quoted(written)} is not a prefix of digits; write it in quotes"
    assert attempt(read_prefix, written)[1] == [("it", message)]


@pytest.mark.parametrize(
    ("written", "prepend"),
    [("", ""), ("+49", "+49"), ("+", "+"), ("*31#", "*31#"), (9, "9"), ("1" * 20, "1" * 20)],
)
def test_what_is_put_before_a_number_is_what_can_be_dialled(written, prepend):
    assert attempt(read_prepend, written) == (prepend, [])


@pytest.mark.parametrize("written", ["w", "0,1", "4+9", "1" * 21, "${X}", "0&PJSIP/1", "٣", -4], ids=repr)
def test_what_cannot_be_dialled_is_not_put_before_a_number(written):
    ((place, message),) = attempt(read_prepend, written)[1]
    assert (place, message.split("; ")[1]) == ("it", "write it in quotes")


# --- which numbers a rule is for -------------------------------------------------------------

YES, NO = True, False


@pytest.mark.parametrize(
    ("pattern", "number", "fits"),
    [
        ("110", "110", YES),
        ("110", "1100", NO),
        ("110", "0110", NO),
        ("X", "0", YES),
        ("X", "9", YES),
        ("X", "X", NO),
        ("X", "", NO),
        ("X", "٣", NO),
        ("Z", "0", NO),
        ("Z", "1", YES),
        ("N", "1", NO),
        ("N", "2", YES),
        ("N", "9", YES),
        ("[1-4]", "1", YES),
        ("[1-4]", "4", YES),
        ("[1-4]", "5", NO),
        ("[1-4]", "-", NO),
        ("[13-57]", "3", YES),
        ("[13-57]", "7", YES),
        ("[13-57]", "2", NO),
        ("0X.", "012", YES),
        ("0X.", "01", NO),
        ("0X!", "01", YES),
        ("0X!", "0123", YES),
        ("0X!", "0", NO),
        (".", "1", YES),
        (".", "", NO),
        (".", "+49", NO),
        (".", "*21", NO),
        ("!", "", YES),
        ("!", "123", YES),
        ("0Z[2-9]XXXX", "0121234", YES),
        ("0Z[2-9]XXXX", "0111234", NO),
        ("+49X.", "+4930", YES),
        ("+49X.", "4930", NO),
        ("+49X.", "449930", NO),
        ("+49X.", "++4930", NO),
        ("00X.", "0049301", YES),
        ("0X.", "012\n", NO),
        ("0X.", "012 3", NO),
    ],
)
def test_which_numbers_fit_a_pattern(pattern, number, fits):
    assert matches(OutboundRule(pattern), number) is fits


@pytest.mark.parametrize(
    ("prefix", "number", "fits"),
    [
        ("0", "0", YES),
        ("0", "0301234", YES),
        ("0", "1", NO),
        ("00", "030", NO),
        ("+49", "+49301234", YES),
        ("+49", "49301234", NO),
        ("+49", "++49", NO),
        ("0", "0*31", NO),
    ],
)
def test_which_numbers_fit_a_prefix(prefix, number, fits):
    assert matches(OutboundRule(prefix=prefix), number) is fits


@pytest.mark.parametrize(
    ("rule", "regular"),
    [
        (OutboundRule("_0X."[1:]), "^0[0-9][0-9]+$"),
        (OutboundRule("+49ZN!"), "^[+]49[1-9][2-9][0-9]*$"),
        (OutboundRule("[1-46]X"), "^[1-46][0-9]$"),
        (OutboundRule(prefix="0049"), "^0049[0-9]*$"),
        (OutboundRule(prefix="+49"), "^[+]49[0-9]*$"),
    ],
)
def test_a_rule_becomes_a_regular_expression(rule, regular):
    assert expression(rule) == regular


DIGITS = "0123456789"
LETTERS = {"X": DIGITS, "Z": DIGITS[1:], "N": DIGITS[2:], **{digit: digit for digit in DIGITS}}
SETS = st.lists(
    st.tuples(st.sampled_from(DIGITS), st.sampled_from(DIGITS)).map(sorted), min_size=1, max_size=3
).map(
    lambda ranges: (
        "[" + "".join(low if low == high else f"{low}-{high}" for low, high in ranges) + "]",
        "".join(digit for digit in DIGITS if any(low <= digit <= high for low, high in ranges)),
    )
)
#: The parts of a pattern, each with the digits that fit.
PARTS = st.lists(st.one_of(st.sampled_from(sorted(LETTERS.items())), SETS), min_size=1, max_size=8)


@given(plus=st.booleans(), parts=PARTS, end=st.sampled_from(["", ".", "!"]), data=st.data())
def test_exactly_the_numbers_that_a_pattern_describes_fit(plus, parts, end, data):
    pattern = "+" * plus + "".join(part for part, _digits in parts) + end
    assert attempt(read_pattern, "_" + pattern) == (pattern, [])
    rule = OutboundRule(pattern)
    tail = data.draw(st.text(DIGITS, min_size=int(end == "."), max_size=5)) if end else ""
    number = [data.draw(st.sampled_from(digits)) for _part, digits in parts]
    assert matches(rule, "+" * plus + "".join(number) + tail)

    at = data.draw(st.integers(0, len(parts) - 1))
    others = sorted(set("+*#aX.٣ ") | set(DIGITS) - set(parts[at][1]))
    wrong = [*number[:at], data.draw(st.sampled_from(others)), *number[at + 1 :]]
    assert not matches(rule, "+" * plus + "".join(wrong) + tail)
    assert not matches(rule, "+" * (not plus) + "".join(number) + tail)
    assert not matches(rule, "+" * plus + "".join(number[1:]))
    assert matches(rule, "+" * plus + "".join(number) + "0") is bool(end)
    assert matches(rule, "+" * plus + "".join(number)) is (end != ".")


@given(
    prefix=st.from_regex(r"\+?[0-9]{1,20}", fullmatch=True).filter(str.isascii),
    number=st.text("+*#0123", max_size=6),
)
def test_exactly_the_numbers_that_begin_with_a_prefix_fit(prefix, number):
    rule = OutboundRule(prefix=prefix)
    assert matches(rule, prefix + number) is set(number).issubset(DIGITS)
    begins = number.startswith(prefix)
    assert matches(rule, number) is (begins and set(number[len(prefix) :]).issubset(DIGITS))


@given(
    pattern=st.one_of(st.text(max_size=20), st.text("0123456789XZN.!+[]-_", max_size=12)),
    use=st.sampled_from([read_pattern, read_prefix]),
)
def test_whatever_is_taken_becomes_an_expression_of_digits_sets_and_repetitions(pattern, use):
    kept, found = attempt(use, pattern)
    if found:
        return
    regular = expression(OutboundRule(pattern=kept) if use is read_pattern else OutboundRule(prefix=kept))
    assert re.fullmatch(r"\^[-0-9+*\[\]]*\$", regular)
    re.compile(regular)


@given(pattern=st.text(), prefix=st.text())
def test_no_rule_makes_an_expression_fail(pattern, prefix):
    assert expression(OutboundRule(pattern, prefix))[:1] == "^"


# --- the rules of a profile ------------------------------------------------------------------

ALLOWED = {"pattern": "0X.", "trunks": ["line"]}


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        pytest.param(ALLOWED, OutboundRule("0X.", trunks=("line",)), id="a pattern and a trunk"),
        pytest.param(
            {"prefix": 0, "trunks": ["b", " a "]},
            OutboundRule(prefix="0", trunks=("b", "a")),
            id="two trunks",
        ),
        pytest.param(
            {"prefix": "0900", "action": "deny"}, OutboundRule(prefix="0900", action="deny"), id="denied"
        ),
        pytest.param(
            {**ALLOWED, "action": "allow", "strip": 1, "prepend": "+49", "caller_id": "+4930"},
            OutboundRule("0X.", "", "allow", ("line",), 1, "+49", "+4930"),
            id="everything",
        ),
        pytest.param(
            {**ALLOWED, "prefix": None, "strip": None}, OutboundRule("0X.", trunks=("line",)), id="with nulls"
        ),
        pytest.param(
            {"prefix": "0", "action": "deny", "trunks": [], "strip": 0, "prepend": "", "caller_id": ""},
            OutboundRule(prefix="0", action="deny"),
            id="denied, with everything empty",
        ),
    ],
)
def test_a_rule_is_taken(written, rule):
    assert attempt(read_rules, [written]) == ((rule,), [])


def test_rules_stay_in_their_order():
    written = [{"prefix": str(n), "action": "deny"} for n in (3, 1, 2, 1)]
    rules, found = attempt(read_rules, written)
    assert found == []
    assert [rule.prefix for rule in rules] == ["3", "1", "2", "1"]


@pytest.mark.parametrize(
    ("written", "place", "message"),
    [
        pytest.param("0X.", "rules", "'0X.' is not a list of mappings", id="text"),
        pytest.param(b"0", "rules", "b'0' is not a list of mappings", id="bytes"),
        pytest.param(5, "rules", "5 is not a list of mappings", id="a number"),
        pytest.param(ALLOWED, "rules", "is not a list of mappings", id="one rule and no list"),
        pytest.param(
            [ALLOWED, "0X."],
            "rules[1]",
            "is not a mapping; write its options as `key: value`",
            id="text in the list",
        ),
        pytest.param([{"trunks": ["a"]}], "rules[0]", "needs either a pattern or a prefix", id="neither"),
        pytest.param(
            [{**ALLOWED, "prefix": "0"}], "rules[0]", "needs either a pattern or a prefix", id="both"
        ),
        pytest.param(
            [{"pattern": "", "trunks": ["a"]}],
            "rules[0].pattern",
            "'' is not a pattern",
            id="an empty pattern",
        ),
        pytest.param(
            [{"pattern": "0X."}],
            "rules[0].trunks",
            "is missing; an allowed call needs at least one trunk to go out through",
            id="no trunk",
        ),
        pytest.param(
            [{"pattern": "0X.", "trunks": []}],
            "rules[0].trunks",
            "is missing; an allowed call",
            id="no trunks",
        ),
        pytest.param(
            [{"pattern": "0X.", "trunks": ["a", ""]}],
            "rules[0].trunks[1]",
            "is empty; give a name",
            id="no name",
        ),
        pytest.param(
            [{"pattern": "0X.", "trunks": ["a", "a "]}],
            "rules[0].trunks[1]",
            "'a ' is named before; name it once",
            id="a trunk twice",
        ),
        *(
            pytest.param(
                [{"prefix": "0", "action": "deny", option: value}],
                "rules[0]",
                "denies, and so takes neither trunks nor strip, prepend or caller_id",
                id=f"denied, with {option}",
            )
            for option, value in {"trunks": ["a"], "strip": 1, "prepend": "0", "caller_id": "030"}.items()
        ),
        pytest.param(
            [{**ALLOWED, "action": "block"}],
            "rules[0].action",
            "'block' is not one of allow, deny",
            id="block",
        ),
        pytest.param(
            [{**ALLOWED, "strip": 21}],
            "rules[0].strip",
            "21 is not a number of digits from 0 to 20",
            id="strip",
        ),
        pytest.param(
            [{**ALLOWED, "caller_id": "me"}],
            "rules[0].caller_id",
            "'me' is not a number of digits",
            id="caller",
        ),
        pytest.param(
            [{**ALLOWED, "stripp": 1}],
            "rules[0]",
            "has no option 'stripp'; it has: action, caller_id, pattern, prefix, prepend, strip, trunks",
            id="misspelt",
        ),
        pytest.param(
            [{**ALLOWED, 5: 1}], "rules[0]", "has no option '5'; it has:", id="a number as an option"
        ),
        pytest.param([ALLOWED] * (RULES_MAX + 1), "rules", "are 201; at most 200 fit", id="too many"),
    ],
)
def test_a_rule_that_is_wrong_is_told_once_and_with_its_place(written, place, message):
    ((path, told),) = attempt(read_rules, written)[1]
    assert path == place
    assert message in told


def test_everything_wrong_in_the_rules_is_told():
    written = [{"pattern": "0x", "trunks": ["a"], "strip": -1}, ALLOWED, {"prefix": "X", "action": "deny"}]
    assert [place for place, _message in attempt(read_rules, written)[1]] == [
        "rules[0].pattern",
        "rules[0].strip",
        "rules[2].prefix",
    ]


def test_the_trunks_of_rules_are_named_with_their_places():
    rules, _problems = attempt(
        read_rules, [ALLOWED, {"prefix": "0", "action": "deny"}, {"prefix": "1", "trunks": ["b", "line"]}]
    )
    assert list(trunks_by_place(rules)) == [
        ("rules[0].trunks[0]", "line"),
        ("rules[2].trunks[0]", "b"),
        ("rules[2].trunks[1]", "line"),
    ]


# --- inbound numbers -------------------------------------------------------------------------


def test_inbound_numbers_are_ordered_by_number():
    written = [
        {"number": "+49301", "extension": "1001"},
        {"number": "*", "extension": 1000},
        {"number": 49301, "extension": "1001"},
    ]
    assert attempt(read_inbound_numbers, written) == (
        (InboundNumber("*", "1000"), InboundNumber("+49301", "1001"), InboundNumber("49301", "1001")),
        [],
    )


FINE = {"number": "030", "extension": "1"}


@pytest.mark.parametrize(
    ("written", "places", "message"),
    [
        pytest.param("030", ["it"], "'030' is not a list of mappings", id="text"),
        pytest.param({"030": "1"}, ["it"], "is not a list of mappings", id="a mapping"),
        pytest.param([FINE, "030"], ["it[1]"], "is not a mapping", id="text in the list"),
        pytest.param([{"extension": "1"}], ["it[0].number"], "is missing", id="no number"),
        pytest.param([{"number": "", "extension": "1"}], ["it[0].number"], "is empty", id="an empty number"),
        pytest.param([{"number": "030"}], ["it[0].extension"], "is missing", id="no extension"),
        pytest.param(
            [{"number": "030", "extension": ""}], ["it[0].extension"], "'' is not a number", id="an empty one"
        ),
        pytest.param(
            [{"number": "anna", "extension": "1"}], ["it[0].number"], "'anna' is not a number", id="a name"
        ),
        pytest.param(
            [{"number": "**", "extension": "1"}], ["it[0].number"], "'**' is not a number", id="two stars"
        ),
        pytest.param(
            [{"number": "030", "extension": "*"}], ["it[0].extension"], "'*' is not", id="to everybody"
        ),
        pytest.param(
            [FINE, {"number": "030", "extension": "2"}],
            ["it[1].number"],
            "030 is also given by it[0]; name it once",
            id="one number twice",
        ),
        pytest.param(
            [{"extension": "1"}, {"extension": "2"}],
            ["it[0].number", "it[1].number"],
            "is missing",
            id="two without a number are not the same one twice",
        ),
        pytest.param(
            [{**FINE, "name": "x"}], ["it[0]"], "has no option 'name'; it has: extension, number", id="more"
        ),
        pytest.param(
            [{"number": str(n), "extension": "1"} for n in range(INBOUND_NUMBERS_MAX + 1)],
            ["it"],
            "are 1001; at most 1000 fit",
            id="too many",
        ),
    ],
)
def test_an_inbound_number_that_is_wrong_is_told_once_and_with_its_place(written, places, message):
    found = attempt(read_inbound_numbers, written)[1]
    assert [place for place, _message in found] == places
    assert all(message in told for _place, told in found)
