# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The collection as others get it: a copy of what git knows, and the artifact that is built of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests"))

#: Where the programs of the environment are.
PROGRAMS = Path(sys.executable).parent

Command = Callable[..., str]


def _copied(place: Path) -> Path:
    """Copy what is, or could be, in git to where Ansible looks for a collection."""
    target = place / "ansible_collections" / "voiceops" / "asterisk"
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(asked, cwd=REPOSITORY, check=True, capture_output=True).stdout
    for name in filter(None, os.fsdecode(listed).split("\0")):
        if (REPOSITORY / name).is_file():  # and not deleted since
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target / name)
    return target


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository for tests that change nothing in it."""
    return _copied(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def own_checkout(tmp_path: Path) -> Path:
    """A copy of the repository for a test that writes into it."""
    return _copied(tmp_path)


@pytest.fixture(scope="session")
def run() -> Command:
    """A function: ``run(word, ..., cwd=folder, **environment)`` returns what a command has said."""

    def command(*words: str | Path, cwd: Path, deadline: float = 900, **environment: str) -> str:
        surroundings = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "ANSIBLE_NOCOLOR": "1"}
        surroundings.pop("ANSIBLE_CONFIG", None)
        done = subprocess.run(
            [str(word) for word in words],
            cwd=cwd,
            env={**surroundings, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=deadline,
            check=False,
        )
        assert done.returncode == 0, f"$ {' '.join(map(str, words))}\n{done.stdout}"
        return done.stdout

    return command


@pytest.fixture(scope="session")
def artifact(checkout: Path, tmp_path_factory: pytest.TempPathFactory, run: Command) -> Path:
    """What `ansible-galaxy collection build` makes, and Galaxy would give away."""
    place = tmp_path_factory.mktemp("artifact")
    run("ansible-galaxy", "collection", "build", "--output-path", place, cwd=checkout)
    (built,) = place.glob("*.tar.gz")
    return built
