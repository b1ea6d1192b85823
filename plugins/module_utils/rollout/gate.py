# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a host is as well after a change as it was before.

A phone is asked for nothing: what it does shows when it registers again, which takes up to an hour. So what
has not been seen yet is said, and is not taken for well.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..asterisk.contact import orphaned_numbers
from ..definition.model import Extension
from ..planning.plan import Plan
from ..planning.registering import register_anew
from .look import REGISTERED, Look, Phone, TrunkState

#: Why a phone that is missing is not counted.
RAN_OUT, SILENT = APART = ("ran_out", "silent")


class Reason(t.NamedTuple):
    """Why a host has not passed: a word of words.py, and what fills its gaps."""

    word: str
    values: dict[str, t.Any]


@dataclass(frozen=True)
class Judgement:
    """What the gate has found."""

    reasons: tuple[Reason, ...] = ()
    #: How many phones should be registered, and how many of them are.
    expected: int = 0
    registered: int = 0
    missing: tuple[str, ...] = ()
    #: Those that are missing for another reason, by APART.
    apart: t.Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Those that have yet to re-register, by planning.registering.REASONS.
    not_seen: t.Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the host may stay as it is."""
        return not self.reasons

    def written(self) -> dict[str, t.Any]:
        """Return it as JSON knows it, without secrets."""
        return {
            "passed": self.passed,
            "reasons": [{"word": reason.word, "values": reason.values} for reason in self.reasons],
            "expected": self.expected,
            "registered": self.registered,
            "missing": list(self.missing),
            "apart": {why: list(numbers) for why, numbers in self.apart.items()},
            "not_seen": {why: list(numbers) for why, numbers in self.not_seen.items()},
        }


@dataclass(frozen=True)
class Change:
    """What has been done to a directory since the look before."""

    plan: Plan = field(default_factory=Plan)
    #: When the first of it was committed, in seconds since 1970; None where nothing was.
    at: int | None = None
    #: The extensions as they are now.
    extensions: t.Mapping[str, Extension] = field(default_factory=dict)
    #: Extensions that Asterisk does not show as the directory has them.
    unread: tuple[str, ...] = ()


def judge(before: Look, after: Look, change: Change, least: float, wait: bool = False) -> Judgement:
    """Judge a host; ``least`` percent of the phones that should be registered have to be.

    Those should that were registered before and that the change itself has not deleted, disabled or given
    other credentials. With ``wait`` those with other credentials or another port should, too.
    """
    not_seen = _not_seen(before, after, change)
    waited_for = {number for numbers in not_seen.values() for number in numbers} if wait else set()
    gone = orphaned_numbers(change.plan) - waited_for
    here, missing = [], []
    apart: dict[str, list[str]] = {why: [] for why in APART}
    for number, phone in sorted(before.phones.items()):
        now = after.phones.get(number)
        if number in waited_for:
            missing.append(number)
        elif number in gone:
            continue
        elif now is not None and _is_there(phone, now):
            here.append(number)
        elif phone.answers is False or (now is not None and phone.answers is None):
            # Whether one that was not asked yet would have answered nobody knows.
            apart[SILENT].append(number)
        elif phone.until <= (after.at if change.at is None else change.at):
            # It ran out before there was anything that could have kept the phone from registering again.
            apart[RAN_OUT].append(number)
        else:
            missing.append(number)
    reasons = list(_asterisk(before, after, change))
    expected = len(here) + len(missing)
    if len(here) * 100 < least * expected:
        values = {"registered": len(here), "expected": expected, "least": least, "numbers": missing}
        reasons.append(Reason("gate phones", values))
    reasons += _trunks(before, after, change)
    return Judgement(
        tuple(reasons),
        expected,
        len(here),
        tuple(missing),
        {why: tuple(numbers) for why, numbers in apart.items() if numbers},
        {why: numbers for why, numbers in not_seen.items() if numbers},
    )


def _asterisk(before: Look, after: Look, change: Change) -> t.Iterator[Reason]:
    if before.running and not after.running:
        yield Reason("gate stopped", {})
    elif change.unread:
        yield Reason("gate unread", {"numbers": list(change.unread)})


def _trunks(before: Look, after: Look, change: Change) -> t.Iterator[Reason]:
    deleted = {trunk.name for trunk in change.plan.trunks.delete}
    if not after.running:
        return
    for name, was in sorted(before.trunks.items()):
        now = after.trunks.get(name, TrunkState())
        if name in deleted:
            continue
        if was.registration == REGISTERED and now.registration not in (None, REGISTERED):
            yield Reason("gate trunk", {"trunk": name, "registration": now.registration or ""})
        elif was.answers and now.answers is False:
            yield Reason("gate trunk silent", {"trunk": name})


def _not_seen(before: Look, after: Look, change: Change) -> dict[str, tuple[str, ...]]:
    """Return the phones that were registered, have to re-register, and have not yet, by the reason."""
    return {
        why: tuple(
            sorted(
                number
                for number in numbers
                if number in before.phones and not _registered_anew(number, before, after)
            )
        )
        for why, numbers in register_anew(change.plan, change.extensions).items()
    }


def _is_there(was: Phone, now: Phone) -> bool:
    # One that has registered again may be taken for silent until it is asked the next time, a minute later.
    return now.answers is not False or _is_newer(was, now)


def _registered_anew(number: str, before: Look, after: Look) -> bool:
    now = after.phones.get(number)
    return now is not None and _is_newer(before.phones[number], now)


def _is_newer(was: Phone, now: Phone) -> bool:
    # A second more is what rounding makes of one registration.
    return now.until > was.until + 1
