# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One row on its way from the columns of a source to the options of an extension."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ..definition.problem import Problem
from .imported import Remark
from .spreadsheet import plain, row_place

#: What a spreadsheet makes of a long number.
SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?E\+[0-9]+\Z")
SPOILT = (
    "is what a spreadsheet has made of a long number, whose last digits are lost: format the column as text"
    " and enter the number again"
)


@dataclass(frozen=True)
class Choices:
    """What the user says of words of the source that only they can know; keys and values as written."""

    #: Transports of the source, and connection ports here.
    transports: t.Mapping[str, str] = field(default_factory=dict)
    #: Permissions, classes and contexts of the source, and outbound profiles here.
    profiles: t.Mapping[str, str] = field(default_factory=dict)
    #: Groups of the source, and extension groups here.
    groups: t.Mapping[str, str] = field(default_factory=dict)


class RowReader:
    """Gives the cells of a row by the folded name of their column, and takes what they say."""

    def __init__(
        self,
        number: int,
        cells: t.Mapping[str, str],
        names: t.Mapping[str, str],
        number_column: str,
        choices: Choices,
    ) -> None:
        self.number = number
        self.number_column = number_column
        self.choices = choices
        self._cells = cells
        self._names = names
        self.options: dict[str, t.Any] = {}
        self.credentials: dict[str, str] = {}
        #: From which column each option comes; a password and a digest too.
        self.origins: dict[str, str] = {}
        self.changed: list[Remark] = []
        self.not_carried: list[Remark] = []
        self.attention: list[Remark] = []
        self.problems: list[Problem] = []

    def place(self, column: str = "") -> str:
        """Return where a cell stands, by the name of its column as it is written."""
        return row_place(self.number, self._names.get(column, column))

    def text(self, column: str) -> str:
        """Return what a cell says; empty where it is empty and where there is no such column."""
        cell = self._cells.get(column)
        return plain(cell) if cell else ""

    def secret(self, column: str) -> str:
        """Return a cell to the letter: a blank or a quotation mark may belong to a password."""
        return self._cells.get(column, "")

    def digits(self, column: str) -> str:
        """Return a cell with digits; empty, with a problem, where a spreadsheet has spoilt it."""
        text = self.text(column)
        if SCIENTIFIC.match(text):
            self.wrong(column, SPOILT)
            return ""
        return text

    def give(self, option: str, value: t.Any, column: str) -> None:
        """Take a value as an option's."""
        self.options[option] = value
        self.origins[option] = column

    def label(self, key: str, value: str, column: str) -> None:
        """Take a text as a label."""
        self.options.setdefault("labels", {})[key] = value
        self.origins[f"labels.{key}"] = column

    def credential(self, name: str, value: str, column: str) -> None:
        """Take a password or a digest."""
        self.credentials[name] = value
        self.origins[name] = column

    def change(self, column: str, message: str) -> None:
        """Note what was taken differently from how it is written, and why."""
        self.changed.append(Remark(self.place(column), message))

    def leave_out(self, column: str, message: str) -> None:
        """Note what this collection has no option for."""
        self.not_carried.append(Remark(self.place(column), message))

    def attend(self, column: str, message: str) -> None:
        """Note what somebody has to check."""
        self.attention.append(Remark(self.place(column), message))

    def wrong(self, column: str, message: str) -> None:
        """Note a mistake."""
        self.problems.append(Problem(self.place(column), message))
