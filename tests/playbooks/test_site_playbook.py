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

from playbooks.playing import PLAYBOOKS, ansible_playbook

REPOSITORY = Path(__file__).resolve().parents[2]
REFUSED = "failed: nothing was changed, because 1 thing is wrong: pbx_recording_folder: "


def site(
    place: Path, in_inventory: dict[str, object], *options: str, group: str = "pbx"
) -> subprocess.CompletedProcess[str]:
    """Run the playbook against four hosts, all of which are this machine."""
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "pbx_recording_folder": "not a folder",
        **in_inventory,
    }
    inventory = place / "inventory.json"
    inventory.write_text(
        json.dumps({group: {"hosts": {name: {} for name in "abcd"}, "vars": variables}}), encoding="utf-8"
    )
    return ansible_playbook("-i", inventory, PLAYBOOKS / "site.yml", *options, cwd=place)


def said_of_hosts(place: Path, in_inventory: dict[str, object], *options: str) -> dict[str, str]:
    """Return what the playbook says after its recap, by the hosts of which it says it."""
    run = site(place, in_inventory, *options)
    assert run.returncode == 2, run.stdout + run.stderr
    # If our callback fails, Ansible warns.
    assert "Callback dispatch" not in run.stdout + run.stderr
    _before, found, after = run.stdout.partition("PLAY RECAP")
    assert found, run.stdout
    return dict(re.findall(r"^((?:\d+: )?[a-d](?:, [a-d])*(?: and 1 more)?): (.*)$", after, re.MULTILINE))


@pytest.mark.parametrize(
    ("in_inventory", "options", "tried", "left"),
    [
        ({}, [], "4: a, b, c and 1 more", ""),
        # A batch of which all have failed is the last one.
        ({"pbx_serial": 1}, [], "a", "3: b, c, d"),
        ({"pbx_serial": "50%"}, [], "2: a, b", "2: c, d"),
        ({"pbx_serial": [3, "100%"]}, [], "3: a, b, c", "d"),
        # What is said on the command line counts.
        ({"pbx_serial": 1}, ["-e", "pbx_serial=2"], "2: a, b", "2: c, d"),
        ({"pbx_max_fail_percentage": 0}, [], "4: a, b, c and 1 more", ""),
    ],
)
def test_every_host_is_spoken_of_in_the_end(tmp_path, in_inventory, options, tried, left):
    said = said_of_hosts(tmp_path, in_inventory, *options)
    assert said.pop(tried).startswith(REFUSED)
    assert said == ({left: "not reached, because the run ended before it"} if left else {})


VAULT = """$ANSIBLE_VAULT;1.1;AES256
33363431363633373661613134633939623434363137633861646131663538643530306262356433
3437616235343033643562336132366638636261313434630a363565653664386566653931323038
"""


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (VAULT.encode(), "no vault secrets found"),
        (b"pbx_extensions:\n\t- number: 1001\n", "line 2, column 1: a tab; indent with spaces"),
        ("pbx_extensions: [{name: Ayşe}]\n".encode("cp1254"), "utf-8"),
    ],
    ids=["no vault password", "a tab", "another encoding"],
)
def test_a_file_of_variables_that_cannot_be_read_is_named(tmp_path, content, cause):
    file = tmp_path / "group_vars" / "pbx" / "people.yml"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    run = site(tmp_path, {})
    assert run.returncode != 0
    (named,) = [line for line in run.stderr.splitlines() if f"cannot read {file}: " in line]
    assert cause in named
    assert "site.yml" not in run.stdout + run.stderr


def test_a_run_without_hosts_fails_and_says_what_there_is(tmp_path):
    run = site(tmp_path, {}, group="phones")
    assert run.returncode == 1, run.stdout + run.stderr
    assert "nothing was done: no host of the inventory matches pbx. Its groups are: phones." in run.stderr


def test_a_run_whose_tags_lead_to_nothing_fails(tmp_path):
    run = site(tmp_path, {}, "--tags", "extensions")
    assert run.returncode == 1, run.stdout + run.stderr
    assert "nothing was done, because nothing here has a tag extensions. The tags are install" in run.stderr
    assert "Refuse" not in run.stdout


def test_a_run_of_the_directory_begins_no_more_tasks_than_it_needs(tmp_path):
    """Each is a process of the controller for each host, also one that is skipped."""
    run = site(tmp_path, {}, "--list-tasks", "--tags", "directory")
    assert run.returncode == 0, run.stdout + run.stderr
    of_role = re.findall(r"^      voiceops\.asterisk\.pbx : (.*?)\tTAGS:", run.stdout, re.MULTILINE)
    assert of_role == [
        "Look at the variables, and at the host",
        "End where nothing is different",
        "Refuse variables that are wrong, all of them at once",
        "Refuse a host on which nothing can be done",
        # Where somebody uses this part of the role alone.
        "Look at the variables, and at the host",
        "{{ __pbx_directory_task }}",
    ]


def test_a_failed_check_promises_nothing(tmp_path):
    run = site(tmp_path, {}, "--check")
    *_before, refused, totals, last = run.stdout.rstrip().splitlines()
    assert refused.startswith("4: a, b, c and 1 more: nothing was changed, because 1 thing is wrong: ")
    assert totals.startswith("4 hosts: 0 to be changed, 0 with nothing to do, 4 that cannot be; ")
    assert last == "nothing was changed; what a run would do to 4 of 4 hosts is not known"


#: An old ansible-playbook, by what it says of itself.
OLD_PLAYBOOK = """
import ansible.release
ansible.release.__version__ = "2.17.14"
from ansible.cli.playbook import main
main()
"""


@pytest.mark.parametrize("playbook", ["site.yml", "status.yml"])
def test_an_ansible_that_is_too_old_is_told_before_anything_is_done(tmp_path, playbook):
    (tmp_path / "hosts.json").write_text('{"pbx": {"hosts": {"a": {}}}}', encoding="utf-8")
    run = subprocess.run(
        [
            *(sys.executable, "-c", OLD_PLAYBOOK, "-i", str(tmp_path / "hosts.json")),
            str(REPOSITORY / "playbooks" / playbook),
        ],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    assert "needs ansible-core 2.19 or newer" in " ".join(run.stderr.split())
    assert "Refuse" not in run.stdout
