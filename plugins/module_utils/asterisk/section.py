# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asterisk's configuration syntax: sections as text that cannot mean anything else.

Rules of the parser (main/config.c, process_text_line): only a line feed ends a line; a semicolon
begins a comment unless a backslash stands before it, which is the only escape; blanks at the ends
are lost. So values with line breaks are refused, and semicolons escaped.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

#: Longest line that is read, in bytes without the line feed; a longer one is skipped with a warning.
LINE_MAX_BYTES = 8189


@dataclass(frozen=True)
class Section:
    """An object of Asterisk: its name, its type, and its options in their order."""

    name: str
    type: str
    options: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """Return it in the syntax of Asterisk's files. Raises ValueError for a line too long for Asterisk."""
        lines = [f"[{self.name}]", f"type = {self.type}"]
        lines += [f"{option} = {_escaped(value)}" for option, value in self.options]
        if any(len(line.encode()) > LINE_MAX_BYTES for line in lines):
            raise ValueError(f"a line of {self.name} is too long for Asterisk")
        return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    if not value.isprintable() or value != value.strip():
        raise ValueError(f"{value!r} cannot stand in Asterisk's configuration")
    return value.replace(";", "\\;")


def rendered(header: str, sections: t.Iterable[Section]) -> str:
    """Return the text of a file that begins with a comment."""
    return "\n".join([header, *(section.text() for section in sections)])
