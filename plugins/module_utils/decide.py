# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides what has to change, and nothing else: no database, no Ansible, no clock."""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass

from .digest import ha1, weakness
from .model import ConnectionPort, Extension, ExtensionGroup, Request
from .plan import Changes, Directory, Plan, Thing, by_name, by_number
from .problem import InvalidInputError, Problem, ProblemOfTheList
from .reading import alike, joined

#: As many things may always be purged, whatever share of all they are.
PURGE_ALWAYS = 5

Pairs = list[tuple[t.Optional[Thing], t.Optional[Thing]]]


@dataclass(frozen=True)
class Policy:
    """How requests are to be understood."""

    create_groups: bool = False
    update_password: bool = True
    allow_weak_password: bool = False
    #: Delete what is not asked for.
    purge: bool = False
    #: The share of all that a purge may delete, in percent.
    purge_limit: int = 20
    #: Delete a group although it has members, who then lose the membership.
    force: bool = False
    #: In check mode what an earlier task would have created is not there yet, and what it would
    #: have taken away still is: warn where a run would refuse.
    check_mode: bool = False


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


def _purged(
    have: t.Collection[str], want: t.Sequence[Request], policy: Policy, problems: list[Problem]
) -> list[Request]:
    """Return a request to delete each thing that is there and not asked for.

    Adds a problem where that is more than the policy lets go at once.
    """
    if not policy.purge:
        return []
    surplus = sorted(set(have) - {request.key for request in want})
    allowed = max(PURGE_ALWAYS, len(have) * policy.purge_limit // 100)
    if len(surplus) > allowed:
        message = (
            f"the list leaves out {len(surplus)} of the {len(have)} there are ({listed(surplus)}),"
            f" and a purge deletes at most {allowed} of them at once; if that is what you want, raise"
            f" purge_limit (now {policy.purge_limit} %)"
        )
        problems.append(ProblemOfTheList("purge", message))
    return [Request(key, "purge", present=False) for key in surplus]


def listed(names: t.Collection[str], most: int = 10) -> str:
    """Return names for a message, ordered, the first of them where they are many."""
    return ", ".join(sorted(names)[:most]) + (", …" if len(names) > most else "")


def _in_use(kind: str, name: str, users: t.Collection[str], cure: str) -> str:
    return f"{kind} {name!r} is used by {len(users)} extension(s): {listed(users)}; {cure}"


def plan_connection_ports(have: Directory, want: t.Sequence[Request], policy: Policy = Policy()) -> Plan:
    """Plan connection ports.

    Raises InvalidInputError for a port in use that is to go, or a listener taken twice.
    """
    problems: list[Problem] = []
    warnings: list[str] = []
    result = dict(have.ports)
    pairs: Pairs[ConnectionPort] = []
    for request in [*want, *_purged(have.ports, want, policy, problems)]:
        old = have.ports.get(request.key)
        if not request.present:
            users = [e.number for e in have.extensions.values() if e.connection_port == request.key]
            if users:
                message = _in_use("port", request.key, users, "change these first")
                if policy.check_mode:
                    warnings.append(message)
                else:
                    problems.append(Problem(request.path, message))
            result.pop(request.key, None)
            pairs.append((old, None))
            continue
        new = dataclasses.replace(old or ConnectionPort(request.key), **request.given)
        result[request.key] = new
        pairs.append((old, new))
    problems.extend(_listeners_taken_twice(result, want))
    if problems:
        raise InvalidInputError(problems)
    return Plan(ports=_changes(pairs, by_name), warnings=tuple(warnings))


def _listeners_taken_twice(
    ports: t.Mapping[str, ConnectionPort], want: t.Sequence[Request]
) -> t.Iterator[Problem]:
    paths = {request.key: request.path for request in want}
    taken: dict[tuple[str, int, str], str] = {}
    for port in ports.values():
        listener = (port.protocol, port.port, port.address)
        other = taken.setdefault(listener, port.name)
        if other != port.name:
            message = f"{port.protocol} {port.address}:{port.port} is already the port {other!r}"
            yield ProblemOfTheList(paths.get(port.name) or paths.get(other) or "", message)


def plan_extension_groups(have: Directory, want: t.Sequence[Request], policy: Policy = Policy()) -> Plan:
    """Plan extension groups. Raises InvalidInputError for a group in use that is to go, unless forced."""
    problems: list[Problem] = []
    warnings: list[str] = []
    pairs: Pairs[ExtensionGroup] = []
    requests = [*want, *_purged(have.groups, want, policy, problems)]
    gone = frozenset(request.key for request in requests if not request.present)
    known = set(have.groups) - gone
    affected = [
        extension
        for extension in have.extensions.values()
        if gone & extension.groups or gone & (extension.callable_groups or frozenset())
    ]
    for request in requests:
        old = have.groups.get(request.key)
        if request.present:
            if old is None:
                warnings += _lookalikes(request.key, known)
            known.add(request.key)
            pairs.append((old, ExtensionGroup(request.key)))
            continue
        pairs.append((old, None))
        users = [e.number for e in affected if request.key in e.groups | (e.callable_groups or frozenset())]
        if users and not policy.force:
            cure = "change these first, or set force, which takes it from them"
            message = _in_use("group", request.key, users, cure)
            if policy.check_mode:
                warnings.append(message)
            else:
                problems.append(Problem(request.path, message))
    if problems:
        raise InvalidInputError(problems)
    without: Pairs[Extension] = [
        (extension, _without_groups(extension, gone)) for extension in affected if policy.force
    ]
    return Plan(
        groups=_changes(pairs, by_name), extensions=_changes(without, by_number), warnings=tuple(warnings)
    )


def _without_groups(extension: Extension, gone: frozenset[str]) -> Extension:
    # Who could call only a group that is gone can then call nobody: a restriction is never lifted
    # by the way.
    callable_groups = extension.callable_groups
    return dataclasses.replace(
        extension,
        groups=extension.groups - gone,
        callable_groups=None if callable_groups is None else callable_groups - gone,
    )


def _lookalikes(name: str, known: t.Iterable[str]) -> list[str]:
    return [
        f"the new group {name!r} differs from {other!r} only in spelling; is it meant to be another?"
        for other in sorted(known)
        if alike(other) == alike(name)
    ]


class _References:
    """Judges the names of other things that extensions give."""

    def __init__(self, have: Directory, policy: Policy) -> None:
        self.have = have
        self.policy = policy
        self.problems: list[Problem] = []
        # Ordered, and each only once.
        self.warnings: dict[str, None] = {}
        self.new_groups: dict[str, ExtensionGroup] = {}

    def port(self, request: Request) -> None:
        name = request.given.get("connection_port")
        if name is not None and name not in self.have.ports:
            cure = "the system administrator defines ports in pbx_connection_ports"
            self._unknown(request, "connection_port", name, self.have.ports, cure)

    def groups(self, request: Request, option: str) -> None:
        for name in sorted(request.given.get(option) or ()):
            if name in self.have.groups:
                continue
            if self.policy.create_groups:
                others = (self.have.groups.keys() | self.new_groups.keys()) - {name}
                self.warnings.update(dict.fromkeys(_lookalikes(name, others)))
                self.new_groups[name] = ExtensionGroup(name)
            else:
                cure = "define it in pbx_extension_groups, or set create_groups"
                self._unknown(request, option, name, self.have.groups, cure)

    def forward(self, request: Request, old: Extension | None, numbers: t.Container[str]) -> None:
        number = request.given.get("forward_to")
        path = joined(request.path, "forward_to")
        if number is None or (old is not None and old.forward_to == number):
            return  # one that has come to lead nowhere is told when its target is deleted
        if number == request.key:
            self.problems.append(Problem(path, "is the extension itself"))
        elif number not in numbers:
            message = f"there is no extension {number} on this host, and the list makes none"
            if self.policy.check_mode:
                self.warnings[f"{path}: {message}; the run refuses this"] = None
            else:
                self.problems.append(ProblemOfTheList(path, message))

    def _unknown(self, request: Request, option: str, name: str, known: t.Collection[str], cure: str) -> None:
        near = [other for other in sorted(known) if alike(other) == alike(name)]
        there = ", ".join(repr(k) for k in sorted(known)) or "none"
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {there}; {cure}"
        message = f"{name!r} does not exist on this host; {hint}"
        if self.policy.check_mode:
            self.warnings[f"{option}: {message} (the run refuses this unless it is created before)"] = None
        else:
            self.problems.append(Problem(joined(request.path, option), message))


def plan_extensions(have: Directory, want: t.Sequence[Request], policy: Policy = Policy()) -> Plan:
    """Plan extensions. Raises InvalidInputError with every unknown reference and weak password."""
    references = _References(have, policy)
    requests = [*want, *_purged(have.extensions, want, policy, references.problems)]
    deleted = {request.key for request in requests if not request.present} & have.extensions.keys()
    numbers = (have.extensions.keys() | {r.key for r in requests if r.present}) - deleted
    pairs: Pairs[Extension] = []
    for request in requests:
        old = have.extensions.get(request.key)
        if not request.present:
            pairs.append((old, None))
            continue
        references.port(request)
        references.groups(request, "groups")
        references.groups(request, "callable_groups")
        references.forward(request, old, numbers)
        new = _extension(old, request, have.realm, policy)
        why = _too_weak(old, new, request, policy)
        if why is not None:
            message = f"{why}; choose a stronger one, or set allow_weak_password"
            references.problems.append(Problem(joined(request.path, "password"), message))
        pairs.append((old, new))
    if references.problems:
        raise InvalidInputError(references.problems)
    warnings = [*references.warnings, *_forwards_into_the_void(have, pairs, deleted)]
    return Plan(
        groups=_changes([(None, group) for group in references.new_groups.values()], by_name),
        extensions=_changes(pairs, by_number),
        warnings=tuple(warnings),
    )


def _extension(old: Extension | None, request: Request, realm: str, policy: Policy) -> Extension:
    base = old or Extension(request.key)
    digest = base.digest
    if request.password is not None and (old is None or policy.update_password):
        digest = ha1(request.key, realm, request.password) if request.password else None
    return dataclasses.replace(base, digest=digest, **request.given)


def _too_weak(old: Extension | None, new: Extension, request: Request, policy: Policy) -> str | None:
    """Return what is wrong with a password that is about to be stored; one that is there is no news."""
    if not request.password or policy.allow_weak_password:
        return None
    if new.digest is None or (old is not None and new.digest == old.digest):
        return None
    return weakness(request.password, request.key)


def _forwards_into_the_void(
    have: Directory, pairs: Pairs[Extension], deleted: t.Container[str]
) -> t.Iterator[str]:
    result = {**have.extensions, **{new.number: new for _old, new in pairs if new is not None}}
    for number, extension in sorted(result.items()):
        if number not in deleted and extension.forward_to in deleted:
            yield f"extension {number} forwards to {extension.forward_to}, which is deleted"
