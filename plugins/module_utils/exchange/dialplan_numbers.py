# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which numbers a dialplan has, as far as they ring one phone: hints, and plain ``Dial`` of one device.

All else of extensions.conf is counted by context: calls are routed by this collection's own dialplan.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from .asterisk_line import folded, stripped
from .asterisk_sections import Place
from .asterisk_text import Section
from .findings import Findings

#: The bounds of ``ring_timeout``, in seconds (request.py).
RING_MIN_SECONDS = 5
RING_MAX_SECONDS = 300
#: Most numbers and patterns that are kept.
RULES_MAX = 100_000
#: Most patterns that are compared with each number, and the longest.
PATTERNS_MAX = 200
PATTERN_MAX_CHARACTERS = 60

_NO_CONTEXTS = ("general", "globals")
_DEVICE = re.compile(r"(?:PJSIP|SIP)/([^&/@]+)\Z", re.IGNORECASE)
_DIAL = re.compile(r"Dial\((.*)\)\Z", re.IGNORECASE | re.DOTALL)
_SETS = {"X": "0123456789", "Z": "123456789", "N": "23456789"}


@dataclass(frozen=True)
class Dialplan:
    """Which phone rings for which number, and for how long."""

    #: The numbers that ring a device by its name, such as ``1001``.
    numbers: t.Mapping[str, t.Sequence[str]] = field(default_factory=dict)
    #: How long a device rings that is dialled as itself, in seconds.
    seconds: t.Mapping[str, int] = field(default_factory=dict)
    #: Patterns that ring the device of the number that is dialled, each with the seconds.
    patterns: t.Sequence[tuple[str, int]] = ()

    def numbers_of(self, device: str) -> t.Sequence[str]:
        """Return the numbers that ring a device."""
        return self.numbers.get(device, ())

    def ring_timeout(self, number: str) -> int | None:
        """Return how long a number rings, in seconds; None where the dialplan does not say."""
        if number in self.seconds:
            return self.seconds[number]
        return next((seconds for pattern, seconds in self.patterns if fits(pattern, number)), None)


class Rule(t.NamedTuple):
    """One step of the dialplan: ``exten => 1001,1,Dial(PJSIP/1001,20)``."""

    number: str
    priority: str
    application: str
    place: t.Any


def rules_of(contexts: t.Iterable[Section], findings: Findings) -> list[Rule]:
    """Return the steps of the contexts that speak of one phone each; all else is counted."""
    rules: list[Rule] = []
    for context in contexts:
        if folded(context.name) in _NO_CONTEXTS:
            continue
        number, others = "", 0
        for option in context.options:
            found = _rule(folded(option.name), option.value, number, option.place)
            number = found.number if found else number
            if found and len(rules) < RULES_MAX and is_plain(found):
                rules.append(found)
            else:
                others += 1
        if others:
            findings.not_carried(context, f"lines of the dialplan that are not carried: {others:,}")
    return rules


def _rule(name: str, value: str, number: str, place: Place) -> Rule | None:
    parts = value.split(",", 2)
    if name == "exten" and len(parts) == 3:
        return Rule(stripped(parts[0]), stripped(parts[1]), stripped(parts[2]), place)
    if name == "same" and number and len(parts) >= 2:
        return Rule(number, stripped(parts[0]), stripped(value.split(",", 1)[1]), place)
    return None


def is_plain(rule: Rule) -> bool:
    """Tell whether a rule is a hint of one device, or rings one."""
    if rule.priority == "hint":
        return _DEVICE.match(rule.application) is not None
    return _dialled(rule.application) is not None


def _dialled(application: str) -> tuple[str, int | None] | None:
    """Return which device a ``Dial`` rings and for how many seconds; None where it is no such thing."""
    dial = _DIAL.match(application)
    if not dial:
        return None
    target, _comma, rest = dial[1].partition(",")
    seconds = stripped(rest.partition(",")[0])
    device = _DEVICE.match(stripped(target))
    if not device:
        return None
    return device[1], int(seconds) if re.fullmatch("[0-9]{1,4}", seconds) else None


def dialplan_of(rules: t.Iterable[Rule], findings: Findings) -> Dialplan:
    """Return what the rules say of numbers and phones."""
    numbers: dict[str, dict[str, None]] = {}
    seconds: dict[str, int] = {}
    patterns: dict[str, int] = {}
    for rule in rules:
        if rule.priority == "hint":
            device, time = t.cast("re.Match[str]", _DEVICE.match(rule.application))[1], None
        else:
            device, time = t.cast("tuple[str, int | None]", _dialled(rule.application))
        bounded = None if time is None else min(max(time, RING_MIN_SECONDS), RING_MAX_SECONDS)
        if bounded != time:
            bounds = f"from {RING_MIN_SECONDS} to {RING_MAX_SECONDS} seconds"
            findings.changed(rule.place, f"rings for {time} seconds: an extension rings {bounds}")
        is_itself = device in ("${EXTEN}", rule.number)
        if rule.number.startswith("_"):
            is_kept = len(rule.number) <= PATTERN_MAX_CHARACTERS and len(patterns) < PATTERNS_MAX
            if is_itself and bounded is not None and is_kept:
                patterns.setdefault(rule.number[1:], bounded)
            continue
        device = rule.number if is_itself else device
        numbers.setdefault(device, {})[rule.number] = None
        if bounded is not None and (is_itself or device not in seconds):
            seconds[device] = bounded
    return Dialplan(
        {device: tuple(found) for device, found in numbers.items()}, seconds, tuple(patterns.items())
    )


def fits(pattern: str, number: str) -> bool:
    """Tell whether a pattern such as ``1XXX``, ``[2-4]X.`` means a number (main/pbx.c)."""
    at = 0
    for digit in number:
        if at >= len(pattern):
            return False
        letter = pattern[at]
        if letter in ".!":
            return True
        choices, at = _choices(pattern, at)
        if digit not in choices:
            return False
    return at >= len(pattern) or pattern[at] == "!"


def _choices(pattern: str, at: int) -> tuple[str, int]:
    """Return the digits that fit at a place of a pattern, and where it goes on."""
    letter = pattern[at]
    if letter != "[":
        return _SETS.get(letter.upper(), letter), at + 1
    end = pattern.find("]", at)
    if end < 0:
        return "", len(pattern)
    written = pattern[at + 1 : end]
    ranges = re.sub(
        r"([0-9])-([0-9])", lambda found: "0123456789"[int(found[1]) : int(found[2]) + 1], written
    )
    return ranges, end + 1
