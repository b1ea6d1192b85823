# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The rollout: a canary first, a gate on each host, the way back by itself, and going on where it stopped.

Hosts are files here (played/host.py): Ansible, the playbook and what runs on the controller are real.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from preloaded.commands import Preloaded

from playbooks.playing import REPOSITORY

PLAYED = Path(__file__).with_name("played") / "host.py"
MODULES = ("pbx_gate", "pbx_directory", "pbx_rollback", "pbx_confirm")
ROLE = """---
- name: Make the directory what the inventory says
  voiceops.asterisk.pbx_directory:
  register: __pbx_directory
  tags: [install, configure, recording, directory]
"""
USUAL = {
    "newest": 7,
    "registered": ["1001", "1002"],
    "free": 8000,
    "to_do": True,
    "loses_phones": False,
    "cannot_go_back": "",
    "refuses": "",
    "calls": [],
}
#: The calls of a run that has changed a host, and is well.
LOOKED_AT = ["check directory", "gate"]
CHANGED = [*LOOKED_AT, "gate", "directory", "gate"]
PUT_BACK = [*CHANGED, "rollback", "gate"]


@pytest.fixture(scope="module")
def ansible(tmp_path_factory: pytest.TempPathFactory) -> Preloaded:
    """Ansible with this collection, but for the role and what asks a host."""
    folder = tmp_path_factory.mktemp("collections")
    collection = folder / "ansible_collections" / "voiceops" / "asterisk"
    (collection / "plugins" / "modules").mkdir(parents=True)
    for entry in ("meta", "playbooks", "galaxy.yml"):
        (collection / entry).symlink_to(REPOSITORY / entry)
    for entry in (REPOSITORY / "plugins").iterdir():
        if entry.name not in ("modules", "__pycache__"):
            (collection / "plugins" / entry.name).symlink_to(entry)
    for entry in (REPOSITORY / "plugins" / "modules").glob("*.py"):
        if entry.stem not in MODULES:
            (collection / "plugins" / "modules" / entry.name).symlink_to(entry)
    for module in MODULES:
        text = PLAYED.read_text(encoding="utf-8") + f'\n\nmain("{module.removeprefix("pbx_")}")\n'
        (collection / "plugins" / "modules" / f"{module}.py").write_text(text, encoding="utf-8")
    (collection / "roles" / "pbx" / "tasks").mkdir(parents=True)
    (collection / "roles" / "pbx" / "tasks" / "main.yml").write_text(ROLE, encoding="utf-8")
    configuration = {
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(folder),
        "ANSIBLE_NOCOLOR": "1",
    }
    return Preloaded({**os.environ, **configuration})


class Company:
    """Hosts, and a folder in which somebody rolls out to them."""

    def __init__(self, place: Path, ansible: Preloaded) -> None:
        self.place = place
        self._ansible = ansible
        self.hosts: dict[str, dict[str, Any]] = {}

    def has(self, name: str, **about: Any) -> None:
        """Set up a host, or repair one."""
        known = self.known(name) if name in self.hosts else USUAL
        (self.place / f"{name}.json").write_text(json.dumps({**known, **about}), encoding="utf-8")
        python = self.place / f"python-of-{name}"
        python.write_text(
            f"#!/bin/sh\nPLAYED_HOST='{self.place}/{name}.json' exec '{sys.executable}' \"$@\"\n",
            encoding="utf-8",
        )
        python.chmod(0o755)
        self.hosts[name] = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}

    def has_off(self, name: str) -> None:
        """Set up a host that is off: nobody listens on port 1."""
        self.hosts[name] = {"ansible_host": "127.0.0.1", "ansible_port": 1}

    def known(self, name: str) -> dict[str, Any]:
        known: dict[str, Any] = json.loads((self.place / f"{name}.json").read_text(encoding="utf-8"))
        return known

    def calls(self, name: str) -> list[str]:
        """Return what was done to a host since this was asked last."""
        calls: list[str] = self.known(name)["calls"]
        self.has(name, calls=[])
        return calls

    def rolls_out(self, *options: str, ends: int = 0, **variables: Any) -> str:
        """Run the playbook; return what it has said."""
        return self.plays("rollout", *options, ends=ends, **variables)

    def plays(self, playbook: str, *options: str, ends: int = 0, **variables: Any) -> str:
        """Run a playbook of the collection; return what it has said."""
        inventory = self.place / "inventory.json"
        inventory.write_text(json.dumps({"pbx": {"hosts": self.hosts}}), encoding="utf-8")
        words = ["-i", str(inventory), f"voiceops.asterisk.{playbook}", "-e", json.dumps(variables), *options]
        run: subprocess.CompletedProcess[str] = self._ansible.run(
            "ansible-playbook", words, cwd=self.place, deadline=120
        )
        assert run.returncode == ends, run.stdout + run.stderr
        # If our callback fails, Ansible warns.
        assert "Callback dispatch" not in run.stdout + run.stderr
        return run.stdout + run.stderr

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.place / "rollout-report.json").read_text(encoding="utf-8"))
        return report

    def states(self) -> dict[str, str]:
        return {name: host["state"] for name, host in self.report()["hosts"].items()}


