# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""How long each stage of `make test` took is told at its end, and a stage that fails has failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER

PROGRAM = FOLDER.parent / "tests" / "commands" / "stages.py"


@pytest.fixture
def stages(tmp_path: Path):
    """The program, in a repository of its own: what a run of `make test` notes meanwhile stays as it is."""
    program = tmp_path / "tests" / "commands" / "stages.py"
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM.read_text(encoding="utf-8"), encoding="utf-8")

    def run(*arguments: str, flags: str = "") -> tuple[int, str]:
        environment = {**os.environ, "MAKEFLAGS": flags}
        command = [sys.executable, str(program), *arguments]
        ended = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
        return ended.returncode, ended.stdout

    return run


def test_each_stage_is_told_with_how_it_ended(stages):
    stages("begin")
    assert stages("run", "lint", "true")[0] == 0
    assert stages("run", "unit", "sh", "-c", "exit 3")[0] == 3
    table = stages("tell")[1].partition("-----\n")[2]
    said = table.splitlines()
    assert [line.split()[0] for line in said] == ["stage", "lint", "unit", "all,", "unit"]
    assert "status" not in said[1]
    assert said[2].endswith("status 3")


def test_what_a_stage_says_is_shown_and_its_end_once_more_where_it_failed(stages):
    stages("begin")
    shown = stages("run", "unit", "sh", "-c", "seq 1000; echo wrong >&2; exit 3")[1]
    assert shown.split() == [*map(str, range(1, 1001)), "wrong"]
    stages("run", "lint", "echo", "fine")
    said = stages("tell")[1]
    assert "unit has failed" in said
    assert "\n999\n1000\nwrong\n" in said
    assert "\n100\n" not in said
    assert "fine" not in said


def test_after_all_else_a_few_lines_tell_what_failed_in_each_stage(stages):
    stages("begin")
    tests = "printf '%s\\n' 'FAILED test_a.py::test_b - x' collected; seq 100; echo 'E   assert 0'; exit 1"
    stages("run", "unit", "sh", "-c", tests)
    stages("run", "lint", "sh", "-c", "seq 100; exit 1")
    red = r"printf '  \033[2m│\033[0m \033[31mfatal: [host]: FAILED! => %0500d\033[0m\n' 0; seq 100; exit 1"
    stages("run", "molecule", "sh", "-c", red)
    unit, lint, molecule = stages("tell")[1].partition("all, with")[2].split(" has failed:\n")[1:]
    assert unit.splitlines()[:-1] == ["  FAILED test_a.py::test_b - x"]
    # Where nothing shows a failure, its end has to do.
    assert lint.splitlines()[:-1] == [f"  {number}" for number in range(89, 101)]
    fatal, *after = molecule.splitlines()
    assert after == [f"  {number}" for number in range(1, 11)]
    assert fatal.startswith("  fatal: [host]: FAILED!")
    assert len(fatal) == 302


def test_what_was_noted_before_is_forgotten(stages):
    stages("begin")
    stages("run", "lint", "true")
    stages("begin")
    assert "lint" not in stages("tell")[1]


@pytest.mark.parametrize("flags", ["n", "n --no-print-directory", "nw -j2"])
def test_a_dry_run_notes_nothing(stages, flags):
    stages("begin")
    assert stages("run", "lint", "true", flags=flags)[0] == 0
    assert "lint" not in stages("tell")[1]


def test_a_stage_does_not_take_part_in_the_jobs_of_the_whole(stages):
    said = stages("run", "x", "sh", "-c", 'echo "[$MAKEFLAGS]"', flags=" -j3 --jobserver-auth=3,4")[1]
    assert "[]" in said
