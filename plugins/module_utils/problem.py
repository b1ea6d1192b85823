# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with an input, said so that a person can mend it."""

from __future__ import annotations

import re
import typing as t


class Problem(t.NamedTuple):
    """One thing that is wrong: where (``extensions[57].number``), what, and what to do."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidInputError(ValueError):
    """Raised with every problem of an input at once, never only the first."""

    def __init__(self, problems: t.Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=_position))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def _position(problem: Problem) -> list[tuple[int, str]]:
    """Order ``extensions[9]`` before ``extensions[57]``."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", problem.path)]


class DirectoryError(Exception):
    """The host's directory database cannot be used; the message says why and what to do."""
