# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Changes the directory, again and again, each time in a transaction of its own.

Runs on the host, beside the Asterisk that reads the same database. Its argument is a file with what
population.for_changing says; it prints what became of it as JSON. Extensions in a call are changed
too, but keep their number and password, and may call the same extensions.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
import time
import typing as t

sys.path.insert(0, "/opt")
from voiceops_asterisk.database import store  # type: ignore[import-not-found]
from voiceops_asterisk.planning import decide, plan, request

Item = dict[str, t.Any]
#: Extensions that are created and deleted have numbers from here on.
FIRST_NEW = 5000


class Population:
    """The extensions, and what can happen to them."""

    def __init__(self, told: t.Mapping[str, t.Any]) -> None:
        self.told = told
        self.serial = itertools.count(1)
        #: More than there are changes of it, so that each is one; 30 is what everybody begins with.
        self.timeouts = itertools.cycle(range(31, 301))
        self.dice = random.Random(42)
        self.created: list[str] = []
        #: The groups that somebody was given last.
        self.given: dict[str, list[str]] = {}

    def rota(self, whose: str) -> list[str]:
        """Return some of the groups that come and go, and not those that were given last."""
        before = self.given.setdefault(whose, [])
        while sorted(self.given[whose]) == sorted(before):
            self.given[whose] = self.dice.sample(self.told["rota"], self.dice.randrange(4))
        return self.given[whose]

    def name(self) -> list[Item]:
        number = self.dice.choice(self.told["involved"])
        return [{"number": number, "name": f"Person {number}, {next(self.serial)}. Ad"}]

    def groups(self) -> list[Item]:
        number, kept = self.dice.choice(list(self.told["members"].items()))
        return [{"number": number, "groups": [kept, *self.rota(number)]}]

    def callable_groups(self) -> list[Item]:
        number, kept = self.dice.choice(list(self.told["restricted"].items()))
        return [{"number": number, "callable_groups": [kept, *self.rota(f"{number} may call")]}]

    def ring_timeout(self) -> list[Item]:
        number = self.dice.choice(self.told["called"])
        return [{"number": number, "ring_timeout": next(self.timeouts)}]

    def uninvolved(self) -> list[Item]:
        """Change twenty at once: name, recording and groups."""
        return [
            {
                "number": number,
                "name": f"Nobody {next(self.serial)}",
                "record": self.dice.random() < 0.5,
                "groups": self.rota(number),
            }
            for number in self.dice.sample(self.told["uninvolved"], 20)
        ]

    def create(self) -> list[Item]:
        number = str(FIRST_NEW + next(self.serial))
        self.created.append(number)
        password = "a-strong-new-horse"
        return [{"number": number, "name": "New", "password": password, "groups": self.rota(number)}]

    def delete(self) -> list[Item]:
        return [{"number": self.created.pop(0), "state": "absent"}]


def change(items: list[Item]) -> tuple[bool, float, float]:
    """Commit one transaction: whether it changed anything, its seconds, and those of the commit alone."""
    asked = request.ask_extensions(items, "extensions")
    begun = time.monotonic()
    with store.writing(store.DEFAULT_PATH) as directory:
        what = decide.plan_kind(plan.EXTENSIONS, directory.read(), asked)
        directory.apply(what)
        committing = time.monotonic()
    ended = time.monotonic()
    return bool(what), ended - begun, ended - committing


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        told = json.load(file)
    people = Population(told)
    kinds = itertools.cycle(
        [
            people.name,
            people.groups,
            people.callable_groups,
            people.ring_timeout,
            people.uninvolved,
            people.create,
            people.name,
            people.groups,
            people.ring_timeout,
            people.delete,
        ]
    )
    done: list[tuple[str, bool, float, float]] = []
    begun, late = time.monotonic(), 0.0
    for number in range(told["seconds"] * told["per_second"]):
        due = begun + number / told["per_second"]
        time.sleep(max(0.0, due - time.monotonic()))
        late = max(late, time.monotonic() - due)
        kind = next(kinds)
        done.append((kind.__name__, *change(kind())))
    print(
        json.dumps(
            {
                "made": sum(changed for _kind, changed, _whole, _commit in done),
                "without_effect": sum(not changed for _kind, changed, _whole, _commit in done),
                "kinds": sorted({kind for kind, *_rest in done}),
                "transactions": sorted(whole for _kind, _changed, whole, _commit in done),
                "commits": sorted(commit for *_rest, commit in done),
                "latest": late,
                "seconds": time.monotonic() - begun,
            }
        )
    )


if __name__ == "__main__":
    main()
