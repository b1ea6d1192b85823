# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What changes cost, beside hand-written roles and the least that they could: `make bench`.

Boots hosts of its own, measures, writes docs/performance.md with its drawing and the figures as JSON after
each step, and takes the hosts down. Nothing is asserted of times, all of outcomes. With --quick everything
is done once and small, and nothing in docs/ is written.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# Beside the demo's and the tests' hosts.
os.environ.setdefault("VOICEOPS_LAB_INSTANCE", "3")

from integration.fleet import REPOSITORY, Host, lab
from phones.town import registered

from . import calls, facts, facts_report, idle, many, many_page, paper, saturation, saturation_page, town
from .contenders import OURS, USUAL, WIZARD, Contender, Ours, usual_ones
from .feeling import CALLS, REGISTERS
from .fleet import Fleet
from .measuring import machine
from .newcomers import arrive
from .results import Results, Sample
from .sizes import CASES, PING, Rounds, Size
from .targets import ARRIVAL, FACTS, LISTING, REACHABLE

DOCS = REPOSITORY / "docs"
PARTS = ("sizes", "calls", "newcomers", "facts", "fleet")
#: A reload of 10,000 hints takes the rivals 18 s, and the loop is linear: they are measured less often, so
#: that all of it takes little more than an hour.
FULL = (
    *(Rounds(100, ours=5, rivals=5, loop=2), Rounds(200, ours=5, rivals=0), Rounds(1_000, 5, 5, loop=1)),
    *(Rounds(5_000, ours=5, rivals=2), Rounds(10_000, ours=5, rivals=3)),
)
QUICK = (Rounds(100, ours=1, rivals=1), Rounds(1_000, ours=1, rivals=0))
#: How many extensions there are, and how many new telephones come.
NEWCOMERS, QUICK_NEWCOMERS = (5_000, 500), (100, 5)
#: What is placed on each contender to see what a call costs.
CALLS_OF, QUICK_CALLS = calls.Load(1_000, 240, rate=8, rounds=4), calls.Load(20, 8, rate=4, rounds=1)
#: Hosts of the fleet, extensions of each, and rounds.
FLEET, QUICK_FLEET = (16, 200, 5), (2, 20, 1)
FACTS_OF, FACTS_ROUNDS = (1_000, 10_000), 3
SATURATION_OF = (1_000, 10_000)


class Bench:
    """One run of the bench."""

    def __init__(self, folder: Path, quick: bool, again: Results | None = None) -> None:
        self._quick = quick
        self._page = folder / "performance.md"
        self._picture = folder / "images" / "performance.svg"
        self._figures = folder / "measurements" / "performance.json"
        for path in (self._picture, self._figures):
            path.parent.mkdir(exist_ok=True, parents=True)
        self.results = again or Results(machine())

    def write(self) -> None:
        """Write what there is so far, so that an interruption has not been for nothing."""
        self.results.write(self._figures)
        if self.results.sizes():
            paper.write(self.results, self._page, self._picture, REGISTERS, CALLS)

    def forget(self, gone: Callable[[Sample], bool]) -> None:
        """Forget what is measured again."""
        self.results.samples = [sample for sample in self.results.samples if not gone(sample)]

    def sizes(self, ours: Ours, contenders: list[Contender], rounds: tuple[Rounds, ...]) -> None:
        self.results.about["Asterisk"] = ours.host.shell("asterisk -V").split()[1].split("~")[0]
        for each in rounds:
            self.forget(lambda s, size=each.size: s.size == size and _is_of_sizes(s))  # type: ignore[misc]
            Size(contenders, each.size, self.results).measure(each, say)
            self.write()

    def calls(self, contenders: list[Contender]) -> None:
        self.forget(lambda s: s.what == calls.CALL)
        calls.measure(contenders, QUICK_CALLS if self._quick else CALLS_OF, self.results, say)
        self.write()

    def newcomers(self, host: Host) -> None:
        extensions, new = QUICK_NEWCOMERS if self._quick else NEWCOMERS
        say(f"{new} new telephones arrive at a host with {extensions:,}")
        self.forget(lambda s: s.what in (ARRIVAL, REACHABLE))
        arrival = arrive(host, extensions, new)
        say(str(arrival))
        self.results.samples.append(Sample(OURS, ARRIVAL, extensions, arrival.registered, arrival.cpu))
        if arrival.reachable is not None:
            self.results.samples.append(Sample(OURS, REACHABLE, extensions, arrival.reachable, arrival.cpu))
        self.write()

    def facts(self, host: Host) -> None:
        for size in FACTS_OF:
            self.forget(lambda s, size=size: s.size == size and s.what.startswith(FACTS))  # type: ignore[misc]
            measured = measure_facts(host, size, FACTS_ROUNDS)
            for what, seconds in measured.seconds["run"].items():
                who, name = (PING, FACTS) if what == facts.PING else (OURS, _name_of_facts(what))
                self.results.samples += [Sample(who, name, size, each) for each in seconds]
            for each in measured.seconds["host"][facts.LISTING]:
                self.results.samples.append(Sample(LISTING, FACTS, size, each))
            self.write()

    def fleet(self) -> None:
        hosts, extensions, rounds = QUICK_FLEET if self._quick else FLEET
        self.forget(lambda s: s.who.startswith("fleet"))
        Fleet(hosts, extensions, self.results).measure(rounds, say)
        self.write()


def _is_of_sizes(sample: Sample) -> bool:
    """Tell whether it was measured by the part `sizes`."""
    return sample.what in CASES and not sample.who.startswith("fleet")


def _name_of_facts(what: str) -> str:
    return FACTS if what == FACTS else f"{FACTS}, {what}"


