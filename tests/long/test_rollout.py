# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A rollout to twelve hosts of both releases, with phones on each: what stops it, and what does not.

Each test begins with the same directory on all hosts, and with their phones registered.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.fleet import REPOSITORY, Host, lab, lab_inventory, site, surroundings
from integration.killing.kill_run import kill
from integration.test_history import exported
from integration.test_rollout import BY_TCP, DIRECTORY, ELSEWHERE, NUMBERS, TONE, password, phones_of
from pages import journal
from phones.connected import Plugged, plugged
from phones.exchange import Room

HOSTS = 12
# Two digits: an inventory has its hosts by name.
NAMES = {f"roll-{n:02}": "forky" if n % 2 else "bullseye" for n in range(1, HOSTS + 1)}
KILLS = 20
#: Longest for a rollout to these hosts, and for the role from nothing on all of them, in seconds.
DEADLINE, INSTALLED = 600, 2400
PROGRAMS = Path(sys.executable).parent
SETTLE = 15
PAGE = REPOSITORY / "docs" / "measurements" / "rollout.md"
HEAD = f"""# A rollout to {HOSTS} hosts with phones

Written by `make test-long` where all of it went well: {HOSTS} hosts of both releases
in turns, with three phones on each that hold a connection, and two that call each other where calls are
spoken of. Each begins with the same directory on all hosts and all phones registered.
"""
IN_THREE: dict[str, Any] = {"pbx_rollout_batches": [1, 3, "100%"]}
#: How many lines the tests below tell.
LINES = 7
BAD = {
    **BY_TCP,
    "pbx_connection_ports": [
        *DIRECTORY["pbx_connection_ports"],
        {"name": "TCP", "protocol": "tcp", "port": ELSEWHERE},
    ],
}


def renamed(to: str) -> dict[str, Any]:
    """A good change."""
    return {**BY_TCP, "pbx_extensions": [{**each, "name": to} for each in BY_TCP["pbx_extensions"]]}


class Fleet:
    """The hosts, and a folder in which somebody rolls out to them."""

    def __init__(self, hosts: list[Host], folder: Path) -> None:
        self.hosts = hosts
        self.folder = folder
        # The lab's own forgets a host that is down.
        self._inventory = Path(lab_inventory()).read_text(encoding="utf-8")

    def writes(self, variables: dict[str, Any], **others: dict[str, Any]) -> Path:
        """Write an inventory; ``others`` are the variables of single hosts, by their names with _ for -."""
        folder = self.folder / "inventory"
        shutil.rmtree(folder, ignore_errors=True)
        for part in ("group_vars", "host_vars"):
            (folder / part).mkdir(parents=True)
        (folder / "hosts.yml").write_text(self._inventory, encoding="utf-8")
        settings = {"pbx_rollout_folder": str(self.folder), "pbx_rollout_settle": SETTLE}
        whole = yaml.safe_dump({**variables, **settings})
        (folder / "group_vars" / "pbx.yml").write_text(whole, encoding="utf-8")
        for name, values in others.items():
            file = folder / "host_vars" / f"{name.replace('_', '-')}.yml"
            file.write_text(yaml.safe_dump(values), encoding="utf-8")
        return folder

    def starts(self, *more: str) -> subprocess.Popen[str]:
        """Begin a rollout of what was written."""
        return subprocess.Popen(
            [
                *(PROGRAMS / "ansible-playbook", "-i", self.folder / "inventory"),
                *("--limit", ",".join(NAMES), "--tags", "directory", "playbooks/rollout.yml", *more),
            ],
            cwd=REPOSITORY,
            env=surroundings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def rolls_out(
        self, variables: dict[str, Any], *more: str, ends: int = 0, **others: dict[str, Any]
    ) -> str:
        """Roll out; return what was said."""
        self.writes(variables, **others)
        process = self.starts(*more)
        said, _nothing = process.communicate(timeout=DEADLINE)
        assert process.returncode == ends, said
        return said

    def takes(self, variables: dict[str, Any]) -> float:
        """Roll out; return for how many seconds."""
        began = time.monotonic()
        self.rolls_out(variables)
        return time.monotonic() - began

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "rollout-report.json").read_text(encoding="utf-8"))
        return report

    def become(self, *states: str) -> None:
        """See what has become of the hosts, in their order."""
        told = self.report()["hosts"]
        assert [told[name]["state"] for name in NAMES] == list(states), told


