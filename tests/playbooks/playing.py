# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What Ansible makes of the playbooks and the role on this machine, without hosts."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from preloaded.commands import Preloaded

REPOSITORY = Path(__file__).resolve().parents[2]
PLAYBOOKS = REPOSITORY / "playbooks"


@functools.cache
def _preloaded() -> Preloaded:
    configuration = {"ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    return Preloaded({**os.environ, **configuration})


def ansible_playbook(*words: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder as somebody types it there; return how it ended."""
    arguments = [str(word) for word in words]
    return _preloaded().run("ansible-playbook", arguments, cwd=cwd, deadline=120, environment=environment)


def rendered(sets: list[dict[str, Any]], *places: str) -> list[dict[str, str]]:
    """Return what the role makes of each set of variables, by place; ``places`` are all: rendering.py."""
    run = subprocess.run(
        [sys.executable, "-m", "playbooks.rendering", *places],
        cwd=REPOSITORY / "tests",
        input=json.dumps(sets),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    answers: list[dict[str, str]] = json.loads(run.stdout)
    return answers
