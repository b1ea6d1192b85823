# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The roll-out: in batches, as far as it may go wrong, and in the end a word about every host.

Hosts here are all the machine of the tests, and all are refused for a wrong variable before anything is done.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
REFUSED = "failed: nothing was changed, for 1 thing(s) are wrong: pbx_recording_folder: "


def said_of_hosts(place: Path, in_inventory: dict[str, object], *options: str) -> dict[str, str]:
    """Run the playbook against four hosts and return what it says of each after its recap."""
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "pbx_recording_folder": "not a folder",
        **in_inventory,
    }
    inventory = place / "inventory.json"
    inventory.write_text(
        json.dumps({"pbx": {"hosts": {name: {} for name in "abcd"}, "vars": variables}}), encoding="utf-8"
    )
    run = subprocess.run(
        [
            *(sys.executable, "-m", "ansible", "playbook", "-i", str(inventory)),
            *(str(REPOSITORY / "playbooks" / "site.yml"), *options),
        ],
        cwd=place,
        env={**os.environ, "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 2, run.stdout + run.stderr
    _before, found, after = run.stdout.partition("PLAY RECAP")
    assert found, run.stdout
    return dict(re.findall(r"^([a-d]): (.*)$", after, re.MULTILINE))


@pytest.mark.parametrize(
    ("in_inventory", "options", "tried"),
    [
        ({}, [], "abcd"),
        # A batch of which all have failed is the last one.
        ({"pbx_serial": 1}, [], "a"),
        ({"pbx_serial": "50%"}, [], "ab"),
        ({"pbx_serial": [3, "100%"]}, [], "abc"),
        # What is said on the command line counts.
        ({"pbx_serial": 1}, ["-e", "pbx_serial=2"], "ab"),
        ({"pbx_max_fail_percentage": 0}, [], "abcd"),
    ],
)
def test_every_host_is_spoken_of_in_the_end(tmp_path, in_inventory, options, tried):
    said = said_of_hosts(tmp_path, in_inventory, *options)
    assert sorted(said) == list("abcd")
    for host, words in said.items():
        expected = REFUSED if host in tried else "not reached, for the run ended before it"
        assert words.startswith(expected), host
