# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""No task of the role may do in a run what check mode skips silently.

In check mode Ansible skips a command, and does not say that it would be run or that it would change anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

TASKS = Path(__file__).resolve().parents[2] / "roles" / "pbx" / "tasks"
COMMANDS = ("shell", "command", "raw", "script")
#: Where check mode is told from a run, and what the other task or the same one then says in its place.
OTHERWISE_IN_CHECK_MODE = {
    "Try the directory": "check mode tries it anyway",
    "Refuse to end while the metrics are not as declared": "changes nothing",
    "Refuse a time zone that the host does not know": "changes nothing",
    "Fetch the tarballs from elsewhere": "the build tells it",
    "Note which packages were there before this role came": "the first of several tells it",
}


def tasks_of(tasks: list[dict[str, Any]], inherited: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for task in tasks:
        whole = {**inherited, **task}
        blocks = [task[part] for part in ("block", "rescue", "always") if part in task]
        if not blocks:
            yield whole
        for block in blocks:
            yield from tasks_of(block, {key: whole[key] for key in ("check_mode", "when") if key in whole})


ALL = [
    pytest.param(task, id=f"{file.stem}: {task['name']}")
    for file in sorted(TASKS.glob("*.yml"))
    for task in tasks_of(yaml.safe_load(file.read_text(encoding="utf-8")), {})
]


def command_of(task: dict[str, Any]) -> Any:
    return next(
        (task[f"ansible.builtin.{name}"] for name in COMMANDS if f"ansible.builtin.{name}" in task), None
    )


def is_told(task: dict[str, Any]) -> bool:
    """Whether check mode says of a command what a run would do."""
    command = command_of(task)
    return isinstance(command, dict) and bool({"creates", "removes"} & command.keys())


@pytest.mark.parametrize("task", [each for each in ALL if command_of(each.values[0]) is not None])
def test_a_command_that_changes_something_is_told(task: dict[str, Any]) -> None:
    if task.get("changed_when") is False:
        # It only looks. What others are decided by has to be looked at in check mode too.
        assert "register" in task
    else:
        assert is_told(task), "check mode says nothing of it: creates or removes"
        # A role may be run in check mode by a keyword (`apply: {check_mode: true}`). ansible_check_mode is
        # false then: what changes something and is run anyway would change it.
        assert "check_mode" not in task


@pytest.mark.parametrize("task", ALL)
def test_nothing_is_passed_over_in_check_mode(task: dict[str, Any]) -> None:
    if "__pbx_checks" in str(task.get("when", "")):
        assert task["name"] in OTHERWISE_IN_CHECK_MODE
    assert "__pbx_checks" not in str(task.get("loop", ""))
    # What a playbook tries with a keyword is not told apart by it (vars/main/look.yml).
    assert "ansible_check_mode" not in str(task)


def test_the_exceptions_are_still_there() -> None:
    names = {each.values[0]["name"] for each in ALL if "__pbx_checks" in str(each.values[0].get("when"))}
    assert names == OTHERWISE_IN_CHECK_MODE.keys()
