# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A run that is killed at any of its tasks, and the next one: the host is as after a run that was not.

Two inventories that differ in much take turns. A run towards the other one is killed at a task that changes
something, while it does or right after; then the run is begun again. The host has to be as it was when
nothing was killed: files with their rights, the directory, units, what the kernel and Asterisk have taken.
"""

from __future__ import annotations

import itertools
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from integration.conftest import empty_but_for_the_usual
from integration.fleet import DIRECTORY, REPOSITORY, Host, site

KILLING = REPOSITORY / "tests" / "integration" / "killing"
#: How long it may take, in seconds; what is left out then is said.
BUDGET = 540
#: What is there in both has one number in the directory, so that texts can be compared.
TCP: dict[str, Any] = {"name": "TCP", "protocol": "tcp"}
PORTS = DIRECTORY["pbx_connection_ports"]
ONE: dict[str, Any] = {
    **DIRECTORY,
    "pbx_connection_ports": [*PORTS, {**TCP, "port": 5070}],
    "pbx_purge": True,
    "pbx_purge_limit": 100,
    "pbx_restart": "if_needed",
}
#: Something to stop, something to start that was never there, other folders, other extensions.
OTHER: dict[str, Any] = {
    **ONE,
    "pbx_connection_ports": [*PORTS, {**TCP, "port": 5071}],
    "pbx_connections_per_address": 100,
    "pbx_extensions": [
        {"number": "1001", "password": "another-horse-1", "record": True},
        *({"number": str(2000 + each), "name": f"Masa {each}"} for each in range(50)),
    ],
    "pbx_rtp_end": 18999,
    "pbx_max_lamps": 60,
    "pbx_log_weeks": 2,
    "pbx_fail2ban": False,
    "pbx_firewall": True,
    "pbx_timezone": "Europe/Istanbul",
    "pbx_recording_keep_days": 90,
}

#: Every file with its content and rights, but for what programs write by themselves.
LOOK = (
    "find /etc /usr/local /var/lib/voiceops* /var/spool/voiceops -xdev"
    " ! -name 'directory.sqlite3*' ! -name '*-secret.conf' ! -name '.storage' ! -path '*/__pycache__*'"
)
UNITS = (
    "for unit in asterisk voiceops-firewall voiceops-lamps voiceops-logs.timer voiceops-connections.timer"
    " voiceops-recordings.timer voiceops-recordings-watch fail2ban;"
    " do echo $unit $(systemctl is-active $unit) $(systemctl is-enabled $unit 2>&1)"
    " $(systemctl show -p NeedDaemonReload --value $unit); done;"
    # A command that ends in something other than 0 does not end this.
    " true"
)
#: What has been taken: by the kernel, by Asterisk, by fail2ban, by the program that counts lamps.
TAKEN = (
    "nft list ruleset | sed 's/counter packets [0-9]* bytes [0-9]*//; /elements = /,/}/d';"
    # But for the ports that the system gives out.
    "ss -Hlnptu | grep asterisk | awk '{ print $1, $5 }' | grep -v ':[3-6][0-9]\\{4\\}$' | sort;"
    "asterisk -rx 'rtp show settings' | head -8; asterisk -rx 'pjsip show transports';"
    "fail2ban-client status | grep Jail; readlink /etc/localtime"
)


@dataclass(frozen=True)
class State:
    files: dict[str, str]
    directory: list[str]
    units: list[str]
    taken: list[str]

    def differs(self, other: State) -> list[str]:
        """Say in what; a line for each."""
        found = [
            f"{path}: {self.files.get(path)} and {other.files.get(path)}"
            for path in sorted(self.files.keys() | other.files.keys())
            if self.files.get(path) != other.files.get(path)
        ]
        for mine, theirs in (
            (self.directory, other.directory),
            (self.units, other.units),
            (self.taken, other.taken),
        ):
            found += [f"- {line}" for line in mine if line not in theirs]
            found += [f"+ {line}" for line in theirs if line not in mine]
        return found


def state(host: Host) -> State:
    # What has just been started is not there at once.
    host.shell("timeout 60 sh -c 'until asterisk -rx \"core waitfullybooted\"; do sleep 0.2; done'")
    files = dict(
        line.split("\t", 1) for line in host.shell(f"{LOOK} -printf '%p\\t%y %m %u %g %l\\n'").splitlines()
    )
    for line in host.shell(f"{LOOK} -type f -exec sha256sum {{}} +").splitlines():
        digest, _blank, path = line.partition("  ")
        files[path] += f" {digest[:12]}"
    # But for the extensions that are refused lamps just now, how often something was written, and when.
    passing = ("lamp_refusal", "sqlite_sequence", 'INSERT INTO "history"')
    directory = [line for line in host.content().splitlines() if not any(name in line for name in passing)]
    return State(files, directory, host.shell(UNITS).splitlines(), host.shell(TAKEN).splitlines())


class Runs:
    """Runs against one host, and how they went."""

    def __init__(self, host: Host, folder: Path) -> None:
        self._host, self._folder, self._numbers = host, folder, itertools.count()

    def whole(self, variables: dict[str, Any]) -> list[tuple[int, bool, str]]:
        """Run it; return the tasks: number, whether it has changed something, name."""
        noted = self._folder / f"tasks-{next(self._numbers)}"
        run = site([self._host], self._folder, variables, environment=self._environment(noted))
        assert run.status == 0, run.text[-5000:]
        lines = [line.split("\t") for line in noted.read_text(encoding="utf-8").splitlines()]
        return [(int(number), changed == "changed", name) for number, changed, name in lines]

    def killed(self, variables: dict[str, Any], number: int, after: str) -> None:
        noted = self._folder / f"tasks-{next(self._numbers)}"
        environment = {**self._environment(noted), "KILL_AFTER": str(number)}
        if after != "done":
            environment["KILL_SOON"] = after
        run = site([self._host], self._folder, variables, environment=environment)
        assert run.status == -signal.SIGKILL, run.text[-5000:]

    @staticmethod
    def _environment(noted: Path) -> dict[str, str]:
        return {"ANSIBLE_CALLBACK_PLUGINS": str(KILLING), "NOTE_TASKS": str(noted)}


def in_turn(one: list[int], other: list[int]) -> list[tuple[bool, int]]:
    """Return the tasks of both directions in turn, those in the middle of what is left first."""

    def halves(tasks: list[int]) -> list[int]:
        found, spans = [], [(0, len(tasks))]
        while spans:
            low, high = spans.pop(0)
            if low < high:
                middle = (low + high) // 2
                found.append(tasks[middle])
                spans += [(low, middle), (middle + 1, high)]
        return found

    pairs = itertools.zip_longest(halves(other), halves(one))
    return [(to_other, number) for pair in pairs for to_other, number in zip((True, False), pair) if number]


@pytest.mark.parametrize("bare_host", ["asterisk22"], indirect=True)
def test_after_a_run_killed_at_any_task_the_next_one_makes_the_host_what_it_was_to_be(
    host: Host, tmp_path: Path
) -> None:
    began = time.monotonic()
    empty_but_for_the_usual(host)
    runs = Runs(host, tmp_path)
    runs.whole(ONE)
    tasks_other, whole_other = runs.whole(OTHER), state(host)
    tasks_one, whole_one = runs.whole(ONE), state(host)
    names = {True: {n: name for n, _c, name in tasks_other}, False: {n: name for n, _c, name in tasks_one}}
    changing = [[n for n, changed, _name in tasks if changed] for tasks in (tasks_one, tasks_other)]
    faults: list[str] = []
    tried = 0
    for (to_other, number), after in zip(in_turn(*changing), itertools.cycle(["done", "0.4", "done", "1.2"])):
        if time.monotonic() - began > BUDGET:
            break
        variables, wanted = (OTHER, whole_other) if to_other else (ONE, whole_one)
        runs.killed(variables, number, after)
        told = f"killed at {number} ({names[to_other][number]}), {after}"
        try:
            runs.whole(variables)
            found = state(host).differs(wanted)
        except AssertionError as error:
            found = [str(error)]
        faults += [f"{told}: {line}" for line in found]
        tried += 1
        print(told, found, f"{time.monotonic() - began:.0f} s", flush=True)
    left = len(changing[0]) + len(changing[1]) - tried
    print(f"{tried} tried, {left} left out")
    again = runs.whole(variables)
    # For the other tests the host is as it was.
    back = {**DIRECTORY, "pbx_purge": True, "pbx_purge_limit": 100, "pbx_timezone": "Etc/UTC"}
    runs.whole({**back, "pbx_restart": "if_needed"})
    assert [name for _n, changed, name in again if changed] == []
    assert "\n".join(faults) == ""
    assert tried >= 4
