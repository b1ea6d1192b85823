# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What was measured, as values that are written down, and what they say: medians, spreads, ratios."""

from __future__ import annotations

import dataclasses
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: A request that is answered later than this has stalled; in seconds.
STALLED = 0.5


@dataclass(frozen=True)
class Sample:
    """One measurement: who did what, on how many extensions, in which round."""

    who: str
    what: str
    size: int
    #: In seconds; and the memory of the largest process, in MiB.
    wall: float
    cpu: float = 0.0
    memory: float = 0.0
    #: Seconds from a request to its 200, while it was going on; and how many never had one.
    register: tuple[float, ...] = ()
    invite: tuple[float, ...] = ()
    failed: int = 0
    #: Whether telephones registered and called meanwhile.
    loaded: bool = False

    @property
    def stalled(self) -> int:
        """How many requests failed or waited for longer than STALLED."""
        return self.failed + sum(seconds > STALLED for seconds in (*self.register, *self.invite))


@dataclass
class Results:
    """Everything that one run of the bench has measured."""

    #: The machine and the versions, as name and value.
    about: dict[str, str] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)

    def of(self, who: str, what: str, size: int) -> list[Sample]:
        return [s for s in self.samples if (s.who, s.what, s.size) == (who, what, size)]

    def wall(self, who: str, what: str, size: int) -> list[float]:
        return [sample.wall for sample in self.of(who, what, size)]

    def sizes(self) -> list[int]:
        """Return the sizes at which lists were measured, smallest first."""
        return sorted({sample.size for sample in self.samples if sample.what == "nothing to do"})

    def write(self, path: Path) -> None:
        shown = {"about": self.about, "samples": [dataclasses.asdict(sample) for sample in self.samples]}
        path.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Results:
        shown = json.loads(path.read_text(encoding="utf-8"))
        return cls(shown["about"], [_sample(each) for each in shown["samples"]])


def _sample(shown: dict[str, Any]) -> Sample:
    return Sample(**{**shown, "register": tuple(shown["register"]), "invite": tuple(shown["invite"])})


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float] | None:
    """Return the ratio of the medians, and the least and the most that the spreads of both allow for.

    None where one of them was not measured.
    """
    if not ours or not theirs:
        return None
    return (
        statistics.median(ours) / statistics.median(theirs),
        min(ours) / max(theirs),
        max(ours) / min(theirs),
    )


def growth(smaller: Sequence[float], larger: Sequence[float]) -> float | None:
    """Return by what factor the median has grown; None where one of them was not measured."""
    return statistics.median(larger) / statistics.median(smaller) if smaller and larger else None
