# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What GitHub and git are told is what they understand, and names what is there."""

from __future__ import annotations

import re

import pytest
import yaml

from .conftest import PROGRAMS, REPOSITORY, Command

#: By the schema, as GitHub publishes it, the files that have to obey it.
SCHEMAS = {
    "vendor.github-workflows": [".github/workflows/test.yml"],
    "vendor.github-issue-forms": [".github/ISSUE_TEMPLATE/bug.yml", ".github/ISSUE_TEMPLATE/wish.yml"],
    "vendor.github-issue-config": [".github/ISSUE_TEMPLATE/config.yml"],
}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_github_understands_its_files(run: Command, schema: str) -> None:
    run(PROGRAMS / "check-jsonschema", "--builtin-schema", schema, *SCHEMAS[schema], cwd=REPOSITORY)


def test_every_file_for_github_is_looked_at() -> None:
    there = {str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / ".github").rglob("*.*")}
    assert there == {file for files in SCHEMAS.values() for file in files}


def test_every_target_that_github_makes_is_there(run: Command) -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    typed = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    targets = [
        target for line in typed for target in re.sub("^make ", "", line).split() if line.startswith("make ")
    ]
    assert targets
    run("make", "--dry-run", *targets, cwd=REPOSITORY)
    assert ".ci/run" in typed


def test_a_commit_is_judged_by_programs_that_are_there(run: Command) -> None:
    said = run(
        *(PROGRAMS / "pre-commit", "run", "--color", "never", "--files"),
        *("plugins/module_utils/definition/digest.py", "galaxy.yml", "changelogs/config.yaml"),
        cwd=REPOSITORY,
    )
    assert "Failed" not in said
    for hook in ("ruff", "ruff format", "mypy", "yamllint", "reuse", "antsibull-changelog"):
        assert re.search(rf"^{hook}\.+Passed$", said, re.MULTILINE), said
