# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A fleet of 500 sites with 200 extensions each is looked at, and each planted mistake is named."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from pages import journal

from . import paper_fleet

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "measurements" / "validate.md"
HEAD = f"""# An inventory of {paper_fleet.SITES} sites, looked at before a host is touched

Written by `make test-long`. `voiceops.asterisk.validate` over {paper_fleet.SITES} hosts with
{paper_fleet.EXTENSIONS} extensions each, written as people do: one file of YAML for each host, and one
encrypted vault with its passwords. Ten mistakes of different kinds are planted; the lines are what it says,
and nothing else is said.
"""


def test_ten_planted_mistakes_are_named_and_nothing_else(tmp_path: Path) -> None:
    paper_fleet.write(tmp_path / "inventory")
    (tmp_path / "password").write_text(paper_fleet.PASSWORD, "ascii")
    begin, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(
        [
            *(sys.executable, "-m", "ansible", "playbook", "-i", "inventory"),
            *("--vault-password-file", "password", str(REPOSITORY / "playbooks" / "validate.yml")),
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    took = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = sum(after[:2]) - sum(before[:2])
    assert run.returncode == 2, run.stdout + run.stderr
    lines = [line for line in run.stdout.splitlines() if line.startswith("inventory/")]
    assert len(lines) == len(paper_fleet.MISTAKES), "\n".join(lines)
    for mistake in paper_fleet.MISTAKES:
        (line,) = [line for line in lines if mistake.said in line]
        assert paper_fleet.host(mistake.site) in line
        assert line.startswith(f"inventory/host_vars/{paper_fleet.host(mistake.site)}/")
    assert "500 hosts, 100,000 extensions: 10 mistakes" in run.stdout
    assert "correct-horse" not in run.stdout + run.stderr
    seen = [
        f"{took:.0f} s, {used:.0f} s of processor time; load average {os.getloadavg()[0]:.1f}",
        "",
        *lines,
    ]
    PAGE.write_text("\n".join([HEAD, journal.machine(), "", "```text", *seen, "```", ""]), encoding="utf-8")
