# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Asterisk's configuration files are read as Asterisk reads them (main/config.c)."""

from __future__ import annotations

import os
import textwrap

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.section import Section as Written
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.section import rendered
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.asterisk_text import (
    ConfigurationError,
    read_configuration,
)
from ansible_collections.voiceops.asterisk.tests.unit.asterisk_reader import read_sections
from hypothesis import given, settings
from hypothesis import strategies as st

#: How many hostile configurations are tried; `make test-long` tries 10,000.
HOSTILE = int(os.environ.get("VOICEOPS_HOSTILE_FILES", "200"))


def read(text, **others):
    """Read pjsip.conf of a host that also has other files: ``phones="…"`` is phones.conf."""
    files = {f"{name}.conf": textwrap.dedent(each) for name, each in others.items()}
    return read_configuration({"pjsip.conf": textwrap.dedent(text), **files}, "pjsip.conf")


def sections(text, **others):
    """Return what Asterisk has in the end: ``[name] option=value option=value``, templates with a ``!``."""
    return [
        " ".join([f"[{s.name}]{'!' * s.is_template}", *(f"{o.name}={o.value}" for o in s.options)])
        for s in read(text, **others).sections
    ]


def refused(text, **others):
    with pytest.raises(ConfigurationError) as caught:
        read(text, **others)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("allow=ulaw", "allow=ulaw"),
        ("  allow \t=  ulaw  \r", "allow=ulaw"),
        ("allow => ulaw", "allow=ulaw"),
        ("allow = > ulaw", "allow=> ulaw"),
        ("allow = ulaw ; the best", "allow=ulaw"),
        ("; allow = ulaw", None),
        (";--- allow = ulaw", None),
        (r"contact = sip:a\;transport=tcp", "contact=sip:a;transport=tcp"),
        ('callerid = "Anna" <1001>', 'callerid="Anna" <1001>'),
        ("set_var = A=B", "set_var=A=B"),
        ("allow =", "allow="),
        ("allow", None),
        ("= ulaw", None),
        (r"\[x] = y", "[x]=y"),
        ("allow = a;-- not this --;b", "allow=ab"),
        ("allow = a;-- x ;-- y --; z --;b", "allow=ab"),
        ("allow = a\0b", "allow=a"),
        ("password = Ünlü\udcff", "password=Ünlü\udcff"),
    ],
)
def test_a_line_is_an_option_or_nothing(line, option):
    assert sections(f"[a]\n{line}") == [f"[a] {option}" if option else "[a]"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[a]\nx=1\n[A]\nx=2", ["[a] x=1", "[A] x=2"], id="one name is two sections"),
        pytest.param("[a](!)\nx=1\n[b](a)\ny=2", ["[a]! x=1", "[b] x=1 y=2"], id="template"),
        pytest.param("[a]\nx=1\n[b](A)", ["[a] x=1", "[b] x=1"], id="base in another case"),
        pytest.param(
            "[a](!)\nx=1\n[b](!,a)\nx=2\n[c](b)\nx=3",
            ["[a]! x=1", "[b]! x=1 x=2", "[c] x=1 x=2 x=3"],
            id="template of a template",
        ),
        pytest.param(
            "[a](!)\nx=1\n[b](!)\nx=2\n[c](b,a)", ["[a]! x=1", "[b]! x=2", "[c] x=2 x=1"], id="two bases"
        ),
        pytest.param(
            "[a](!)\nx=1\n[b](a)\n[a](+TEMPLATES=include)\ny=2",
            ["[a]! x=1 y=2", "[b] x=1"],
            id="what comes later is not inherited",
        ),
        pytest.param("[a]\nx=1\n[b]\n[a](+)\ny=2", ["[a] x=1 y=2", "[b]"], id="addition"),
        pytest.param(
            "[a](!)\nx=1\n[a]\nx=2\n[a](+)\ny=3", ["[a]! x=1", "[a] x=2 y=3"], id="addition passes templates"
        ),
        pytest.param(
            "[a]\ntype=endpoint\n[a]\ntype=aor\n[a](+type=aor)\nmax_contacts=2",
            ["[a] type=endpoint", "[a] type=aor max_contacts=2"],
            id="addition to the one that fits",
        ),
        pytest.param(
            "[a]\ntype=endpoint\n[a]\ntype=aor\nx=12\n[a](+type=^a.r$&x=2)\ny=1",
            ["[a] type=endpoint", "[a] type=aor x=12 y=1"],
            id="two conditions",
        ),
        pytest.param("[a]\nx=1\n[a](+,!)", ["[a]! x=1"], id="an addition makes a template of it"),
        pytest.param("[b]\ny=1\n[a]\n[a](b,+)\nx=1", ["[b] y=1", "[a] y=1 x=1"], id="addition that inherits"),
        pytest.param("[a]\nx=1\nx += 2\nx +=3\ny += 4", ["[a] x=1 23 y=4"], id="value that goes on"),
        pytest.param("[a](!)\nx=1\n[b](a)\nx+=2", ["[a]! x=1", "[b] x=12"], id="inherited value goes on"),
        pytest.param(";--\n[a]\n--;[b]\nx=1", ["[b] x=1"], id="comment of many lines"),
        pytest.param("[a]\n" + "x=" + "1" * 8188 + "\ny=2", ["[a] x=" + "1" * 8188 + " y=2"], id="long line"),
        pytest.param("[a]\n" + "x=" + "1" * 8189 + "\ny=2", ["[a] y=2"], id="line too long"),
        pytest.param("\ufeff[a]\nx=1", ["[a] x=1"], id="byte order mark"),
        pytest.param("[" + "n" * 90 + "]", ["[" + "n" * 79 + "]"], id="long name"),
        pytest.param("[ a ]\nx=1", ["[ a ] x=1"], id="a name keeps its blanks"),
        pytest.param("[a]\nx=1\n#exec /bin/date\ny=2", ["[a] x=1 y=2"], id="a program is not run"),
    ],
)
def test_sections_are_made_in_the_order_of_the_lines(text, expected):
    assert sections(text) == expected


