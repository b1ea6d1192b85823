# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Nothing that a page has its reader write or type is left untried."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from integration import test_manual
from pages import monitoring
from pages.manual import Block, Kind, blocks, commands, pages

from .conftest import PROGRAMS, REPOSITORY, Command

#: The pages that are followed elsewhere, and where.
FOLLOWED = {
    **dict.fromkeys([test_manual.BEGIN, *test_manual.GUIDES], "integration/test_manual.py"),
    "README.md": "published/test_readme.py",
    "docs/security.md": "integration/test_outsider.py",
    "docs/python-library.md": "published/test_python_library.py",
    "docs/events.md": "unit/events/test_page.py",
    "docs/awx.md": "published/test_runner.py",
    "CONTRIBUTING.md": "published/test_manual.py",
}
#: Blocks that are not a file and are tried anyway: an extension of the demo, a script, variables by name.
PIECES = {("README.md", "yaml"), ("docs/python-library.md", "python"), ("docs/installing.md", "yaml")}
#: Blocks that are read only: what something prints, the plan of a house, lists of pages.
READ = {"text", "json", "{toctree}"}


def all_blocks() -> list[Block]:
    return [block for page in pages() for block in blocks(page)]


def test_every_block_is_one_that_is_tried_or_one_that_is_only_read() -> None:
    untried = [
        f"{block} ({block.language})"
        for block in all_blocks()
        if block.page not in FOLLOWED
        and block.language not in READ
        and (block.page, block.language) not in PIECES
    ]
    assert untried == []
    for place in FOLLOWED.values():
        assert (REPOSITORY / "tests" / place).exists()


@pytest.mark.parametrize("page", sorted(FOLLOWED))
def test_a_page_that_is_followed_leaves_nothing_open(page: str) -> None:
    """A block of YAML has the name of its file, unless it is one that `PIECES` names."""
    pieces = [
        str(block)
        for block in blocks(page)
        if block.language not in READ and block.kind is Kind.SHOWN and (page, block.language) not in PIECES
    ]
    assert pieces == []


def known_variables() -> set[str]:
    text = (REPOSITORY / "roles/pbx/meta/argument_specs.yml").read_text(encoding="utf-8")
    entry_points = yaml.safe_load(text)["argument_specs"].values()
    rules = yaml.safe_load((REPOSITORY / "roles/pbx/vars/main/preflight.yml").read_text(encoding="utf-8"))
    of_playbooks = set(rules["__pbx_variables_of_playbooks"])
    return of_playbooks | {name for entry in entry_points for name in entry.get("options", {})}


def variables(block: Block) -> set[str]:
    content = yaml.safe_load(re.sub(r"!vault .*", "''", block.text))
    return {name for name in content if name.startswith("pbx_")} if isinstance(content, dict) else set()


def test_every_variable_in_an_example_is_one_of_the_role() -> None:
    named = {name for block in all_blocks() if block.language == "yaml" for name in variables(block)}
    assert "pbx_source_sha256" in named
    assert named - known_variables() == set()


def test_prometheus_is_told_to_scrape_what_the_dashboard_asks_for() -> None:
    (block,) = (block for block in blocks("docs/monitoring.md") if block.file == "prometheus.yml")
    (job,) = yaml.safe_load(block.text)["scrape_configs"]
    assert job["job_name"] == "asterisk"
    (drop,) = job["metric_relabel_configs"]
    asked = {metric for question in monitoring.questions() for metric in question.metrics}
    assert asked
    assert [metric for metric in asked if re.fullmatch(drop["regex"], metric)] == []


def test_the_readme_shows_an_extension_of_the_company_that_the_demo_rolls_out() -> None:
    (block,) = (
        block for block in blocks("README.md") if block.language == "yaml" and block.kind is Kind.SHOWN
    )
    company = REPOSITORY / "playbooks/inventory/host_vars/pbx-istanbul/extensions.yml"
    there = yaml.safe_load(company.read_text(encoding="utf-8"))["pbx_extensions"]
    assert yaml.safe_load(block.text)["pbx_extensions"] == there[:1]


@pytest.mark.parametrize("line", commands("CONTRIBUTING.md"))
def test_every_command_for_contributors_is_there(line: str, run: Command) -> None:
    """What runs all tests is not run by one of them: its targets and files are looked for."""
    words = [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=.*", word)]
    if words[0] == "make":
        run("make", "--dry-run", *words[1:], cwd=REPOSITORY)
    elif Path(words[0]).name == "pytest":
        said = run(PROGRAMS / "pytest", "--collect-only", "--quiet", *words[1:], cwd=REPOSITORY)
        assert "::" in said
    else:
        pytest.fail(f"nobody tries: {line}")
