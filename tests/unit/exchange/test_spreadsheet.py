# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What spreadsheets and other systems write is read as it is meant, or the row and the column are named."""

from __future__ import annotations

import csv
import io

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange import spreadsheet
from hypothesis import given
from hypothesis import strategies as st

KNOWN = {"number", "name", "password"}
TURKISH = "number,name\n1001,Şule Çağlı\n"


def read(content, **options):
    """Return header and rows, of a content that is in order."""
    sheet = spreadsheet.read(content, KNOWN, **options)
    assert sheet.problems == ()
    return [sheet.header, *(row.cells for row in sheet.rows)]


def mistakes(content, **options):
    return [str(problem) for _row, problem in spreadsheet.read(content, KNOWN, **options).problems]


def refusal(content, **options):
    with pytest.raises(InvalidInputError) as raised:
        spreadsheet.read(content, KNOWN, **options)
    return str(raised.value)


@pytest.mark.parametrize(
    ("writer", "content"),
    [
        ("LibreOffice", TURKISH.encode()),
        ("Excel, CSV UTF-8, Turkish", TURKISH.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig")),
        ("Excel, Unicode text", TURKISH.replace(",", "\t").replace("\n", "\r\n").encode("utf-16")),
        ("UTF-16, big-endian", b"\xfe\xff" + TURKISH.encode("utf-16-be")),
        ("Excel's hint", b"sep=;\r\n" + TURKISH.replace(",", ";").encode()),
        ("FusionPBX's other separator", TURKISH.replace(",", "|").encode()),
        ("an old Macintosh", TURKISH.replace("\n", "\r").encode()),
        ("columns and rows that are empty", TURKISH.replace("\n", ",,\n").encode() + b",,,\n\n,,\n"),
        ("blanks that nobody sees", TURKISH.replace("name", "\u00a0Name \u00a0").lower().encode()),
    ],
)
def test_what_programs_write(writer, content):
    header, row = read(content)
    assert [name.lower() for name in header] == ["number", "name"], writer
    assert row == ("1001", TURKISH.split(",")[2].strip()) or row == ("1001", "şule çağlı")


def test_an_encoding_is_asked_for_and_never_guessed():
    content = TURKISH.encode("cp1254")
    assert "line 2 is not UTF-8" in refusal(content)
    assert "cp1254 for a Turkish Windows" in refusal(content)
    assert read(content, encoding="cp1254")[1] == ("1001", "Şule Çağlı")
    assert "'klingon' is not a known encoding" in refusal(content, encoding="klingon")
    assert "'base64' is not a known encoding" in refusal(content, encoding="base64")
    assert "line 2 is neither UTF-8 nor ascii" in refusal(content, encoding="ascii")


def test_an_encoding_that_is_not_needed_is_told_of():
    sheet = spreadsheet.read(TURKISH.encode(), KNOWN, encoding="cp1254")
    assert sheet.encoding_unused == "the file is UTF-8, so the encoding cp1254 was not used"
    assert spreadsheet.read(TURKISH.encode(), KNOWN, encoding="UTF8").encoding_unused == ""
    assert spreadsheet.read(b"number\n1\n", KNOWN, encoding="cp1254").encoding_unused == ""


def test_rows_are_counted_as_a_spreadsheet_counts_them():
    sheet = spreadsheet.read(b'number,name\n1,"two\nlines"\n\n3,c\n', KNOWN)
    assert [(row.number, row.cells[0]) for row in sheet.rows] == [(2, "1"), (4, "3")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "1,a,b",
            "row 2: has 3 cells, and the first row 2: a cell that holds a separator needs quotation marks",
        ),
        ("1", "row 2: ends before column name; is it cut off?"),
        ('1,"Ali "Baba" Can"', "row 2, column name: holds a quotation mark that is not doubled"),
        ('1,"Ali', "row 2, column name: opens a quotation mark that never closes"),
        (f"1,{'x' * 40_000}", "row 2, column name: is longer than 32,767 characters"),
        (f"1,{'x' * 200_000}", "row 2, column name: opens a quotation mark that never closes, or is longer"),
    ],
)
def test_a_row_that_is_none_is_named(row, said):
    (mistake,) = mistakes(f"number,name\n{row}\n".encode())
    assert mistake.startswith(said)


