# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""No file makes a reader raise anything: what is wrong with it is said, and no secret of it.

``VOICEOPS_HOSTILE_FILES=10000`` tries so many files.
"""

from __future__ import annotations

import os

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange import importing, inventory, report
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.row import Choices
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.sources import SOURCES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FILES = int(os.environ.get("VOICEOPS_HOSTILE_FILES", "200"))

SECRET = "kuzu-bulut-tren-47"

#: Cells that have broken one program or another.
CELLS = st.sampled_from(
    [
        *(
            "",
            "1001",
            "0123",
            "'0123",
            '="0123"',
            "1,00E+10",
            "-5",
            "1e3",
            "9" * 400,
            "٣",
            "²",
            "pjsip",
            "sip",
            "iax2",
        ),
        *(
            '"',
            '""',
            '"a',
            'a"b',
            '"a\\"b"',
            "\\",
            ",",
            ";",
            "\t",
            "|",
            "\n",
            "\r",
            "\r\n",
            "\0",
            "\x07",
            "\u2028",
        ),
        *(
            "{{ x }}",
            "{% x %}",
            "#jinja2:",
            "\ufeff",
            "\u00a0",
            "\ud7ff",
            "İ",
            "ß",
            "a\u0301",
            "[",
            "{",
            '{"a": {}}',
            "[[]]",
        ),
        *(
            "[1]",
            "[null]",
            "null",
            "NaN",
            "a@b",
            "a@b.c,d@e",
            '"x" <1>',
            "<>",
            "tr_TR",
            "force",
            "yes",
            "DOĞRU",
            "REGEN",
        ),
        *("ext-local,1,1", "from-did-direct,1001,1", "out=Always|in=Always", "0f" * 16, "x" * 129),
    ]
) | st.text(max_size=8)


@st.composite
def tables(draw):
    """A file with columns of some source, of another, or of none, and any cells."""
    columns = sorted(SOURCES[draw(st.sampled_from(sorted(SOURCES)))].names)
    needed = sorted(SOURCES[draw(st.sampled_from(sorted(SOURCES)))].needed)
    header = draw(st.permutations(needed + draw(st.lists(st.sampled_from(columns) | CELLS, max_size=8))))
    width = len(header) + draw(st.integers(-1, 1))
    rows = draw(st.lists(st.lists(CELLS, min_size=max(width, 0), max_size=max(width, 0)), max_size=6))
    separator = draw(st.sampled_from([",", ";", "\t", "|", "\r"]))
    quote = draw(st.sampled_from(["", '"']))
    end = draw(st.sampled_from(["\n", "\r\n", "\r", ""]))
    text = end.join(separator.join(f"{quote}{cell}{quote}" for cell in row) for row in [header, *rows])
    return text.encode(
        draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-7"])), "surrogatepass"
    )


@st.composite
def damaged(draw):
    """A table in which bytes are others, or missing."""
    content = bytearray(draw(tables()))
    for _time in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(content)))
        content[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(content)


@pytest.mark.no_cover
@settings(max_examples=FILES, suppress_health_check=[HealthCheck.too_slow])
@given(
    source=st.sampled_from(sorted(SOURCES)),
    content=st.binary(max_size=200) | tables() | damaged(),
    encoding=st.sampled_from(["", "", "utf-8", "cp1254", "utf-16", "utf-7", "idna", "rot13", "zip", "\0"]),
    separator=st.sampled_from(["", "", "semicolon", ";", '"', "\n", "ab", "\0"]),
    skip=st.lists(
        st.sampled_from(["wrong rows", "row 2", "column name", "tech=iax2", "extension=", "", "="]),
        max_size=2,
    ),
)
def test_whatever_it_is_it_is_read_or_said_to_be_wrong(source, content, encoding, separator, skip):
    choices = Choices({"udp": "SIP"}, {"1001": ""}, {"1": "A"})
    imported = importing.read(
        source, content, encoding=encoding, separator=separator, skip=skip, choices=choices
    )
    report.mistakes(imported.problems)
    if not imported.problems:
        report.text(imported, "file")
        inventory.variables(imported)


@settings(max_examples=FILES, suppress_health_check=[HealthCheck.too_slow])
@given(source=st.sampled_from(sorted(SOURCES)), data=st.data())
def test_whatever_else_it_says_no_secret_is_told(source, data):
    table = SOURCES[source]
    others = data.draw(
        st.lists(st.sampled_from(sorted(table.names - table.secrets)), unique=True, max_size=8)
    )
    header = sorted({*table.needed, *table.secrets, *others})
    cells = CELLS.filter(lambda cell: not any(mark in cell for mark in '",\n\r\0'))
    rows = [
        [SECRET if name in table.secrets else data.draw(cells) for name in header]
        for _row in range(data.draw(st.integers(1, 4)))
    ]
    content = "\n".join(",".join(row) for row in [header, *rows]).encode("utf-8")
    for skip in ([], ["wrong rows"]):
        imported = importing.read(source, content, skip=skip)
        told = report.mistakes(imported.problems) + report.text(imported, "file") + repr(imported)
        assert SECRET not in told
