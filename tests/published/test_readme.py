# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the README has its reader write and type, where it needs no host; the demo is in test_manual.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages.manual import Kind, blocks, commands
from pages.repository import ADDRESS, commit

from .conftest import Command

PAGE = "README.md"
DEMO = "make demo"


@pytest.fixture
def repository(own_checkout: Path) -> str:
    """The address of a git repository with the collection as it is here."""
    return commit(own_checkout)


@pytest.fixture
def place(tmp_path: Path, repository: str) -> Path:
    """A folder with the files that the README has its reader write."""
    folder = tmp_path / "company"
    for block in blocks(PAGE):
        if block.kind is Kind.FILE:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            text = block.text.replace(ADDRESS, repository)
            (folder / block.file).write_text(text, encoding="utf-8")
    return folder


def test_a_reader_gets_from_git_to_an_inventory_without_mistakes(
    run: Command, place: Path, repository: str
) -> None:
    typed = [line for line in commands(PAGE) if line != DEMO]
    # There is no host: what would connect to one is read by Ansible, and not run.
    lines = [
        f"{line} --syntax-check" if line.startswith("ansible-playbook") and ".validate" not in line else line
        for line in typed
    ]
    said = {
        line: run(
            *("bash", "-c", line.replace(ADDRESS, repository)),
            cwd=place,
            HOME=str(place.parent),
            ANSIBLE_HOME=str(place.parent / ".ansible"),
        )
        for line in lines
    }
    assert len(said) == 5
    installed = [text for line, text in said.items() if "ansible-galaxy" in line]
    assert all("voiceops.asterisk:1.0.0 was installed successfully" in text for text in installed)
    (judged,) = [text for line, text in said.items() if ".validate" in line]
    assert "1 host, 1 extension: 0 mistakes" in judged
