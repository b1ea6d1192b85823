# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory, and what happens to it: plain values, to be shown, applied and tested.

One plan feeds check mode, the diff, the transaction and the result, so that they cannot tell
different stories. What goes into it is decided in ``decide``.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from .model import ConnectionPort, Extension, ExtensionGroup

Thing = t.TypeVar("Thing", ConnectionPort, ExtensionGroup, Extension)
Shown = dict[str, t.Any]


@dataclass(frozen=True)
class Directory:
    """Everything a host's directory holds, by the key a user knows it by."""

    realm: str
    ports: t.Mapping[str, ConnectionPort] = field(default_factory=dict)
    groups: t.Mapping[str, ExtensionGroup] = field(default_factory=dict)
    extensions: t.Mapping[str, Extension] = field(default_factory=dict)


@dataclass(frozen=True)
class Changes(t.Generic[Thing]):
    """What happens to things of one kind, each list ordered by key."""

    create: tuple[Thing, ...] = ()
    change: tuple[tuple[Thing, Thing], ...] = ()
    delete: tuple[Thing, ...] = ()
    keep: tuple[Thing, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.create or self.change or self.delete)


@dataclass(frozen=True)
class Plan:
    """What happens to a directory, and what the user ought to know about it."""

    ports: Changes[ConnectionPort] = Changes()
    groups: Changes[ExtensionGroup] = Changes()
    extensions: Changes[Extension] = Changes()
    warnings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ports or self.groups or self.extensions)

    def diff(self) -> dict[str, Shown]:
        """Return ``before`` and ``after``: what changes, by kind and key, without secrets."""
        before: Shown = {}
        after: Shown = {}
        _add_diff("connection_ports", self.ports, by_name, before, after)
        _add_diff("extension_groups", self.groups, by_name, before, after)
        _add_diff("extensions", self.extensions, by_number, before, after)
        return {"before": before, "after": after}

    def diff_text(self) -> dict[str, str]:
        """Return ``before`` and ``after`` as text, one line for each value, in any language."""
        return {side: _as_text(shown) for side, shown in self.diff().items()}


def _as_text(shown: Shown) -> str:
    lines = []
    for kind, things in shown.items():
        lines.append(f"{kind}:")
        for key, values in things.items():
            lines.append(f"  {json.dumps(key, ensure_ascii=False)}:")
            lines += [
                f"    {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()
            ]
    return "".join(line + "\n" for line in lines)


def by_name(thing: t.Any) -> str:
    return str(thing.name)


def by_number(thing: t.Any) -> str:
    return str(thing.number)


def _add_diff(
    kind: str, changes: Changes[Thing], key: t.Callable[[Thing], str], before: Shown, after: Shown
) -> None:
    if not changes:
        return
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
    before[kind] = {name: old[name] for name in sorted(old)}
    after[kind] = {name: new[name] for name in sorted(new)}


def password_changed(was: t.Any, becomes: t.Any) -> bool:
    """Tell whether one password took the place of another."""
    return (
        isinstance(was, Extension)
        and was.digest is not None
        and becomes.digest is not None
        and was.digest != becomes.digest
    )
