# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The contenders: this collection, the usual hand-written role, and the same with pjsip_wizard.conf.

Each has a host of its own, all up for the whole run, of which only one is worked on at a time.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from integration.fleet import Host, lab, lab_inventory, site

from . import town
from .feeling import Steady
from .measuring import Cost, measured

HERE = Path(__file__).resolve().parent
OURS, USUAL, WIZARD = "ours", "usual", "wizard"

#: What each is in words.
TOLD = {
    OURS: "this collection",
    USUAL: "(a) templates of `pjsip.conf` and `extensions.conf`, and their reloads",
    WIZARD: "(b) a template of `pjsip_wizard.conf`, and its reload",
    "loop": "(c) this collection, one module call per extension",
    "ping": "`ansible.builtin.ping`",
    "ping with the variables": "`ansible.builtin.ping` of the host with the same variables",
    "sqlite": "a bare SQLite transaction with the same rows, on the host",
}


def run(host: Host, playbook: str, folder: Path | None = None, **variables: str) -> tuple[Cost, str]:
    """Run a playbook of the bench against one host, with the inventory in the folder or the lab's own."""
    given = [word for pair in variables.items() for word in ("-e", json.dumps(dict([pair])))]
    inventory = str(folder or lab_inventory())
    return measured(["ansible-playbook", "-i", inventory, "--limit", host.name, *given, str(HERE / playbook)])


def changed(text: str, host: Host) -> bool:
    """Tell whether a run has changed something, by its recap."""
    found = re.search(rf"^{re.escape(host.name)} .* changed=(\d+) ", text, re.MULTILINE)
    assert found, text[-2000:]
    return found.group(1) != "0"


class Contender:
    """A host whose extensions are kept by a playbook."""

    playbook = ""
    #: How long a change may take to be in force after the run has ended, in seconds; it is not counted.
    patience = 0

    def __init__(self, name: str) -> None:
        self.name = name
        self.host = Host(name, "")
        self.folder = Path(tempfile.mkdtemp(prefix=f"bench-{name}-"))
        self.steady: Steady | None = None

    def prepare(self) -> None:
        """Make the host one that has only the residents, and register their telephones."""
        addresses = {each["name"]: each["address"] for each in json.loads(lab("list", "--json"))}
        self.host = Host(self.name, addresses[self.name])
        self._install()
        self.give(town.extensions(town.RESIDENTS))
        self.apply()
        self._keep_residents()
        self.steady = Steady(self.host.address)

    def _install(self) -> None:
        raise NotImplementedError

    def _keep_residents(self) -> None:
        """Note the state to which ``reset`` returns."""

    def reset(self) -> None:
        """Leave the residents alone on the host, with an Asterisk that has just started."""
        raise NotImplementedError

    def give(self, extensions: Sequence[town.Facts]) -> None:
        """Write the inventory that the next run loads."""
        shutil.copy(lab_inventory(), self.folder / "hosts.yml")
        (self.folder / "host_vars").mkdir(exist_ok=True)
        given = {**town.variables([]), "pbx_extensions": extensions}
        # JSON, which is read five times as fast as YAML: what remains is what the contenders themselves take.
        file = self.folder / "host_vars" / f"{self.name}.json"
        file.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")

    def apply(self) -> tuple[Cost, bool]:
        """Make the host what the inventory says; return what it cost, and whether anything has changed."""
        cost, text = run(self.host, self.playbook, self.folder)
        return cost, changed(text, self.host)

    def names(self) -> dict[str, str]:
        """Return the name of each extension that Asterisk has, by its number."""
        raise NotImplementedError

    def leave(self) -> None:
        if self.steady:
            self.steady.leave()
        shutil.rmtree(self.folder)


class Ours(Contender):
    playbook = "ours_list.yml"

    def _install(self) -> None:
        given = {
            "pbx_connection_ports": [{"name": town.PORT}],
            # Nobody is to be shut out for what a measurement does.
            "pbx_fail2ban_ignore": ["198.18.0.0/15"],
        }
        outcome = site([self.host], self.folder, given)
        assert outcome.status == 0, outcome.text[-3000:]

    def reset(self) -> None:
        self.give(town.extensions(town.RESIDENTS))
        self.apply()
        self.host.shell("systemctl restart asterisk && asterisk -rx 'core waitfullybooted'")

    def one(self, number: str, name: str) -> tuple[Cost, bool]:
        """Rename one person by a task of its own."""
        cost, text = run(self.host, "ours_one.yml", bench_number=number, bench_name=name)
        return cost, changed(text, self.host)

    def loop(self) -> tuple[Cost, bool]:
        """Make the host what the inventory says, one module call per extension."""
        cost, text = run(self.host, "ours_loop.yml", self.folder)
        return cost, changed(text, self.host)

    def names(self) -> dict[str, str]:
        script = (
            "import json, sqlite3; c = sqlite3.connect('/var/lib/voiceops/directory.sqlite3');"
            "print(json.dumps(dict(c.execute('SELECT id, callerid FROM ps_endpoints'))))"
        )
        return _by_number(json.loads(self.host.python(script)))


class Rendered(Contender):
    """A role that writes Asterisk's configuration as text."""

    # `asterisk -rx` gives up after a minute without output, and the reload goes on.
    patience = 600

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.playbook = f"rivals/{name}.yml"

    def _install(self) -> None:
        # Everything else stays as Debian has it; a dialplan that the wizard can write into has to be there.
        self.host.shell(
            "printf '[internal]\\n' > /etc/asterisk/extensions.conf; systemctl enable --now asterisk;"
            "asterisk -rx 'core waitfullybooted'"
        )

    def _keep_residents(self) -> None:
        self.host.shell(
            "systemctl restart asterisk; asterisk -rx 'core waitfullybooted';"
            "cp -a /etc/asterisk /var/tmp/asterisk-of-residents"
        )

    def reset(self) -> None:
        # By a reload it would take as long as what is measured.
        self.host.shell(
            "systemctl stop asterisk; cp -a /var/tmp/asterisk-of-residents/. /etc/asterisk/;"
            "systemctl start asterisk; asterisk -rx 'core waitfullybooted'"
        )

    def names(self) -> dict[str, str]:
        """Ask Asterisk itself, because a reload reports success whatever it did not take."""
        text = self.host.shell("asterisk -rx 'pjsip show endpoints'")
        endpoints = re.findall(r"^ Endpoint:  (\d+)/", text, re.MULTILINE)
        hints = re.findall(
            r"^ *(\d+)@internal ", self.host.shell("asterisk -rx 'core show hints'"), re.MULTILINE
        )
        if sorted(hints) != sorted(endpoints):
            return {}  # half of the reload is still to come
        files = self.host.shell("cat /etc/asterisk/pjsip.conf /etc/asterisk/pjsip_wizard.conf")
        callers = re.findall(r'callerid = "([^"]*)" <(\d+)>', files)
        named = {number: name for name, number in callers}
        return {number: named[number] for number in endpoints}


def _by_number(callers: dict[str, str]) -> dict[str, str]:
    """Take the names out of callers such as "Ayşe" <1001>."""
    return {number: caller.split('"')[1] if '"' in caller else "" for number, caller in callers.items()}


def usual_ones() -> list[Contender]:
    return [Ours(OURS), Rendered(USUAL), Rendered(WIZARD)]