@pytest.fixture(scope="module")
def told() -> Iterator[list[str]]:
    """What each test has shown; written down once all of them have."""
    lines: list[str] = []
    yield lines
    if len(lines) == LINES:
        text = [HEAD, journal.machine(), "", *(f"* {line}" for line in lines), ""]
        PAGE.write_text("\n".join(text), encoding="utf-8")


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Host]]:
    """The hosts, with the role applied."""
    try:
        lab("up", *(f"{name}={release}" for name, release in NAMES.items()))
        there = {row["name"]: row["address"] for row in json.loads(lab("list", "--json"))}
        hosts = [Host(name, there[name]) for name in NAMES]
        run = site(hosts, tmp_path_factory.mktemp("site"), BY_TCP, deadline=INSTALLED)
        assert run.status == 0, run.text[-5000:]
        yield hosts
    finally:
        # One of them has died by then.
        lab("down", *NAMES.keys() & {row["name"] for row in json.loads(lab("list", "--json"))})


@pytest.fixture
def fleet(hosts: list[Host], tmp_path: Path) -> Fleet:
    """The hosts as they began; their phones are `phones`."""
    for host in hosts:
        made = host.whole_directory(**BY_TCP)
        assert not made["failed"], made
    return Fleet(hosts, tmp_path)


@pytest.fixture
def phones(fleet: Fleet) -> Iterator[Plugged]:
    with plugged([phone for host in fleet.hosts for phone in phones_of(host)]) as plugged_in:
        yield plugged_in


def everybody(fleet: Fleet) -> dict[str, list[str]]:
    return {host.address: list(NUMBERS) for host in fleet.hosts}


def names_on(host: Host) -> set[str]:
    """The names of the extensions of a host: those of before, or those of after."""
    return {each["name"] for each in exported(host)["pbx_directory"]["extensions"]}


def test_calls_go_on_through_a_good_rollout(fleet: Fleet, phones: Plugged, told: list[str]) -> None:
    with ExitStack() as stack:
        calls = []
        for host in fleet.hosts:
            room = stack.enter_context(Room(host.address))
            room.phone("1002", password("1002"), tone=TONE)
            calls.append(room.phone("1001", password("1001")).dial("1002").is_up())
        took = fleet.takes(renamed("good"))
        assert [call.hears() for call in calls] == [[TONE]] * HOSTS
        for call in calls:
            call.hang_up()
    fleet.become(*["done"] * HOSTS)
    assert [names_on(host) for host in fleet.hosts] == [{"good"}] * HOSTS
    assert phones.registered() == everybody(fleet)
    for host in fleet.report()["hosts"].values():
        assert (host["registered_before"], host["gate"]["registered"]) == (5, 5)
    told.append(
        f"A good change, with a call on each host: {HOSTS} calls went on, all phones stayed; {took:.0f} s."
    )


def test_only_the_canary_is_touched_by_a_bad_one(fleet: Fleet, phones: Plugged, told: list[str]) -> None:
    before = [exported(host) for host in fleet.hosts]
    fleet.rolls_out(BAD, ends=2)
    fleet.become("back", *["waiting"] * (HOSTS - 1))
    assert [exported(host) for host in fleet.hosts] == before
    assert phones.registered() == everybody(fleet)
    told.append(
        "A change with which phones lose their registration: the canary was put back, its phones have"
        f" registered again, and {HOSTS - 1} hosts were not touched."
    )


def test_a_batch_in_which_more_fail_than_may_is_the_last_one(
    fleet: Fleet, phones: Plugged, told: list[str]
) -> None:
    bad = {"pbx_connection_ports": BAD["pbx_connection_ports"]}
    sizes = {"pbx_rollout_batches": [1, 4, "100%"], "pbx_rollout_max_fail_percentage": 49}
    fleet.rolls_out({**renamed("some"), **sizes}, ends=2, roll_02=bad, roll_03=bad)
    fleet.become("done", "back", "back", "done", "done", *["waiting"] * (HOSTS - 5))
    assert [names_on(host) == {"some"} for host in fleet.hosts[:5]] == [True, False, False, True, True]
    assert not any(names_on(host) == {"some"} for host in fleet.hosts[5:])
    assert phones.registered() == everybody(fleet)
    # The inventory of two hosts is put right, which is another inventory.
    said = fleet.rolls_out({**renamed("some"), **sizes}, "-e", "pbx_rollout_resume=true", ends=2)
    assert "the inventory is not what it was" in " ".join(said.split())
    fleet.rolls_out({**renamed("some"), **sizes})
    fleet.become("same", "done", "done", "same", "same", *["done"] * (HOSTS - 5))
    told.append(
        "Two of a batch of four were put back, where fewer than half may fail: the rollout ended with it."
        " With another inventory it cannot be resumed; restarted it changed the nine hosts that were left."
    )


