# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The page of how many calls and REGISTERs a second a host takes, and the figures that it is made of.

What is measured again replaces what was there of it; the rest stays, each with its date and machine.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .saturation import KINDS, PATIENCE, Bounds, Limit, Step


@dataclass(frozen=True)
class Found:
    """A limit; when it was found and on which machine, with its load when it began."""

    limit: Limit
    when: str
    machine: str
    load: str

    @property
    def of(self) -> tuple[int, int, str]:
        """What it is about, in the order of the page."""
        return self.limit.size, KINDS.index(self.limit.what), self.limit.who


def read(path: Path) -> list[Found]:
    """Return what was found before; nothing where there is no such file."""
    if not path.exists():
        return []
    return [_found(each) for each in json.loads(path.read_text(encoding="utf-8"))]


def _found(shown: dict) -> Found:  # type: ignore[type-arg]
    limit = shown["limit"]
    did_not = Step(**limit["did_not"]) if limit["did_not"] else None
    return Found(**{**shown, "limit": Limit(**{**limit, "did_not": did_not})})


def joined(before: Sequence[Found], new: Found) -> list[Found]:
    """Return all that is known, in the order of the page, once this is."""
    return sorted([*(each for each in before if each.of != new.of), new], key=lambda each: each.of)


def write(found: Sequence[Found], folder: Path) -> None:
    """Write the page and its figures."""
    figures = [dataclasses.asdict(each) for each in found]
    (folder / "saturation.json").write_text(
        json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (folder / "saturation.md").write_text(page(found), encoding="utf-8")


def page(found: Sequence[Found]) -> str:
    """Return what was found as a page."""
    lines = [
        "# How many calls and REGISTERs a second a host takes\n",
        "`make bench-saturation` wrote this page. Telephones and hosts share the machine. A rate holds if"
        f" nothing fails within {Bounds().seconds} seconds and 99 of 100 are answered within"
        f" {1000 * PATIENCE:.0f} ms, in one of two tries. Each call is authenticated, answered at once and"
        " ended after a second; each REGISTER is challenged, and refreshes a contact that is there. The"
        " hand-written host has as many files as ours: with Debian's 1,024 its calls fail from 104 a second"
        " on.\n",
        "| extensions | a second | contender | held | did not hold | measured |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for each in found:
        limit = each.limit
        lines.append(
            f"| {limit.size:,} | {limit.what} | {limit.who} | {limit.held} | {_why(limit.did_not)}"
            f" | {each.when}: {each.machine}, load {each.load} |"
        )
    return "\n".join([*lines, ""])


def _why(step: Step | None) -> str:
    if step is None:
        return "no higher one was tried"
    return f"{step.rate} ({f'{step.failed} failed' if step.failed else f'{1000 * step.slow:.0f} ms'})"
