# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was found in the inventory of a fleet, and how it is said: the same mistake once, of all its hosts."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import (
    IN_FULL,
    PLACES,
    mistake,
)
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.origin import Place

#: How many hosts a line names.
_HOSTS = 3


class Finding(t.NamedTuple):
    """One thing that is wrong with the variables of a host, or worth a warning."""

    host: str
    #: ``pbx_extensions[57].ring_timeout``; empty for what is said of a host as a whole.
    path: str
    message: str
    place: Place = Place()
    #: Number and name of the item, where it has them.
    whose: str = ""
    #: Where another thing stands that the message names.
    also: Place = Place()


class Said(t.NamedTuple):
    """A finding as it is said of all hosts that have it, with where else the same is wrong."""

    hosts: tuple[str, ...]
    path: str
    message: str
    place: Place
    whose: str
    also: Place = Place()
    #: Other places of the same mistake.
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        what = f"{self.path}{f' ({self.whose})' if self.whose else ''}"
        where = ", ".join(filter(None, [str(shown(self.place)), _named(self.hosts), what]))
        also = f" (the first: {shown(self.also)})" if self.also.file else ""
        return f"{where}: {self.message}{also}{self._and_others()}"

    def _and_others(self) -> str:
        if not self.others:
            return ""
        more = f", and {len(self.others) - PLACES:,} more" if len(self.others) > PLACES else ""
        return f"\n  the same {len(self.others):,} times more: {', '.join(self.others[:PLACES])}{more}"

    def as_result(self) -> dict[str, t.Any]:
        """Return it as values for a result."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "hosts": list(self.hosts),
            "option": self.path,
            "item": self.whose,
            "message": self.message,
            "others": list(self.others),
        }


def gathered(findings: t.Iterable[Finding]) -> list[Said]:
    """Return the findings as they are said, ordered by file and line.

    One that many hosts have is said once with their names, and the same mistake again and again once with its
    other places.
    """
    hosts: dict[tuple[str, str, Place, str, Place], dict[str, None]] = {}
    for one in findings:
        hosts.setdefault((one.path, one.message, one.place, one.whose, one.also), {})[one.host] = None
    each = [Said(tuple(names), *one) for one, names in hosts.items()]
    each.sort(key=lambda said: (said.place, said.hosts, said.path))
    alike: dict[tuple[str, str], list[Said]] = {}
    for said in each:
        alike.setdefault(mistake(said.path, said.message), []).append(said)
    result = []
    for said in each:
        same = alike[mistake(said.path, said.message)]
        if len(same) <= IN_FULL:
            result.append(said)
        elif said is same[0]:
            result.append(said._replace(others=tuple(map(_elsewhere, same[1:]))))
    return result


def _elsewhere(said: Said) -> str:
    who = said.whose or said.path
    return (
        f"{shown(said.place)} ({_named(said.hosts)} {who})"
        if said.place.file
        else f"{_named(said.hosts)} {who}"
    )


def shown(place: Place) -> Place:
    """Return the place as seen from where the user is, if it is below."""
    below = os.path.relpath(place.file) if place.file else ""
    return place if below.startswith("..") else place._replace(file=below)


def _named(hosts: t.Sequence[str]) -> str:
    more = f" and {len(hosts) - _HOSTS:,} more" if len(hosts) > _HOSTS else ""
    return f"{' '.join(hosts[:_HOSTS])}{more}"
