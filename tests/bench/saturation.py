# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""How many calls a second a host takes before one fails or a caller waits, beside a hand-written dialplan.

The rate is raised until a step does not hold, then the interval is halved. Contenders take turns at each
size. The telephones are on the same machine and take their share of it, for each contender alike.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from phones.short_calls import ShortCalls

from . import town
from .calls import who_calls_whom
from .contenders import OURS, Contender

#: Longest time from INVITE to 200 that 99 of 100 calls may take, in seconds.
PATIENCE = 0.250
#: The first rate, in calls a second, and how near to each other the last two are, as a part of the rate.
FIRST, NEAR = 8, 0.1
#: For how many seconds calls are placed at each rate.
SECONDS = 6
#: How many of the town call, and how many are called.
PEOPLE = 200


@dataclass(frozen=True)
class Step:
    """What came of one rate: calls a second, how many failed, and the 99th percentile from INVITE to 200."""

    rate: int
    failed: int
    slow: float

    @property
    def holds(self) -> bool:
        return self.failed == 0 and self.slow <= PATIENCE


@dataclass(frozen=True)
class Limit:
    """The highest rate that held, and the lowest that did not."""

    who: str
    size: int
    recorded: bool
    held: int
    did_not: Step


def highest(tried: Callable[[int], Step], first: int = FIRST) -> tuple[int, Step]:
    """Return the highest rate that holds, 0 for none, and the step above it that does not."""
    held, rate = 0, first
    while (step := tried(rate)).holds:
        held, rate = rate, 2 * rate
    while step.rate - held > max(1, NEAR * step.rate):
        between = tried((held + step.rate) // 2)
        if between.holds:
            held = between.rate
        else:
            step = between
    return held, step


#: Debian gives Asterisk 1,024 files, too few for 104 calls a second. It is the processor that is to be the
#: limit.
_MORE_FILES = (
    "mkdir -p /etc/systemd/system/asterisk.service.d;"
    "printf '[Service]\\nLimitNOFILE=65536\\n' > /etc/systemd/system/asterisk.service.d/files.conf;"
    "systemctl daemon-reload"
)


def measure(contenders: Sequence[Contender], sizes: Sequence[int], say: Callable[[str], None]) -> list[Limit]:
    """Find each contender's limit at each size; ours also with both sides of each call recorded."""
    limits = []
    for contender in contenders:
        if contender.name != OURS:
            contender.host.shell(_MORE_FILES)
    for size in sizes:
        for contender in contenders:
            for recorded in (False, True) if contender.name == OURS else (False,):
                held, did_not = _of(contender, size, recorded, say)
                limits.append(Limit(contender.name, size, recorded, held, did_not))
    return limits


def _of(contender: Contender, size: int, recorded: bool, say: Callable[[str], None]) -> tuple[int, Step]:
    numbers = town.numbers(size)
    wanted = town.extensions([*town.RESIDENTS, *numbers])
    if recorded:
        wanted = [{**each, "record": True} for each in wanted]
    contender.give(wanted)
    contender.apply()
    contender.host.shell("systemctl restart asterisk && asterisk -rx 'core waitfullybooted'")
    desks, callers = numbers[: len(numbers) // 2][:PEOPLE], numbers[len(numbers) // 2 :][:PEOPLE]
    with tempfile.TemporaryDirectory() as folder:
        exchange = ShortCalls(contender.host.address, town.password, Path(folder))
        with exchange.desks(desks):

            def tried(rate: int) -> Step:
                pairs = who_calls_whom(callers, desks, rate * SECONDS)
                calls, _complaints = exchange.place(pairs, rate)
                took = sorted(call.set_up for call in calls if call.succeeded)
                slow = took[int(0.99 * len(took))] if took else 0.0
                step = Step(rate, len(calls) - len(took), slow)
                say(
                    f"{contender.name}, {size:,} extensions{', recorded' if recorded else ''}: {rate} calls a"
                    f" second, {step.failed} failed, 99 of 100 answered within {1000 * slow:.0f} ms"
                )
                return step

            return highest(tried)


def page(limits: Sequence[Limit], about: dict[str, str]) -> str:
    """Return what was found as a page."""
    lines = [
        "# How many calls a second a host takes\n",
        f"`make bench-saturation` wrote this page, {about['when']}: {about['machine']}, load"
        f" {about['load when it began']} when it began. Telephones and hosts share the machine. A rate holds"
        f" if no call of {SECONDS} seconds fails and 99 of 100 are answered within {1000 * PATIENCE:.0f} ms."
        " Each call is authenticated, answered at once and ended after a second. The hand-written host has as"
        " many files as ours: with Debian's 1,024 its calls fail from 104 a second on.\n",
        "| extensions | contender | recorded | held | did not hold |",
        "| --- | --- | --- | --- | --- |",
    ]
    for each in limits:
        why = f"{each.did_not.failed} failed" if each.did_not.failed else f"{1000 * each.did_not.slow:.0f} ms"
        lines.append(
            f"| {each.size:,} | {each.who} | {'both sides' if each.recorded else 'no'} | {each.held}"
            f" | {each.did_not.rate} ({why}) |"
        )
    return "\n".join([*lines, ""])
