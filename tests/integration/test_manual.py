# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The manual, followed to the letter by somebody who has a checkout, a bare host, and nothing else."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from pages.journal import OPTION, machine
from pages.manual import Block, Kind, blocks
from pages.transcript import transcript
from phones.phone import Phone

from .fleet import LAB, REPOSITORY, Host, booted, command, lab, lab_inventory
from .storage import put_file_system

HOST = "pbx-istanbul"
BEGIN = "docs/getting-started.md"
INVENTORY = "inventory/hosts.yml"
#: Does in an editor's place what a page says of an item of a list.
PUT_ITEM = REPOSITORY / "tests" / "pages" / "put_item.py"
#: A disk, and a recording that somebody has copied back.
DISK = "/var/lib/disk-of-recordings"
RESTORED = "/var/spool/voiceops/recordings/2026/11/23/081530-1795422556.176-1002.wav"

#: Where a run that was asked to (--write-report) writes down what a newcomer sees.
PAGE = REPOSITORY / "docs" / "measurements" / "first-ten-minutes.md"
HEAD = """# The first ten minutes

What a terminal shows to a newcomer who follows [getting started](../getting-started.md) to the letter, up to
two registered phones. The test that follows the page writes it (`tests/integration/test_manual.py`). Where a
command prints much, the middle is left out.
"""

#: The pages that go on from there, each followed in a copy of what the first has made, and what a
#: page cannot know: its own words, and what stands for them here.
GUIDES: dict[str, dict[str, str]] = {
    "docs/inventory.md": {},
    "docs/importing.md": {},
    "docs/dahililer.md": {},
    "docs/vault.md": {},
    "docs/ports.md": {},
    "docs/outbound.md": {},
    "docs/status-board.md": {"pbx_status_refresh=15": "pbx_status_refresh=1"},
    "docs/rollout.md": {},
    "docs/history.md": {},
    "docs/day-two.md": {},
    "docs/pull.md": {
        "git push --quiet git@git.example.com:company/telephones.git": (
            f"{LAB} ssh {HOST} 'git init --quiet --bare --initial-branch=main /srv/telephones.git'"
            " < /dev/null;"
            f' GIT_SSH_COMMAND="ssh -F $({LAB} ssh-config)" git push --quiet {HOST}:/srv/telephones.git'
        ),
        "git@git.example.com:company/telephones.git": "file:///srv/telephones.git",
        "ssh root@192.0.2.10": f"{LAB} ssh {HOST}",
    },
    "docs/monitoring.md": {},
    "roles/pbx/README.md": {},
    "docs/troubleshooting.md": {},
    "docs/recordings.md": {
        "UUID=aa89bbc4-86cf-467b-bd52-f7f3cfb2f977": DISK,
        "chown -R": f"install -D /dev/null {RESTORED}; chown -R",
    },
}
#: What the pages take for granted on the host besides a disk: a provider that has an address, a program.
GIVEN = """
echo '192.0.2.20 sip.telco.example' >> /etc/hosts
install -m 755 /dev/stdin /usr/local/sbin/to-the-archive <<'END'
#!/bin/sh
END
"""


