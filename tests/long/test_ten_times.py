# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Ten times in a row hosts are booted, rolled out to and taken down, and nothing goes wrong by chance.

On a busy machine two of three such runs failed once: tmp.mount was tried again while a module of Ansible's
ran in /tmp, and with many hosts the kernel had no inotify instances left.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.conftest import RELEASES
from integration.fleet import DIRECTORY, REPOSITORY, Host, lab, site
from pages import journal

TIMES = 10
PAGE = REPOSITORY / "docs" / "measurements" / "ten-times.md"
HEAD = f"""# Booted and rolled out {TIMES} times in a row

Written by `make test-long` where all of it went well: each time a bare host of each release is booted,
`site.yml` takes both from nothing to a running Asterisk, a unit with `PrivateTmp` is started, which tries the
host's `tmp.mount` again if it has failed, and both are taken down.
"""
INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
#: What Ansible says of a module whose files have gone while it ran, and systemd without inotify instances.
FLAKES = ("No start of json char found", "payload.zip", "Failed to allocate manager object", "UNREACHABLE")


@pytest.fixture(scope="module")
def rounds() -> Iterator[list[str]]:
    """What each time has shown; written down once all of them have."""
    seen: list[str] = []
    yield seen
    if len(seen) == TIMES:
        lines = [HEAD, journal.machine(), "", "```text", *seen]
        lines += [f"fs.inotify.max_user_instances: {INOTIFY.read_text('ascii').strip()}", "```", ""]
        PAGE.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize("turn", range(1, TIMES + 1))
def test_two_hosts_are_booted_and_rolled_out_to(rounds: list[str], tmp_path: Path, turn: int) -> None:
    names = {f"turn-{name[-2:]}": release for name, release in RELEASES.items()}
    begin = time.monotonic()
    try:
        lab("up", "--bare", *(f"{name}={release}" for name, release in names.items()))
        booted = time.monotonic()
        there = {row["name"]: row["address"] for row in json.loads(lab("list", "--json"))}
        hosts = [Host(name, there[name]) for name in names]
        run = site(hosts, tmp_path, DIRECTORY, deadline=600)
        done = time.monotonic()
        assert run.status == 0, run.text[-5000:]
        assert [flake for flake in FLAKES if flake in run.text] == []
        for host in hosts:
            host.shell("systemd-run --wait --quiet --property=PrivateTmp=yes true")
            assert host.shell("findmnt --noheadings --output TARGET /tmp | wc -l").strip() in {"0", "1"}
            assert "failed" not in host.shell("systemctl is-active tmp.mount || true")
            assert host.shell("systemctl is-active asterisk").strip() == "active"
    finally:
        lab("down", *names)
    rounds.append(
        f"{turn:2}: booted in {booted - begin:.1f} s, rolled out in {done - booted:.0f} s,"
        f" load average {os.getloadavg()[0]:.1f}"
    )
