# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides what has to change for a directory to be what it was, and judges it as any other plan."""

from __future__ import annotations

import dataclasses
import typing as t

from . import credentials, infrastructure, population
from .history import between
from .judgement import Judgement, Policy, listed
from .plan import EXTENSIONS, PORTS, TRUNKS, Directory, Kind, Plan, by, password_changed
from .request import Request

_WORDS = {PORTS: "port", TRUNKS: "trunk", EXTENSIONS: "extension"}


def plan_back(have: Directory, want: Directory) -> Plan:
    """Plan the way from what there is to a state that was there before.

    That state was sound once. It is judged anyway, because something else may have written to the database
    since. Raises InvalidInputError with everything that is wrong.
    """
    plan = between(have, want)
    judgement = Judgement(Policy())
    asked = {kind: _requests(kind, plan) for kind in _WORDS}
    infrastructure.judge_listeners(want.ports, asked[PORTS], judgement)
    infrastructure.judge_trunk_ports(want, asked[TRUNKS], judgement)
    infrastructure.judge_accounts(have, want, asked[TRUNKS], judgement)
    population.judge_emergency_numbers(want, asked[EXTENSIONS], judgement)
    credentials.judge_usernames(want, asked[EXTENSIONS], judgement)
    judgement.refuse_all({})
    for message in _warnings(plan, want):
        judgement.warn(message)
    return dataclasses.replace(plan, warnings=tuple(judgement.warnings))


def _requests(kind: Kind, plan: Plan) -> list[Request]:
    key = by(kind)
    things = getattr(plan, kind.attribute).written()
    return [Request(key(thing), f"{_WORDS[kind]} {key(thing)!r}") for thing in things]


def _warnings(plan: Plan, want: Directory) -> t.Iterator[str]:
    """Tell what a user ought to know who has forgotten how it was."""
    again = [new.number for was, new in plan.extensions.change if password_changed(was, new)]
    again += [new.number for new in plan.extensions.create if new.digest is not None]
    if again:
        yield f"these extensions have the password again that they had: {listed(again)}"
    for extension in plan.extensions.written():
        if extension.forward_to is not None and extension.forward_to not in want.extensions:
            yield f"extension {extension.number} forwards to {extension.forward_to}, which is not there"
    for trunk in plan.trunks.written():
        nobodys = [i.extension for i in trunk.inbound_numbers if i.extension not in want.extensions]
        if nobodys:
            yield f"trunk {trunk.name!r} sends calls to extensions that are not there: {listed(nobodys)}"