@dataclass(frozen=True)
class Newcomer:
    """A reader who follows the pages, in a home of their own."""

    home: Path
    host: Host

    def follow(self, page: str, begin: str, instead: dict[str, str]) -> dict[str, str]:
        """Write and type all that a page says, in one shell; return what each command has said."""
        said: dict[str, str] = {}
        steps = [begin]
        for block in blocks(page):
            steps += _typed(block, said)
        script = "set -euo pipefail\n" + "\n".join(steps)
        for words, others in instead.items():
            assert words in script, f"{page} no longer says {words}"
            script = script.replace(words, others)
        surroundings = {
            "HOME": str(self.home),
            # Where this machine takes packages from, which in a home of one's own is told again.
            "PIP_CONFIG_FILE": str(Path.home() / ".config/pip/pip.conf"),
            **{
                f"GIT_{who}_{what}": "x@example.com"
                for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
        }
        # As if nobody had told Ansible anything: the page does.
        run = command(
            "bash", "-c", f"unset ANSIBLE_CONFIG; {script}", environment=surroundings, deadline=1200
        )
        pieces = re.split(r"^@@ (\d+)\n", run.stdout, flags=re.MULTILINE)[1:]
        for number, text in zip(pieces[::2], pieces[1::2], strict=True):
            said[list(said)[int(number)]] = text
        assert run.returncode == 0, (
            f"{page}: the last of these failed:\n{run.stdout[-6000:]}\n{run.stderr[-3000:]}"
        )
        return said


def _typed(block: Block, said: dict[str, str]) -> list[str]:
    """Return the lines of a script that do what a block says; each command gets its place in ``said``."""
    if block.kind is Kind.FILE:
        end = "END-OF-THE-BLOCK"
        folder = shlex.quote(str(Path(block.file).parent))
        lines = [f"mkdir -p {folder}\ncat > {block.file} <<'{end}'\n{block.text}{end}"]
        if block.file == INVENTORY:
            # "Your host's address" is what a page cannot know.
            lines.append(f"cp ~/in-the-lab.yml {Path(INVENTORY).parent}/")
        return lines
    if block.kind is Kind.ITEM:
        put = f"{shlex.quote(sys.executable)} {shlex.quote(str(PUT_ITEM))} {block.file}"
        return [f"{put} <<'END-OF-THE-BLOCK'\n{block.text}END-OF-THE-BLOCK"]
    lines = []
    for line in block.text.splitlines() if block.kind in (Kind.HERE, Kind.HOST) else ():
        key = line if line not in said else f"{line} # {len(said)}"
        said[key] = ""
        lines.append(f"echo '@@ {len(said) - 1}'")
        there = f"{LAB} ssh {HOST} {shlex.quote(line)} < /dev/null"
        lines.append(there if block.kind is Kind.HOST else line)
    return lines


@pytest.fixture(scope="module")
def bare() -> Iterator[Host]:
    """A bare host of the name that the pages speak of."""
    with booted(HOST, "forky") as host:
        yield host


@pytest.fixture(scope="module")
def newcomer(bare: Host, tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    home = tmp_path_factory.mktemp("home")
    inventory = yaml.safe_load(Path(lab_inventory()).read_text(encoding="utf-8"))
    hosts = inventory["pbx"]["hosts"]
    inventory["pbx"]["hosts"] = {HOST: hosts[HOST]}
    (home / "in-the-lab.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    return Newcomer(home, bare)


@pytest.fixture(scope="module")
def begun(newcomer: Newcomer) -> dict[str, str]:
    """What getting started has said, command by command."""
    return newcomer.follow(BEGIN, f"cd {shlex.quote(str(REPOSITORY))}", {})


def recap(text: str) -> dict[str, int]:
    """Return the counts in the last line of a run."""
    (line,) = re.findall(rf"^{HOST} +: (.*)$", text, re.MULTILINE)
    return {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", line)}


def test_a_newcomer_gets_from_a_bare_host_to_a_registered_phone(
    newcomer: Newcomer, begun: dict[str, str], request: pytest.FixtureRequest
) -> None:
    checked = begun["ansible-playbook voiceops.asterisk.site --check --diff"]
    assert "Ayşe Yılmaz" in checked
    assert "bahar-dolmus-41" not in "".join(begun.values())
    done = begun["ansible-playbook voiceops.asterisk.site"]
    assert recap(done)["changed"] > 0
    assert recap(done)["failed"] == 0
    assert recap(begun["ansible-playbook voiceops.asterisk.site --tags directory"])["changed"] == 0
    committed = command("git", "-C", str(newcomer.home / "my-company"), "ls-files").stdout.split()
    assert "inventory/host_vars/pbx-istanbul/vault.yml" in committed
    assert not {".vault-password", "pbx-status.html"} & set(committed)
    vault = (newcomer.home / "my-company/inventory/host_vars/pbx-istanbul/vault.yml").read_text()
    assert vault.startswith("$ANSIBLE_VAULT;")
    # As section 4 says: the host's address, UDP, 5060, the number, the password of vault.yml.
    ayse = Phone("1001", "bahar-dolmus-41", newcomer.host.address)
    door = Phone("1002", "kestane-serce-88", newcomer.host.address)
    with door.on_the_desk(), ayse.on_the_desk():
        assert ayse.call("1002") == 200
        company = newcomer.home / "my-company"
        look = f"unset ANSIBLE_CONFIG; cd '{company}'; ansible-playbook voiceops.asterisk.status"
        shown = command("bash", "-c", look, environment={"HOME": str(newcomer.home)})
    assert f"{HOST}: Asterisk running, 2 of 2 extensions registered" in shown.stdout, (
        shown.stdout + shown.stderr
    )
    assert (company / "pbx-status.html").exists()
    if request.config.getoption(OPTION):
        typed = {**begun, "ansible-playbook voiceops.asterisk.status": shown.stdout}
        text = transcript(typed, str(newcomer.home)).replace(str(REPOSITORY), "~/asterisk")
        PAGE.write_text(f"{HEAD}\n{machine()}\n\n```text\n{text}```\n", encoding="utf-8")


@pytest.fixture(scope="module")
def furnished(
    newcomer: Newcomer, begun: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Newcomer:
    """After getting started, on a host with what the other pages take for granted."""
    collection = newcomer.home / ".ansible/collections/ansible_collections/voiceops/asterisk"
    # All that a collection may use when it runs, by Ansible's requirements for collections.
    for entry in collection.iterdir():
        if entry.is_dir() and entry.name not in ("meta", "plugins", "roles", "playbooks"):
            shutil.rmtree(entry)
    newcomer.host.shell(GIVEN)
    put_file_system(newcomer.host, DISK, 24 * 2**20, tmp_path_factory.mktemp("disk"))
    return newcomer


@pytest.mark.parametrize("page", GUIDES)
def test_every_step_of_a_guide_does_what_it_says(furnished: Newcomer, page: str) -> None:
    place = "~/" + re.sub(r"\W", "-", page)
    begin = f"export PATH=~/ansible/bin:$PATH\ncp -r ~/my-company {place}\ncd {place}"
    said = furnished.follow(page, begin, GUIDES[page])
    runs = {
        line: text
        for line, text in said.items()
        if line.startswith("ansible-playbook voiceops.asterisk.site")
    }
    for line, text in runs.items():
        assert recap(text)["failed"] == 0, f"$ {line}\n{text}"


def test_the_demo_shows_what_the_readme_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEOPS_LAB_INSTANCE", "5")
    try:
        done = command("make", "demo", deadline=1200)
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    finally:
        lab("down")

    def shape(line: str) -> str:
        """Return a line without what differs from run to run."""
        return re.sub(r"[\d.:]+", "0", " ".join(line.split()))

    (shown,) = (block.text for block in blocks("README.md") if block.language == "text")
    told = {shape(line) for line in done.stdout.splitlines()}
    assert [line for line in shown.splitlines() if line != "..." and shape(line) not in told] == []
