# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Measures, round by round: in each everything once, so that a busy moment of the machine meets all alike."""

from __future__ import annotations

import json
import re
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integration.fleet import Host, as_read, command, lab

from . import town

HERE = Path(__file__).resolve().parent
#: How often everything is measured.
ROUNDS = 5
#: Longest wait for what has gone to be gone, in seconds.
PATIENCE = 180
#: How many of an extension's numbers are few.
FEW = 5

#: The ways to ask for facts, by the tag of the task in facts_one_task.yml and its name in facts_tasks.yml.
VARIANTS = {
    "facts": "Facts",
    "packed": "Facts, packed",
    "registration": "Facts, registration",
    "few": "Facts, few numbers",
}
PING, LISTING, FROM_FILE = "ping", "listing", "from file"


@dataclass
class Measured:
    """What was measured at one size, in seconds: by the way of measuring, by what was done, in each round."""

    host: str
    asterisk: str
    size: int
    listing_bytes: int = 0
    seconds: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def note(self, way: str, what: str, seconds: float) -> None:
        self.seconds.setdefault(way, {}).setdefault(what, []).append(seconds)


def measure(host: Host, size: int, rounds: int) -> Measured:
    version = re.findall(r"[0-9.]+", host.shell("asterisk -V"))[0]
    measured = Measured(host.name, version, size)
    runs = Runs(host, size)
    _wait_for_contacts(host, size)
    runs.playbook(PING)  # opens the connection that the others find there
    for _round in range(rounds):
        _listing(host, measured)
        for what in (PING, *VARIANTS):
            measured.note("run", what, runs.playbook(what))
        seconds, _text = runs.ad_hoc("ansible.builtin.ping")
        measured.note("ad hoc", PING, seconds)
        seconds, text = runs.ad_hoc("voiceops.asterisk.pbx_extension_facts")
        measured.note("ad hoc", "facts", seconds)
        answer = town.answer_of(text)
        town.check(as_read(answer["ansible_facts"]), size)
        for what, seconds in runs.tasks(answer).items():
            measured.note("task", what, seconds)
        _listing(host, measured)
    return measured


def _listed(host: Host) -> dict[str, Any]:
    return dict(json.loads(host.python((HERE / "listing.py").read_text(encoding="utf-8"))))


def _wait_for_contacts(host: Host, size: int) -> None:
    """Wait until Asterisk lists no telephone of a deleted number any more: 30 s (contact.remove)."""
    give_up = time.monotonic() + PATIENCE
    while (told := _listed(host))["contacts"] != size:
        assert time.monotonic() < give_up, told
        time.sleep(1)


def _listing(host: Host, measured: Measured) -> None:
    told = _listed(host)
    assert told["contacts"] == measured.size, told
    measured.listing_bytes = told["bytes"]
    measured.note("host", LISTING, told["seconds"])


@dataclass
class Runs:
    """Runs of Ansible against one host, with this repository's configuration."""

    host: Host
    size: int
    inventory: str = field(default_factory=lambda: lab("inventory").strip())

    def playbook(self, what: str) -> float:
        """Run a playbook with one task; return its wall time."""
        return self._run("ansible-playbook", str(HERE / "facts_one_task.yml"), "--tags", what)[0]

    def ad_hoc(self, module: str) -> tuple[float, str]:
        """Run one module by `ansible -m`; return its wall time and what it printed."""
        return self._run("ansible", self.host.name, "-m", module)

    def tasks(self, answer: town.Facts) -> dict[str, float]:
        """Run one playbook with every task; return what each took."""
        with tempfile.TemporaryDirectory() as folder:
            file, times = Path(folder, "answer.json"), Path(folder, "times.json")
            file.write_text(json.dumps(answer), encoding="utf-8")
            plugins = {
                "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "plugins" / "callback"),
                "ANSIBLE_ACTION_PLUGINS": str(HERE / "plugins" / "action"),
                "BENCH_TASK_TIMES": str(times),
            }
            self._run(
                "ansible-playbook", str(HERE / "facts_tasks.yml"), "-e", f"bench_answer={file}", **plugins
            )
            by_name = json.loads(times.read_text(encoding="utf-8"))
        named = {PING: "Ping", **VARIANTS, FROM_FILE: "The same facts from a file"}
        return {what: by_name[name] for what, name in named.items()}

    def _run(self, program: str, *words: str, **environment: str) -> tuple[float, str]:
        few = json.dumps({"bench_numbers": town.numbers(self.size)[:FEW]})
        began = time.perf_counter()
        run = command(
            *(program, "-i", self.inventory, "--limit", self.host.name, "-e", few, *words),
            environment=environment,
        )
        seconds = time.perf_counter() - began
        assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
        return seconds, run.stdout
