# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is kept of a change, the way back with it, and how two states differ. Pure.

Kept is what things were before and what has come into being. With the directory as it is now, each earlier
state follows from that, one change after the other, newest first.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ..definition.model import (
    ConnectionPort,
    EmergencyNumber,
    Extension,
    ExtensionGroup,
    InboundNumber,
    MediaTimeouts,
    OutboundProfile,
    OutboundRule,
    Trunk,
)
from ..definition.problem import DirectoryError
from .judgement import listed
from .plan import (
    EMERGENCY_NUMBERS,
    EXTENSIONS,
    GROUPS,
    KINDS,
    MEDIA_TIMEOUTS,
    PORTS,
    PROFILES,
    TRUNKS,
    Changes,
    Directory,
    Kind,
    Plan,
    Shown,
    by,
    sort_out,
)

#: What is kept of a change, as JSON knows it: by the name of a list what was created (keys), changed (the
#: values before, by key) and deleted (whole things). Digests are in it.
Kept = t.Mapping[str, t.Any]

_CLASSES: dict[Kind, type] = {
    EMERGENCY_NUMBERS: EmergencyNumber,
    PORTS: ConnectionPort,
    TRUNKS: Trunk,
    PROFILES: OutboundProfile,
    GROUPS: ExtensionGroup,
    EXTENSIONS: Extension,
}


def _fields(kind: Kind) -> tuple[str, ...]:
    # Not what a thing is called in Asterisk: one that comes back is another to it.
    return tuple(field.name for field in dataclasses.fields(_CLASSES[kind]) if field.compare)


_FIELDS = {kind: _fields(kind) for kind in KINDS}
#: How values are made again that JSON has no type for.
_AGAIN: dict[str, t.Callable[[t.Any], t.Any]] = {
    "local_networks": tuple,
    "codecs": tuple,
    "inbound_addresses": tuple,
    "inbound_numbers": lambda numbers: tuple(InboundNumber(*each) for each in numbers),
    "rules": lambda rules: tuple(_rule(each) for each in rules),
    "groups": frozenset,
    "callable_groups": lambda names: None if names is None else frozenset(names),
    "labels": lambda labels: tuple((name, value) for name, value in labels),
}


def _rule(values: t.Mapping[str, t.Any]) -> OutboundRule:
    known = {field.name for field in dataclasses.fields(OutboundRule)}
    given = {name: value for name, value in values.items() if name in known}
    return OutboundRule(**{**given, "trunks": tuple(given.get("trunks", ()))})


class Change(t.NamedTuple):
    """A change that was applied to a directory."""

    #: Counted from 1, and never given twice.
    number: int
    #: When, in seconds since 1970.
    at: int
    user: str
    controller: str
    comment: str
    kept: Kept
    #: Where it was a way back, the change before which the directory was as it is after this one.
    back_to: int | None = None


def kept_of(plan: Plan) -> dict[str, t.Any]:
    """Return what has to be kept of a plan so that there is a way back."""
    kept: dict[str, t.Any] = {}
    for kind in KINDS:
        changes: Changes[t.Any] = getattr(plan, kind.attribute)
        if not changes:
            continue
        key = by(kind)
        kept[kind.option] = {
            "created": [key(thing) for thing in changes.create],
            "changed": {
                key(was): {
                    name: _plain(getattr(was, name))
                    for name in _FIELDS[kind]
                    if getattr(was, name) != getattr(becomes, name)
                }
                for was, becomes in changes.change
            },
            "deleted": [
                {name: _plain(getattr(was, name)) for name in _FIELDS[kind]} for was in changes.delete
            ],
        }
    if plan.media_timeouts is not None:
        kept[MEDIA_TIMEOUTS] = list(plan.media_timeouts[0])
    return kept


