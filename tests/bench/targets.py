# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What was aimed at, and how near a run of the bench has come to it: pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from .calls import CALL
from .contenders import OURS, USUAL
from .results import Results, growth, ratio
from .sizes import DELETE, FIRST, NOTHING, ONE_BY_TASK, ONE_IN_LIST, PING, PING_WITH

FACTS, LISTING, ARRIVAL, REACHABLE = "facts", "bare AMI listing", "registered", "reachable"
#: The sizes that the targets speak of.
SMALL, LARGE, SHORT_LIST = 1_000, 10_000, 200
#: What of a call is compared with (a): in words, by which field of its samples, and what is aimed at.
CALLS = (
    ("a call, processor time of Asterisk", "cpu", 1.25),
    ("a call, from INVITE to 200, median", "wall", 1.3),
)
#: The single change may be called constant up to this growth: two runs of a ping differ by as much.
CONSTANT = 1.2


Ratio = tuple[float, float, float] | None


@dataclass(frozen=True)
class Verdict:
    """One target: what it is about, what was aimed at, what was measured, and whether it holds."""

    what: str
    target: str
    measured: str
    holds: bool | None

    @classmethod
    def of_ratio(cls, what: str, most: float, against: str, seen: Ratio) -> Verdict:
        if seen is None:
            return cls(what, f"≤ {most} × {against}", "not measured", None)
        median, least, largest = seen
        shown = f"{median:.2f} ({least:.2f}–{largest:.2f})"
        return cls(what, f"≤ {most} × {against}", shown, median <= most)


def verdicts(results: Results, large: int = LARGE) -> list[Verdict]:
    """Judge a run; what was not measured in it is neither held nor missed."""

    def against(what: str, who: str, size: int = large) -> Ratio:
        return ratio(results.wall(OURS, what, size), results.wall(who, what, size))

    return [
        Verdict.of_ratio(f"{large:,} extensions, first apply", 0.4, "(a)", against(FIRST, USUAL)),
        Verdict.of_ratio(
            f"{large:,}, nothing to do", 1.5, "a ping with the same variables", against(NOTHING, PING_WITH)
        ),
        Verdict.of_ratio(f"{large:,}, one changed in the list", 0.35, "(a)", against(ONE_IN_LIST, USUAL)),
        Verdict.of_ratio(
            f"one extension by its own task on a host with {large:,}",
            1.3,
            "ping",
            against(ONE_BY_TASK, PING),
        ),
        Verdict.of_ratio(
            f"{SHORT_LIST} extensions in a list, nothing to do",
            1.5,
            "ping",
            against(NOTHING, PING, size=SHORT_LIST),
        ),
        Verdict.of_ratio(
            "a fleet, one change on each",
            1.6,
            "ping of the fleet",
            ratio(*(_fleet(results, *each) for each in (("ours", ONE_IN_LIST), ("ping", NOTHING)))),
        ),
        Verdict.of_ratio(
            f"facts of {large:,}, `packed` as the status board asks for them",
            1.5,
            "(bare AMI listing + ping)",
            ratio(results.wall(OURS, f"{FACTS}, packed", large), _facts_floor(results, large)),
        ),
        Verdict.of_ratio(
            f"facts of {large:,} as variables",
            1.5,
            "(bare AMI listing + ping)",
            ratio(results.wall(OURS, FACTS, large), _facts_floor(results, large)),
        ),
        *(_of_a_call(results, *each) for each in CALLS),
        _stalls(results, large),
        *(_linear(results, what, large) for what in (FIRST, NOTHING, ONE_IN_LIST, DELETE)),
        _constant(results, large),
        *_arrivals(results),
    ]


def _of_a_call(results: Results, what: str, field: str, most: float) -> Verdict:
    ours, theirs = (
        [getattr(sample, field) for sample in results.samples if (sample.who, sample.what) == (who, CALL)]
        for who in (OURS, USUAL)
    )
    return Verdict.of_ratio(what, most, "(a)", ratio(ours, theirs))


def _fleet(results: Results, who: str, what: str) -> list[float]:
    return [s.wall for s in results.samples if s.who == f"fleet: {who}" and s.what == what]


def _facts_floor(results: Results, size: int) -> list[float]:
    listing, ping = results.wall(LISTING, FACTS, size), results.wall(PING, FACTS, size)
    return [statistics.median(listing) + statistics.median(ping)] if listing and ping else []


def _stalls(results: Results, size: int) -> Verdict:
    loaded = [s for s in results.samples if s.who == OURS and s.size == size and s.loaded]
    what = (
        "SIP requests that fail or wait for longer than 500 ms during any change by this collection,"
        f" at {size:,}"
    )
    if not loaded:
        return Verdict(what, "0", "not measured", None)
    bad = sum(sample.stalled for sample in loaded)
    asked = sum(len(s.register) + len(s.invite) + s.failed for s in loaded)
    return Verdict(what, "0", f"{bad} of {asked:,}", bad == 0)


def _linear(results: Results, what: str, large: int) -> Verdict:
    grown = growth(results.wall(OURS, what, SMALL), results.wall(OURS, what, large))
    times = large / SMALL
    shown = "not measured" if grown is None else f"{grown:.1f} times"
    title = f"growth from {SMALL:,} to {large:,}: {what}"
    return Verdict(title, f"≤ {times:.0f} times", shown, None if grown is None else grown <= times)


def _constant(results: Results, large: int) -> Verdict:
    grown = growth(results.wall(OURS, ONE_BY_TASK, SMALL), results.wall(OURS, ONE_BY_TASK, large))
    shown = "not measured" if grown is None else f"{grown:.2f} times"
    title = f"growth from {SMALL:,} to {large:,}: {ONE_BY_TASK}"
    return Verdict(title, f"constant (≤ {CONSTANT})", shown, None if grown is None else grown <= CONSTANT)


def _arrivals(results: Results) -> Sequence[Verdict]:
    title = "first registrations of 500 new phones on a host with 5,000, qualify on"
    arrived = [s for s in results.samples if s.what == ARRIVAL]
    if not arrived:
        return [Verdict(title, "all within 10 s, none failed", "not measured", None)]
    longest = max(sample.wall for sample in arrived)
    failed = sum(sample.failed for sample in arrived)
    shown = f"{longest:.1f} s, {failed} failed"
    return [Verdict(title, "all within 10 s, none failed", shown, longest <= 10 and not failed)]
