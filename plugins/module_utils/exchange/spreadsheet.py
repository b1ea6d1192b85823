# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a CSV file as spreadsheets and other systems write it: bytes go in, a header and rows come out.

What cannot be known is asked for, never guessed: an encoding that is taken for another turns Ş into Þ
silently.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import typing as t
from dataclasses import dataclass

from ..definition.problem import InvalidInputError, Problem

#: Largest file, in bytes, and most rows and columns; what is larger is not a list of extensions.
MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 1_000
#: Longest cell, in characters: that of Excel.
MAX_CELL = 32_767

SEPARATORS = (",", ";", "\t", "|")
#: As a person names a separator that is hard to type.
SEPARATOR_NAMES = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "\\t": "\t"}

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # UTF-32 begins as UTF-16 does, and is full of bytes of zero, which are refused.
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Excel's own hint, which is not a row of the sheet.
_HINT = re.compile(r'"?sep=(.)"?[ \t]*(\r\n|\r|\n|\Z)', re.IGNORECASE)
#: Blanks that nobody sees: no-break space, and a byte order mark within a file that was put together.
_BLANKS = re.compile("[\\s\u00a0\ufeff]+")
#: How spreadsheets keep a number's zeros: '0123 and ="0123".
_PROTECTED = re.compile(r"""(?:'([0-9+*#]+)|="([^"]*)")\Z""")


class Row(t.NamedTuple):
    """One row that has as many cells as the header."""

    #: As a spreadsheet counts rows: the header is 1.
    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A file's header and rows, and what is wrong with its form. Cells are as they are written."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    #: By the number of their row; 0 is the whole file.
    problems: tuple[tuple[int, Problem], ...]
    #: Why a named encoding was not used; empty where it was, or where none was named.
    encoding_unused: str = ""


def row_place(number: int, column: str = "") -> str:
    """Return where something stands, as a person finds it."""
    return f"row {number}, column {column}" if column else f"row {number}"


def folded(name: str) -> str:
    """Return what two spellings of a column's name have in common: neither case nor blanks at its ends."""
    return _BLANKS.sub(" ", name).strip().lower()


def plain(cell: str) -> str:
    """Return what a cell says, without blanks at its ends and without what protects a number's zeros."""
    text = cell.strip()
    if not text.isascii():
        text = text.replace("\u00a0", " ").replace("\ufeff", "").strip()
    protected = _PROTECTED.match(text) if text[:1] in ("'", "=") else None
    return (protected[1] or protected[2] or "").strip() if protected else text


def read(
    content: bytes,
    known: t.AbstractSet[str],
    encoding: str = "",
    separator: str = "",
    escapes: bool = False,
) -> Sheet:
    """Return the header and the rows of a file.

    ``known`` are names of columns, folded, by which the separator is found. With ``escapes`` the writer is
    PHP's ``fputcsv``, which does not double a quotation mark after a backslash. Raises InvalidInputError
    where no header can be read.
    """
    text, unused = _decoded(content, encoding)
    if hint := _HINT.match(text):
        text = text[hint.end() :]
    chosen = SEPARATOR_NAMES.get(separator, separator) or (hint[1] if hint else "") or _found(text, known)
    if len(chosen) != 1 or chosen in '"\r\n\0':
        raise _refused(f"{chosen!r} cannot separate cells; name one of comma, semicolon, tab, pipe")
    return _Reading(text, chosen, escapes).sheet(unused)


