# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a file of another system: header, rows, rules, and what is to be said of them."""

from __future__ import annotations

import typing as t

from ..definition.model import EVERY_GROUP
from ..definition.problem import InvalidInputError, Problem
from ..definition.redaction import Redaction
from ..planning.request import EXTENSION_OPTIONS
from . import checking, skipping, spreadsheet
from .imported import Imported, ImportedExtension, Remark
from .row import Choices, RowReader
from .source import Source, looks_like, without_word
from .sources import SOURCES
from .spreadsheet import Sheet, folded, row_place

_ORDER = ("number", "name", "username", *EXTENSION_OPTIONS)
_COLUMNS = frozenset(name for source in SOURCES.values() for name in source.names)


def read(
    name: str,
    content: bytes,
    *,
    encoding: str = "",
    separator: str = "",
    skip: t.Iterable[t.Any] = (),
    choices: Choices | None = None,
) -> Imported:
    """Return all that a file says, with every mistake at once. ``name`` is one of SOURCES."""
    source = SOURCES[name]
    skipped, problems = skipping.read(skip)
    try:
        sheet = spreadsheet.read(content, _COLUMNS, encoding, separator, source.escapes)
    except InvalidInputError as error:
        return Imported(problems=(*problems, *error.problems))
    problems += _wrong_header(source, sheet, skipped)
    if problems:
        return Imported(problems=tuple(problems))
    return _Import(source, sheet, skipped, choices or Choices()).outcome()


def _wrong_header(source: Source, sheet: Sheet, skipped: skipping.Skip) -> list[Problem]:
    header = [folded(name) for name in sheet.header]
    given = frozenset(header)
    for column in (column for column in source.refused if column in given):
        return [Problem("row 1", f"column {column}: this is {source.refused[column]}")]
    other = looks_like(SOURCES.values(), given)
    if not source.needed <= given or (other and other.fits(given) > source.fits(given)):
        missing = ", ".join(sorted(source.needed - given))
        lacks = f"there is no column {missing}" if missing else "another fits better"
        looks = f"; it looks like {other.name}" if other and other is not source else ""
        return [Problem("row 1", f"this is not a header of {source.name}: {lacks}{looks}")]
    problems = [] if sheet.rows or sheet.problems else [Problem("", "there is no row below the first")]
    for index, (name, column) in enumerate(zip(sheet.header, header)):
        if column in skipped.columns:
            continue
        if not column and any(spreadsheet.plain(row.cells[index]) for row in sheet.rows):
            problems.append(
                Problem(row_place(1), f"column {index + 1} has no name, and cells that say something")
            )
        elif column and column in header[:index]:
            problems.append(Problem(row_place(1, name), "is there twice; take one of them away"))
        elif _is_unknown(source, name):
            known = ", ".join(sorted({source.number, *source.columns}))
            problems.append(
                Problem(row_place(1, name), f"is not an option of an extension; there are: {known}")
            )
    return problems


def _is_unknown(source: Source, name: str) -> bool:
    """Report a column in a sheet of one's own that is none."""
    if source.other_column is None or not name or folded(name) in source.names:
        return False
    return source.other_column(name) is None


