# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a rollout to many hosts costs the controller: `make bench-fleet`.

The hosts are simulated (simulated.py). What they use themselves is counted apart, because they share the
machine with the controller; a real fleet has its own processors. The inventory is as people write it: YAML,
and the passwords of each host in a vault.
"""

from __future__ import annotations

import functools
import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml
from ansible.constants import DEFAULT_VAULT_ID_MATCH
from ansible.parsing.vault import VaultLib, VaultSecret
from integration.fleet import REPOSITORY, booted, site

from . import memory, town
from .measuring import measured
from .simulated import Hosts

#: How many hosts, and how many extensions each has.
SIZES, EXTENSIONS = (12, 100, 500), 200
QUICK_SIZES, QUICK_EXTENSIONS = (2, 3), 20
STEPS = PREFLIGHT, ROLLOUT, REPORT = ("preflight", "rollout", "report")
#: Longest for one command, in seconds.
DEADLINE = 4 * 3600
VAULT_PASSWORD = "the-password-of-the-vaults"
#: What the host of the lab needs, as everywhere.
GIVEN = {"pbx_fail2ban_ignore": ["198.18.0.0/15"]}


@dataclass(frozen=True)
class Found:
    """What one step has cost for so many hosts: seconds, and MiB."""

    hosts: int
    step: str
    wall: float
    #: Processor time of the controller, and of all hosts.
    cpu: float
    hosts_cpu: float
    peak: memory.Peak

    def written(self) -> dict[str, object]:
        """Return it as JSON knows it."""
        return asdict(self)


def read(written: dict[str, object]) -> Found:
    """Make of it what it was."""
    return Found(**{**written, "peak": memory.Peak(**written["peak"])})  # type: ignore[arg-type]


def measure(sizes: Sequence[int], extensions: int, say: Callable[[str], None]) -> Iterator[Found]:
    """Make the largest fleet, and measure each size."""
    folder = Path(tempfile.mkdtemp(prefix="bench-many-"))
    try:
        hosts = Hosts(folder / "hosts")
        (folder / "hosts").mkdir()
        say("one host of the lab boots, and the role is applied: its system is that of all")
        with booted("simulated", "forky", "") as host:
            given = {**town.variables(town.numbers(extensions)), **GIVEN}
            outcome = site([host], folder, given, deadline=1200)
            assert outcome.status == 0, outcome.text[-3000:]
            # So that nothing of the directory is in a log of changes that a copy would lack.
            host.shell("systemctl stop asterisk")
            hosts.take_tree(host)
        for size in sizes:
            place = folder / str(size)
            place.mkdir()
            for step, found in _Fleet(hosts, size, extensions, place).steps():
                say(f"{size} hosts: {step} took {found.wall:.0f} s")
                yield found
    finally:
        shutil.rmtree(folder)


class _Fleet:
    """So many hosts, and a folder in which somebody rolls out to them."""

    def __init__(self, hosts: Hosts, size: int, extensions: int, folder: Path) -> None:
        self._hosts = hosts
        self._names = [f"pbx-{number:03}" for number in range(1, size + 1)]
        self._folder = folder
        self._name = f"renamed on {size} hosts"
        hosts.make(self._names)
        write_inventory(folder / "inventory", self._names, extensions, self._name)
        (folder / "vault-password").write_text(VAULT_PASSWORD, encoding="utf-8")

    def steps(self) -> Iterator[tuple[str, Found]]:
        found, text = self._play(PREFLIGHT, "--check")
        assert f"{len(self._names)} hosts: {len(self._names)} to be changed" in text, text[-3000:]
        yield PREFLIGHT, found
        yield ROLLOUT, self._play(ROLLOUT)[0]
        report = json.loads((self._folder / "rollout-report.json").read_text(encoding="utf-8"))
        states = {host["state"] for host in report["hosts"].values()}
        assert (report["state"], len(report["hosts"]), states) == ("finished", len(self._names), {"done"})
        assert {self._name_of_the_first(name) for name in self._names} == {self._name}
        yield REPORT, self._report()

    def _name_of_the_first(self, host: str) -> str:
        database = self._hosts.changed(host, "/var/lib/voiceops/directory.sqlite3")
        with closing(sqlite3.connect(database)) as opened:
            return str(opened.execute("SELECT name FROM extension ORDER BY number").fetchone()[0])

    def _play(self, step: str, *more: str) -> tuple[Found, str]:
        peak = memory.Peak()
        before = self._hosts.processor_time()
        cost, text = measured(
            [
                *("ansible-playbook", "-i", str(self._folder / "inventory")),
                *("--vault-password-file", str(self._folder / "vault-password")),
                *("-e", f"pbx_rollout_folder={self._folder}"),
                *("--tags", "directory", str(REPOSITORY / "playbooks" / "rollout.yml"), *more),
            ],
            DEADLINE,
            functools.partial(memory.watched, peak=peak),
            **self._hosts.environment(),
        )
        used = self._hosts.processor_time() - before
        return Found(len(self._names), step, cost.wall, cost.cpu - used, used, peak), text

    def _report(self) -> Found:
        """Write the report of the rollout again, which is part of the rollout, and nothing else."""
        words = [sys.executable, "-c", REPORT_AGAIN, str(self._folder)]
        _cost, text = measured(words, PYTHONPATH=str(REPOSITORY / ".venv" / "collections"))
        told = json.loads(text)
        peak = memory.Peak(main=told["memory"], together=told["memory"])
        return Found(len(self._names), REPORT, told["wall"], told["cpu"], 0.0, peak)


#: Reads the state; then measures, without Python's own beginning, what a rollout writes and tells in its end.
REPORT_AGAIN = """
import json, resource, sys, time
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import summary
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import rollout_files
began = time.perf_counter(), time.process_time()
keeper = rollout_files.Keeper(sys.argv[1], True)
keeper.report("en")
assert summary.lines(keeper.story)
wall, cpu = time.perf_counter() - began[0], time.process_time() - began[1]
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"wall": wall, "cpu": cpu, "memory": memory}))
"""


def write_inventory(folder: Path, names: Sequence[str], extensions: int, name: str) -> None:
    """Write the inventory of these hosts; the first extension of each is called ``name``."""
    given = town.variables(town.numbers(extensions))
    people = given.pop("pbx_extensions")
    people[0]["name"] = name
    passwords = {each["number"]: each["password"] for each in people}
    for each in people:
        each["password"] = f"{{{{ vault_pbx_passwords['{each['number']}'] }}}}"
    vault = VaultLib([(DEFAULT_VAULT_ID_MATCH, VaultSecret(VAULT_PASSWORD.encode()))])
    locked = vault.encrypt(_yaml({"vault_pbx_passwords": passwords}))
    written = _yaml({"pbx_extensions": people})
    everywhere = {
        **given,
        "ansible_connection": "simulated",
        "ansible_python_interpreter": "/usr/bin/python3",
    }
    _file(folder / "hosts.yml", _yaml({"pbx": {"hosts": {host: {} for host in names}}}).encode())
    _file(folder / "group_vars" / "pbx.yml", _yaml(everywhere).encode())
    for host in names:
        _file(folder / "host_vars" / host / "extensions.yml", written.encode())
        _file(folder / "host_vars" / host / "vault.yml", locked)


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, allow_unicode=True)


def _file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