def measure_facts(host: Host, size: int, rounds: int) -> facts.Measured:
    say(f"{host.name}: {size:,} extensions, and their phones register")
    town.settle(host, size)
    with registered(host.address, town.phones(size)):
        say(f"{host.name}: {size:,} phones are registered; {rounds} rounds of facts")
        return facts.measure(host, size, rounds)


def main() -> None:
    words = argparse.ArgumentParser(prog="bench", description=__doc__)
    words.add_argument("--quick", action="store_true", help="everything once and small, as a test")
    words.add_argument("--part", choices=PARTS, action="append", help="this one alone; the others stay")
    words.add_argument("--size", type=int, action="append", help="this size alone; the others stay")
    words.add_argument("--facts-report", action="store_true", help="write docs/measurements/facts.md alone")
    words.add_argument("--saturation", action="store_true", help="write measurements/saturation.md alone")
    words.add_argument("--of", choices=saturation.KINDS, action="append", help="this saturation alone")
    words.add_argument("--idle", action="store_true", help="write measurements/idle.md alone")
    words.add_argument("--many", action="store_true", help="write measurements/fleet.md alone")
    asked = words.parse_args()
    began = time.monotonic()
    if asked.facts_report:
        facts_of_each_release()
    elif asked.saturation:
        saturated(asked.size or SATURATION_OF, asked.of or saturation.KINDS, asked.quick)
    elif asked.idle:
        about, runs = machine(), idle.measure(idle.ROUNDS, say)
        (DOCS / "measurements" / "idle.md").write_text(idle.page(runs, about), encoding="utf-8")
    elif asked.many:
        many_hosts(asked.size, asked.quick)
    else:
        with tempfile.TemporaryDirectory() as folder:
            run(asked, Path(folder) if asked.quick else DOCS)
    say(f"it took {time.monotonic() - began:.0f} s")


def run(asked: argparse.Namespace, folder: Path) -> None:
    parts = asked.part or [part for part in PARTS if not (asked.quick and part == "facts")]
    figures = folder / "measurements" / "performance.json"
    partly = (asked.part or asked.size) and figures.exists()
    bench = Bench(folder, asked.quick, Results.read(figures) if partly else None)
    rounds = tuple(
        each for each in (QUICK if asked.quick else FULL) if each.size in (asked.size or [each.size])
    )
    contenders = usual_ones()
    ours = next(each for each in contenders if isinstance(each, Ours))
    try:
        if set(parts) - {"fleet"}:
            lab("up", "--bare", f"{OURS}=forky")
            rivals = {"sizes": (USUAL, WIZARD), "calls": (USUAL,)}
            needed = {OURS, *(name for part in parts for name in rivals.get(part, ()))}
            others = sorted(needed - {OURS})
            if others:
                lab("up", *(f"{name}=forky" for name in others))
            for each in contenders:
                if each.name in needed:
                    say(f"{each.name}: the host is prepared")
                    each.prepare()
            if "sizes" in parts:
                bench.sizes(ours, contenders, rounds)
            if "calls" in parts:
                bench.calls([each for each in contenders if each.name in (OURS, USUAL)])
            if "newcomers" in parts:
                bench.newcomers(ours.host)
            if "facts" in parts:
                bench.facts(ours.host)
    finally:
        for contender in contenders:
            contender.leave()
        lab("down")
    if "fleet" in parts:
        bench.fleet()
    if asked.quick:
        bench.write()


def facts_of_each_release() -> None:
    load, measured = os.getloadavg()[0], []
    for release in ("forky", "bullseye"):
        ours = Ours(OURS)
        try:
            lab("up", "--bare", f"{OURS}={release}")
            ours.prepare()
            for size in FACTS_OF:
                measured.append(measure_facts(ours.host, size, facts.ROUNDS))
                # Each time, so that one that is interrupted has not been for nothing.
                facts_report.write(DOCS / "measurements" / "facts.md", measured, facts.ROUNDS, load)
        finally:
            ours.leave()
            lab("down", OURS)


def many_hosts(sizes: Sequence[int] | None, quick: bool) -> None:
    """Measure fleets of these sizes; the figures of others stay."""
    about, folder = machine(), DOCS / "measurements"
    extensions = many.QUICK_EXTENSIONS if quick else many.EXTENSIONS
    found: list[many.Found] = [] if quick else many_page.kept(folder)
    for each in many.measure(sizes or (many.QUICK_SIZES if quick else many.SIZES), extensions, say):
        found = many_page.joined(found, each)
        if not quick:
            # Each time, so that one that is interrupted has not been for nothing.
            many_page.keep(found, about, folder)
    if quick:
        print(many_page.page(found, about))


def saturated(sizes: Sequence[int], kinds: Sequence[str], quick: bool) -> None:
    contenders = [each for each in usual_ones() if each.name in (OURS, USUAL)]
    folder = DOCS / "measurements"
    bounds = saturation.QUICK if quick else saturation.Bounds()
    about = machine()
    found = saturation_page.read(folder / "saturation.json")
    try:
        lab("up", "--bare", f"{OURS}=forky")
        lab("up", f"{USUAL}=forky")
        for each in contenders:
            each.prepare()
        for limit in saturation.measure(contenders, sizes, kinds, bounds, say):
            new = saturation_page.Found(limit, about["when"], about["machine"], about["load when it began"])
            found = saturation_page.joined(found, new)
            say(f"{limit.who}, {limit.size:,} extensions, {limit.what}: {limit.held} a second")
            if not quick:
                # Each time, so that one that is interrupted has not been for nothing.
                saturation_page.write(found, folder)
    finally:
        for each in contenders:
            each.leave()
        lab("down")


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


if __name__ == "__main__":
    main()