@pytest.fixture
def company(tmp_path: Path, ansible: Preloaded) -> Iterator[Company]:
    return Company(tmp_path, ansible)


def test_a_fleet_is_changed_batch_after_batch_and_not_again(company: Company) -> None:
    for name in "ab":
        company.has(name)
    said = company.rolls_out(pbx_rollout_batches=[1, "100%"])
    assert "2: a, b        1        0        0      0            1" in said
    assert "batches: 1, 1" in said
    assert "batch 2 of 2: changed: 1" in said
    assert company.states() == dict.fromkeys("ab", "done")
    report = company.report()
    assert (report["state"], report["hosts"]["b"]["directory"]["created"]) == ("finished", 1)
    assert [company.calls(name) for name in "ab"] == [CHANGED] * 2
    for file in company.place.glob("rollout-*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    said = company.rolls_out(pbx_rollout_resume=True)
    assert "done before, and left alone: 2" in said
    assert [company.calls(name) for name in "ab"] == [[]] * 2


def test_a_bad_change_stops_at_the_canary_which_is_put_back_and_is_gone_on_with(company: Company) -> None:
    for name in "ab":
        company.has(name, loses_phones=name == "a")
    said = company.rolls_out(ends=2)
    assert "a: 0 of 2 phones are registered that were before, less than 95 %; missing: 1001, 1002" in said
    assert "a: it is what it was before: 2 / 2" in said
    assert "stopped: batch 1: all of it failed (a)" in said
    assert "go on with -e pbx_rollout_resume=true once this is fixed" in said
    assert company.states() == {"a": "back", "b": "waiting"}
    assert [company.calls(name) for name in "ab"] == [PUT_BACK, LOOKED_AT]
    assert company.known("a")["registered"] == ["1001", "1002"]
    # The inventory is not what it was: the rest would get another plan.
    company.hosts["b"]["pbx_purge"] = True
    said = company.rolls_out(pbx_rollout_resume=True, ends=2)
    assert "the inventory is not what it was when this rollout began" in " ".join(said.split())
    assert [company.calls(name) for name in "ab"] == [[]] * 2
    # That was said of it on the way, and is not any more.
    assert "pbx_purge" not in company.hosts["b"]
    company.has("a", loses_phones=False)
    company.rolls_out(pbx_rollout_resume=True)
    assert company.states() == dict.fromkeys("ab", "done")
    assert company.report()["resumed"] == 1


def test_a_change_that_waits_to_be_confirmed_is_confirmed_where_the_host_is_well(company: Company) -> None:
    for name in "ab":
        company.has(name)
    company.has("b", loses_phones=True)
    said = company.rolls_out(ends=2, pbx_confirm_within=600)
    assert company.calls("a") == [*CHANGED, "confirm"]
    assert company.calls("b") == PUT_BACK, said


def test_a_command_of_the_users_has_its_say(company: Company) -> None:
    company.has("a")
    company.has("b")
    look = company.place / "look"
    look.write_text('#!/bin/sh\necho "no dial tone at $PBX_HOST"\n[ "$PBX_HOST" = a ]\n', encoding="utf-8")
    look.chmod(0o755)
    said = company.rolls_out(pbx_rollout_command=str(look), ends=2)
    assert f"b: {look} has failed (1): no dial tone at b" in said
    assert company.states() == {"a": "done", "b": "back"}
    assert company.known("b")["to_do"]


def test_where_more_fail_than_may_the_batch_ends_and_no_further_one_is_begun(company: Company) -> None:
    for name in "abcd":
        company.has(name, loses_phones=name == "b", cannot_go_back="the disk is full")
    said = company.rolls_out(
        pbx_rollout_batches=[1, 2, 1], pbx_rollout_max_fail_percentage=49, pbx_rollout_language="tr", ends=2
    )
    assert list(company.states().values()) == ["done", "stuck", "done", "waiting"]
    assert company.report()["why"].startswith("2. grup: 2 santralden 1 tanesi başarısız")
    assert "b: geri ALINAMADI: " in said
    assert "the disk is full" in said
    assert [company.calls(name)[-1] for name in "abcd"] == ["gate"] * 4


def test_a_host_that_is_off_counts_as_one_that_failed(company: Company) -> None:
    for name in "ab":
        company.has(name)
    company.has_off("z")
    company.has("c", refuses="c: pbx_extensions[0].number: 'x' is not a number")
    said = company.rolls_out(pbx_rollout_batches=[2, 2], ends=4)
    assert "it would stop in batch 2: 2 of its 2 hosts cannot be changed" in " ".join(said.split())
    assert "c: c: pbx_extensions[0].number: 'x' is not a number" in said
    assert re.search(r"^z: .*(port 1|127\.0\.0\.1)", said, re.MULTILINE), said
    assert company.states() == {"a": "waiting", "b": "waiting", "z": "unreachable", "c": "failed"}
    assert [company.calls(name) for name in "ab"] == [LOOKED_AT] * 2
    company.has("c", refuses="")
    company.rolls_out(pbx_rollout_batches=[2, 2], pbx_rollout_max_fail_percentage=50, ends=4)
    assert company.states() == {"a": "done", "b": "done", "z": "unreachable", "c": "done"}


def test_a_check_shows_what_would_be_done_and_leaves_nothing(company: Company) -> None:
    company.has("a")
    company.has("b", to_do=False)
    company.has("c", free=12)
    said = company.rolls_out("--check", pbx_rollout_batches=3, pbx_rollout_max_fail_percentage=50)
    assert "3 hosts: 1 to be changed, 1 with nothing to do, 1 that cannot be" in said
    assert "c: 12 MB are free for the directory, and 100 have to be (pbx_rollout_min_free_megabytes)" in said
    assert [company.calls(name) for name in "ab"] == [["check directory", "check gate"]] * 2
    assert not list(company.place.glob("rollout-*"))


def test_a_host_whose_phone_for_the_test_call_is_not_there_is_known_before_any_is_changed(
    company: Company,
) -> None:
    company.has("a")
    company.has("b", registered=["1002"])
    company.has("c", registered=[], to_do=False)
    said = company.rolls_out("--check", pbx_rollout_test_call=1001, ends=2)
    assert "3 hosts: 1 to be changed, 1 with nothing to do, 1 that cannot be" in said
    assert "b: no phone of 1001 is registered, so it cannot ring (pbx_rollout_test_call)" in said


def test_a_check_of_the_site_ends_in_the_same_table(company: Company) -> None:
    for name in "abcd":
        company.has(name, to_do=name != "c")
    company.has("d", refuses="d: pbx_extensions[0].number: 'x' is not a number")
    company.has("e", refuses="e: pbx_extensions[0].number: 'x' is not a number")
    said = company.plays("site", "--check", "--diff", ends=2).rstrip().splitlines()
    header = next(number for number, line in enumerate(said) if line.startswith("host     created"))
    assert said[header : header + 4] == [
        "host     created  changed  deleted  files  re-register  restart",
        "2: a, b        1        0        0      0            0",
        "c              0        0        0      0            0",
        "2: d, e: HOST: pbx_extensions[0].number: 'x' is not a number",
    ]
    assert said[header + 4].startswith("5 hosts: 2 to be changed, 1 with nothing to do, 2 that cannot be; ")
    assert "nothing was changed; what a run would do to 2 of 5 hosts is not known" in said
    # One host alone is told of as always.
    company.hosts = {"a": company.hosts["a"]}
    said = company.plays("site", "--check").rstrip().splitlines()
    assert said[-3].split() == ["host", "created", "changed", "deleted", "unchanged", "phones"]
    assert said[-1] == "nothing was changed: this is what a run would do"


def test_what_is_wrong_with_its_own_variables_is_named_at_once(company: Company) -> None:
    company.has("a")
    said = company.rolls_out(
        pbx_rollout_batches=[0], pbx_rollout_settle=-1, pbx_rollout_min_registered=200, ends=2
    )
    for wrong in (
        "pbx_rollout_batches: 0 is",
        "pbx_rollout_settle: -1 is",
        "pbx_rollout_min_registered: 200 is",
    ):
        assert wrong in said
    assert company.calls("a") == []


class Slice(Company):
    """A job of AWX that has every so-manieth host of the inventory, and a folder of its own."""

    def __init__(self, whole: Company, place: Path, ansible: Preloaded, number: int, count: int) -> None:
        super().__init__(place, ansible)
        self.hosts = dict(list(whole.hosts.items())[number::count])


def test_each_slice_has_a_canary_of_its_own_so_the_canary_is_a_job_before_them(
    company: Company, ansible: Preloaded, tmp_path: Path
) -> None:
    for name in "abcd":
        company.has(name)
    # The canary, by its limit; what comes of it decides whether the slices are begun.
    company.rolls_out("--limit", "a")
    assert [company.calls(name) for name in "abcd"] == [CHANGED, [], [], []]
    slices = []
    for number in range(2):
        place = tmp_path / f"slice-{number}"
        place.mkdir()
        slices.append(Slice(company, place, ansible, number, 2))
    assert [list(one.hosts) for one in slices] == [["a", "c"], ["b", "d"]]
    company.has("d", loses_phones=True)
    slices[0].rolls_out(pbx_rollout_batches=["100%"])
    slices[1].rolls_out(pbx_rollout_batches=["100%"], pbx_rollout_max_fail_percentage=50, ends=2)
    # The canary is in a slice too, and has nothing to do there; one slice knows nothing of the other.
    assert slices[0].states() == {"a": "same", "c": "done"}
    assert slices[1].states() == {"b": "done", "d": "back"}
    assert [company.calls(name)[-1] for name in "abcd"] == ["gate"] * 4


def test_a_second_job_with_the_same_folder_is_refused_while_the_first_runs(company: Company) -> None:
    company.has("a")
    state = company.place / "rollout-state.jsonl"
    with state.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        said = company.rolls_out(ends=1)
    assert f"nothing was done: another rollout is running with {state}" in " ".join(said.split())
    assert [call for call in company.calls("a") if call == "directory"] == []
