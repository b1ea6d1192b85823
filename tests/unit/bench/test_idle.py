# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is said of runs with nothing to do: ratios to pings of the same run, and whether a target holds."""

from __future__ import annotations

import pytest
from bench.idle import DIRECTORY, PING, WHOLE, Run, page
from bench.measuring import Cost

ABOUT = {"when": "1 May 2026", "machine": "2 cores", "load when it began": "0.1"}


def runs(hosts: int, **seconds: list[float]) -> list[Run]:
    names = {"ping": PING, "whole": WHOLE, "directory": DIRECTORY}
    return [
        Run(names[what], hosts, Cost(each, each / 2, 50)) for what, costs in seconds.items() for each in costs
    ]


@pytest.mark.parametrize(
    ("whole", "said"),
    [([2.0, 2.4, 3.0], "≤ 2.5: holds"), ([2.6, 2.6, 2.6], "≤ 2.5: **missed**")],
)
def test_a_run_is_judged_by_the_pings_of_the_same_run(whole: list[float], said: str) -> None:
    lines = page(runs(1, ping=[1.0, 1.0, 2.0], whole=whole), ABOUT).splitlines()
    assert lines[-2].startswith("| 1 | `ping` | 1.00 (1.00–2.00) | 1.00 (0.50–2.00) | 0.50 | 1.00 |")
    assert lines[-1].endswith(f"| {said} |")


def test_each_fleet_has_lines_of_its_own_and_only_the_whole_site_a_target() -> None:
    found = page([*runs(12, ping=[4.0], whole=[8.0], directory=[6.0]), *runs(1, ping=[1.0])], ABOUT)
    lines = [line for line in found.splitlines() if line.startswith("| 1")]
    assert [line.split("|")[1].strip() for line in lines] == ["1", "12", "12", "12"]
    assert "| 2.00 (2.00–2.00) | 4.00 | 2.00 | ≤ 2.0: holds |" in lines[2]
    assert lines[3].endswith("| 1.50 |  |")
