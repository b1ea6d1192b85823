# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides what has to change, and nothing else: no database, no Ansible, no clock.

One function for each kind of things, as the module for that kind needs it, and one for a whole
directory, in which things may name each other in any order.
"""

from __future__ import annotations

import dataclasses
import typing as t

from . import credentials, infrastructure, population
from .judgement import PURGE, Judgement, Policy, with_purged
from .plan import (
    EMERGENCY_NUMBERS,
    EXTENSIONS,
    GROUPS,
    KINDS,
    PORTS,
    PROFILES,
    TRUNKS,
    Directory,
    Kind,
    Part,
    Plan,
)
from .request import Asked, Request

_Decide = t.Callable[[Directory, t.Sequence[Request], Judgement], Plan]

#: So many extensions are looked up one by one; each is up to four values of an SQL statement, of which older
#: releases of SQLite take 999.
FEW = 200

#: How a module understands what it is asked unless told otherwise.
AS_IT_COMES = Policy()

#: Every kind but extensions, in the order in which things of one may name things of those before.
_CATALOGUE: tuple[tuple[Kind, _Decide], ...] = (
    (PORTS, infrastructure.decide_ports),
    (TRUNKS, infrastructure.decide_trunks),
    (PROFILES, population.decide_profiles),
    (GROUPS, population.decide_groups),
)
_DECIDE: dict[Kind, _Decide] = {**dict(_CATALOGUE), EXTENSIONS: population.decide_extensions}


def plan_kind(kind: Kind, have: Directory, asked: Asked, policy: Policy = AS_IT_COMES) -> Plan:
    """Plan things of one kind. Raises InvalidInputError with everything that is wrong."""
    judgement = Judgement(policy, unsound={kind: asked.unsound})
    plan = _DECIDE[kind](have, with_purged(have, kind, asked.requests, judgement), judgement)
    _judge_whole(have, have.after(plan), {kind: asked}, judgement)
    judgement.refuse_all({kind: asked})
    return dataclasses.replace(plan, warnings=tuple(judgement.warnings))


def what_extensions_need(asked: Asked, policy: Policy = AS_IT_COMES) -> Part | None:
    """Return the part of a directory that ``plan_kind`` looks at for these extensions; None for all of it.

    To read all 10,000 extensions of a host takes longer than to plan and write one of them.
    """
    if policy.purge or len(asked.requests) > FEW:
        return None
    numbers = frozenset(request.key for request in asked.requests)
    forwards = (request.given.get("forward_to") for request in asked.requests)
    usernames = frozenset(filter(None, (request.given.get("username") for request in asked.requests)))
    deleted = frozenset(request.key for request in asked.requests if not request.present)
    return Part(numbers.union(filter(None, forwards)), numbers | usernames, forwarding_to=deleted)


def plan_directory(have: Directory, asked: t.Mapping[str, Asked], policy: Policy = AS_IT_COMES) -> Plan:
    """Plan a directory as a whole; ``asked`` is by the name of the list, and what is not in it stays.

    Nothing that it does not know of can happen in between, so check mode is as strict as a run.
    Raises InvalidInputError with everything that is wrong in any of the lists.
    """
    judgement = Judgement(dataclasses.replace(policy, check_mode=False))
    by_kind = {kind: asked[kind.option] for kind in KINDS if kind.option in asked}
    judgement.unsound = {kind: each.unsound for kind, each in by_kind.items()}
    requests = {
        kind: with_purged(have, kind, by_kind[kind].requests, judgement)
        for kind in by_kind
        if kind in _DECIDE
    }
    plan = Plan()
    if EMERGENCY_NUMBERS in by_kind:
        plan = population.decide_emergency_numbers(have, by_kind[EMERGENCY_NUMBERS].requests, policy.purge)
    for kind, decide in _CATALOGUE:
        present = [request for request in requests.get(kind, ()) if request.present]
        plan = plan.then(decide(have.after(plan), present, judgement))
    if EXTENSIONS in requests:
        now = have.after(plan)
        plan = plan.then(population.decide_extensions(now, requests[EXTENSIONS], judgement))
    # Only now: what named a thing that is to go has perhaps just ceased to.
    for kind, decide in reversed(_CATALOGUE):
        now = have.after(plan)
        absent = [request for request in requests.get(kind, ()) if not request.present]
        if kind is GROUPS and policy.create_groups:
            # A group that an extension brings along is as good as named in the list.
            used = population.groups_in_use(now)
            absent = [request for request in absent if request.path != PURGE or request.key not in used]
        plan = plan.then(decide(now, absent, judgement))
    _judge_whole(have, have.after(plan), by_kind, judgement)
    judgement.refuse_all(by_kind)
    return dataclasses.replace(plan, warnings=tuple(judgement.warnings))


def unlisted(after: Directory, asked: t.Mapping[str, Asked], policy: Policy) -> dict[Kind, list[str]]:
    """Return what is left on a host by a plan although its list does not name it, by kind."""
    left = {}
    for kind in KINDS:
        if kind.option in asked:
            named = {request.key for request in asked[kind.option].requests}
            if kind is GROUPS and policy.create_groups:
                named |= population.groups_in_use(after)
            left[kind] = sorted(set(getattr(after, kind.attribute)) - named)
    return left


def _judge_whole(
    before: Directory, after: Directory, by_kind: t.Mapping[Kind, Asked], judgement: Judgement
) -> None:
    """Find what only the outcome as a whole shows."""
    requests = {kind: each.requests for kind, each in by_kind.items()}
    if PORTS in requests:
        infrastructure.judge_listeners(after.ports, requests[PORTS], judgement)
    infrastructure.judge_trunk_ports(after, requests.get(TRUNKS, ()), judgement)
    infrastructure.judge_accounts(before, after, requests.get(TRUNKS, ()), judgement)
    infrastructure.judge_inbound(before, after, requests.get(TRUNKS, ()), judgement)
    population.judge_emergency_numbers(after, requests.get(EXTENSIONS, ()), judgement)
    if after.extensions is not before.extensions:
        credentials.judge_usernames(after, requests.get(EXTENSIONS, ()), judgement)
