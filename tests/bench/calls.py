# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a call costs Asterisk, and how long the caller waits, beside a dialplan that was written by hand.

Everybody is in the directory, and nothing is changed meanwhile. The contenders take turns, so that a busy
moment of the machine meets all alike.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from phones.short_calls import ShortCalls

from . import town
from .contenders import Contender
from .measuring import processor_time_of_asterisk
from .results import Results, Sample

#: What a sample of this is about.
CALL = "a call"
#: How many of the town call, and how many are called.
PEOPLE = 100


@dataclass(frozen=True)
class Load:
    """How many extensions there are, how many calls in a round and in a second, and how many rounds."""

    size: int
    calls: int
    rate: int
    rounds: int


def measure(
    contenders: Sequence[Contender], load: Load, results: Results, say: Callable[[str], None]
) -> None:
    """Give each contender the same extensions, and place the same calls on each, round by round."""
    numbers = town.numbers(load.size)
    for contender in contenders:
        contender.give(town.extensions([*town.RESIDENTS, *numbers]))
        contender.apply()
    for number in range(load.rounds):
        for contender in contenders:
            contender.host.shell("systemctl restart asterisk && asterisk -rx 'core waitfullybooted'")
            with tempfile.TemporaryDirectory() as folder:
                sample = _placed(contender, numbers, load, Path(folder))
            results.samples.append(sample)
            cpu, wall = 1000 * sample.cpu, 1000 * sample.wall
            say(
                f"{contender.name}, round {number + 1} of {load.rounds}: {cpu:.1f} ms of CPU for a call,"
                f" {wall:.0f} ms from INVITE to 200, {sample.failed} failed"
            )


def _placed(contender: Contender, numbers: Sequence[str], load: Load, folder: Path) -> Sample:
    """Place the calls; ``wall`` is the median from INVITE to 200, ``cpu`` is Asterisk's for one call."""
    desks, callers = numbers[: len(numbers) // 2][:PEOPLE], numbers[len(numbers) // 2 :][:PEOPLE]
    pairs = who_calls_whom(callers, desks, load.calls)
    exchange = ShortCalls(contender.host.address, town.password, folder)
    with exchange.desks(desks):
        exchange.place(pairs[: load.rate], load.rate)  # each thing that happens the first time
        before = processor_time_of_asterisk(contender.host)
        calls, complaints = exchange.place(pairs, load.rate)
        used = processor_time_of_asterisk(contender.host) - before
    took = tuple(call.set_up for call in calls if call.succeeded)
    assert took, complaints[-3000:]
    failed = len(calls) - len(took)
    return Sample(
        *(contender.name, CALL, load.size, statistics.median(took), used / len(calls)),
        invite=took,
        failed=failed,
    )


def who_calls_whom(callers: Sequence[str], desks: Sequence[str], calls: int) -> list[tuple[str, str]]:
    """Return so many pairs of caller and callee."""
    # Seven has no factor in common with their number, so everybody is called by many.
    return [(callers[at % len(callers)], desks[at * 7 % len(desks)]) for at in range(calls)]
