# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collects what is found in another system's configuration, and says the same of many places once."""

from __future__ import annotations

import typing as t

from ..definition.problem import Problem
from .imported import Imported, ImportedExtension, ImportedTrunk, Remark

#: How many more places of the same remark are named.
_PLACES = 20


class Findings:
    """What a reader has found so far. No message may hold a secret."""

    def __init__(self) -> None:
        self.extensions: list[ImportedExtension] = []
        self.trunks: list[ImportedTrunk] = []
        #: The names of groups, in the order in which they came.
        self.groups: dict[str, None] = {}
        self._changed: list[Remark] = []
        self._not_carried: list[Remark] = []
        self._problems: list[Problem] = []

    def changed(self, place: t.Any, message: str) -> None:
        """Note what is taken differently from how it is written."""
        self._changed.append(Remark(str(place), message))

    def not_carried(self, place: t.Any, message: str) -> None:
        """Note what this collection has no option for."""
        self._not_carried.append(Remark(str(place), message))

    def problem(self, place: t.Any, message: str) -> None:
        """Note what is wrong."""
        self._problems.append(Problem(str(place), message))

    def outcome(self) -> Imported:
        """Return all that was found."""
        return Imported(
            tuple(self.extensions),
            tuple(self.trunks),
            tuple(self.groups),
            _gathered(self._changed),
            _gathered(self._not_carried),
            tuple(self._problems),
        )


def _gathered(remarks: t.Iterable[Remark]) -> tuple[Remark, ...]:
    """Return each message once, with how often it holds, and where."""
    places: dict[str, dict[str, None]] = {}
    for remark in remarks:
        places.setdefault(remark.message, {})[remark.place] = None
    said = []
    for message, found in places.items():
        first, *others = found
        if others:
            named = "; ".join(others[:_PLACES])
            more = f"; and {len(others) - _PLACES:,} more" if len(others) > _PLACES else ""
            message += f" ({len(found):,} times, also at {named}{more})"  # noqa: PLW2901
        said.append(Remark(first, message))
    return tuple(said)
