# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which numbers a site may give to its extensions: ``1000-1999``, or one number.

A range has numbers of one length, so 0100-0199 has neither 100 nor 1000 in it.
"""

from __future__ import annotations

import re
import typing as t

from ..definition.problem import Problem, quoted
from ..definition.reading import NUMBER_MAX_DIGITS, plain
from .request import Request

_DIGITS = rf"[0-9]{{1,{NUMBER_MAX_DIGITS}}}"
_RANGE = re.compile(rf"({_DIGITS})(?:-({_DIGITS}))?\Z")
#: How many ranges a message names.
_MOST = 5


class NumberRange(t.NamedTuple):
    """All numbers of as many digits from the first to the last."""

    first: str
    last: str

    def __contains__(self, number: object) -> bool:
        # Texts of as many digits are ordered as numbers are.
        return (
            isinstance(number, str) and len(number) == len(self.first) and self.first <= number <= self.last
        )

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}-{self.last}"


def read_ranges(written: t.Sequence[t.Any], path: str) -> tuple[list[NumberRange], list[Problem]]:
    """Read ranges as a user writes them, and return them with what is wrong."""
    ranges, problems = [], []
    for index, each in enumerate(written):
        found = _RANGE.match(plain(each))
        first, last = (found[1], found[2] or found[1]) if found else ("", "")
        if not found or len(first) != len(last) or first > last:
            wanted = "a range such as 1000-1999, with as many digits on both sides, or a number; in quotes"
            problems.append(Problem(f"{path}[{index}]", f"{quoted(each)} is not {wanted}"))
        else:
            ranges.append(NumberRange(first, last))
    return ranges, problems


def outside(ranges: t.Sequence[NumberRange], extensions: t.Iterable[Request], path: str) -> list[Problem]:
    """Return a problem for each extension whose number is in none of the ranges; without ranges any is."""
    if not ranges:
        return []
    allowed = ", ".join(map(str, ranges[:_MOST])) + (", …" if len(ranges) > _MOST else "")
    return [
        Problem(each.place("number"), f"{each.key} is outside the numbers of this site ({path}: {allowed})")
        for each in extensions
        if each.present and not any(each.key in one for one in ranges)
    ]
