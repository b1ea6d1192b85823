# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with an input, said so that a person can fix it."""

from __future__ import annotations

import re
import typing as t
from collections import abc


class Problem(t.NamedTuple):
    """One thing that is wrong: where (``extensions[57].number``), what, and what to do."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def quoted(value: t.Any) -> str:
    """Return a wrong value for a message, cut to what helps to find it."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more than 4300 digits
        text = "an enormous number"
    return text if len(text) <= 60 else text[:60] + "…"


def some_of(names: t.Sequence[str], most: int = 5) -> str:
    """Return the first names of many, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


#: How often the same mistake is shown in full, and how many more of its places are named.
IN_FULL = 3
PLACES = 20
#: What differs between two messages that say the same: what was written, in quotes, and its place.
_LONGEST_NAME = 40
_ITEM = re.compile(r"(?:pbx_)?([a-z_]+)\[([0-9]+)\]")
_WRITTEN = re.compile(r"""'[^']*'|"[^"]*"|[0-9]+""")


def gathered(
    problems: t.Iterable[Problem], whose: t.Callable[[str], str] = lambda _path: ""
) -> list[Problem]:
    """Return the problems as they are said: the same mistake again and again is one, with its other places.

    ``whose`` tells for a path whose it is, such as the number and name of an extension.
    """
    alike: dict[tuple[str, str], list[Problem]] = {}
    found = [(mistake(each.path, each.message), each) for each in problems]
    for what, problem in found:
        alike.setdefault(what, []).append(problem)
    said = []
    for what, problem in found:
        same = alike[what]
        if len(same) > IN_FULL and problem is not same[0]:
            continue
        message = problem.message
        if len(same) > IN_FULL:
            others = [_place(each.path, whose) for each in same[1:]]
            more = f", and {len(others) - PLACES:,} more" if len(others) > PLACES else ""
            message += f"\n  the same {len(others):,} times more: {', '.join(others[:PLACES])}{more}"
        said.append(Problem(_place(problem.path, whose), message))
    return said


def mistake(path: str, message: str) -> tuple[str, str]:
    """Return what two problems have in common that are the same mistake."""
    return _WRITTEN.sub("", path), _WRITTEN.sub("", message)


def told(problems: t.Iterable[Problem], whose: t.Callable[[str], str] = lambda _path: "") -> list[str]:
    """Return the lines of what is said of the problems; see ``gathered``."""
    return [line for problem in gathered(problems, whose) for line in str(problem).split("\n")]


def whose(lists: t.Mapping[str, t.Any], path: str) -> str:
    """Return number and name of the item of a list that a path leads to, as they are written."""
    place = _ITEM.match(path)
    items = lists.get(place[1]) if place else None
    if place is None or not isinstance(items, list) or int(place[2]) >= len(items):
        return ""
    item = items[int(place[2])]
    named = [item.get(key) for key in ("number", "name")] if isinstance(item, abc.Mapping) else []
    # What is wrong itself is shown in the message.
    known = [
        str(each) for key, each in zip(("number", "name"), named) if each and not path.endswith(f".{key}")
    ]
    return "".join(letter for letter in " ".join(known) if letter.isprintable())[:_LONGEST_NAME]


def _place(path: str, whose: t.Callable[[str], str]) -> str:
    who = whose(path)
    return f"{path} ({who})" if who else path


class InvalidInputError(ValueError):
    """Raised with every problem of an input at once, never only the first."""

    def __init__(self, problems: t.Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=_position))
        super().__init__("\n".join(told(self.problems)))


def _position(problem: Problem) -> list[tuple[int, str]]:
    """Order ``extensions[9]`` before ``extensions[57]``."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", problem.path)]


class DirectoryError(Exception):
    """The host's directory database cannot be used; the message says why and what to do."""
