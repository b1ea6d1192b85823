# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet as lines of text for a terminal, aligned also where names are Arabic or Chinese.

Names and user agents may hold control characters, which a terminal would obey, so none is let through.
"""

from __future__ import annotations

import typing as t
import unicodedata

from .overview import RUNNING, Extension, Host, Overview
from .words import LANGUAGES, fill, plain_state

_NEVER_SHOWN = frozenset(["Cc", "Cs", "Zl", "Zp"])
#: Characters that turn round what follows them.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LEFT_TO_RIGHT = "\u200e"
_WIDEST = 32


class Line(t.NamedTuple):
    """A line, and what it is: plain, or something that should stand out."""

    text: str
    kind: str = "plain"


def table(overview: Overview, language: str = "en", most: int = 0) -> list[Line]:
    """Return a fleet host by host, ``most`` extensions of each (0 = all), and the totals in the end."""
    words = LANGUAGES[language]
    # The hosts that answered first: what needs attention is to stand where one looks, at the end.
    lines: list[Line] = []
    for host in sorted(overview.hosts, key=lambda host: not host.answered):
        lines.append(_headline(host, words))
        lines += _extensions(host, words, most)
        lines.append(Line(""))
    for notice in overview.notices():
        if notice.word.startswith(("notice certificate", "notice trunk", "notice storage")):
            text = fill(words[notice.word], notice.values)
            lines.append(Line(clean(f"{notice.host}: {text}"), "bad" if notice.serious else "warning"))
    return [*lines, _total(overview, words)]


def _headline(host: Host, words: t.Mapping[str, str]) -> Line:
    values: dict[str, str | int] = {
        "host": host.name,
        "registered": host.registered,
        "extensions": len(host.extensions),
        "reason": host.message or words["no reason"],
    }
    text = clean(fill(words[f"line {host.state}"], values))
    return Line(text, "plain" if host.state == RUNNING else "bad")


def _total(overview: Overview, words: t.Mapping[str, str]) -> Line:
    values = {
        "running": sum(1 for host in overview.hosts if host.state == RUNNING),
        "hosts": len(overview.hosts),
        "registered": sum(host.registered for host in overview.hosts),
        "extensions": sum(len(host.extensions) for host in overview.hosts),
    }
    text = fill(words["line total"], values)
    states = ", ".join(f"{clean(plain_state(words, state))} {count}" for state, count in overview.states())
    return Line(f"{text}: {states}" if states else text, "good")


def _extensions(host: Host, words: t.Mapping[str, str], most: int) -> list[Line]:
    shown = host.extensions[:most] if most else host.extensions
    rows = [_row(extension, words) for extension in shown]
    widths = [max(map(width, column)) for column in zip(*rows)]
    lines = [Line("  " + "  ".join(map(padded, row, widths)).rstrip()) for row in rows]
    left_out = len(host.extensions) - len(shown)
    if left_out:
        lines.append(Line("  " + fill(words["line left out"], {"count": left_out})))
    return lines


def _row(extension: Extension, words: t.Mapping[str, str]) -> list[str]:
    newest = extension.contacts[0] if extension.contacts else None
    round_trip = newest.round_trip_ms if newest else None
    calls = (
        " ".join(part for part in (words.get(call.direction, call.direction), call.number) if part)
        for call in extension.calls
    )
    return [
        cut(clean(text))
        for text in (
            extension.number,
            extension.name,
            plain_state(words, extension.state),
            ", ".join(contact.address for contact in extension.contacts),
            "" if round_trip is None else f"{round_trip:.1f} ms",
            newest.user_agent if newest else "",
            ", ".join(extension.groups),
            ", ".join(calls),
        )
    ]


def clean(text: str) -> str:
    """Return the text with everything that a terminal could obey made visible."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        "\ufffd" if unicodedata.category(character) in _NEVER_SHOWN or character in _DIRECTIONS else character
        for character in text
    )


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
