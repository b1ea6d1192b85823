# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is said of rollouts to many hosts: cost by size, how it grows, and which size is not sensible."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from bench import memory
from bench.many import PREFLIGHT, REPORT, ROLLOUT, Found
from bench.many_page import joined, keep, kept, page
from bench.memory import Peak
from bench.simulated import seconds

ABOUT = {
    "when": "1 May 2026",
    "machine": "2 cores",
    "load when it began": "0.1",
    "Python": "3.13.1",
    "ansible-core": "2.21.5",
}


def found(hosts: int, step: str, wall: float, cpu: float, **peak: float) -> Found:
    return Found(hosts, step, wall, cpu, hosts * 2.0, Peak(**peak))


SMALL = [
    found(10, PREFLIGHT, 20, 5, main=100, worker=10, workers=30, together=120, count=3),
    found(10, ROLLOUT, 60, 10, main=110, worker=10, workers=30, together=130, count=3),
    found(10, REPORT, 0.1, 0.1, main=40, together=40),
]


def test_each_step_has_a_line_with_its_cost_for_a_host() -> None:
    lines = page(SMALL, ABOUT).splitlines()
    line = "| 10 | preflight | 20.0 s | 5 s | 0.5 s | 2 s | 100 MiB | 3: 10 and 30 MiB | 120 MiB |"
    assert line in lines
    assert "| 10 | report | 0.1 s | 0.1 s | 0.01 s | 2 s | 40 MiB |  | 40 MiB |" in lines
    assert "* 10 hosts: sensible." in lines
    assert "* *preflight*: measured with one size only." in lines


@pytest.mark.parametrize(
    ("large", "said"),
    [
        ([(PREFLIGHT, 1000, 100), (ROLLOUT, 2000, 200)], "because the preflight takes 16.7 min."),
        ([(PREFLIGHT, 100, 100), (ROLLOUT, 9000, 200)], "because the rollout takes 150.0 min."),
        ([(PREFLIGHT, 100, 5000), (ROLLOUT, 2000, 200)], "because it needs 4.9 GiB."),
    ],
)
def test_a_size_that_takes_too_much_is_not_sensible(large: list[tuple[str, float, float]], said: str) -> None:
    of_large = [found(500, step, wall, 400, main=600, together=mib) for step, wall, mib in large]
    lines = page([*SMALL, *of_large], ABOUT).splitlines()
    assert f"* 500 hosts: **not sensible**, {said}" in lines
    growth = (
        "* *preflight*: from 10 to 500 hosts the controller's processor time for a host goes from 0.5 s to"
    )
    assert f"{growth} 0.8 s; each host more has the main process take 1.02 MiB more." in lines


def test_a_size_that_was_interrupted_is_not_judged() -> None:
    assert "* 10 hosts: not measured whole." in page(SMALL[:1], ABOUT)


def test_figures_are_kept_and_measured_anew_one_by_one(tmp_path: Path) -> None:
    keep(SMALL, ABOUT, tmp_path)
    assert kept(tmp_path) == SMALL
    again = found(10, ROLLOUT, 70, 11)
    assert joined(SMALL, again) == [SMALL[0], again, SMALL[2]]
    other = found(2, REPORT, 1, 1)
    assert joined(SMALL, other)[0] == other
    assert kept(tmp_path / "nowhere") == []


def test_the_processor_time_of_a_host_is_that_of_its_shell_and_what_that_has_run() -> None:
    assert seconds("0m0.001s 0m0.002s\n1m0.500s 0m0.000s\n" * 2) == pytest.approx(121.006)
    assert seconds("") == 0


def test_memory_is_looked_at_while_a_process_runs() -> None:
    peak = Peak()
    # Ansible is run by `timeout`, too.
    with subprocess.Popen(["timeout", "30", "sleep", "30"]) as process:
        while peak.main == 0:
            memory.look(process.pid, peak)
        process.terminate()
    assert 0 < peak.together < 100
    assert peak.count == 0
