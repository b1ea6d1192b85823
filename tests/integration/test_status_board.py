# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The status board of a real host beside one that is down: in the terminal, and what is on the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from phones.phone import Phone

from .fleet import Host, ansible_playbook, lab_inventory


def status(host: Host, place: Path) -> tuple[str, dict[str, Any]]:
    """Run the playbook for the host and one that is not there; return what it said, and the page's facts."""
    down = place / "down.json"
    down.write_text(
        json.dumps({"pbx": {"hosts": {"down": {"ansible_host": "127.0.0.1", "ansible_port": 1}}}}),
        encoding="utf-8",
    )
    page = place / "pbx-status.html"
    run = ansible_playbook(
        *("-i", lab_inventory(), "-i", str(down)),
        *("--limit", f"{host.name},down", "-e", f"pbx_status_page={page}", "playbooks/status.yml"),
        *("-e", f"target={host.name},down"),
    )
    assert run.returncode == 0, run.stdout + run.stderr
    facts = re.search(r'id="facts">(.*?)</script>', page.read_text(encoding="utf-8"))
    assert facts is not None
    return run.stdout, json.loads(facts[1])


@pytest.mark.shown_on("asterisk22")
def test_who_is_there_and_which_host_is_not(directory: Host, tmp_path: Path) -> None:
    host = directory
    with Phone("1001", "correct-horse-1", host.address).on_the_desk():
        said, page = status(host, tmp_path)
    assert f"{host.name}: Asterisk running, 1 of 2 extensions registered, 1 cannot register" in said
    assert re.search(r"^down: UNREACHABLE: .*Connection refused", said, re.MULTILINE), said
    assert [(one["name"], one["answered"]) for one in page["hosts"]] == [("down", False), (host.name, True)]
    there, away, door = page["extensions"]
    assert (there["name"], there["state"], there["groups"]) == ('Ayşe "Ay" Yılmaz; $5', "idle", ["Satış"])
    assert there["contacts"][0]["agent"].startswith("Desk phone")
    assert (away["name"], away["state"], door["state"]) == ("محمد", "unregistered", "no phone")
    # The phone has unregistered meanwhile; the page remembers that it was there.
    said, page = status(host, tmp_path)
    assert f"{host.name}: no longer registered (1): 1001" in said
    assert [one["state"] for one in page["extensions"]] == ["gone", "unregistered", "no phone"]
    with Phone("1001", "correct-horse-1", host.address).on_the_desk():
        said, page = status(host, tmp_path)
    assert "no longer registered" not in said
    assert page["extensions"][0]["state"] == "idle"


@pytest.mark.shown_on("asterisk16")
def test_where_asterisk_is_stopped_the_board_says_so(directory: Host, tmp_path: Path) -> None:
    host = directory
    host.shell("systemctl stop asterisk")
    try:
        said, page = status(host, tmp_path)
    finally:
        host.shell("systemctl start asterisk")
    assert f"{host.name}: ASTERISK STOPPED, 3 extensions defined" in said
    assert {one["state"] for one in page["extensions"]} == {"unknown"}