@pytest.mark.parametrize(
    ("text", "others", "expected"),
    [
        pytest.param(
            "#include phones.conf\n[b]", {"phones": "[a]\nx=1"}, ["[a] x=1", "[b]"], id="another file"
        ),
        pytest.param(
            '#include "phones.conf"\n#tryinclude <other.conf>', {"phones": "[a]"}, ["[a]"], id="quotes"
        ),
        pytest.param(
            "#INCLUDE /etc/asterisk/../asterisk/phones.conf", {"phones": "[a]"}, ["[a]"], id="whole path"
        ),
        pytest.param(
            "[a]\n#include more.conf\nz=3", {"more": "x=1\ny=2"}, ["[a] x=1 y=2 z=3"], id="within a section"
        ),
        pytest.param(
            "[a]\n#include more.conf\nz=3",
            {"more": "x=1\n[b]\ny=2"},
            ["[a] x=1 z=3", "[b] y=2"],
            id="each file goes on with its own section",
        ),
        pytest.param(
            "[a]\n#include b.conf\n#include c.conf",
            {"b": "[b]", "c": "x=1"},
            ["[a]", "[b] x=1"],
            id="a file begins in the last section of all",
        ),
        pytest.param(
            "#include part-*.conf", {"part-2": "[b]", "part-1": "[a]"}, ["[a]", "[b]"], id="pattern"
        ),
        pytest.param("#include {b,a}.conf", {"a": "[a]", "b": "[b]"}, ["[b]", "[a]"], id="braces"),
        pytest.param(
            "#include a.conf\n#include a.conf", {"a": "[a]\nx=1"}, ["[a] x=1", "[a] x=1"], id="twice"
        ),
    ],
)
def test_included_files_are_read_where_they_are_named(text, others, expected):
    assert sections(text, **others) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x\n[a]", "pjsip.conf:1: an option comes before the first section"),
        ("x=1\n[a]", "pjsip.conf:1: an option comes before the first section"),
        ("[a", "pjsip.conf:1: the name of the section has no closing ]"),
        ("[a](b", "pjsip.conf:1: the text after the name of the section has no closing )"),
        ("[a]\n[b](c)", "pjsip.conf:2: inherits from [c], which is not before it"),
        (
            "[a](!)\n[c](!)\n[b](a, c)",
            "pjsip.conf:3: inherits from [ c], which is not before it; take the blanks out of the brackets",
        ),
        ("[a](!)\n[a](+)", "pjsip.conf:2: [a](+) adds to a section, and none of those before it fits"),
        ("[a]\n[a](+,a)", "pjsip.conf:2: [a] inherits from itself, which Asterisk follows without end"),
        ("#include no.conf", "pjsip.conf:1: includes 'no.conf', which is not there or was not fetched"),
        ("#include pjsip.conf", "pjsip.conf:1: files include each other more than 10 deep"),
        (
            "[a]\n[a](+type=(a|b)+)",
            "pjsip.conf:2: 'type=(a|b' is a regular expression that is not followed here; write the text that"
            " the option begins or ends with, such as (+type=^aor$)",
        ),
        (
            "[a]\nx=1\n[a](+x=)",
            "pjsip.conf:3: 'x=' looks for nothing, which releases of Asterisk read differently;"
            " write a value",
        ),
        ("[a]\n\\\tx=1", "pjsip.conf:2: a backslash begins the line, and what follows it cannot be escaped"),
        (";--" * 129, "pjsip.conf:1: comments are nested deeper than 128; Asterisk hangs here"),
    ],
)
def test_what_makes_asterisk_drop_a_file_is_an_error_with_its_line(text, said):
    assert refused(text) == [f"{said}; Asterisk does not read on here"]


