# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Names of people and things, in any language, and which of them are alike."""

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition import reading
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.reading import (
    alike,
    normalise_name,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    EXTENSIONS,
    GROUPS,
    PORTS,
    PROFILES,
    TRUNKS,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import read, the_problem
from hypothesis import given
from hypothesis import strategies as st


def extension(**options):
    """What is read of one extension, 1001 unless told otherwise."""
    (request,) = read(EXTENSIONS, [{"number": "1001", **options}], "extensions")
    return request


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
    assert extension(name=written).given == {"name": name}


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
    path, message = the_problem(EXTENSIONS, {"number": "1001", "name": written})
    assert path == "extensions[0].name"
    assert why in message


@pytest.mark.parametrize("kind", [PORTS, TRUNKS, PROFILES, GROUPS], ids=lambda kind: kind.option)
@pytest.mark.parametrize(
    ("item", "why"),
    [
        pytest.param({}, "is missing; every item needs it", id="left out"),
        pytest.param({"name": None}, "is missing; every item needs it", id="null"),
        pytest.param({"name": ""}, "is empty; every item needs it", id="empty"),
        pytest.param({"name": " \u3000"}, "is empty; every item needs it", id="blanks"),
        pytest.param({"name": "x" * 81}, "is 81 characters long; at most 80 fit", id="too long"),
    ],
)
def test_everything_but_an_extension_needs_a_name(kind, item, why):
    assert the_problem(kind, item) == (f"{kind.option}[0].name", why)


@given(value=st.one_of(st.text(), st.integers(-(10**90), 10**90), st.floats(), st.booleans(), st.none()))
def test_normalising_a_name_twice_is_normalising_it_once(value):
    name, error = normalise_name(value)
    if error is None:
        assert normalise_name(name) == (name, None)
        assert name == unicodedata.normalize("NFC", name).strip()
        assert len(name) <= reading.NAME_MAX_CHARACTERS
        assert len(name.splitlines()) <= 1
        name.encode("utf-8")


def test_a_group_is_not_named_as_every_group_is():
    path, message = the_problem(GROUPS, {"name": " * "})
    assert path == "extension_groups[0].name"
    assert message == "* means every group in callable_groups; choose another name"


# --- names that are alike --------------------------------------------------------------------


LOOKALIKES = [
    pytest.param("Satış", "SATIŞ", id="in capitals"),
    pytest.param("Satış", "satis", id="without the signs of Turkish"),
    pytest.param("Satış", "Sat ış", id="with a blank"),
    pytest.param("Satış", "Sat\u00a0ış", id="with a blank that does not break"),
    pytest.param("Satış", "Satıs\u0327", id="decomposed"),
    pytest.param("ı", "i", id="i without and with a dot"),
    pytest.param("I", "ı", id="capital I, which is i or ı"),
    pytest.param("İ", "i", id="capital I with a dot"),
    pytest.param("İ", "ı", id="the two that are furthest apart"),
    pytest.param("İSTANBUL", "istanbul", id="a city"),
    pytest.param("Straße", "STRASSE", id="German"),
    pytest.param("Café", "cafe", id="French"),
]
OTHERS = [
    pytest.param("Satış", "Satıl", id="another letter"),
    pytest.param("Sales", "Sales 2", id="another number"),
    pytest.param("Sales", "Sale", id="a letter less"),
    pytest.param("IT", "I-T", id="a hyphen"),
    pytest.param("営業", "営業部", id="Japanese"),
]


@pytest.mark.parametrize(("one", "other"), LOOKALIKES)
def test_spellings_of_one_name_are_alike(one, other):
    assert alike(one) == alike(other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_names_are_not_alike(one, other):
    assert alike(one) != alike(other)


@given(name=st.text(st.sampled_from("SsŞşIıİi \u0327éE")), blanks=st.integers(0, 3))
def test_a_name_is_alike_to_itself_in_small_letters_without_blanks_and_normalised(name, blanks):
    assert alike(name) == alike(name.lower()) == alike(" " * blanks + name) == alike(alike(name))
    assert alike(name) == alike(unicodedata.normalize("NFC", name))
