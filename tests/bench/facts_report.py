# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Puts what was measured into docs/measurements/facts.md; what a person has written below stays."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from . import measuring
from .facts import FROM_FILE, LISTING, PING, VARIANTS, Measured

#: Where the part begins that a person writes.
BY_HAND = "## What this says\n"

WAYS = {
    "task": "as a task within one `ansible-playbook` run, from its start to that of the next",
    "run": "a whole `ansible-playbook` run with this one task, as a user feels it",
    "ad hoc": "a whole `ansible -m` run, which prints the facts",
}
NAMES = {
    "facts": "facts",
    "packed": "facts, `packed`",
    "registration": "facts, `gather: [registration]`",
    "few": "facts, five `numbers`",
}


def write(path: Path, measured: Sequence[Measured], rounds: int, load: float) -> None:
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    _measured, found, by_hand = before.partition(BY_HAND)
    path.write_text(_text(measured, rounds, load) + found + by_hand, encoding="utf-8")


def _text(measured: Sequence[Measured], rounds: int, load: float) -> str:
    told = measuring.machine()
    parts = [
        "# What the facts of a host take\n\n"
        f"`make bench-facts` wrote this part, {told['when']}: {told['machine']}, load {load:.1f} when it"
        f" began, Python {told['Python']}, ansible-core {told['ansible-core']}; {rounds} rounds, in each"
        " everything once. Controller, hosts and phones"
        " share the machine. Every phone has registered by itself and answers OPTIONS. In each round all"
        " facts were compared with what they had to be.\n\n"
        "Medians in seconds, least and most in brackets. *Listing* is a bare `PJSIPShowContacts` on the host,"
        " from connecting to the last byte, with nothing done to it. The sum is one ping, made the same way"
        " as the facts beside it, and one listing; the ratio is that of the medians.\n\n"
    ]
    for way, told in WAYS.items():
        parts += [f"{told[0].upper()}{told[1:]}:\n\n"]
        parts += ["| Asterisk | phones | what | takes | ping | listing | ratio |\n"]
        parts += ["| --- | --- | --- | --- | --- | --- | --- |\n"]
        parts += [line for each in measured for line in _lines(each, way)]
        parts += ["\n"]
    return "".join(parts)


def _lines(measured: Measured, way: str) -> list[str]:
    taken, listing = measured.seconds[way], measured.seconds["host"][LISTING]
    whole = statistics.median(taken[PING]) + statistics.median(listing)
    lines = []
    for what in (*VARIANTS, FROM_FILE):
        if what not in taken:
            continue
        beside = f"{_shown(taken[PING])} | {_shown(listing)}"
        ratio = f"**{statistics.median(taken[what]) / whole:.2f}**"
        name = NAMES.get(what, "the same facts from a file, no host asked")
        if what == FROM_FILE:
            ratio = ""
        begins = f"| {measured.asterisk} | {measured.size:,} | {name} | {_shown(taken[what])}"
        lines.append(f"{begins} | {beside} | {ratio} |\n")
    return lines


def _shown(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f}–{max(seconds):.2f})"
