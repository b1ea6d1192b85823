# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of another system's CSV file: which column says what, and what has no option here."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from ..definition.problem import quoted
from .cells import TakeCell
from .imported import Remark
from .row import RowReader
from .spreadsheet import Row, Sheet, folded

#: How many values of a column are told, and how many rows of each.
_MOST_VALUES = 10
_MOST_ROWS = 5
#: What says that something is not used, in all systems.
_NOTHING = frozenset(("", "0", "no", "false", "disabled", "none"))


class Several(t.NamedTuple):
    """Columns that only together say something."""

    columns: tuple[str, ...]
    take: t.Callable[[RowReader], None]


class NoWord(t.NamedTuple):
    """Columns that this collection has no option for."""

    why: str
    columns: tuple[str, ...]
    #: Whether the values are told; never of what may be a secret.
    by_value: bool = True
    #: Values that say that it is not used, besides the usual ones.
    unused: tuple[str, ...] = ()


_UNKNOWN = NoWord("unknown column; its values are not shown", (), by_value=False)


@dataclass(frozen=True)
class Source:
    """A kind of file. Names of columns are folded (``spreadsheet.folded``)."""

    name: str
    #: The column of the number, and those without which it is another kind of file.
    number: str
    needed: frozenset[str]
    columns: t.Mapping[str, TakeCell]
    several: tuple[Several, ...] = ()
    no_word: tuple[NoWord, ...] = ()
    #: Columns with settings of phones and of the system, which are told of in one line.
    settings: frozenset[str] = frozenset()
    #: Columns that hold a secret, or may.
    secrets: frozenset[str] = frozenset()
    #: Columns of a similar file that cannot be read, and what to say of it.
    refused: t.Mapping[str, str] = field(default_factory=dict)
    #: Returns the column that says that a row is not an extension, and why; None where it is one.
    refuse_row: t.Callable[[RowReader], tuple[str, str] | None] | None = None
    #: Why a row without a number is skipped; empty where it is a mistake.
    without_number: str = ""
    #: Notes what only several rows together show.
    look_over: t.Callable[[t.Sequence[RowReader]], None] | None = None
    #: What takes a column that no table names, by its name as written; None of a column is a mistake.
    #: Without this such columns are counted.
    other_column: t.Callable[[str], TakeCell | None] | None = None
    #: Whether PHP's ``fputcsv`` writes it.
    escapes: bool = False

    @cached_property
    def names(self) -> frozenset[str]:
        """All columns that are known."""
        joint = [column for several in self.several for column in several.columns]
        wordless = [column for each in self.no_word for column in each.columns]
        return frozenset((*self.needed, *self.columns, *joint, *wordless, *self.settings, *self.secrets))

    def fits(self, header: t.AbstractSet[str]) -> int:
        """Return how many columns of a header are known; 0 where it is another kind of file."""
        return len(header & self.names) if self.needed <= header else 0


def looks_like(sources: t.Iterable[Source], header: t.AbstractSet[str]) -> Source | None:
    """Return the source whose file has such a header; None where it is nobody's."""
    best = max(sources, key=lambda source: source.fits(header))
    return best if best.fits(header) else None


def without_word(source: Source, sheet: Sheet, rows: t.AbstractSet[int]) -> list[Remark]:
    """Return what these rows say in columns that have no option here: by column and value, or in one line."""
    columns = {folded(name): index for index, name in enumerate(sheet.header)}
    counted = [row for row in sheet.rows if row.number in rows]
    said = []
    for each in source.no_word:
        for column in each.columns:
            if column in columns:
                said += _used(counted, columns[column], sheet.header[columns[column]], each)
    for column, index in columns.items():
        # Digits are what FreePBX makes of a technology that it does not know.
        if column not in source.names and not column.isdigit() and source.other_column is None:
            said += _used(counted, index, sheet.header[index], _UNKNOWN)
    settings = [columns[column] for column in sorted(source.settings & columns.keys())]
    used = [index for index in settings if any(row.cells[index].strip() for row in counted)]
    if used:
        differing = [sheet.header[i] for i in used if len({row.cells[i] for row in counted}) > 1]
        more = f"; those that differ between rows: {', '.join(differing)}" if differing else ""
        said.append(
            Remark(
                f"{len(used)} more columns",
                f"settings of phones and of the other system, no option here{more}",
            )
        )
    return said


def _used(rows: t.Sequence[Row], index: int, name: str, what: NoWord) -> list[Remark]:
    unused = _NOTHING.union(what.unused)
    found: dict[str, list[int]] = {}
    for row in rows:
        value = row.cells[index].strip()
        if value.lower() not in unused:
            found.setdefault(value if what.by_value else "", []).append(row.number)
    if not found:
        return []
    place = f"column {name}"
    if not what.by_value:
        return [Remark(place, f"used in {_rows(found[''])}: {what.why}")]
    common = Counter({value: len(where) for value, where in found.items()}).most_common(_MOST_VALUES)
    values = [f"{quoted(value)} in {_rows(found[value])}" for value, _count in common]
    if len(found) > len(values):
        values.append(f"{len(found) - len(values):,} other values")
    return [Remark(place, f"{'; '.join(values)}: {what.why}")]


def _rows(numbers: t.Sequence[int]) -> str:
    if len(numbers) > _MOST_ROWS:
        return f"{len(numbers):,} rows"
    return f"row {numbers[0]}" if len(numbers) == 1 else f"rows {', '.join(map(str, numbers))}"
