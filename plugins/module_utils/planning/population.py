# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides what becomes of the population: emergency numbers, outbound profiles, groups, extensions."""

from __future__ import annotations

import dataclasses
import typing as t

from ..definition.model import EmergencyNumber, Extension, ExtensionGroup, OutboundProfile
from ..definition.outbound import trunks_by_place
from ..definition.problem import Problem
from ..definition.reading import joined
from . import credentials
from .judgement import Judgement
from .plan import (
    EMERGENCY_NUMBERS,
    EXTENSIONS,
    GROUPS,
    PORTS,
    PROFILES,
    TRUNKS,
    Directory,
    Plan,
    by,
    sort_out,
)
from .request import Request


def decide_emergency_numbers(have: Directory, requests: t.Sequence[Request], purge: bool) -> Plan:
    """Make the numbers that are asked for emergency numbers.

    Others stay unless ``purge``, or the list is empty: no call for help may fail for a line that was lost.
    """
    wanted = {request.key: EmergencyNumber(request.key) for request in requests}
    if wanted and not purge:
        wanted = {**have.emergency_numbers, **wanted}
    numbers = sorted(have.emergency_numbers.keys() | wanted.keys())
    pairs = [(have.emergency_numbers.get(number), wanted.get(number)) for number in numbers]
    return Plan(emergency_numbers=sort_out(pairs, by(EMERGENCY_NUMBERS)))


def judge_emergency_numbers(after: Directory, want: t.Sequence[Request], found: Judgement) -> None:
    """Refuse an extension that would take the place of an emergency number; ``want`` are extensions."""
    for number in sorted(after.emergency_numbers.keys() & after.extensions.keys()):
        places = [joined(request.path, "number") for request in want if request.key == number]
        message = f"{number} is an emergency number (pbx_emergency_numbers) and cannot be an extension's"
        found.problems.append(Problem(places[0] if places else "emergency_numbers", message))


def decide_profiles(have: Directory, requests: t.Sequence[Request], judgement: Judgement) -> Plan:
    """Plan outbound profiles; what is wrong or worth a warning goes into ``judgement``."""
    pairs: list[tuple[OutboundProfile | None, OutboundProfile | None]] = []
    for request in requests:
        old = have.profiles.get(request.key)
        if request.present:
            for option, trunk in trunks_by_place(request.given.get("rules", ())):
                judgement.unknown(request, option, trunk, TRUNKS, have)
            pairs.append((old, dataclasses.replace(old or OutboundProfile(request.key), **request.given)))
            continue
        users = [e.number for e in have.extensions.values() if e.outbound_profile == request.key]
        judgement.in_use(request, PROFILES, users, "change these extensions first")
        pairs.append((old, None))
    return Plan(profiles=sort_out(pairs, by(PROFILES)))


def decide_groups(have: Directory, requests: t.Sequence[Request], judgement: Judgement) -> Plan:
    """Plan groups, and what becomes of the extensions that name one that goes."""
    pairs: list[tuple[ExtensionGroup | None, ExtensionGroup | None]] = []
    gone = frozenset(request.key for request in requests if not request.present)
    known = set(have.groups) - judgement.gone.get(GROUPS, gone)
    affected = [e for e in have.extensions.values() if gone & (e.groups | _callable(e))]
    for request in requests:
        old = have.groups.get(request.key)
        if request.present:
            if old is None:
                judgement.warn_of_lookalikes(request.key, known)
            known.add(request.key)
            pairs.append((old, ExtensionGroup(request.key)))
            continue
        pairs.append((old, None))
        users = [e.number for e in affected if request.key in e.groups | _callable(e)]
        if not judgement.policy.force:
            force = judgement.policy.called("force")
            cure = f"change these extensions first, or set {force}, which takes it from them"
            judgement.in_use(request, GROUPS, users, cure)
    without = [(e, _without_groups(e, gone)) for e in affected if judgement.policy.force]
    return Plan(groups=sort_out(pairs, by(GROUPS)), extensions=sort_out(without, by(EXTENSIONS)))


