# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a directory as an inventory has it, found without its host.

It is planned as for a host that has nothing yet, so a name that no list defines leads nowhere.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..definition.digest import REALM
from ..definition.problem import InvalidInputError, Problem, some_of
from .decide import plan_directory
from .defaults import ask_defaults, filled
from .judgement import Policy
from .number_ranges import outside, read_ranges
from .plan import EMERGENCY_NUMBERS, EXTENSION_DEFAULTS, EXTENSIONS, TRUNKS, Directory
from .request import ASK, Asked, Request

#: What stands before the names of lists where users write them.
_PREFIX = "pbx_"
RANGES = f"{_PREFIX}number_ranges"


@dataclass(frozen=True)
class Inspected:
    """What was found in the lists of one host."""

    problems: tuple[Problem, ...] = ()
    #: What is worth a warning and stops nothing.
    remarks: tuple[Problem, ...] = ()
    #: The place of each number that an extension is to have.
    numbers: t.Mapping[str, str] = field(default_factory=dict)


def inspected(lists: t.Mapping[str, t.Any], ranges: t.Sequence[t.Any], policy: Policy) -> Inspected:
    """Return what is wrong; ``lists`` by their names without ``pbx_``. What is not a list is left out."""
    asked = {
        kind.option: ask(lists[kind.option], f"{_PREFIX}{kind.option}")
        for kind, ask in ASK.items()
        if isinstance(lists.get(kind.option), list)
    }
    asked = filled(asked, ask_defaults(lists.get(EXTENSION_DEFAULTS), f"{_PREFIX}{EXTENSION_DEFAULTS}"))
    allowed, problems = read_ranges(ranges, RANGES)
    extensions = asked.get(EXTENSIONS.option, Asked()).requests
    problems += outside(allowed, extensions, RANGES)
    warnings: tuple[str, ...] = ()
    try:
        warnings = plan_directory(Directory(REALM), asked, policy).warnings
    except InvalidInputError as error:
        problems += error.problems
    return Inspected(
        InvalidInputError(problems).problems,
        (
            *(Problem("", message) for message in [*warnings, *_without_help(asked)]),
            *_without_password(extensions),
        ),
        {each.key: each.place("number") for each in extensions if each.present},
    )


def _without_help(asked: t.Mapping[str, Asked]) -> t.Iterator[str]:
    """Report a host from which nobody can call for help."""

    def there(option: str) -> list[t.Any]:
        return [each for each in asked.get(option, Asked()).requests if each.present]

    if not there(EXTENSIONS.option):
        return
    if not there(EMERGENCY_NUMBERS.option):
        yield "no emergency number can be dialled: pbx_emergency_numbers names none"
    elif not any(each.given.get("emergency", True) for each in there(TRUNKS.option)):
        yield "no emergency number can be reached: pbx_trunks has no trunk that takes such calls"


def _without_password(extensions: t.Sequence[Request]) -> t.Iterator[Problem]:
    """Report extensions that have no password, and of which nothing says that they are to have none.

    An extension without a phone has a forward, is locked, or has an empty password. The inventory does not
    say whether the host has the extension already.
    """
    without = [
        each
        for each in extensions
        if each.present
        and each.password is None
        and each.password_digest is None
        and not each.given.get("forward_to")
        and each.given.get("enabled", True)
    ]
    if not without:
        return
    outcome = "no phone can register with a new extension; one that the host has already keeps its password"
    if len(without) == 1:
        yield Problem(without[0].path, f"has no password: {outcome}")
    else:
        numbers = some_of([each.key for each in without])
        path = f"{_PREFIX}{EXTENSIONS.option}"
        yield Problem(path, f"{len(without):,} extensions have no password ({numbers}): {outcome}")
