# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""For tests: things that a directory holds, and the way from what a user writes to a plan."""

from __future__ import annotations

import functools

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import REALM, ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    EmergencyNumber,
    Extension,
    ExtensionGroup,
    InboundNumber,
    OutboundProfile,
    OutboundRule,
    Trunk,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.decide import (
    plan_directory,
    plan_kind,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.judgement import Policy
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    EMERGENCY_NUMBERS,
    EXTENSIONS,
    GROUPS,
    KINDS,
    PORTS,
    PROFILES,
    TRUNKS,
    Changes,
    Directory,
    Plan,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.request import (
    ask_connection_ports,
    ask_emergency_numbers,
    ask_extension_groups,
    ask_extensions,
    ask_outbound_profiles,
    ask_trunks,
)

SECRET = "Kx7#mQ2p-old"
OTHER_SECRET = "Vw3!nR8t-new"

#: How a list of each kind is read.
ASK = {
    EMERGENCY_NUMBERS: ask_emergency_numbers,
    PORTS: ask_connection_ports,
    TRUNKS: ask_trunks,
    PROFILES: ask_outbound_profiles,
    GROUPS: ask_extension_groups,
    EXTENSIONS: ask_extensions,
}
#: The kinds that have a module of their own.
KINDS_OF_MODULES = tuple(kind for kind in KINDS if kind is not EMERGENCY_NUMBERS)


# --- things as they stand in a directory -----------------------------------------------------


def ext(number="1001", name="", password=None, groups=(), callable_groups=None, **fields):
    """An extension as it stands in a directory."""
    if callable_groups is not None:
        callable_groups = frozenset(callable_groups)
    digest = None if password is None else ha1(fields.get("username") or number, REALM, password)
    return Extension(
        number, name, groups=frozenset(groups), callable_groups=callable_groups, digest=digest, **fields
    )


def line(name="line", host="sip.example.net", username=None, password=None, inbound=(), **fields):
    """A trunk as it stands in a directory; ``inbound`` are pairs of a number and an extension."""
    realm = fields.pop("realm", host)
    digest = None if password is None else ha1(username, realm, password)
    numbers = tuple(InboundNumber(number, extension) for number, extension in inbound)
    return Trunk(name, host, username=username, realm=realm, digest=digest, inbound_numbers=numbers, **fields)


def profile(name="office", *rules, **fields):
    """An outbound profile as it stands in a directory."""
    return OutboundProfile(name, tuple(rules), **fields)


def allow(pattern, *trunks, **fields):
    """A rule that lets calls out through these trunks."""
    return OutboundRule(pattern, trunks=trunks, **fields)


_KEPT_IN = {
    ConnectionPort: PORTS,
    Trunk: TRUNKS,
    OutboundProfile: PROFILES,
    ExtensionGroup: GROUPS,
    Extension: EXTENSIONS,
    EmergencyNumber: EMERGENCY_NUMBERS,
}


def directory(*things):
    """A directory that holds these things."""
    content = {kind.attribute: {} for kind in KINDS}
    for thing in things:
        kind = _KEPT_IN[type(thing)]
        content[kind.attribute][getattr(thing, kind.key)] = thing
    return Directory(REALM, **content)


def all_of(content):
    """The plan that makes an empty directory into this one."""
    return Plan(
        **{kind.attribute: Changes(create=tuple(getattr(content, kind.attribute).values())) for kind in KINDS}
    )


DESK = ConnectionPort("desk", "udp", "0.0.0.0", 5060, id=1)
WAN = ConnectionPort("wan", "tcp", "0.0.0.0", 5061, id=2)
BROWSERS = ConnectionPort("browsers", "ws", "0.0.0.0", 8088, id=3)
SALES, IT = ExtensionGroup("Sales"), ExtensionGroup("IT")
SATIS = ExtensionGroup("Satış")


# --- from what is written to a plan ----------------------------------------------------------


def ask(kind, *items):
    """Read a list as a module does."""
    return ASK[kind](items, kind.option)


def read(kind, items, option=""):
    """Read a list in which nothing is wrong."""
    asked = ASK[kind](items, option)
    if asked.problems:
        raise InvalidInputError(asked.problems)
    return list(asked.requests)


def planned(kind, have, *items, **policy):
    """Plan a list of one kind, as the module for this kind does."""
    return plan_kind(kind, have, ask(kind, *items), Policy(**policy))


plan_port = functools.partial(planned, PORTS)
plan_trunk = functools.partial(planned, TRUNKS)
plan_profile = functools.partial(planned, PROFILES)
plan_group = functools.partial(planned, GROUPS)
plan_ext = functools.partial(planned, EXTENSIONS)


def plan_whole(have, lists, **policy):
    """Plan a whole directory; ``lists`` are by the name that a user gives them."""
    asked = {kind.option: ask(kind, *lists[kind.option]) for kind in KINDS if kind.option in lists}
    assert len(asked) == len(lists)
    return plan_directory(have, asked, Policy(**policy))


def becomes(plan, kind=EXTENSIONS):
    """The one thing of a kind that the plan creates, changes or keeps, as it will be."""
    changes = getattr(plan, kind.attribute)
    (thing,) = [*changes.written(), *changes.keep]
    return thing


def problems(decide, *arguments, **policy):
    """What a refused plan says, as (path, message)."""
    with pytest.raises(InvalidInputError) as refused:
        decide(*arguments, **policy)
    return [tuple(problem) for problem in refused.value.problems]


def refusal(decide, *arguments, **policy):
    """What a refused plan says, as {path: message}; no path is told twice."""
    found = problems(decide, *arguments, **policy)
    assert len(dict(found)) == len(found)
    return dict(found)


def the_problem(kind, item):
    """Read one item in which one thing is wrong; return where and what."""
    with pytest.raises(InvalidInputError) as refused:
        read(kind, [item], kind.option)
    (problem,) = refused.value.problems
    return tuple(problem)
