# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes variables of an inventory of what a host reports about its directory.

Every option is written, also where it has its default: so none of ``pbx_extension_defaults`` counts, and what
the host has stays as it is. What a host tells is judged like any input, because a host may have been broken
into.
"""

from __future__ import annotations

import textwrap
import typing as t

from ..definition.problem import InvalidInputError, Problem
from ..planning.plan import EXTENSIONS, KINDS, TRUNKS, Kind
from ..planning.request import ASK

_WIDE = 110


class Exported(t.NamedTuple):
    """The variables of a host, and what of it has a password there, which no variable holds."""

    variables: dict[str, list[t.Any]]
    #: Their numbers.
    extensions_with_password: list[str]
    #: Their names.
    trunks_with_password: list[str]


def exported(facts: t.Any) -> Exported:
    """Return what the facts say that were gathered with ``directory``. Raises InvalidInputError."""
    directory = facts.get("pbx_directory") if isinstance(facts, dict) else None
    if not isinstance(directory, dict):
        raise InvalidInputError([Problem("", "there is no directory in these facts: gather [directory]")])
    problems: list[Problem] = []
    for kind in KINDS:
        items = directory.get(kind.option)
        if isinstance(items, list):
            problems += ASK[kind](items, _variable(kind)).problems
        else:
            problems.append(Problem(_variable(kind), "is not a list"))
    if problems:
        raise InvalidInputError(problems)
    return Exported(
        {_variable(kind): directory[kind.option] for kind in KINDS},
        _with_password(facts, directory, EXTENSIONS),
        _with_password(facts, directory, TRUNKS),
    )


def _variable(kind: Kind) -> str:
    return f"pbx_{kind.option}"


def _with_password(facts: t.Mapping[str, t.Any], directory: t.Mapping[str, t.Any], kind: Kind) -> list[str]:
    keys = [str(item[kind.key]) for item in directory[kind.option]]
    try:
        return [key for key in keys if facts[_variable(kind)][key]["has_password"]]
    except (KeyError, TypeError):
        message = "do not say of each whether it has a password: ask for all of them"
        raise InvalidInputError([Problem(_variable(kind), message)]) from None


def counts(variables: t.Mapping[str, list[t.Any]]) -> str:
    """Return in a few words how much there is."""
    return ", ".join(
        _counted(len(variables[_variable(kind)]), kind.option.replace("_", " ").removesuffix("s"))
        for kind in reversed(KINDS)
        if variables[_variable(kind)] or kind is EXTENSIONS
    )


def summary(it: Exported) -> list[str]:
    """Return how much there is, and how many passwords are missing."""
    extensions, trunks = len(it.extensions_with_password), len(it.trunks_with_password)
    missing = [_counted(extensions, "extension")] if extensions else []
    missing += [_counted(trunks, "trunk")] if trunks else []
    said = f"without the passwords of {' and '.join(missing)}" if missing else "there are no passwords"
    return [counts(it.variables), said]


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def heading(it: Exported, host: str) -> str:
    """Return the comment at the head of a file: whose it is, and which passwords a new host would need."""
    lines = [f"The directory of {host}, as voiceops.asterisk.export has found it there."]
    if it.extensions_with_password or it.trunks_with_password:
        lines.append("A host does not know passwords, so none is here: this one keeps those that it has.")
        lines.append("On a new host these need one:")
    for what, keys in (("extensions", it.extensions_with_password), ("trunks", it.trunks_with_password)):
        if keys:
            listed = f"{what} {', '.join(keys)}"
            lines += textwrap.wrap(
                listed, _WIDE, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
            )
    return "".join(f"# {_printable(line)}\n" for line in lines)


def _printable(text: str) -> str:
    # What YAML takes for the end of a line would end the comment.
    return "".join(letter if letter.isprintable() else "?" for letter in text)
