# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What extensions are given that leave an option out.

A default counts as given: it is compared and written in every run, as if it stood in each of these items.
What is wrong with it is said once, at its own place.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections import abc

from ..definition.problem import Problem
from ..definition.reading import Reader, joined
from .plan import EXTENSION_DEFAULTS, EXTENSIONS
from .request import EXTENSION_OPTIONS, Asked

#: What belongs to one extension: with a password in common each could register as the other.
NEVER = ("number", "password", "username", "password_digest", "state")
_OPTIONS = {option: read for option, read in EXTENSION_OPTIONS.items() if option not in NEVER}


@dataclasses.dataclass(frozen=True)
class Defaults:
    """The options that are given to extensions, read, and what is wrong with them."""

    #: Where they are written, for messages: ``extension_defaults``.
    path: str = EXTENSION_DEFAULTS
    given: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def ask_defaults(written: t.Any, path: str = EXTENSION_DEFAULTS) -> Defaults:
    """Read the defaults as a user writes them; None is none."""
    if written is None:
        return Defaults(path)
    problems: list[Problem] = []
    if not isinstance(written, abc.Mapping):
        return Defaults(
            path, problems=(Problem(path, "is not a mapping; write its options as `key: value`"),)
        )
    for option in NEVER:
        if option in written:
            message = "belongs to each extension by itself; name it there"
            problems.append(Problem(joined(path, option), message))
    reader = Reader({key: value for key, value in written.items() if key not in NEVER}, path, problems)
    reader.refuse_unknown(_OPTIONS.keys())
    return Defaults(path, reader.given(_OPTIONS), tuple(problems))


def filled(asked: t.Mapping[str, Asked], defaults: Defaults) -> dict[str, Asked]:
    """Return what is asked, by the names of the lists, with the defaults in each extension to be there."""
    result = dict(asked)
    if not defaults.given and not defaults.problems:
        return result
    extensions = result.get(EXTENSIONS.option, Asked())
    requests = tuple(
        dataclasses.replace(
            request,
            given={**defaults.given, **request.given},
            defaults=dict.fromkeys(defaults.given.keys() - request.given.keys(), defaults.path),
        )
        if request.present
        else request
        for request in extensions.requests
    )
    problems = (*defaults.problems, *extensions.problems)
    if EXTENSIONS.option in result or problems:
        result[EXTENSIONS.option] = dataclasses.replace(extensions, requests=requests, problems=problems)
    return result
