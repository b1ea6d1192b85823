# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A host that no controller reaches brings itself up to date from signed commits, and from no others."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from phones.connected import plugged
from phones.phone import phones_addresses

from .conftest import RELEASES, empty_but_for_the_usual
from .fleet import DIRECTORY, REPOSITORY, Host, booted, command, site
from .test_confirm import until
from .test_history import newest

STATE = "/var/lib/voiceops-pull"
URL = "ssh://git@127.0.0.1/srv/telephones.git"
VAULT_PASSWORD, PASSWORD = "tin-can-of-the-vault", "tin-can-of-nobody"
TCP_PORT, ELSEWHERE = 5062, 5072
#: What the controller has made, and what comes by a commit.
EXTENSIONS = [
    *DIRECTORY["pbx_extensions"],
    {"number": "1005", "password": PASSWORD, "connection_port": "TCP"},
]
NEW = {"number": "1007", "password": "{{ vault_password }}", "connection_port": "TCP"}
#: Where the inventory is kept: here the host itself, as another user, by ssh.
SERVER = """
set -eu
cd /
useradd --create-home git
usermod --password '*' git
install -d -o git /srv
runuser -u git -- git init --quiet --bare --initial-branch=main /srv/telephones.git
ssh-keygen -q -t ed25519 -N '' -f /root/deploy
install -d -o git -m 700 ~git/.ssh
install -o git -m 600 /root/deploy.pub ~git/.ssh/authorized_keys
"""
#: As docs/pull.md has it: nobody reads them on the disk.
CREDENTIALS = f"""
set -eu
mkdir -p -m 700 /etc/credstore.encrypted
cd /etc/credstore.encrypted
systemd-creds encrypt --name=voiceops-pull.ssh-key /root/deploy voiceops-pull.ssh-key
printf %s '{VAULT_PASSWORD}' |
  systemd-creds encrypt --name=voiceops-pull.vault-password - voiceops-pull.vault-password
shred -u /root/deploy
"""
FETCH = """
set -eu
base64 -d > /tmp/bundle
chmod 644 /tmp/bundle
cd /
runuser -u git -- git -C /srv/telephones.git fetch --quiet --force /tmp/bundle main:main
rm /tmp/bundle
"""


class Company:
    """The user who has the inventory in git, with this collection in it, and signs what goes to the host."""

    def __init__(self, folder: Path, host: Host) -> None:
        self.folder, self.host = folder, host
        self.source = folder / "source"
        for who in ("ayse", "stranger"):
            words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", str(folder / who)]
            subprocess.run(words, check=True)
        self.variables: dict[str, Any] = {
            **DIRECTORY,
            "pbx_extensions": [{**EXTENSIONS[-1], "password": "{{ vault_password }}"}],
            "pbx_connection_ports": [
                *DIRECTORY["pbx_connection_ports"],
                {"name": "TCP", "protocol": "tcp", "port": TCP_PORT},
            ],
            "pbx_pull_repository": URL,
            "pbx_pull_signers": [(folder / "ayse.pub").read_text(encoding="ascii").strip()],
            "pbx_pull_interval": 86400,
            "pbx_rollout_settle": 12,
            # A user with a controller gets there by ssh, and becomes root there.
            "ansible_host": "192.0.2.1",
            "ansible_become": True,
        }
        self._git("init", "--quiet", "--initial-branch=main", str(self.source), at=folder)
        collection = self.source / "collections" / "ansible_collections" / "voiceops" / "asterisk"
        listed = subprocess.run(
            [
                "git",
                "ls-files",
                "-co",
                "--exclude-standard",
                "-z",
                "galaxy.yml",
                "meta",
                "playbooks",
                "plugins",
                "roles",
            ],
            cwd=REPOSITORY,
            check=True,
            capture_output=True,
        ).stdout
        for name in filter(None, os.fsdecode(listed).split("\0")):
            (collection / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, collection / name)

    def _git(self, *words: str, at: Path | None = None) -> str:
        who = {
            f"GIT_{who}_{what}": "x@example.com"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *words],
            cwd=at or self.source,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commits(self, *, by: str = "ayse", **variables: Any) -> str:
        """Change the inventory, sign it, and bring it to where the host looks; return the commit."""
        of_host = self.source / "inventory" / "host_vars" / self.host.name
        of_host.mkdir(parents=True, exist_ok=True)
        (self.source / "inventory" / "hosts.yml").write_text(f"pbx: {{hosts: {{{self.host.name}: }}}}\n")
        text = yaml.safe_dump({**self.variables, **variables}, allow_unicode=True)
        (of_host / "pbx.yml").write_text(text, encoding="utf-8")
        encrypted = command(
            *("ansible-vault", "encrypt", "--output", "-", "-"),
            given=yaml.safe_dump({"vault_password": PASSWORD}),
            environment={"ANSIBLE_VAULT_PASSWORD_FILE": str(self._password_file())},
        )
        assert encrypted.returncode == 0, encrypted.stderr
        (of_host / "vault.yml").write_text(encrypted.stdout, encoding="utf-8")
        self._git("add", "--all")
        signs = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={self.folder / by}")
        self._git(*signs, "commit", "--quiet", "-S", "-m", "change")
        commit = self._git("rev-parse", "HEAD")
        self._git("bundle", "create", "--quiet", str(self.folder / "bundle"), "main")
        bundle = (self.folder / "bundle").read_bytes()
        self.host.shell(FETCH, base64.b64encode(bundle).decode("ascii"))
        return commit

    def takes_back(self) -> None:
        self._git("reset", "--quiet", "--hard", "HEAD~1")

    def _password_file(self) -> Path:
        file = self.folder / "vault-password"
        file.write_text(VAULT_PASSWORD, encoding="ascii")
        return file

    def pulls(self) -> tuple[str, str]:
        """Have the host look, as its timer does; return how it ended, and the last line of its journal."""
        since = self.host.shell("journalctl -q -n 0 --show-cursor | sed 's/-- cursor: //'").strip()
        ended = self.host.shell(
            "systemctl start voiceops-pull.service; systemctl show -P Result voiceops-pull.service || true"
        ).split()[-1]
        said = self.host.shell(f"journalctl -q -o cat -t voiceops-pull --after-cursor='{since}'").strip()
        return ended, said

    def outcome(self) -> dict[str, Any]:
        outcome: dict[str, Any] = json.loads(self.host.shell(f"cat {STATE}/outcome.json"))
        return outcome