def test_a_broken_row_hides_no_other():
    assert mistakes(b'number,name\n1,"a"b"\n2,b,c\n3,"d"e\n4\n') == [
        "row 2, column name: holds a quotation mark that is not doubled, so where it ends cannot be known",
        "row 3: has 3 cells, and the first row 2: a cell that holds a separator needs quotation marks",
        "row 4, column name: holds a quotation mark that is not doubled, so where it ends cannot be known",
        "row 5: ends before column name; is it cut off?",
    ]


def test_rows_after_one_with_a_mark_too_many_keep_their_numbers():
    assert mistakes(b'number,name\n1,"a\n2,"b"\n3\n') == [
        "row 2, column name: holds a quotation mark that is not doubled, so where it ends cannot be known;"
        " row 3 and those before it are taken for a part of it",
        "row 4: ends before column name; is it cut off?",
    ]


@pytest.mark.parametrize("cell", [r'"a\"b"', r'"a\",b"', r'"ends in \"'])
def test_what_php_writes_after_a_backslash_is_refused_by_row_and_column(cell):
    (mistake,) = mistakes(f"number,name\n1,{cell}\n".encode(), escapes=True)
    assert mistake.startswith("row 2, column name: holds a backslash before a quotation mark or at its end")
    assert mistakes(b'number,name\n1,"C:\\x"\n', escapes=True) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the first row is empty"),
        (b"\n\n", "the first row is empty"),
        (b",,\n1,2,3\n", "the first row is empty"),
        (b"PK\x03\x04\0\0", "line 1 contains a NUL byte: this is not a CSV file"),
        ("number\n1\n".encode("utf-32"), "line 1 contains a NUL byte"),
        (b"\xef\xbb\xbfn\xff", "begins as UTF-8 does, and is not UTF-8: it cannot be read from byte 5 on"),
        (b"\xff\xfen\0u", "begins as UTF-16-LE does, and is not UTF-16-LE"),
        (b"," * 2_000 + b"number\n", "the first row has 2,001 cells"),
        (b'"number\n', "row 1, column 1: opens a quotation mark that never closes"),
    ],
)
def test_what_is_no_sheet_is_refused(content, said):
    assert said in refusal(content)


def test_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 3)
    assert mistakes(b"number\n1\n2\n3\n4\n") == ["there are more than 3 rows; split the file"]
    monkeypatch.setattr(spreadsheet, "MAX_BYTES", 1024 * 1024)
    assert "the file is larger than 1 MiB" in refusal(b"number\n" + b"1\n" * 600_000)


@pytest.mark.parametrize("separator", ["semicolon", ";"])
def test_a_separator_can_be_named(separator):
    assert read(b"a;b\n1;2\n", separator=separator) == [("a", "b"), ("1", "2")]
    assert "'ab' cannot separate cells" in refusal(b"a;b\n", separator="ab")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("'0123", "0123"),
        ('="0123"', "0123"),
        (" \u00a0x\u00a0y ", "x y"),
        ("'Abdul", "'Abdul"),
        ("", ""),
    ],
)
def test_a_cell_without_what_protects_it(cell, said):
    assert spreadsheet.plain(cell) == said


def test_a_header_brings_nothing_that_a_terminal_would_obey():
    assert read(b"number,\x1b[31mname\n1,2\n")[0] == ("number", "\ufffd[31mname")


texts = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=20)


@given(st.lists(st.tuples(texts, texts), max_size=5), st.sampled_from([",", ";", "\t", "|"]), st.booleans())
def test_what_a_spreadsheet_writes_is_read_to_the_letter(rows, separator, mark):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator)
    writer.writerows([("number", "name"), *rows])
    sheet = spreadsheet.read(file.getvalue().encode("utf-8-sig" if mark else "utf-8"), KNOWN)
    assert sheet.problems == ()
    expected = [row for row in rows if any(map(spreadsheet.plain, row))]
    assert [row.cells for row in sheet.rows] == expected