def test_mistakes_of_several_files_are_named_at_once():
    assert [each.split(":")[0] for each in refused("#include a.conf\n[", a="[")] == ["a.conf", "pjsip.conf"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[a](!)\n[b] (a)",
            "pjsip.conf:2, [b]: has a blank before its (, so Asterisk skips what is in it;"
            " take the blank away",
        ),
        (
            "[a]\n[b]()",
            "pjsip.conf:2, [b]: has an empty name in its brackets, so it inherits from [a],"
            " the first section",
        ),
        (
            "[a]\nx=1--;\ny=2",
            "pjsip.conf:2: --; ends a comment that none began: Asterisk skips all that follows it",
        ),
        (
            "[a]\n;--\nx=1",
            "pjsip.conf: a comment that ;-- began does not end in it, so Asterisk reads nothing behind it",
        ),
        ("[a]\nfoo", "pjsip.conf:2: has no =, so Asterisk skips it"),
        ("#inlcude x", "pjsip.conf:1: is not an #include of a file, so Asterisk skips it"),
    ],
)
def test_what_means_something_else_than_it_seems_is_told(text, said):
    read_of_it = read(text)
    assert [f"{r.place}: {r.message}" for r in (*read_of_it.misleading, *read_of_it.passed_over)] == [said]


def test_a_stray_end_of_a_comment_takes_what_follows_with_it():
    assert sections("[a]\nx=1--;\ny=2\n;--\nz=3") == ["[a] x=1--; z=3"]


def test_each_option_knows_the_line_that_wrote_it_and_whether_it_was_added():
    found = read("[t](!)\nx=1\n[a](t)\n#include more.conf\n[a](+)\nz=3", more="\ny=2").sections[1]
    assert [(str(o.place), o.added) for o in found.options] == [
        ("pjsip.conf:2", False),
        ("more.conf:2", False),
        ("pjsip.conf:6", True),
    ]
    assert str(found) == "pjsip.conf:3, [a]"


def test_a_value_is_in_no_text_that_is_made_of_a_section():
    assert "hunter2" not in repr(read("[a]\npassword=hunter2"))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("#include pjsip.conf\n" * 5, id="files that include themselves"),
        pytest.param(
            "[t0](!)\nx=1\n" + "".join(f"[t{n + 1}](!,t{n},t{n})\n" for n in range(40)),
            id="doubled templates",
        ),
        pytest.param("[a]\n" + "x=1\n" * 9000 + "[a](+y=1&z=2)\n", id="addition that fits nothing"),
        pytest.param("[a]\nb=1\n" * 4000 + "[a](+b=1)\n[a](+c=1,!)\n" * 1000, id="many additions"),
        pytest.param("[a]\nx=1\n" + f"x+={'1' * 8000}\n" * 900, id="a value without end"),
        pytest.param("[a]\n" + f"y=1\nx+={'1' * 80}\n" * 6000, id="many values that go on"),
        pytest.param("#include {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", id="braces of braces"),
        pytest.param("#include " + "*a" * 100 + "\n", id="stars"),
    ],
)
def test_a_hostile_configuration_is_refused_soon(text):
    assert refused(text)


LINES = st.one_of(
    st.sampled_from(
        [
            *("[a]", "[a](!)", "[b](a)", "[a](+)", "[b](!,a)", "[a](+type=b)", "[a](+,a)", "[]()", "[a] (!)"),
            *("type=a", "type=>b", "x+=1", ";--", "--;", "a;--b", r"a\;b=c", "#include b.conf"),
            *("#include *.conf", "#tryinclude pjsip.conf", "#exec x", "[", "[a]("),
            *("\\[x=1", "=", "+=", "\x00", "\ufeff"),
        ]
    ),
    st.text(max_size=20),
    st.text(alphabet="[]()!+=;-#\\&{},*? ab\r\t", max_size=20),
)  # fmt: skip
TEXTS = st.one_of(st.lists(LINES, max_size=30).map("\n".join), st.text(max_size=200))


@settings(max_examples=HOSTILE, deadline=None)
@given(st.dictionaries(st.sampled_from(["pjsip.conf", "b.conf", "c/d.conf"]), TEXTS))
def test_no_text_makes_it_raise_anything_but_its_own_error(files):
    try:
        read_of_it = read_configuration(files, "pjsip.conf")
    except ConfigurationError:
        return
    assert all(str(section) and repr(section) for section in read_of_it.sections)


NAMES = st.text(alphabet="abcABC019_-", min_size=1, max_size=8)
VALUES = st.text(max_size=20).filter(lambda text: text.isprintable() and text == text.strip())


@settings(max_examples=HOSTILE, deadline=None)
@given(st.lists(st.builds(Written, NAMES, NAMES, st.lists(st.tuples(NAMES, VALUES), max_size=4).map(tuple))))
def test_what_this_collection_writes_is_read_as_it_was_meant(written):
    text = rendered("; by hand\n", written)
    found = [(s.name, [(o.name, o.value) for o in s.options]) for s in read(text).sections]
    assert found == [(s.name, [("type", s.type), *s.options]) for s in written]
    assert found == read_sections(text)