def _callable(extension: Extension) -> frozenset[str]:
    return extension.callable_groups or frozenset()


def groups_in_use(directory: Directory) -> frozenset[str]:
    """Return the groups that any extension belongs to or may call."""
    return frozenset().union(*(e.groups | _callable(e) for e in directory.extensions.values()))


def _without_groups(extension: Extension, gone: frozenset[str]) -> Extension:
    # An extension that could call only a group that is gone can then call nobody: a restriction is never
    # lifted by the way.
    callable_groups = extension.callable_groups
    return dataclasses.replace(
        extension,
        groups=extension.groups - gone,
        callable_groups=None if callable_groups is None else callable_groups - gone,
    )


class _References:
    """Judges the names of other things that extensions give."""

    def __init__(self, have: Directory, judgement: Judgement) -> None:
        self.have = have
        self.judgement = judgement
        self.new_groups: dict[str, ExtensionGroup] = {}

    def groups(self, request: Request, option: str) -> None:
        for name in sorted(request.given.get(option) or ()):
            if name in self.have.groups:
                continue
            if self.judgement.policy.create_groups:
                self.new_groups[name] = ExtensionGroup(name)
            else:
                self.judgement.unknown(request, option, name, GROUPS, self.have)

    def forward(self, request: Request, old: Extension | None, numbers: t.Container[str]) -> None:
        number = request.given.get("forward_to")
        if number is None or (old is not None and old.forward_to == number):
            return  # one that has come to lead nowhere is told when its target is deleted
        if number == request.key:
            # By a default too it is this one that needs another: the others are to be forwarded.
            hint = f', by {request.place("forward_to")}; give this one its own, or ""'
            message = f"is the extension itself{hint if 'forward_to' in request.defaults else ''}"
            self.judgement.problems.append(Problem(joined(request.path, "forward_to"), message))
        elif number not in numbers:
            self.judgement.no_such_extension(request, "forward_to", number)


def decide_extensions(have: Directory, requests: t.Sequence[Request], judgement: Judgement) -> Plan:
    """Plan extensions, and the groups that come into being with them."""
    references = _References(have, judgement)
    deleted = {request.key for request in requests if not request.present} & have.extensions.keys()
    numbers = (have.extensions.keys() | {r.key for r in requests if r.present}) - deleted
    pairs: list[tuple[Extension | None, Extension | None]] = []
    for request in requests:
        old = have.extensions.get(request.key)
        if not request.present:
            pairs.append((old, None))
            continue
        for option, kind in (("connection_port", PORTS), ("outbound_profile", PROFILES)):
            judgement.unknown(request, option, request.given.get(option), kind, have)
        references.groups(request, "groups")
        references.groups(request, "callable_groups")
        references.forward(request, old, numbers)
        pairs.append((old, _extension(old, request, have.realm, judgement)))
    known = set(have.groups)
    for name in sorted(references.new_groups):  # whatever the order in which they are named
        judgement.warn_of_lookalikes(name, known)
        known.add(name)
    plan = Plan(
        groups=sort_out([(None, group) for group in references.new_groups.values()], by(GROUPS)),
        extensions=sort_out(pairs, by(EXTENSIONS)),
    )
    _warn_of_forwards_into_the_void(have.after(plan), deleted, judgement)
    return plan


def _extension(old: Extension | None, request: Request, realm: str, judgement: Judgement) -> Extension:
    given = request.given
    if given.get("username") == request.key:
        given = {**given, "username": None}
    base = old or Extension(request.key)
    digest = credentials.decide_digest(base, old is None, request, realm, judgement)
    if base is old and digest == old.digest and all(getattr(old, o) == v for o, v in given.items()):
        return old  # as most of a list is in most runs
    return dataclasses.replace(base, digest=digest, **given)


def _warn_of_forwards_into_the_void(
    after: Directory, deleted: t.Container[str], judgement: Judgement
) -> None:
    for number, extension in sorted(after.extensions.items()):
        if extension.forward_to in deleted:
            judgement.warn(f"extension {number} forwards to {extension.forward_to}, which is deleted")
