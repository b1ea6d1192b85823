# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""How many calls and REGISTERs a second a host takes before one fails or somebody waits, beside a dialplan
and phones that were written by hand.

The rate is raised until a step does not hold, then the interval is halved. Contenders take turns at each
size. The telephones are on the same machine and take their share of it, for each contender alike.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from phones.short_calls import Registration, ShortCall, ShortCalls

from . import town
from .calls import who_calls_whom
from .contenders import OURS, Contender

#: What is counted.
CALLS, RECORDED, REGISTERS = "calls", "calls, both sides recorded", "REGISTERs"
KINDS = (CALLS, RECORDED, REGISTERS)
#: Longest time from INVITE or REGISTER to 200 that 99 of 100 may take, in seconds.
PATIENCE = 0.250
#: The first rate, in calls or REGISTERs a second.
FIRST = {CALLS: 8, RECORDED: 8, REGISTERS: 64}
#: How near to each other the last two rates are, as a part of the rate.
NEAR = 0.1
#: How often a second the phones register before it is counted.
GENTLY = 150


@dataclass(frozen=True)
class Bounds:
    """For how many seconds each rate is tried; how many of the town call, and how many are called; how many
    of it register, None for all; and the highest rate that is tried, None for whatever holds."""

    seconds: int = 6
    people: int = 200
    phones: int | None = None
    most: int | None = None


#: As a test.
QUICK = Bounds(seconds=1, people=10, phones=50, most=100)


@dataclass(frozen=True)
class Step:
    """What came of one rate: how many a second, how many failed, and the 99th percentile from the request to
    its 200, in seconds."""

    rate: int
    failed: int
    slow: float

    @property
    def holds(self) -> bool:
        return self.failed == 0 and self.slow <= PATIENCE


@dataclass(frozen=True)
class Limit:
    """The highest rate that held, 0 for none, and the lowest that did not; None where none was tried."""

    who: str
    size: int
    what: str
    held: int
    did_not: Step | None


def highest(tried: Callable[[int], Step], first: int, most: int | None = None) -> tuple[int, Step | None]:
    """Return the highest rate that holds, and the step above it that does not; none is above ``most``.

    What does not hold is tried once more: the machine may have had something else to do. In two runs on one
    day ours held 208 calls a second and 176, and the hand-written role 288 and 352.
    """

    def best_of_two(rate: int) -> Step:
        step = tried(rate)
        return step if step.holds else tried(rate)

    held, rate = 0, first
    while most is None or rate <= most:
        step = best_of_two(rate)
        if not step.holds:
            break
        held, rate = rate, 2 * rate
    else:
        return held, None
    while step.rate - held > max(1, NEAR * step.rate):
        between = best_of_two((held + step.rate) // 2)
        if between.holds:
            held = between.rate
        else:
            step = between
    return held, step


#: Debian gives Asterisk 1,024 files, too few for 104 calls a second, and 90 seconds to start. It is the
#: processor that is to be the limit.
_MORE_FILES = (
    "mkdir -p /etc/systemd/system/asterisk.service.d;"
    "printf '[Service]\\nLimitNOFILE=65536\\nTimeoutStartSec=600\\n'"
    " > /etc/systemd/system/asterisk.service.d/files.conf; systemctl daemon-reload"
)


def measure(
    contenders: Sequence[Contender],
    sizes: Sequence[int],
    kinds: Sequence[str],
    bounds: Bounds,
    say: Callable[[str], None],
) -> Iterator[Limit]:
    """Find each contender's limit at each size; of calls that are recorded, ours alone."""
    for contender in contenders:
        if contender.name != OURS:
            contender.host.shell(_MORE_FILES)
    for size in sizes:
        for what in kinds:
            for contender in contenders:
                if what != RECORDED or contender.name == OURS:
                    yield _of(contender, size, what, bounds, say)


def _of(contender: Contender, size: int, what: str, bounds: Bounds, say: Callable[[str], None]) -> Limit:
    numbers = town.numbers(size)
    wanted = town.extensions([*town.RESIDENTS, *numbers])
    if what == RECORDED:
        wanted = [{**each, "record": True} for each in wanted]
    contender.give(wanted)
    contender.apply()
    contender.host.shell("systemctl restart asterisk && asterisk -rx 'core waitfullybooted'")
    with tempfile.TemporaryDirectory() as folder:
        exchange = ShortCalls(contender.host.address, town.password, Path(folder))
        with (_registering if what == REGISTERS else _calling)(exchange, numbers, bounds) as place:

            def tried(rate: int) -> Step:
                step = judged(rate, place(rate))
                say(
                    f"{contender.name}, {size:,} extensions, {what}: {rate} a second, {step.failed} failed,"
                    f" 99 of 100 answered within {1000 * step.slow:.0f} ms"
                )
                return step

            return Limit(contender.name, size, what, *highest(tried, FIRST[what], bounds.most))


#: Places so many a second, and returns for each what it took, in seconds; None for one that has failed.
_Place = Callable[[int], Sequence[float | None]]


def judged(rate: int, took: Sequence[float | None]) -> Step:
    """Return what came of a rate; of those that failed no time counts."""
    there = sorted(each for each in took if each is not None)
    return Step(rate, len(took) - len(there), there[int(0.99 * len(there))] if there else 0.0)


@contextlib.contextmanager
def _calling(exchange: ShortCalls, numbers: Sequence[str], bounds: Bounds) -> Iterator[_Place]:
    desks = numbers[: len(numbers) // 2][: bounds.people]
    callers = numbers[len(numbers) // 2 :][: bounds.people]

    def place(rate: int) -> Sequence[float | None]:
        calls: Sequence[ShortCall]
        calls, _complaints = exchange.place(who_calls_whom(callers, desks, rate * bounds.seconds), rate)
        return [call.set_up if call.succeeded else None for call in calls]

    with exchange.desks(desks):
        yield place


@contextlib.contextmanager
def _registering(exchange: ShortCalls, numbers: Sequence[str], bounds: Bounds) -> Iterator[_Place]:
    phones = numbers[: bounds.phones]

    def place(rate: int) -> Sequence[float | None]:
        done: Sequence[Registration] = exchange.register(phones, rate * bounds.seconds, rate)
        return [each.took if each.succeeded else None for each in done]

    # What is counted are refreshes, as they are on any other day.
    exchange.register(phones, len(phones), GENTLY)
    yield place
