# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory, and what happens to it: plain values, to be shown, applied and tested.

One plan feeds check mode, the diff, the transaction and the result, so that they cannot tell
different stories. What goes into it is decided in ``decide``.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t
from dataclasses import dataclass, field

from ..definition.model import (
    USUAL_TIMEOUTS,
    ConnectionPort,
    EmergencyNumber,
    Extension,
    ExtensionGroup,
    MediaTimeouts,
    OutboundProfile,
    Trunk,
)

Thing = t.TypeVar("Thing")
Shown = dict[str, t.Any]


class Kind(t.NamedTuple):
    """A kind of things: where a directory and a plan keep them, and how users know them."""

    #: The attribute of Directory and Plan.
    attribute: str
    #: The option of a module that takes a list of them.
    option: str
    #: The attribute of a thing that names it.
    key: str


KINDS = (
    Kind("emergency_numbers", "emergency_numbers", "number"),
    Kind("ports", "connection_ports", "name"),
    Kind("trunks", "trunks", "name"),
    Kind("profiles", "outbound_profiles", "name"),
    Kind("groups", "extension_groups", "name"),
    Kind("extensions", "extensions", "number"),
)
EMERGENCY_NUMBERS, PORTS, TRUNKS, PROFILES, GROUPS, EXTENSIONS = KINDS
#: What the timeouts of media are called beside the lists.
MEDIA_TIMEOUTS = "media_timeouts"
#: The option of a module that fills what extensions leave out (defaults.py).
EXTENSION_DEFAULTS = "extension_defaults"


@dataclass(frozen=True)
class Changes(t.Generic[Thing]):
    """What happens to things of one kind, each list ordered by key."""

    create: tuple[Thing, ...] = ()
    change: tuple[tuple[Thing, Thing], ...] = ()
    delete: tuple[Thing, ...] = ()
    keep: tuple[Thing, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.create or self.change or self.delete)

    def pairs(self) -> t.Iterator[tuple[Thing | None, Thing | None]]:
        """Give what is there and what is wanted in its place, for each thing."""
        yield from ((None, thing) for thing in self.create)
        yield from self.change
        yield from ((thing, None) for thing in self.delete)
        yield from ((thing, thing) for thing in self.keep)

    def written(self) -> list[Thing]:
        """Return the things that are new or new in part."""
        return [*self.create, *(new for _old, new in self.change)]


def sort_out(
    pairs: t.Iterable[tuple[Thing | None, Thing | None]], key: t.Callable[[t.Any], str]
) -> Changes[Thing]:
    """Sort pairs of (what is there, what is wanted) into what has to be done."""
    create: list[Thing] = []
    change: list[tuple[Thing, Thing]] = []
    delete: list[Thing] = []
    keep: list[Thing] = []
    for have, want in pairs:
        if have is None:
            if want is not None:
                create.append(want)
        elif want is None:
            delete.append(have)
        elif have is want or have == want:
            keep.append(have)
        else:
            change.append((have, want))
    return Changes(
        tuple(sorted(create, key=key)),
        tuple(sorted(change, key=lambda pair: key(pair[0]))),
        tuple(sorted(delete, key=key)),
        tuple(sorted(keep, key=key)),
    )


@dataclass(frozen=True)
class Directory:
    """Everything a host's directory holds, by the key a user knows it by."""

    realm: str
    ports: t.Mapping[str, ConnectionPort] = field(default_factory=dict)
    groups: t.Mapping[str, ExtensionGroup] = field(default_factory=dict)
    extensions: t.Mapping[str, Extension] = field(default_factory=dict)
    trunks: t.Mapping[str, Trunk] = field(default_factory=dict)
    profiles: t.Mapping[str, OutboundProfile] = field(default_factory=dict)
    emergency_numbers: t.Mapping[str, EmergencyNumber] = field(default_factory=dict)
    media_timeouts: MediaTimeouts = USUAL_TIMEOUTS

    def after(self, plan: Plan) -> Directory:
        """Return the directory as it is when the plan has been carried out."""
        result: dict[str, t.Any] = {}
        for kind in KINDS:
            changes: Changes[t.Any] = getattr(plan, kind.attribute)
            if not changes:
                continue
            things = dict(getattr(self, kind.attribute))
            for thing in changes.delete:
                del things[getattr(thing, kind.key)]
            things.update((getattr(thing, kind.key), thing) for thing in changes.written())
            result[kind.attribute] = things
        if plan.media_timeouts is not None:
            result["media_timeouts"] = plan.media_timeouts[1]
        return dataclasses.replace(self, **result)


