# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Sections of Asterisk's configuration: what is written is what Asterisk reads, or nothing is written."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.section import (
    LINE_MAX_BYTES,
    Section,
    rendered,
)
from ansible_collections.voiceops.asterisk.tests.unit.asterisk_reader import read_sections
from hypothesis import example, given
from hypothesis import strategies as st


def with_value(value):
    return Section("port-1", "transport", (("bind", value),))


def test_a_section_is_its_name_its_type_and_its_options_in_their_order():
    section = Section("trunk-3", "identify", (("endpoint", "trunk-3"), ("match", "b"), ("match", "a")))
    assert section.text() == "[trunk-3]\ntype = identify\nendpoint = trunk-3\nmatch = b\nmatch = a\n"


def test_a_file_is_its_header_and_the_sections_with_a_line_between_them():
    sections = [Section("a", "aor", ()), Section("b", "aor", ())]
    assert rendered("; by hand\n", sections) == "; by hand\n\n[a]\ntype = aor\n\n[b]\ntype = aor\n"
    assert rendered("; by hand\n", []) == "; by hand\n"


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("0.0.0.0:5060", "bind = 0.0.0.0:5060"),
        ("", "bind = "),
        ("sip:h;transport=tls", "bind = sip:h\\;transport=tls"),
        (";", "bind = \\;"),
        ("a;;b", "bind = a\\;\\;b"),
        (r"a\;b", r"bind = a\\;b"),
        ("a\\", "bind = a\\"),
        ("[port-9]", "bind = [port-9]"),
        ("#include x", "bind = #include x"),
        ("> a = b", "bind = > a = b"),
        ("Müşteri 🏢", "bind = Müşteri 🏢"),
    ],
)
def test_only_semicolons_are_escaped(value, line):
    assert with_value(value).text().splitlines()[2:] == [line]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("a\nb", id="line feed"),
        pytest.param("a\r\n[evil]", id="carriage return"),
        pytest.param("a\x0bb", id="vertical tab"),
        pytest.param("a\u2028b", id="line separator"),
        pytest.param("a\x00b", id="NUL"),
        pytest.param("a\tb", id="tab"),
        pytest.param("a\x7f", id="delete"),
        pytest.param("a\udcff", id="half a surrogate"),
        pytest.param("a\u202eb", id="writing direction"),
        pytest.param(" a", id="blank in front"),
        pytest.param("a ", id="blank at the end"),
        pytest.param(" ", id="nothing but a blank"),
        pytest.param("\u00a0a", id="no-break space"),
    ],
)
def test_what_asterisk_would_read_otherwise_is_refused(value):
    with pytest.raises(ValueError, match="cannot stand in Asterisk's configuration"):
        with_value(value).text()


@pytest.mark.parametrize("letter", ["x", "ş", "🏢"], ids=["1 byte", "2 bytes", "4 bytes"])
def test_a_line_is_as_long_as_asterisk_reads_and_no_longer(letter):
    room = LINE_MAX_BYTES - len("bind = ")
    value = letter * (room // len(letter.encode()))
    value += "x" * (room - len(value.encode()))
    assert read_sections(with_value(value).text()) == [("port-1", [("type", "transport"), ("bind", value)])]
    with pytest.raises(ValueError, match="port-1 is too long"):
        with_value(value + "x").text()


def test_the_length_counts_as_it_is_written():
    value = ";" * (LINE_MAX_BYTES // 2)
    with pytest.raises(ValueError, match="too long"):
        with_value(value).text()


# --- for any value ---------------------------------------------------------------------------

words = st.from_regex(r"[a-z_][a-z0-9_-]{0,20}", fullmatch=True)
# Any text, and more often than not that which means something to the parser.
texts = st.one_of(st.text(max_size=40), st.text(st.sampled_from("\\;[]#=>+-()! a\n\t\"'ş"), max_size=20))
printable = texts.filter(lambda text: text.isprintable() and text == text.strip())
sections = st.builds(Section, words, words, st.lists(st.tuples(words, printable), max_size=5).map(tuple))


@given(written=st.lists(sections, max_size=4))
@example(written=[with_value("\\;"), with_value(";--"), with_value("--;"), with_value("\\\\;\\;")])
@example(written=[with_value("a ;-- b"), with_value("=> x"), with_value("(!)"), with_value("\\")])
def test_asterisk_reads_exactly_what_was_written(written):
    text = rendered("; made for a test\n", written)
    assert read_sections(text) == [(each.name, [("type", each.type), *each.options]) for each in written]


@given(value=texts)
@example(value="\\\n[evil]\ntype = endpoint")
@example(value="x\r[evil]")
def test_no_value_opens_a_section_or_another_option(value):
    try:
        text = with_value(value).text()
    except ValueError:
        return
    assert read_sections(text) == [("port-1", [("type", "transport"), ("bind", value)])]
    assert text.count("\n") == 3