def test_a_wrong_vault_password_changes_nothing(fleet: Fleet, tmp_path: Path, told: list[str]) -> None:
    before = [exported(host) for host in fleet.hosts]
    passwords = {name: tmp_path / name for name in ("right", "wrong")}
    for name, file in passwords.items():
        file.write_text(f"{name} one", encoding="utf-8")
    # Of the last host alone: it is not read when its batch comes, but before the canary.
    inventory = fleet.writes(renamed("locked"), roll_12={"pbx_purge": True})
    locked = inventory / "host_vars" / "roll-12.yml"
    words = ["encrypt", "--vault-password-file", passwords["right"], locked]
    subprocess.run([PROGRAMS / "ansible-vault", *words], check=True, capture_output=True)
    process = fleet.starts("--vault-password-file", str(passwords["wrong"]))
    said, _nothing = process.communicate(timeout=DEADLINE)
    assert process.returncode != 0, said
    assert [exported(host) for host in fleet.hosts] == before
    told.append("A wrong vault password for the variables of the last host: nothing was changed on any.")


def test_a_controller_that_is_killed_anywhere_is_gone_on_with(
    fleet: Fleet, phones: Plugged, told: list[str]
) -> None:
    whole = fleet.takes({**renamed("killed"), **IN_THREE})
    moments = random.Random(20)
    middle = 0
    for turn in range(KILLS):
        change = {**renamed(f"killed {turn}"), **IN_THREE}
        numbers = [_newest(host) for host in fleet.hosts]
        fleet.writes(change)
        process = fleet.starts()
        time.sleep(moments.uniform(0.3, 1.0) * whole)
        # The controller and all its workers, as when its power fails.
        kill(process.pid)
        process.communicate()
        names = [names_on(host) for host in fleet.hosts]
        assert all(len(each) == 1 for each in names), "each host is before or after, and none between"
        middle += len({tuple(each) for each in names}) > 1
        resumed = ["-e", "pbx_rollout_resume=true"] if _was_begun(fleet) else []
        fleet.rolls_out(change, *resumed)
        assert [names_on(host) for host in fleet.hosts] == [{f"killed {turn}"}] * HOSTS
        # Once, before the kill or after it; or in between, by a module whose controller was gone already.
        assert [_newest(host) for host in fleet.hosts] == [number + 1 for number in numbers]
        states = {host["state"] for host in fleet.report()["hosts"].values()}
        assert states <= {"done", "same"}
    assert phones.registered() == everybody(fleet)
    assert middle > 0, "the moments were badly chosen"
    told.append(
        f"The controller was killed {KILLS} times at a random moment, {middle} times between two hosts,"
        " and the rollout resumed: each host was as before or as after, and each change was made once."
    )


def _was_begun(fleet: Fleet) -> bool:
    state = fleet.folder / "rollout-state.jsonl"
    text = state.read_text(encoding="utf-8") if state.exists() else ""
    # Killed before it had begun again, what is there is the story of the one before.
    return '"event":"end"' not in text and text.endswith("\n")


def _newest(host: Host) -> int:
    told = host.module("pbx_extension_facts", gather=["history"], history_limit=1)
    return int(told["ansible_facts"]["pbx_history"][0]["number"])


def test_a_host_that_dies_in_the_middle_and_one_that_is_off_from_the_start(
    fleet: Fleet, told: list[str]
) -> None:
    sizes = {"pbx_rollout_batches": [1, 2, "100%"]}
    change = {**renamed("dying"), **sizes, "pbx_rollout_max_fail_percentage": 50}
    fleet.writes(change)
    process = fleet.starts()
    state = fleet.folder / "rollout-state.jsonl"
    give_up = time.monotonic() + DEADLINE
    while '"event":"mark"' not in _lines_of(state, "roll-03"):
        assert time.monotonic() < give_up
        time.sleep(0.02)
    lab("down", "roll-03")
    said, _nothing = process.communicate(timeout=DEADLINE)
    assert process.returncode == 4, said
    fleet.become("done", "done", "unreachable", *["done"] * (HOSTS - 3))
    told.append(
        "A host died between its mark and its change: it is reported as unreachable, and the others were"
        " changed."
    )
    # Now it is off from the start, and stops what may not fail.
    before = [exported(host) for host in fleet.hosts if host.name != "roll-03"]
    said = fleet.rolls_out({**renamed("later"), **sizes}, ends=4)
    assert "it would stop in batch 2: 1 of its 2 hosts cannot be changed" in " ".join(said.split())
    assert [exported(host) for host in fleet.hosts if host.name != "roll-03"] == before
    told.append(
        "A host was off from the start: the rollout said in which batch it would stop, and changed nothing."
    )


def _lines_of(state: Path, host: str) -> str:
    text = state.read_text(encoding="utf-8") if state.exists() else ""
    return "\n".join(line for line in text.splitlines() if f'"host":"{host}"' in line)
