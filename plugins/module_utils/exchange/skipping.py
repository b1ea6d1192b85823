# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user says may be left out of an import."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..definition.problem import Problem
from .row import RowReader
from .spreadsheet import folded

#: Leaves out every row that something is wrong with.
WRONG_ROWS = "wrong rows"
_ROW = re.compile(r"(?:row\s*)?([0-9]{1,9})\Z", re.IGNORECASE)
_COLUMN = re.compile(r"column\s+(.+)\Z", re.IGNORECASE)
_VALUE = re.compile(r"([^=]+)=(.*)\Z", re.DOTALL)
FORMS = f"`row 17`, `column NAME`, `COLUMN=VALUE`, or `{WRONG_ROWS}`"


@dataclass(frozen=True)
class Skip:
    """Rows by number or by what a cell says, columns, and whether wrong rows are left out."""

    rows: frozenset[int] = frozenset()
    columns: frozenset[str] = frozenset()
    #: Names of columns, folded, and what their cells say.
    values: tuple[tuple[str, str], ...] = ()
    wrong_rows: bool = False

    def leaves_out(self, row: RowReader) -> str:
        """Return by which word a row is left out; empty where it is not."""
        if row.number in self.rows:
            return f"row {row.number}"
        for column, value in self.values:
            if row.text(column).lower() == value.lower():
                return f"{column}={value}"
        return ""


def read(words: t.Iterable[t.Any]) -> tuple[Skip, list[Problem]]:
    """Read what may be left out, as the user writes it, with what cannot be understood."""
    rows: set[int] = set()
    columns: set[str] = set()
    values: list[tuple[str, str]] = []
    problems: list[Problem] = []
    wrong_rows = False
    for word in map(str, words):
        if folded(word) == WRONG_ROWS:
            wrong_rows = True
        elif row := _ROW.match(word.strip()):
            rows.add(int(row[1]))
        elif column := _COLUMN.match(word.strip()):
            columns.add(folded(column[1]))
        elif value := _VALUE.match(word.strip()):
            values.append((folded(value[1]), value[2].strip()))
        else:
            problems.append(Problem("", f"{word!r} is nothing that can be left out; write {FORMS}"))
    return Skip(frozenset(rows), frozenset(columns), tuple(values), wrong_rows), problems
