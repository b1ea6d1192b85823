# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What was measured on paper: docs/performance.md, whose second part a person writes, and its drawing."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from long.outcome import quantile

from . import plot
from .calls import CALL
from .contenders import OURS, TOLD, USUAL, WIZARD
from .results import Results, Sample, ratio
from .sizes import CASES, FIRST, LOOP, NOTHING, ONE_BY_TASK, ONE_IN_LIST, PING, PING_WITH, SQLITE
from .targets import verdicts

#: Where the part begins that a person writes.
BY_HAND = "## What this says\n"

HEAD = """# What a change costs

`make bench` wrote this part. On one machine there are the controller, a host for each contender, and the
telephones; only one host is worked on at a time. In each round everything is done once, one contender after
the other, and after each change every extension is looked up on the host; where a reload goes on after the
run has ended, that is not counted. Forty telephones more than the sizes tell register ({registers} a
second) and call each other ({calls} a second) while a change is made.

{about}

Medians, least and most in brackets. *Ours is* how much of the other's median, with what the spreads of both
allow for. *CPU* is the processor time of the controller's processes, *memory* that of the largest one of
them. The variables are a file of JSON in `host_vars`; of YAML each run would read for seconds longer, also
the ping.

"""


def write(results: Results, path: Path, picture: Path, registers: int, calls: int) -> None:
    """Write the page and its drawing; what a person has written below stays."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    _measured, found, by_hand = before.partition(BY_HAND)
    text = page(results, picture.relative_to(path.parent), registers, calls)
    path.write_text(text + (found or BY_HAND) + by_hand, encoding="utf-8")
    picture.write_text(drawing(results), encoding="utf-8")


def page(results: Results, picture: Path, registers: int, calls: int) -> str:
    """Return the part of the page that is measured."""
    about = "; ".join(f"{name}: {value}" for name, value in results.about.items())
    parts = [HEAD.format(about=about, registers=registers, calls=calls)]
    parts += ["## Targets\n\n", *_table(("", "target", "measured", "holds"), _target_rows(results))]
    parts += [f"\n![Cost against size]({picture})\n\n## Costs\n\n"]
    head = ("extensions", "what", "who", "seconds", "ours is", "CPU, s", "memory, MiB")
    parts += _table(head, [row for size in results.sizes() for row in _cost_rows(results, size)])
    parts += ["\nThe labels: ", "; ".join(f"*{who}* is {told}" for who, told in TOLD.items()), ".\n"]
    parts += ["\n## What telephones feel\n\nTo the 200, through the challenge, in milliseconds.\n\n"]
    head = (
        "extensions",
        "what",
        "who",
        "REGISTER p50 / p99 / max",
        "INVITE p50 / p99 / max",
        "late or failed",
    )
    parts += _table(head, [row for size in results.sizes() for row in _felt_rows(results, size)])
    calls = [sample for sample in results.samples if sample.what == CALL]
    if calls:
        head = (
            "extensions",
            "who",
            "Asterisk's CPU for one, ms",
            "ours is",
            "INVITE to 200 p50 / p99 / max, ms",
            "failed",
        )
        parts += ["\n## A call\n\n", *_table(head, _call_rows(calls))]
    fleet = [sample for sample in results.samples if sample.who.startswith("fleet: ")]
    if fleet:
        parts += [
            "\n## A fleet at once\n\n",
            *_table(("who", "what", "seconds", "ping of the fleet"), _fleet_rows(fleet)),
        ]
    return "".join([*parts, "\n"])


def drawing(results: Results) -> str:
    """Draw what a change costs each contender, against the number of extensions."""
    lines = {
        f"{name}: {what}": (who, what)
        for name, who, what in (
            ("ours", OURS, ONE_IN_LIST),
            ("(a)", USUAL, ONE_IN_LIST),
            ("(b)", WIZARD, ONE_IN_LIST),
            ("ours", OURS, ONE_BY_TASK),
            ("ours", OURS, FIRST),
            ("ping with variables", PING_WITH, NOTHING),
        )
    }
    drawn = {}
    for name, (who, what) in lines.items():
        points = [(size, results.wall(who, what, size)) for size in results.sizes()]
        line = [(float(size), statistics.median(walls)) for size, walls in points if walls]
        if line:
            drawn[name.removesuffix(f": {NOTHING}")] = line
    return plot.drawing("What a change costs", drawn)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |\n" for cells in lines]


def _target_rows(results: Results) -> list[list[str]]:
    holds = {True: "yes", False: "**no**", None: ""}
    return [[each.what, each.target, each.measured, holds[each.holds]] for each in verdicts(results)]


def _cost_rows(results: Results, size: int) -> list[list[str]]:
    rows = []
    for what in CASES:
        for who in (OURS, USUAL, WIZARD, LOOP, PING, PING_WITH, SQLITE):
            samples = results.of(who, what, size)
            if samples:
                beside = ratio(results.wall(OURS, what, size), [s.wall for s in samples])
                shown = "" if who == OURS or beside is None else "{:.2f} × ({:.2f}–{:.2f})".format(*beside)
                rows.append([f"{size:,}", what, who, _shown(samples), shown, *_used(samples)])
    return rows


def _shown(samples: Sequence[Sample]) -> str:
    walls = [sample.wall for sample in samples]
    return f"{statistics.median(walls):.2f} ({min(walls):.2f}–{max(walls):.2f})"


def _used(samples: Sequence[Sample]) -> list[str]:
    if not any(sample.cpu for sample in samples):
        return ["", ""]
    cpu, memory = (statistics.median(getattr(s, what) for s in samples) for what in ("cpu", "memory"))
    return [f"{cpu:.2f}", f"{memory:.0f}"]


def _felt_rows(results: Results, size: int) -> list[list[str]]:
    rows = []
    for what in CASES:
        for who in (OURS, USUAL, WIZARD):
            samples = [sample for sample in results.of(who, what, size) if sample.loaded]
            if samples:
                register = [seconds for sample in samples for seconds in sample.register]
                invite = [seconds for sample in samples for seconds in sample.invite]
                late, asked = sum(s.stalled for s in samples), sum(s.failed for s in samples)
                asked += len(register) + len(invite)
                late_of = f"{late} of {asked:,}"
                rows.append([f"{size:,}", what, who, _latency(register), _latency(invite), late_of])
    return rows


def _latency(seconds: Sequence[float]) -> str:
    if not seconds:
        return ""
    values = (quantile(seconds, 0.5), quantile(seconds, 0.99), max(seconds))
    return " / ".join(f"{1000 * value:.0f}" for value in values)


def _call_rows(samples: Sequence[Sample]) -> list[list[str]]:
    rows = []
    ours = [sample.cpu for sample in samples if sample.who == OURS]
    for who, size in dict.fromkeys((sample.who, sample.size) for sample in samples):
        own = [sample for sample in samples if sample.who == who]
        used = [sample.cpu for sample in own]
        beside = None if who == OURS else ratio(ours, used)
        invite = [seconds for sample in own for seconds in sample.invite]
        failed = sum(sample.failed for sample in own)
        rows.append(
            [
                *(f"{size:,}", who, f"{1000 * statistics.median(used):.1f}"),
                "" if beside is None else "{:.2f} × ({:.2f}–{:.2f})".format(*beside),
                *(_latency(invite), f"{failed} of {failed + len(invite):,}"),
            ]
        )
    return rows


def _fleet_rows(samples: Sequence[Sample]) -> list[list[str]]:
    rows = []
    keys = dict.fromkeys((sample.who, sample.what) for sample in samples)
    pings = [sample.wall for sample in samples if sample.who == f"fleet: {PING}"]
    for who, what in keys:
        own = [sample for sample in samples if (sample.who, sample.what) == (who, what)]
        beside = ratio([sample.wall for sample in own], pings)
        shown = "" if beside is None else "{:.2f} × ({:.2f}–{:.2f})".format(*beside)
        rows.append([who.removeprefix("fleet: "), what, _shown(own), shown])
    return rows