class _Import:
    """One file on its way from a sheet to an inventory."""

    def __init__(self, source: Source, sheet: Sheet, skipped: skipping.Skip, choices: Choices) -> None:
        self._source = source
        self._sheet = sheet
        self._skipped = skipped
        self._choices = choices
        self._names = {folded(name): name for name in reversed(sheet.header) if name}
        self._problems: list[Problem] = []
        self._not_carried: list[Remark] = []

    def outcome(self) -> Imported:
        """Return what the rows say."""
        rows = [row for row in self._readers() if self._is_extension(row)]
        for row in rows:
            self._read(row)
        if self._source.look_over is not None:
            self._source.look_over(rows)
        rows = self._without_mistakes(rows)
        checking.look_over([row for row in rows if "number" in row.options])
        self._not_carried += without_word(self._source, self._sheet, {row.number for row in rows})
        hide = self._redaction(rows)
        return Imported(
            extensions=tuple(_extension(row) for row in rows),
            groups=tuple(dict.fromkeys(name for row in rows for name in _groups(row))),
            changed=_hidden(hide, [*self._of_the_file(), *(each for row in rows for each in row.changed)]),
            not_carried=_hidden(hide, [each for row in rows for each in row.not_carried] + self._not_carried),
            attention=_hidden(hide, [each for row in rows for each in row.attention]),
            problems=tuple(Problem(path, hide.text(message)) for path, message in self._problems),
        )

    def _of_the_file(self) -> list[Remark]:
        return [Remark("the file", self._sheet.encoding_unused)] if self._sheet.encoding_unused else []

    def _readers(self) -> t.Iterator[RowReader]:
        columns = [folded(name) for name in self._sheet.header]
        for row in self._sheet.rows:
            # Of a column that is there twice, which is refused unless it is to be skipped, any will do.
            cells = dict(zip(columns, row.cells))
            for column in self._skipped.columns:
                cells.pop(column, None)
            yield RowReader(row.number, cells, self._names, self._source.number, self._choices)

    def _is_extension(self, row: RowReader) -> bool:
        by = self._skipped.leaves_out(row)
        if by:
            self._not_carried.append(Remark(row.place(), f"left out, as import_skip says ({by})"))
            return False
        if self._source.without_number and not row.text(self._source.number):
            self._not_carried.append(Remark(row.place(self._source.number), self._source.without_number))
            return False
        refused = self._source.refuse_row(row) if self._source.refuse_row else None
        if refused:
            column, why = refused
            way = f"import_skip: ['{self._names[column]}={row.text(column)}'] leaves such rows out"
            self._note(row.number, Problem(row.place(column), f"{why}; {way}"))
            return False
        return True

    def _read(self, row: RowReader) -> None:
        source = self._source
        if row.text(source.number):
            row.give("number", row.text(source.number), source.number)
        for column, take in source.columns.items():
            if row.text(column):
                take(row, column)
        for several in source.several:
            several.take(row)
        if source.other_column is not None:
            for column in self._names.keys() - source.names - self._skipped.columns:
                other = source.other_column(self._names[column])
                if other is not None and row.text(column):
                    other(row, column)
        if row.options.get("username") == row.options.get("number"):
            row.options.pop("username", None)

    def _without_mistakes(self, rows: list[RowReader]) -> list[RowReader]:
        """Note every mistake; return the rows that are to go on."""
        found = [(row, problem) for row in rows for problem in row.problems]
        found += checking.check(rows, self._source.number)
        for number, problem in self._sheet.problems:
            if number not in self._skipped.rows:
                self._note(number, problem)
        for row, problem in found:
            self._note(row.number, problem)
        if self._skipped.wrong_rows:
            wrong = {row.number for row, _problem in found}
            rows = [row for row in rows if row.number not in wrong]
        for row, problem in checking.unknown_targets(rows):
            if self._source.other_column is not None and not self._skipped.wrong_rows:
                self._note(row.number, problem)
            else:
                row.options.pop("forward_to")
                row.not_carried.append(Remark(problem.path, f"forwards calls, and {problem.message}"))
        return rows

    def _note(self, number: int, problem: Problem) -> None:
        """Note a mistake, or that its row is left out for it."""
        if self._skipped.wrong_rows and number:
            self._not_carried.append(Remark(problem.path, f"the row was left out: {problem.message}"))
        else:
            self._problems.append(problem)

    def _redaction(self, rows: t.Sequence[RowReader]) -> Redaction:
        numbers = {row.options.get("number") for row in rows}
        secret = [i for i, name in enumerate(self._sheet.header) if folded(name) in self._source.secrets]
        cells = {row.cells[index] for row in self._sheet.rows for index in secret} - {""}
        # A number is known anyway, and to mask it would tell whose password it is.
        return Redaction(cells - numbers)


def _groups(row: RowReader) -> list[str]:
    named = [*row.options.get("groups", ()), *row.options.get("callable_groups", ())]
    return [name for name in named if isinstance(name, str) and name != EVERY_GROUP]


def _extension(row: RowReader) -> ImportedExtension:
    options = {option: row.options[option] for option in _ORDER if option in row.options}
    return ImportedExtension(row.place(), options, dict(row.credentials))


def _hidden(hide: Redaction, remarks: t.Iterable[Remark]) -> tuple[Remark, ...]:
    # A message that many rows have in common is looked through once.
    seen: dict[str, str] = {}
    hidden = []
    for place, message in remarks:
        if message not in seen:
            seen[message] = hide.text(message)
        hidden.append(Remark(place, seen[message]))
    return tuple(hidden)
