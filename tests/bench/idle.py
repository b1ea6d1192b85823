# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a run of site.yml with nothing to do costs, in turns with a ping of the same hosts: one, and a fleet.

Only ratios of what was measured in the same run are compared: a machine that others share has its own seconds
from one minute to the next.
"""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from integration.fleet import REPOSITORY, Host, lab, lab_inventory, site

from . import town
from .measuring import Cost, measured
from .results import ratio

#: How many hosts, how many extensions each has, and how often everything is measured.
FLEETS, EXTENSIONS, ROUNDS = (1, 12), 200, 5
#: How many times a ping a run may take: of one host, and of a fleet.
MOST_OF_ONE, MOST_OF_FLEET = 2.5, 2.0
PING, WHOLE, DIRECTORY = "ping", "site.yml", "site.yml --tags directory"
#: Variables of the role that a fleet of the lab needs: its phones try as many wrong passwords as they like.
GIVEN = {"pbx_fail2ban_ignore": ["198.18.0.0/15"]}


@dataclass(frozen=True)
class Run:
    """One run: what, on how many hosts, and its cost on the controller."""

    what: str
    hosts: int
    cost: Cost


def measure(rounds: int, say: Callable[[str], None], fleets: Sequence[int] = FLEETS) -> list[Run]:
    """Boot the largest fleet, apply the role, and measure each size round by round."""
    names = [f"branch{number:02}" for number in range(1, max(fleets) + 1)]
    folder = Path(tempfile.mkdtemp(prefix="bench-idle-"))
    try:
        say(f"{len(names)} hosts boot, and the role is applied")
        lab("up", *(f"{name}=forky" for name in names))
        addresses = {each["name"]: each["address"] for each in json.loads(lab("list", "--json"))}
        given = {**town.variables(town.numbers(EXTENSIONS)), **GIVEN}
        outcome = site([Host(name, addresses[name]) for name in names], folder, given, deadline=3600)
        assert outcome.status == 0, outcome.text[-3000:]
        runs = []
        for number in range(rounds):
            for hosts in fleets:
                say(f"{hosts} hosts: round {number + 1} of {rounds}")
                runs += _round(names[:hosts], folder / "variables.yml")
        return runs
    finally:
        lab("down", *names)
        shutil.rmtree(folder)


def _round(names: Sequence[str], variables: Path) -> list[Run]:
    where = ("-i", lab_inventory(), "-e", f"@{variables}")
    playbook = str(REPOSITORY / "playbooks" / "site.yml")
    commands = {
        PING: ("ansible", *where, ":".join(names), "-m", "ansible.builtin.ping"),
        WHOLE: ("ansible-playbook", *where, "--limit", ",".join(names), playbook),
    }
    commands[DIRECTORY] = (*commands[WHOLE], "--tags", "directory")
    runs = []
    for what, words in commands.items():
        cost, text = measured(words)
        done = text.count("SUCCESS") if what == PING else text.count(" changed=0 ")
        assert done == len(names), text[-3000:]
        runs.append(Run(what, len(names), cost))
    return runs


def page(runs: Sequence[Run], about: dict[str, str]) -> str:
    """Return what was found as a page."""
    lines = [
        "# What a run with nothing to do costs\n",
        f"`make bench-idle` wrote this page, {about['when']}: {about['machine']}, load"
        f" {about['load when it began']} when it began. Hosts and controller share the machine. Each host has"
        f" {EXTENSIONS} extensions. Everything is run once a round, one after the other; medians, least and"
        " most in brackets. CPU is that of the controller; the ratio is of seconds, with what both spreads"
        " allow for.\n",
        "| hosts | what | seconds | of a ping | CPU, s | CPU of a ping's | target |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for hosts in sorted({run.hosts for run in runs}):
        of = {
            what: [run.cost for run in runs if (run.what, run.hosts) == (what, hosts)]
            for what in (PING, WHOLE, DIRECTORY)
        }
        lines += [_line(hosts, what, costs, of[PING]) for what, costs in of.items() if costs]
    return "\n".join([*lines, ""])


def _line(hosts: int, what: str, costs: Sequence[Cost], pings: Sequence[Cost]) -> str:
    walls = [cost.wall for cost in costs]
    times = ratio(walls, [cost.wall for cost in pings])
    of_cpu = ratio([cost.cpu for cost in costs], [cost.cpu for cost in pings])
    assert times is not None
    assert of_cpu is not None
    target = ""
    if what == WHOLE:
        most = MOST_OF_ONE if hosts == 1 else MOST_OF_FLEET
        target = f"≤ {most}: {'holds' if times[0] <= most else '**missed**'}"
    return (
        f"| {hosts} | `{what}` | {statistics.median(walls):.2f} ({min(walls):.2f}–{max(walls):.2f})"
        f" | {times[0]:.2f} ({times[1]:.2f}–{times[2]:.2f})"
        f" | {statistics.median(cost.cpu for cost in costs):.2f} | {of_cpu[0]:.2f} | {target} |"
    )
