# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines and columns for a terminal, aligned also where names are Arabic or Chinese."""

from __future__ import annotations

import typing as t
import unicodedata

_LEFT_TO_RIGHT = "\u200e"
_WIDEST = 32


class Line(t.NamedTuple):
    """A line, and what it is: plain, or something that should stand out."""

    text: str
    kind: str = "plain"


def width(text: str) -> int:
    """Return how many cells of a terminal the text takes."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, most: int = _WIDEST) -> str:
    """Return the text, no wider than ``most`` cells."""
    if width(text) <= most:
        return text
    kept, taken = [], 0
    for character in text:
        taken += _cells(character)
        if taken > most - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"


def padded(text: str, cells: int) -> str:
    """Fill up with spaces. After letters that run to the left, the line is turned back again."""
    turned = not text.isascii() and any(
        unicodedata.bidirectional(character) in ("R", "AL") for character in text
    )
    return text + (_LEFT_TO_RIGHT if turned else "") + " " * (cells - width(text))


def aligned(rows: t.Sequence[t.Sequence[str]]) -> t.Iterator[str]:
    """Return rows as lines: what is in the first and the last column to the left, numbers to the right."""
    widths = [max(map(width, column)) for column in zip(*rows)]
    for row in rows:
        cells = [padded(cell, cells) for cell, cells in zip(row, widths)]
        middle = [" " * (len(cell) - len(cell.rstrip())) + cell.rstrip() for cell in cells[1:-1]]
        yield "  ".join([cells[0], *middle, cells[-1]]).rstrip()
