# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the role hands over of the programs that take a change back, and to which hosts it does not."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.action import pbx_look

from playbooks.playing import REPOSITORY, rendered

LIBRARY = REPOSITORY / "plugins" / "module_utils"
PROGRAM = LIBRARY / "confirming" / "command.py"
ON_THE_HOST = "/usr/local/lib/voiceops/voiceops_confirm/"


def imported(path: Path) -> set[Path]:
    """Return the files of the library that a file of it imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            start = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            names = [start.with_suffix(".py"), *(start / f"{name.name}.py" for name in node.names)]
            found |= {each for each in names if each.is_file()}
    return found


def needed(program: Path) -> set[Path]:
    """Return the program with all that it imports, and what that imports."""
    found: set[Path] = set()
    due = {program}
    while due:
        path = due.pop()
        found.add(path)
        due |= imported(path) - found
    return found


def test_the_first_question_of_a_run_takes_to_the_host_all_that_it_imports_and_nothing_else():
    program = LIBRARY / "settled" / "program.py"
    assert set(pbx_look.FILES) == {str(path.relative_to(LIBRARY)) for path in needed(program)}
    assert pbx_look.FILES[-1] == "settled/program.py"


def test_the_host_gets_all_that_the_program_imports_and_nothing_else():
    (made,) = rendered([{}], "__pbx_confirm_files")
    paths = [file["path"] for file in json.loads(made["__pbx_confirm_files"])]
    programs = {path.removeprefix(ON_THE_HOST) for path in paths if path.startswith(ON_THE_HOST)}
    assert programs == {str(path.relative_to(LIBRARY)) for path in needed(PROGRAM)}
    assert [path for path in paths if not path.startswith(ON_THE_HOST)] == [
        "/etc/systemd/system/voiceops-confirm.service",
        "/etc/systemd/system/voiceops-confirm.timer",
    ]


@pytest.mark.parametrize(
    ("variables", "handed_over"),
    [
        ({}, False),
        ({"pbx_confirm_within": 0}, False),
        ({"pbx_confirm_within": "600"}, True),
        # What is there may be of an older release.
        (
            {"__pbx_look": {"stdout": "waits to be confirmed", "stdout_lines": ["waits to be confirmed"]}},
            True,
        ),
    ],
)
def test_a_run_that_does_not_ask_for_it_has_nothing_of_it(variables, handed_over):
    looked = {"__pbx_look": {"stdout": "", "stdout_lines": []}}
    (made,) = rendered([{**looked, **variables}], "__pbx_confirms")
    assert json.loads(made["__pbx_confirms"]) is handed_over