@dataclass(frozen=True)
class Part:
    """Some of the extensions of a directory: with these numbers or user names, or forwarding to some.

    The emergency numbers are among them too, where they are extensions.
    """

    numbers: frozenset[str]
    #: Those that their phones authenticate with, their numbers where they have no others.
    usernames: frozenset[str] = frozenset()
    forwarding_to: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Plan:
    """What happens to a directory, and what the user ought to know about it."""

    ports: Changes[ConnectionPort] = Changes()
    groups: Changes[ExtensionGroup] = Changes()
    extensions: Changes[Extension] = Changes()
    trunks: Changes[Trunk] = Changes()
    profiles: Changes[OutboundProfile] = Changes()
    emergency_numbers: Changes[EmergencyNumber] = Changes()
    #: Those there are and those that are to be, where they differ.
    media_timeouts: tuple[MediaTimeouts, MediaTimeouts] | None = None
    warnings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.media_timeouts is not None or any(getattr(self, kind.attribute) for kind in KINDS)

    def renamed_ports(self) -> list[tuple[ConnectionPort, ConnectionPort]]:
        """Return the ports that go on under another name: deleted and created as the same to Asterisk.

        They keep their identifier. Asterisk would hold on to the old one, and so refuse the new.
        """
        deleted = {port.read_at_start: port for port in self.ports.delete}
        return [
            (deleted[port.read_at_start], port) for port in self.ports.create if port.read_at_start in deleted
        ]

    def then(self, later: Plan) -> Plan:
        """Return the plan that does what this one does and then the later one."""
        both = {
            kind.attribute: _one_after_the_other(
                getattr(self, kind.attribute), getattr(later, kind.attribute), kind
            )
            for kind in KINDS
        }
        return Plan(
            **both,
            media_timeouts=later.media_timeouts or self.media_timeouts,
            warnings=tuple(dict.fromkeys(self.warnings + later.warnings)),
        )

    def diff(self) -> dict[str, Shown]:
        """Return ``before`` and ``after``: what changes, by kind and key, without secrets."""
        before: Shown = {}
        after: Shown = {}
        for kind in KINDS:
            _add_diff(kind, getattr(self, kind.attribute), before, after)
        if self.media_timeouts is not None:
            for side, timeouts in zip((before, after), self.media_timeouts):
                side[MEDIA_TIMEOUTS] = timeouts.shown()
        return {"before": before, "after": after}

    def diff_text(self) -> dict[str, str]:
        """Return ``before`` and ``after`` as text, one line for each value, in any language."""
        return {side: _as_text(shown) for side, shown in self.diff().items()}


def _one_after_the_other(first: Changes[t.Any], later: Changes[t.Any], kind: Kind) -> Changes[t.Any]:
    if not any(later.pairs()):
        return first
    key = by(kind)
    pairs = {key(have or want): (have, want) for have, want in first.pairs()}
    for have, want in later.pairs():
        name = key(have or want)
        pairs[name] = (pairs[name][0] if name in pairs else have, want)
    return sort_out(pairs.values(), key)


def _as_text(shown: Shown) -> str:
    lines = []
    for kind, things in shown.items():
        lines.append(f"{kind}:")
        for key, values in things.items():
            lines.append(f"  {json.dumps(key, ensure_ascii=False)}:")
            for name, value in values.items():
                # A list of mappings a line for each, or one changed rule would look like all of them.
                if isinstance(value, list) and value and isinstance(value[0], dict):
                    lines.append(f"    {name}:")
                    lines += [f"      - {json.dumps(each, ensure_ascii=False)}" for each in value]
                else:
                    lines.append(f"    {name}: {json.dumps(value, ensure_ascii=False)}")
    return "".join(line + "\n" for line in lines)


def by(kind: Kind) -> t.Callable[[t.Any], str]:
    """Return what names a thing of this kind."""

    def key(thing: t.Any) -> str:
        return str(getattr(thing, kind.key))

    return key


def _add_diff(kind: Kind, changes: Changes[t.Any], before: Shown, after: Shown) -> None:
    if not changes:
        return
    key = by(kind)
    old = {key(thing): thing.shown() for thing in changes.delete}
    new = {key(thing): thing.shown() for thing in changes.create}
    for was, becomes in changes.change:
        was_shown, becomes_shown = was.shown(), becomes.shown()
        fields = [name for name in was_shown if was_shown[name] != becomes_shown[name]]
        old[key(was)] = {name: was_shown[name] for name in fields}
        new[key(was)] = {name: becomes_shown[name] for name in fields}
        if password_changed(was, becomes):
            old[key(was)]["password"] = "(the one before)"
            new[key(was)]["password"] = "(a new one)"
    before[kind.option] = {name: old[name] for name in sorted(old)}
    after[kind.option] = {name: new[name] for name in sorted(new)}


def password_changed(was: t.Any, becomes: t.Any) -> bool:
    """Tell whether one password took the place of another."""
    digests = getattr(was, "digest", None), getattr(becomes, "digest", None)
    return None not in digests and digests[0] != digests[1]
