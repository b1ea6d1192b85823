# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A terminal on paper: what was typed, and what was printed."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Of what a command prints: its first and its last lines, where there are more than both and one.
FIRST, LAST = 6, 14
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def transcript(said: Mapping[str, str], home: str) -> str:
    """Return the commands, each with what it has printed; ``home`` is the folder that a shell calls ~."""
    parts = []
    for command, printed in said.items():
        # A command that was typed twice has its number behind it.
        parts.append(f"$ {re.sub(r' # [0-9]+$', '', command)}")
        parts += _folded(_COLOURS.sub("", printed).replace(home, "~").rstrip().splitlines())
    return "\n".join(parts) + "\n"


def _folded(lines: list[str]) -> list[str]:
    left_out = len(lines) - FIRST - LAST
    if left_out <= 1:
        return lines
    return [*lines[:FIRST], f"    … {left_out} lines …", *lines[-LAST:]]
