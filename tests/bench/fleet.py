# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a change costs on a whole fleet at once, beside a ping of the same hosts in the same run."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from integration.fleet import Host, lab, lab_inventory, site

from . import town
from .measuring import Cost, measured
from .results import Results, Sample
from .sizes import FIRST, NOTHING, ONE_IN_LIST, PING, PING_WITH

HERE = Path(__file__).resolve().parent
FLEET = "fleet"


class Fleet:
    """Hosts with a directory each."""

    def __init__(self, hosts: int, extensions: int, results: Results) -> None:
        self._names = [f"branch{number:02}" for number in range(1, hosts + 1)]
        self._numbers = town.numbers(extensions)
        self._size = extensions
        self._results = results
        self._folder = Path(tempfile.mkdtemp(prefix="bench-fleet-"))

    def measure(self, rounds: int, say: Callable[[str], None]) -> None:
        try:
            say(f"{len(self._names)} hosts boot, and the role is applied")
            lab("up", *(f"{name}=forky" for name in self._names))
            addresses = {each["name"]: each["address"] for each in json.loads(lab("list", "--json"))}
            hosts = [Host(name, addresses[name]) for name in self._names]
            given = {"pbx_connection_ports": [{"name": town.PORT}]}
            outcome = site(hosts, self._folder, given, deadline=1200)
            assert outcome.status == 0, outcome.text[-3000:]
            for number in range(rounds):
                say(f"a fleet of {len(self._names)} hosts: round {number + 1} of {rounds}")
                self._round(hosts, number)
        finally:
            lab("down", *self._names)
            shutil.rmtree(self._folder)

    def _round(self, hosts: Sequence[Host], number: int) -> None:
        self._give([])
        self._run("ours_list.yml")
        everybody = town.extensions(self._numbers)
        self._give(everybody)
        self._note(PING, NOTHING, self._run("ping.yml", lab_inventory())[0])
        self._note(PING_WITH, NOTHING, self._run("ping.yml")[0])
        self._apply(FIRST, changes=True)
        self._apply(NOTHING, changes=False)
        name = f"Renamed in round {number}"
        self._give([{**everybody[0], "name": name}, *everybody[1:]])
        self._apply(ONE_IN_LIST, changes=True)
        script = (
            "import sqlite3; c = sqlite3.connect('/var/lib/voiceops/directory.sqlite3');"
            "print(c.execute('SELECT count(*), (SELECT name FROM extension ORDER BY number) FROM extension')"
            ".fetchone())"
        )
        for host in hosts:
            assert host.python(script).strip() == str((len(everybody), name)), host

    def _apply(self, what: str, changes: bool) -> None:
        cost, text = self._run("ours_list.yml")
        changed = re.findall(r"^branch\d+ .* changed=(\d+) ", text, re.MULTILINE)
        assert changed == [str(int(changes))] * len(self._names), f"{what}: {changed}"
        self._note("ours", what, cost)

    def _run(self, playbook: str, inventory: str = "") -> tuple[Cost, str]:
        limit = ("--limit", ",".join(self._names))
        where = ("-i", inventory or str(self._folder))
        return measured(["ansible-playbook", *where, *limit, str(HERE / playbook)])

    def _give(self, extensions: Sequence[town.Facts]) -> None:
        shutil.copy(lab_inventory(), self._folder / "hosts.yml")
        (self._folder / "host_vars").mkdir(exist_ok=True)
        given = {**town.variables([]), "pbx_extensions": extensions}
        for name in self._names:
            (self._folder / "host_vars" / f"{name}.json").write_text(
                json.dumps(given, ensure_ascii=False), encoding="utf-8"
            )

    def _note(self, who: str, what: str, cost: Cost) -> None:
        sample = Sample(f"{FLEET}: {who}", what, self._size, cost.wall, cost.cpu, cost.memory)
        self._results.samples.append(sample)
