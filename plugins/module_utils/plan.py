# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides what has to change, and nothing else: no database, no Ansible, no clock.

One plan feeds check mode, the diff, the transaction and the result, so that
they cannot tell different stories.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from .digest import ha1, weakness
from .model import (
    ConnectionPort,
    ConnectionPortRequest,
    Extension,
    ExtensionGroup,
    ExtensionGroupRequest,
    ExtensionRequest,
    joined,
)
from .problem import InvalidInputError, Problem

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
class Policy:
    """How requests are to be understood."""

    create_groups: bool = False
    update_password: bool = True
    allow_weak_password: bool = False
    #: In check mode a port or group that an earlier task would have created is not there yet.
    tolerate_unknown: bool = False


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
        _add_diff("connection_ports", self.ports, _name, before, after)
        _add_diff("extension_groups", self.groups, _name, before, after)
        _add_diff("extensions", self.extensions, _number, before, after)
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


def _name(thing: t.Any) -> str:
    return str(thing.name)


def _number(thing: t.Any) -> str:
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


def _changes(
    pairs: t.Iterable[tuple[Thing | None, Thing | None]], key: t.Callable[[Thing], str]
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
        elif have == want:
            keep.append(have)
        else:
            change.append((have, want))
    return Changes(
        tuple(sorted(create, key=key)),
        tuple(sorted(change, key=lambda pair: key(pair[0]))),
        tuple(sorted(delete, key=key)),
        tuple(sorted(keep, key=key)),
    )


def plan_connection_ports(have: Directory, want: t.Sequence[ConnectionPortRequest]) -> Plan:
    """Plan connection ports. Raises InvalidInputError for a port in use that is to go, or one taken twice."""
    problems: list[Problem] = []
    result = dict(have.ports)
    pairs: list[tuple[ConnectionPort | None, ConnectionPort | None]] = []
    for request in want:
        old = have.ports.get(request.name)
        if not request.present:
            users = [e.number for e in have.extensions.values() if e.connection_port == request.name]
            if users:
                problems.append(Problem(request.path, _in_use("port", request.name, users)))
            result.pop(request.name, None)
            pairs.append((old, None))
            continue
        base = old or ConnectionPort(request.name)
        new = ConnectionPort(
            name=request.name,
            protocol=request.protocol or base.protocol,
            address=request.address or base.address,
            port=request.port or base.port,
            id=base.id,
        )
        result[request.name] = new
        pairs.append((old, new))
    problems.extend(_listeners_taken_twice(result, want))
    if problems:
        raise InvalidInputError(problems)
    return Plan(ports=_changes(pairs, _name))


def _listeners_taken_twice(
    ports: t.Mapping[str, ConnectionPort], want: t.Sequence[ConnectionPortRequest]
) -> t.Iterator[Problem]:
    paths = {request.name: request.path for request in want}
    taken: dict[tuple[str, int, str], str] = {}
    for port in ports.values():
        listener = (port.protocol, port.port, port.address)
        other = taken.setdefault(listener, port.name)
        if other != port.name:
            message = f"{port.protocol} {port.address}:{port.port} is already the port {other!r}"
            yield Problem(paths.get(port.name) or paths.get(other) or "", message)


def _in_use(kind: str, name: str, users: t.Sequence[str]) -> str:
    shown = ", ".join(sorted(users)[:10]) + (", …" if len(users) > 10 else "")
    return f"{kind} {name!r} is used by {len(users)} extension(s): {shown}; change these first"


def plan_extension_groups(have: Directory, want: t.Sequence[ExtensionGroupRequest]) -> Plan:
    """Plan extension groups. Raises InvalidInputError for a group with members that is to go."""
    problems: list[Problem] = []
    pairs: list[tuple[ExtensionGroup | None, ExtensionGroup | None]] = []
    members: dict[str, list[str]] = {}
    if not all(request.present for request in want):
        for extension in have.extensions.values():
            for group in extension.groups:
                members.setdefault(group, []).append(extension.number)
    for request in want:
        if not request.present and request.name in members:
            problems.append(Problem(request.path, _in_use("group", request.name, members[request.name])))
        new = ExtensionGroup(request.name) if request.present else None
        pairs.append((have.groups.get(request.name), new))
    if problems:
        raise InvalidInputError(problems)
    return Plan(groups=_changes(pairs, _name))


def plan_extensions(have: Directory, want: t.Sequence[ExtensionRequest], policy: Policy = Policy()) -> Plan:
    """Plan extensions. Raises InvalidInputError with every unknown reference and weak password."""
    problems: list[Problem] = []
    warnings: dict[str, None] = {}
    new_groups: dict[str, ExtensionGroup] = {}
    pairs: list[tuple[Extension | None, Extension | None]] = []

    def unknown(request: ExtensionRequest, option: str, name: str, known: t.Iterable[str], cure: str) -> None:
        there = ", ".join(repr(k) for k in sorted(known)) or "none"
        message = f"{name!r} does not exist on this host; there are: {there}; {cure}"
        if policy.tolerate_unknown:
            warnings[f"{option} {message} would have to be created before"] = None
        else:
            problems.append(Problem(joined(request.path, option), message))

    for request in want:
        old = have.extensions.get(request.number)
        if not request.present:
            pairs.append((old, None))
            continue
        if request.connection_port and request.connection_port not in have.ports:
            cure = "the system administrator defines ports in pbx_connection_ports"
            unknown(request, "connection_port", request.connection_port, have.ports, cure)
        for group in sorted(request.groups or ()):
            if group in have.groups:
                continue
            if policy.create_groups:
                new_groups[group] = ExtensionGroup(group)
            else:
                cure = "define it in pbx_extension_groups, or set create_groups"
                unknown(request, "groups", group, have.groups, cure)
        new = _extension(old, request, have.realm, policy)
        if request.password and not policy.allow_weak_password and new != old:
            why = weakness(request.password, request.number)
            if why is not None and (old is None or new.digest != old.digest):
                path = joined(request.path, "password")
                problems.append(Problem(path, f"{why}; choose a stronger one, or set allow_weak_password"))
        pairs.append((old, new))
    if problems:
        raise InvalidInputError(problems)
    return Plan(
        groups=_changes([(None, group) for group in new_groups.values()], _name),
        extensions=_changes(pairs, _number),
        warnings=tuple(warnings),
    )


def _extension(old: Extension | None, request: ExtensionRequest, realm: str, policy: Policy) -> Extension:
    base = old or Extension(request.number)
    digest = base.digest
    if request.password is not None and (old is None or policy.update_password):
        digest = ha1(request.number, realm, request.password) if request.password else None
    return Extension(
        number=request.number,
        name=base.name if request.name is None else request.name,
        connection_port=(
            base.connection_port if request.connection_port is None else request.connection_port or None
        ),
        groups=base.groups if request.groups is None else request.groups,
        digest=digest,
    )