def _shown(name: str) -> str:
    """Return the name of a column as a message may repeat it: nothing in it that a terminal would obey."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)


def _refused(message: str) -> InvalidInputError:
    return InvalidInputError([Problem("", message)])


def _decoded(content: bytes, encoding: str) -> tuple[str, str]:
    """Return the text, and why the encoding that the user names was not used."""
    if len(content) > MAX_BYTES:
        raise _refused(f"the file is larger than {MAX_BYTES >> 20} MiB; no list of extensions is")
    mark, found = next((each for each in _MARKS if content.startswith(each[0])), (b"", "utf-8"))
    body = content[len(mark) :]
    try:
        text = body.decode(found)
    except UnicodeDecodeError as error:
        if mark:
            raise _refused(
                f"the file begins as {found.upper()} does, and is not {found.upper()}: it cannot be read"
                f" from byte {error.start + len(mark) + 1:,} on; save it again"
            ) from None
        text, found = _named(content, encoding, error.start), encoding
    unused = ""
    if encoding and _same(encoding) not in (_same(found), "utf-16") and not text.isascii():
        unused = f"the file is {found.upper()}, so the encoding {encoding} was not used"
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise _refused(f"line {row} contains a NUL byte: this is not a CSV file; save it as CSV UTF-8")
    return text, unused


def _same(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        return encoding


def _named(content: bytes, encoding: str, start: int) -> str:
    """Decode what is not UTF-8 by the encoding that the user names."""
    line = content.count(b"\n", 0, start) + 1
    if not encoding:
        raise _refused(
            f"line {line} is not UTF-8, and what its letters are cannot be known: save the file as CSV UTF-8,"
            " or name its encoding (import_encoding), such as cp1254 for a Turkish Windows and cp1252 for a"
            " western one"
        )
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(f"line {line} is neither UTF-8 nor {encoding}; name the file's encoding") from None
    except (LookupError, ValueError):  # no such encoding, and one that is not about text
        raise _refused(f"{encoding!r} is not a known encoding; use one such as cp1254 or cp1252") from None


def _found(text: str, known: t.AbstractSet[str]) -> str:
    """Return the separator that yields most of the known names in the first row."""
    best, most = ",", 0
    for separator in SEPARATORS:
        try:
            first = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
        except csv.Error:
            continue
        count = len({folded(name) for name in first} & known)
        if count > most:
            best, most = separator, count
    return best


class _Reading:
    """Reads records, and collects what is wrong with the form of each."""

    def __init__(self, text: str, separator: str, escapes: bool) -> None:
        self._lines = io.StringIO(text, newline="")
        #: The lines of the record that is being read, and its number.
        self._raw: list[str] = []
        self._number = 0
        self._names: tuple[str, ...] = ()
        self._separator = separator
        self._escapes = escapes
        self._problems: list[tuple[int, Problem]] = []
        self._records = csv.reader(self._line_by_line(), delimiter=separator, strict=True)

    def _line_by_line(self) -> t.Iterator[str]:
        for line in self._lines:
            self._raw.append(line)
            yield line

    def sheet(self, unused: str) -> Sheet:
        """Read everything. Raises InvalidInputError where there is no header."""
        header = self._next()
        if self._problems:
            raise InvalidInputError(problem for _row, problem in self._problems)
        while header and not plain(header[-1]):
            header.pop()
        if not header:
            raise _refused("the first row is empty; it has to hold the names of the columns")
        if len(header) > MAX_COLUMNS:
            raise _refused(f"the first row has {len(header):,} cells; at most {MAX_COLUMNS:,} can be read")
        self._names = tuple(_shown(_BLANKS.sub(" ", plain(name))) for name in header)
        rows = tuple(self._rows())
        return Sheet(self._names, rows, tuple(self._problems), unused)

    def _rows(self) -> t.Iterator[Row]:
        while (cells := self._next()) is not None:
            if self._number > MAX_ROWS:
                self._problems.append(
                    (0, Problem("", f"there are more than {MAX_ROWS:,} rows; split the file"))
                )
                return
            if any(map(plain, cells)) and self._fits(cells):
                yield Row(self._number, tuple(cells[: len(self._names)]))

    def _next(self) -> list[str] | None:
        """Return the cells of the next record, none of one that is broken, and None at the end."""
        self._raw.clear()
        self._number += 1
        try:
            cells = next(self._records, None)
        except csv.Error as error:
            return self._broken(str(error))
        if self._escapes and cells and self._escaped():
            return []
        return cells

    def _broken(self, error: str) -> list[str] | None:
        if "expected after" not in error:
            # The end of the file, or a cell that has swallowed what follows: there is no next record.
            message = f"opens a quotation mark that never closes, or is longer than {MAX_CELL:,} characters"
            self._problem(self._first_broken(), message)
            return None
        if not (self._escapes and self._escaped()):
            lost = len(self._raw) - 1
            more = (
                f"; row {self._number + lost} and those before it are taken for a part of it" if lost else ""
            )
            message = f"holds a quotation mark that is not doubled, so where it ends cannot be known{more}"
            self._problem(self._first_broken(), message)
        # A cell of several lines is rarer than a quotation mark too many.
        self._number += len(self._raw) - 1
        return []

    def _escaped(self) -> bool:
        """Report a cell with a quotation mark after a backslash: ``"a\\"b"`` can be read in two ways."""
        raw = "".join(self._raw)
        at = raw.find('\\"')
        if at < 0:
            return False
        before = next(csv.reader([raw[:at]], delimiter=self._separator), [])
        message = (
            "holds a backslash before a quotation mark or at its end, which PHP writes in a way that can be"
            " read in two; take the backslash away in the other system, and export again"
        )
        self._problem(len(before) - 1, message)
        return True

    def _first_broken(self) -> int:
        """Return which cell of the record is the first that does not end as it should."""
        raw = "".join(self._raw)
        end = rf"(?={re.escape(self._separator)}|\r|\n|\Z)"
        whole = re.compile(rf'"(?:[^"]|"")*"{end}|(?!")[^{re.escape(self._separator)}\r\n]*{end}')
        index, at = 0, 0
        while (cell := whole.match(raw, at)) and raw[cell.end() : cell.end() + 1] == self._separator:
            index, at = index + 1, cell.end() + 1
        return index

    def _fits(self, cells: list[str]) -> bool:
        wanted = len(self._names)
        while len(cells) > wanted and not plain(cells[-1]):
            cells.pop()
        if len(cells) > wanted:
            said = f"has {len(cells)} cells, and the first row {wanted}"
            self._problem(None, f"{said}: a cell that holds a separator needs quotation marks")
        elif len(cells) < wanted:
            self._problem(None, f"ends before column {self._column(len(cells))}; is it cut off?")
        elif (
            long := next((index for index, cell in enumerate(cells) if len(cell) > MAX_CELL), None)
        ) is not None:
            self._problem(long, f"is longer than {MAX_CELL:,} characters")
        else:
            return True
        return False

    def _problem(self, index: int | None, message: str) -> None:
        column = "" if index is None else self._column(index)
        self._problems.append((self._number, Problem(row_place(self._number, column), message)))

    def _column(self, index: int) -> str:
        return (self._names[index] if 0 <= index < len(self._names) else "") or str(index + 1)
