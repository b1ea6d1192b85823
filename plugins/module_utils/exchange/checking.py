# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether what rows say is sound: by the rules of the inventory, and by what only a whole file shows."""

from __future__ import annotations

import re
import typing as t
from collections import Counter

from ..definition.problem import Problem, quoted
from ..planning.request import ask_extensions
from .judged import of_credentials
from .row import SCIENTIFIC, SPOILT, RowReader

_PLACE = re.compile(r"rows\[([0-9]+)\](?:\.(.*))?\Z", re.DOTALL)
_MENTION = re.compile(r"rows\[([0-9]+)\]")
#: What a message says of YAML, which a sheet is not.
_OF_YAML = re.compile(r"[,;] (?:put it )?in (?:quotes|brackets)")
#: A number that is shorter than all others is odd where there are so many others.
_MANY = 5

Found = tuple[RowReader, Problem]


def check(rows: t.Sequence[RowReader], number_column: str) -> list[Found]:
    """Return what is wrong with rows each by itself and beside the others, in the words of the sheet."""
    found = _by_the_inventory(rows, number_column)
    return found + _user_names(rows)


def look_over(rows: t.Sequence[RowReader]) -> None:
    """Note what is taken as it is, and needs somebody's attention."""
    lengths = Counter(len(row.options["number"]) for row in rows)
    usual = lengths.most_common(1)[0][0] if lengths else 0
    short = sum(count for length, count in lengths.items() if length < usual)
    for row in rows:
        number = row.options["number"]
        column = row.origins["number"]
        if len(number) < usual and len(lengths) == 2 and short * _MANY < len(rows):
            row.attend(
                column, f"{number} is shorter than all others: has a spreadsheet removed a leading zero?"
            )
        remark = of_credentials(row.options, row.credentials)
        if remark:
            row.attend(row.origins.get("password", ""), remark)


def unknown_targets(rows: t.Sequence[RowReader]) -> list[Found]:
    """Return the rows that forward calls to what is not an extension of the file."""
    numbers = {row.options.get("number") for row in rows}
    return [
        _at(row, "forward_to", f"{quoted(target)} is not an extension of this file")
        for row in rows
        if (target := row.options.get("forward_to")) and target not in numbers
    ]


def _at(row: RowReader, option: str, message: str) -> Found:
    return row, Problem(row.place(row.origins.get(option, "")), message)


def _by_the_inventory(rows: t.Sequence[RowReader], number_column: str) -> list[Found]:
    """Ask as the role asks, and say at which cell it is that something is wrong."""
    asked = ask_extensions([{**row.options, **row.credentials} for row in rows], "rows")
    found = []
    for problem in asked.problems:
        place = _PLACE.match(problem.path)
        if place is None:
            continue
        row, option = rows[int(place[1])], place[2] or ""
        column = row.origins.get(option) or row.origins.get(re.split(r"[.\[]", option)[0], number_column)
        message = _MENTION.sub(lambda other: rows[int(other[1])].place(), problem.message)
        if SCIENTIFIC.match(row.text(column)):
            message = SPOILT
        found.append((row, Problem(row.place(column), _OF_YAML.sub("", message))))
    return found


def _user_names(rows: t.Sequence[RowReader]) -> list[Found]:
    """Return the user names that two phones would register with."""
    found = []
    first: dict[str, RowReader] = {}
    for row in rows:
        given = row.options.get("username")
        name = given or row.options.get("number")
        other = first.setdefault(name, row) if name else row
        if other is not row and (given or other.options.get("username")):
            message = (
                f"{quoted(name)} is the user name of {other.place()} too; each phone needs one of its own"
            )
            found.append(_at(row, "username" if given else "number", message))
    return found
