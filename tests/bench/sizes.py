# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a change costs on a host of some size, round by round: in each everything once, one after the other,
so that a busy moment of the machine meets all alike.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import town
from .contenders import OURS, Contender, Ours, run
from .feeling import Felt
from .measuring import Cost
from .results import Results, Sample

HERE = Path(__file__).resolve().parent
FIRST, NOTHING, ONE_IN_LIST, ONE_BY_TASK, DELETE = (
    "first apply",
    "nothing to do",
    "one changed in the list",
    "one changed by its own task",
    "delete 10 %",
)
CASES = (FIRST, NOTHING, ONE_IN_LIST, ONE_BY_TASK, DELETE)
PING, PING_WITH, SQLITE, LOOP = "ping", "ping with the variables", "sqlite", "loop"
#: How often a single change and its ping are measured in a round, in turns: what both have in common takes
#: a second, and on a machine that is shared it differs from one to the next by more than what is looked for.
TURNS = 3


@dataclass(frozen=True)
class Rounds:
    """How often everything is measured at one size: ours and the floors, the rivals, and the loop."""

    size: int
    ours: int
    rivals: int
    loop: int = 0


class Size:
    """The measurements at one size."""

    def __init__(self, contenders: Sequence[Contender], size: int, results: Results) -> None:
        self._contenders = contenders
        self._size = size
        self._results = results
        self._numbers = [*town.RESIDENTS, *town.numbers(size)]

    def measure(self, rounds: Rounds, say: Callable[[str], None]) -> None:
        for number in range(rounds.ours):
            say(f"{self._size:,} extensions: round {number + 1} of {rounds.ours}")
            who = [each for each in self._contenders if each.name == OURS or number < rounds.rivals]
            self.round(who, number, with_loop=number < rounds.loop)

    def round(self, contenders: Sequence[Contender], number: int, with_loop: bool) -> None:
        everybody = town.extensions(self._numbers)
        for contender in contenders:
            contender.reset()
            contender.give(everybody)
        self._all(contenders, FIRST, everybody)
        self._ping(contenders[0], NOTHING)
        self._ping(contenders[0], NOTHING, contenders[0].folder)
        self._all(contenders, NOTHING, everybody, changes=False)
        everybody = _renamed(everybody, self._numbers[-3], f"Renamed in round {number}")
        for contender in contenders:
            contender.give(everybody)
        self._all(contenders, ONE_IN_LIST, everybody)
        ours = next(each for each in contenders if isinstance(each, Ours))
        everybody = self._one_by_task(ours, everybody, number)
        # Not of those whose telephones are there.
        left = [each for index, each in enumerate(everybody) if index % 10 or index < len(town.RESIDENTS)]
        for contender in contenders:
            contender.give(left)
        self._all(contenders, DELETE, left)
        if with_loop:
            self._loop(ours)

    def _ping(self, contender: Contender, beside: str, folder: Path | None = None) -> None:
        """Measure a ping, with the variables in the folder, right before what it is compared with, and
        under the same telephones' load.
        """
        assert contender.steady
        run(contender.host, "ping.yml")  # opens the connection
        with contender.steady.felt() as felt:
            cost = run(contender.host, "ping.yml", folder)[0]
        self._note(PING_WITH if folder else PING, beside, cost, felt)

    def _all(
        self, contenders: Sequence[Contender], what: str, want: Sequence[town.Facts], changes: bool = True
    ) -> None:
        for contender in contenders:
            assert contender.steady
            # A connection that nobody has used for a while would be opened again in the measurement.
            run(contender.host, "ping.yml")
            with contender.steady.felt() as felt:
                cost, has_changed = contender.apply()
            assert has_changed is changes, f"{contender.name}, {what}: changed is {has_changed}"
            self._check(contender, want)
            self._note(contender.name, what, cost, felt)
            if what == FIRST and isinstance(contender, Ours):
                told = json.loads(contender.host.python((HERE / "bare_write.py").read_text(encoding="utf-8")))
                assert told["rows"] == len(want), told
                self._note(SQLITE, FIRST, Cost(told["seconds"], 0, 0))

    def _one_by_task(self, ours: Ours, everybody: list[town.Facts], number: int) -> list[town.Facts]:
        whose = self._numbers[-5]
        assert ours.steady
        for turn in range(TURNS):
            name = f"By task {turn} of round {number}"
            self._ping(ours, ONE_BY_TASK)
            with ours.steady.felt() as felt:
                cost, has_changed = ours.one(whose, name)
            assert has_changed
            everybody = _renamed(everybody, whose, name)
            self._check(ours, everybody)
            self._note(ours.name, ONE_BY_TASK, cost, felt)
        return everybody

    def _loop(self, ours: Ours) -> None:
        ours.reset()
        ours.give(town.extensions(self._numbers[len(town.RESIDENTS) :]))
        cost, has_changed = ours.loop()
        assert has_changed
        self._check(ours, town.extensions(self._numbers))
        self._note(LOOP, FIRST, cost)

    def _check(self, contender: Contender, want: Sequence[town.Facts]) -> None:
        """Fail unless the host has exactly these extensions, with these names."""
        wanted = {each["number"]: each["name"] for each in want}
        give_up = time.monotonic() + contender.patience
        while True:
            there = contender.names()
            wrong = sorted(n for n in there.keys() | wanted if there.get(n) != wanted.get(n))
            if not wrong or time.monotonic() > give_up:
                break
            time.sleep(1)
        assert not wrong, f"{contender.name}: {len(wrong)} extensions are not as asked, such as {wrong[:5]}"

    def _note(self, who: str, what: str, cost: Cost, felt: Felt | None = None) -> None:
        seen = felt or Felt()
        self._results.samples.append(
            Sample(
                *(who, what, self._size, cost.wall, cost.cpu, cost.memory),
                register=tuple(round(seconds, 4) for seconds in seen.register),
                invite=tuple(round(seconds, 4) for seconds in seen.invite),
                failed=seen.failed,
                loaded=felt is not None,
            )
        )


def _renamed(extensions: Sequence[town.Facts], number: str, name: str) -> list[town.Facts]:
    return [{**each, "name": name} if each["number"] == number else each for each in extensions]