def phones_of(host: Host, number: str) -> list[dict[str, Any]]:
    about = {"number": number, "password": PASSWORD, "address": phones_addresses()[0]}
    return [{"server": host.address, "port": TCP_PORT, **about}]


def by_controller(variables: dict[str, Any]) -> dict[str, Any]:
    """Return the variables for a run of the controller's, which gets to the host by the lab's inventory."""
    return {name: value for name, value in variables.items() if not name.startswith("ansible_")}


def can_pull(host: Host) -> bool:
    """Tell whether its systemd hands over credentials by the beginning of their names."""
    return int(host.shell("systemctl --version").split()[1]) >= 254


@pytest.fixture(scope="module")
def company(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    company = Company(tmp_path_factory.mktemp("company"), host)
    key = host.shell("cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub").strip()
    company.variables["pbx_pull_known_hosts"] = [f"127.0.0.1 {key}"]
    yield company
    host.shell(
        "systemctl disable --quiet --now voiceops-pull.timer 2>/dev/null; userdel --remove git 2>/dev/null;"
        f"rm -rf /srv/telephones.git {STATE} /etc/credstore.encrypted/voiceops-pull.*; true"
    )
    empty_but_for_the_usual(host)


@pytest.fixture(scope="module")
def follower(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A host that a controller has told to pull, with the credentials for it; it has done so once."""
    if not can_pull(company.host):
        pytest.skip("this host cannot pull")
    host, folder = company.host, tmp_path_factory.mktemp("told")
    told = site([host], folder, {**by_controller(company.variables), "pbx_extensions": EXTENSIONS})
    assert told.status == 0, told.text
    again = site([host], folder, {**by_controller(company.variables), "pbx_extensions": EXTENSIONS})
    assert again.recap(host.name)["changed"] == 0, again.text
    assert host.shell("systemctl is-active voiceops-pull.timer").strip() == "active"
    host.shell(SERVER)
    host.shell(CREDENTIALS)
    return company


def test_a_host_follows_signed_commits_and_no_others(follower: Company) -> None:
    host = follower.host
    commit = follower.commits(pbx_extensions=[NEW])
    assert follower.pulls() == ("success", f"{host.name} is what {commit[:12]} says")
    with plugged(phones_of(host, "1007")) as phones:
        assert phones.registered() == {host.address: ["1007"]}
    history = host.module("pbx_extension_facts", gather=["history"], history_limit=1)
    assert commit[:12] in str(history["ansible_facts"]["pbx_history"])
    assert host.shell(f"stat -c '%U %a' {STATE}").split() == ["root", "700"]
    assert "failed=0" in host.shell(f"cat {STATE}/run.log")
    seen = host.shell(f"journalctl -q -b; cat {STATE}/run.log {STATE}/outcome.json {STATE}/rollout-*")
    for secret in (PASSWORD, VAULT_PASSWORD):
        assert secret not in seen
        assert host.shell(f"grep -rlF {secret} /etc /run/systemd {STATE} || true") == ""
    assert follower.pulls() == ("success", "")

    bad = follower.commits(by="stranger", pbx_extensions=[NEW, {"number": "1006"}])
    ended, said = follower.pulls()
    assert ended == "exit-code"
    assert f"{bad[:12]} of main is not trusted: none of pbx_pull_signers has signed it" in said
    assert "1006" not in host.facts()["pbx_extensions"]
    assert follower.outcome()["commit"] == commit
    follower.takes_back()


def test_a_run_that_is_killed_in_the_middle_is_brought_to_its_end_by_the_next(follower: Company) -> None:
    host, before = follower.host, newest(follower.host)
    commit = follower.commits(pbx_extensions=[{**NEW, "number": "1008"}])
    host.shell("systemctl start --no-block voiceops-pull.service")
    until(lambda: newest(host) > before, 240)
    host.shell("systemctl kill --signal=KILL voiceops-pull.service")
    assert follower.outcome()["state"] == "begun"
    follower.commits(pbx_extensions=[{**NEW, "number": "1008", "name": "Depo"}])
    assert follower.pulls() == ("success", f"{host.name} is what {commit[:12]} says")
    report = json.loads(host.shell(f"cat {STATE}/rollout-report.json"))
    assert (report["resumed"], report["hosts"][host.name]["state"]) == (1, "done")
    # What was done before it was killed is not done again.
    assert newest(host) == before + 1


def test_a_commit_that_phones_do_not_survive_is_taken_back_by_the_host_and_not_tried_again(
    follower: Company, tmp_path: Path
) -> None:
    host = follower.host
    ports = [*DIRECTORY["pbx_connection_ports"], {"name": "TCP", "protocol": "tcp", "port": ELSEWHERE}]
    with plugged(phones_of(host, "1005")) as phones:
        worse = follower.commits(pbx_connection_ports=ports)
        ended, said = follower.pulls()
        assert phones.registered() == {host.address: ["1005"]}
    assert ended == "exit-code"
    assert f"{host.name} was put back to what it was before {worse[:12]}, which is not tried again: " in said
    assert "0 of 1 phones are registered that were before, less than 95 %; missing: 1005" in said
    ran = follower.outcome()["ran"]
    assert follower.pulls()[0] == "exit-code"
    assert follower.outcome()["ran"] == ran

    off = site([host], tmp_path, {**DIRECTORY, "pbx_pull_repository": ""})
    assert off.status == 0, off.text
    assert host.shell("find /etc /usr/local -name '*voiceops[-_]pull*' -not -path '*/credstore*'") == ""
    assert host.shell("systemctl list-timers --all | grep voiceops-pull || true") == ""


def test_a_host_on_which_it_cannot_be_is_refused(company: Company, tmp_path: Path) -> None:
    if can_pull(company.host):
        pytest.skip("this host can")
    variables = {**by_controller(company.variables), "pbx_extensions": EXTENSIONS}
    refused = site([company.host], tmp_path, variables)
    assert refused.status != 0
    assert "has systemd 247, and 254 or newer is needed (Debian 13)" in " ".join(refused.text.split())


@pytest.mark.shown_on("asterisk22")
@pytest.mark.parametrize("release", ["asterisk22"])
def test_what_pulls_goes_with_all_else_that_is_taken_away(tmp_path: Path, release: str) -> None:
    with booted("pull-away", RELEASES[release]) as host:
        variables = {
            **DIRECTORY,
            "pbx_pull_repository": "https://git.example.com/telephones.git",
            "pbx_pull_signers": [
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBSlHPxL1WqZSjpmQX9DiJ7gFZvoBpMTtMYXGmlVnHhV"
            ],
        }
        told = site([host], tmp_path, variables)
        assert told.status == 0, told.text
        host.shell(f"install -d -m 700 {STATE}/checkout")
        gone = site([host], tmp_path, {**variables, "pbx_state": "absent"})
        assert gone.status == 0, gone.text
        assert host.shell("find / -xdev -path /proc -prune -o -name '*voiceops[-_]pull*' -print") == ""
        assert host.shell("command -v git; command -v ansible-playbook; true") == ""