def _plain(value: t.Any) -> t.Any:
    """Return a value of the model as JSON knows it."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, InboundNumber):
        return [value.number, value.extension]
    if isinstance(value, OutboundRule):
        return dataclasses.asdict(value)
    return value


def before(directory: Directory, changes: t.Iterable[Change]) -> Directory:
    """Return the directory as it was before changes, newest first; ``directory`` is as it is after them.

    An option that a release did not have yet which kept a change has its default. Raises DirectoryError
    where the two do not fit.
    """
    result: dict[str, t.Any] = {}
    for change in changes:
        for kind in KINDS:
            if kind.option not in change.kept:
                continue
            # Copied once, however many changes there are: a directory is large, and most changes are small.
            if kind.attribute not in result:
                result[kind.attribute] = dict(getattr(directory, kind.attribute))
            try:
                _put_back(kind, result[kind.attribute], change.kept[kind.option])
            except KeyError as error:
                raise DirectoryError(
                    f"the history does not fit the directory: change {change.number} says that there is"
                    f" {error} among the {kind.option}, and there is none; the database was written to by"
                    " something else. What this change did cannot be taken back"
                ) from error
        if MEDIA_TIMEOUTS in change.kept:
            result["media_timeouts"] = MediaTimeouts(*change.kept[MEDIA_TIMEOUTS])
    return dataclasses.replace(directory, **result)


def _put_back(kind: Kind, things: dict[str, t.Any], kept: Kept) -> None:
    for name in kept["created"]:
        del things[name]
    for name, values in kept["changed"].items():
        things[name] = dataclasses.replace(things[name], **_values(kind, values))
    for values in kept["deleted"]:
        thing = _CLASSES[kind](**_values(kind, values))
        things[by(kind)(thing)] = thing


def _values(kind: Kind, kept: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    known = _FIELDS[kind]
    return {
        name: _AGAIN[name](value) if name in _AGAIN else value
        for name, value in kept.items()
        if name in known
    }


def between(have: Directory, want: Directory) -> Plan:
    """Return the plan that makes the one directory into the other, without a judgement."""
    changes: dict[str, t.Any] = {}
    for kind in KINDS:
        there: t.Mapping[str, t.Any] = getattr(have, kind.attribute)
        wanted: t.Mapping[str, t.Any] = getattr(want, kind.attribute)
        names = {**there, **wanted}
        changes[kind.attribute] = sort_out([(there.get(n), wanted.get(n)) for n in names], by(kind))
    if have.media_timeouts != want.media_timeouts:
        changes[MEDIA_TIMEOUTS] = (have.media_timeouts, want.media_timeouts)
    return Plan(**changes)


def done(change: Change) -> dict[str, dict[str, list[str]]]:
    """Return which things a change created, changed and deleted, by the name of the list."""
    told = {}
    for kind in KINDS:
        if kind.option in change.kept:
            kept = change.kept[kind.option]
            told[kind.option] = {
                "created": list(kept["created"]),
                "updated": list(kept["changed"]),
                "deleted": [each[kind.key] for each in kept["deleted"]],
            }
    if MEDIA_TIMEOUTS in change.kept:
        names = ["media_timeout", "media_timeout_hold"]
        told[MEDIA_TIMEOUTS] = {"created": [], "updated": names, "deleted": []}
    return told


def summary(change: Change) -> str:
    """Return in a line what a change did."""
    told = []
    for option, names in done(change).items():
        deeds = [f"{deed} {listed(named)}{_count(named)}" for deed, named in names.items() if named]
        told.append(f"{option}: {', '.join(deeds)}")
    return "; ".join(told)


def _count(names: t.Collection[str]) -> str:
    return f" ({len(names):,})" if len(names) > 1 else ""


def compared(plan: Plan) -> list[str]:
    """Return a plan as the lines of a diff, without secrets: ``-`` before and ``+`` after each value."""
    shown = plan.diff()
    lines = []
    for option in dict.fromkeys([*shown["before"], *shown["after"]]):
        lines.append(f"  {option}:")
        was, becomes = shown["before"].get(option, {}), shown["after"].get(option, {})
        for key in sorted({**was, **becomes}):
            lines += _lines(key, was.get(key), becomes.get(key))
    return lines


def _lines(key: str, was: Shown | None, becomes: Shown | None) -> t.Iterator[str]:
    mark = "+" if was is None else "-" if becomes is None else " "
    yield f"{mark}   {json.dumps(key, ensure_ascii=False)}:"
    was, becomes = was or {}, becomes or {}
    for name in {**was, **becomes}:
        for sign, side in (("-", was), ("+", becomes)):
            if name in side:
                yield f"{sign}     {name}: {json.dumps(side[name], ensure_ascii=False)}"
