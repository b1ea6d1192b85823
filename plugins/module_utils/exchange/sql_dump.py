# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the rows of tables out of a dump of MySQL, MariaDB, PostgreSQL or SQLite. Nothing in it is executed.

``INSERT`` with and without names of columns, ``COPY … FROM stdin``, and ``CREATE TABLE`` for the names; any
other statement is skipped.
"""

from __future__ import annotations

import re
import typing as t

#: Longest dump, in characters; of the tables that are asked for, most rows, most values that are not NULL,
#: and most columns of one.
DUMP_MAX_CHARACTERS = 64_000_000
ROWS_MAX = 500_000
VALUES_MAX = 5_000_000
COLUMNS_MAX = 500

# Blanks in them are counted: two runs of any length beside each other take the square of it to refuse.
_NAME = r'(?:`[^`]*`|"[^"]*"|[A-Za-z_][A-Za-z0-9_$]*)'
_GAP = r"\s{1,20}"
_MAYBE = r"\s{0,20}"
_TABLE = rf"(?:{_NAME}{_MAYBE}\.{_MAYBE})?({_NAME})"
_CREATE = re.compile(
    rf"CREATE{_GAP}TABLE{_GAP}(?:IF{_GAP}NOT{_GAP}EXISTS{_GAP})?{_TABLE}{_MAYBE}\(", re.IGNORECASE
)
_INSERT = re.compile(
    rf"INSERT{_GAP}(?:IGNORE{_GAP})?INTO{_GAP}{_TABLE}{_MAYBE}(\([^()']*\))?{_MAYBE}VALUES{_MAYBE}",
    re.IGNORECASE,
)
_COPY = re.compile(
    rf"COPY{_GAP}{_TABLE}{_MAYBE}\(([^()']*)\){_GAP}FROM{_GAP}stdin{_MAYBE};[^\n]*\n", re.IGNORECASE
)
_BLANKS = re.compile(r"\s+")
#: What begins a comment, and what ends it.
_COMMENTS = {"--": "\n", "#": "\n", "/*": "*/"}
_WORD = re.compile(r"[A-Za-z0-9_.+-]+")
_NAME_HERE = re.compile(_NAME)
#: What a semicolon or a bracket may be hidden in.
_QUOTE = re.compile(r"""['"`;()]|--|/\*|\$[A-Za-z_]*\$""")
_NO_COLUMNS = ("primary", "key", "unique", "constraint", "index", "foreign", "check", "fulltext", "exclude")
#: Where a backslash in quotes is one, and where it begins an escape.
_END = re.compile("'")
_END_OR_ESCAPE = re.compile(r"['\\]")
_MYSQL = re.compile(
    r"\A.{0,2000}?(?:MySQL|MariaDB|phpMyAdmin SQL) dump|^INSERT (?:IGNORE )?INTO `",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "v": "\v", "Z": "\x1a"}


class DumpError(ValueError):
    """A dump is none, or more than is read; the message names the line and none of the values."""


class Row(t.NamedTuple):
    """One row: the line of the dump where it stands, and its values by column, without those that are"
    " NULL."""

    table: str
    line: int
    values: t.Mapping[str, str]

    def __repr__(self) -> str:
        # Passwords are values too.
        return f"Row({self.table!r}, line={self.line})"


def rows_of(text: str, tables: t.Collection[str]) -> t.Iterator[Row]:
    """Give the rows of some tables, in their order. Raises DumpError."""
    if len(text) > DUMP_MAX_CHARACTERS:
        raise DumpError(f"is longer than {DUMP_MAX_CHARACTERS:,} characters")
    values = 0
    for count, row in enumerate(_Dump(text, tables).rows()):
        values += len(row.values)
        if count >= ROWS_MAX or values > VALUES_MAX:
            raise DumpError(f"has more than {ROWS_MAX:,} rows or {VALUES_MAX:,} values")
        yield row


class _Dump:
    def __init__(self, text: str, tables: t.Collection[str]) -> None:
        self._text = text
        self._tables = tables
        self._at = 0
        self._escapes = _MYSQL.search(text) is not None
        self._columns: dict[str, list[str]] = {}
        #: Where lines were counted last, and how many there were.
        self._counted, self._lines = 0, 1

    def _line(self) -> int:
        self._lines += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._lines

    def _error(self, message: str) -> DumpError:
        return DumpError(f"line {self._line()}: {message}")

    def rows(self) -> t.Iterator[Row]:
        while self._skip_blanks():
            create = _CREATE.match(self._text, self._at)
            if create:
                self._at = create.end()
                self._create(_bare(create[1]))
                continue
            copy = _COPY.match(self._text, self._at)
            if copy:
                self._at = copy.end()
                yield from self._copy(_bare(copy[1]), copy[2])
                continue
            insert = _INSERT.match(self._text, self._at)
            if insert and _bare(insert[1]) in self._tables:
                self._at = insert.end()
                yield from self._insert(_bare(insert[1]), insert[2])
            else:
                self._skip_to(";")

    def _skip_blanks(self) -> bool:
        """Go to what is neither a blank nor a comment; tell whether there is anything."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            self._at = blanks.end() if blanks else self._at
            end = next(
                (end for begin, end in _COMMENTS.items() if self._text.startswith(begin, self._at)), ""
            )
            if not end:
                return self._at < len(self._text)
            self._at = self._behind(end)

    def _skip_to(self, ends: str) -> str:
        """Go behind the next of these characters that stands in no quotes, brackets or comment; return it."""
        depth = 0
        while found := _QUOTE.search(self._text, self._at):
            self._at = found.end()
            mark = found[0]
            if mark == "'":
                self._at -= 1
                self._string()
            elif mark in ends and depth == 0:
                return mark
            elif mark == "(":
                depth += 1
            elif mark == ")":
                depth = max(0, depth - 1)
            elif mark != ";":
                self._at = self._behind(_COMMENTS.get(mark, mark))
        self._at = len(self._text)
        return ""

    def _behind(self, end: str) -> int:
        found = self._text.find(end, self._at)
        return len(self._text) if found < 0 else found + len(end)

    def _create(self, table: str) -> None:
        """Read the names of a table's columns."""
        columns: list[str] = []
        end = ","
        while end == ",":
            self._skip_blanks()
            name = _NAME_HERE.match(self._text, self._at)
            if name and (name[0][0] in '`"' or name[0].lower() not in _NO_COLUMNS):
                columns.append(_bare(name[0]))
            if len(columns) > COLUMNS_MAX:
                raise self._error(f"a table has more than {COLUMNS_MAX} columns")
            end = self._to_next_column()
        if table in self._tables:
            self._columns[table] = columns
        self._skip_to(";")

    def _to_next_column(self) -> str:
        """Go behind the comma or the bracket that ends a column; return it."""
        depth = 0
        while self._at < len(self._text):
            letter = self._text[self._at]
            if letter == "'":
                self._string()
                continue
            self._at += 1
            if letter in '`"':
                self._at = self._behind(letter)
            elif letter == "(":
                depth += 1
            elif letter == ")" and depth:
                depth -= 1
            elif letter in ",)" and not depth:
                return letter
        raise self._error("a CREATE TABLE does not end")

    def _insert(self, table: str, written: str | None) -> t.Iterator[Row]:
        columns = [_bare(name) for name in written[1:-1].split(",")] if written else self._columns.get(table)
        if not columns:
            message = f"rows of {table} stand before its columns: dump the table with its CREATE TABLE"
            raise self._error(message)
        while True:
            line = self._line()
            values = self._values()
            if len(values) != len(columns):
                raise self._error(f"a row of {table} has {len(values)} values for {len(columns)} columns")
            yield Row(table, line, {name: value for name, value in zip(columns, values) if value is not None})
            self._skip_blanks()
            if self._text[self._at : self._at + 1] != ",":
                self._skip_to(";")
                return
            self._at += 1
            self._skip_blanks()

    def _values(self) -> list[str | None]:
        if self._text[self._at : self._at + 1] != "(":
            raise self._error("a row does not begin with a bracket")
        self._at += 1
        values: list[str | None] = []
        while True:
            self._skip_blanks()
            values.append(self._value())
            self._skip_blanks()
            letter = self._text[self._at : self._at + 1]
            self._at += 1
            if letter == ")":
                return values
            if letter != "," or len(values) > COLUMNS_MAX:
                raise self._error("a row has a value that is neither text nor a number nor NULL")

    def _value(self) -> str | None:
        if self._text[self._at : self._at + 2].upper() == "E'":
            self._at += 1
            return self._string(escapes=True)
        if self._text[self._at : self._at + 1] == "'":
            return self._string()
        word = _WORD.match(self._text, self._at)
        if not word:
            raise self._error("a row has a value that is neither text nor a number nor NULL")
        self._at = word.end()
        return None if word[0].upper() == "NULL" else word[0]

    def _string(self, escapes: bool = False) -> str:
        """Return the text in quotes that begins here, and go behind it."""
        text, parts, at = self._text, [], self._at + 1
        mark = _END_OR_ESCAPE if escapes or self._escapes else _END
        while found := mark.search(text, at):
            parts.append(text[at : found.start()])
            at = found.end()
            following = text[at : at + 1]
            if found[0] == "'" and following != "'":
                self._at = at
                return "".join(parts)
            parts.append(following if found[0] == "'" else _ESCAPES.get(following, following))
            at += 1
        raise self._error("a text in quotes does not end")

    def _copy(self, table: str, written: str) -> t.Iterator[Row]:
        """Give the rows of PostgreSQL's text format, up to the line with a backslash and a dot."""
        columns = [_bare(name) for name in written.split(",")]
        while self._at < len(self._text):
            line = self._line()
            end = self._text.find("\n", self._at)
            end = len(self._text) if end < 0 else end
            cells = self._text[self._at : end]
            self._at = end + 1
            if cells.rstrip("\r") == "\\.":
                return
            if table not in self._tables:
                continue
            values = cells.split("\t")
            if len(values) != len(columns):
                raise DumpError(
                    f"line {line}: a row of {table} has {len(values)} values for {len(columns)} columns"
                )
            yield Row(table, line, {name: _unescaped(v) for name, v in zip(columns, values) if v != "\\N"})
        raise self._error(f"the rows of {table} do not end")


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), value) if "\\" in value else value


def _bare(name: str) -> str:
    """Return a name without its quotes, in small letters."""
    return name.strip().strip('`"').lower()
