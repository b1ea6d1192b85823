# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The program that pulls: what it has Ansible do, what it keeps, what it says. Ansible is a script."""

from __future__ import annotations

import json
import stat
import time
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.pulling import command, decision
from ansible_collections.voiceops.asterisk.plugins.module_utils.pulling.decision import Outcome
from ansible_collections.voiceops.asterisk.plugins.module_utils.pulling.repository import RepositoryError

FIRST, SECOND = "a" * 40, "b" * 40
HOST = "pbx-istanbul"
#: Writes down how it was called, and does what the test wants.
PLAYBOOK = """#!/bin/sh
printf '%s\\n' "$@" > {folder}/arguments
env > {folder}/environment
umask > {folder}/umask
echo 'fatal: the password is tin-can-9'
{does}
"""


class Host:
    """A host that pulls; which commit there is and how Ansible ends are the test's."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
        self.folder, self._capsys = folder, capsys
        self.state = folder / "state"
        for made in (self.state, folder / "scratch", folder / "credentials"):
            made.mkdir()
        self.newest, self.trouble = FIRST, ""
        self.ansible("")
        host = self

        class Played:
            def __init__(self, *words: object) -> None:
                host.asked = words

            def trust(self, signers: list[str], known_hosts: list[str]) -> None:
                assert signers == ["ssh-ed25519 AAAA"]

            def fetch(self) -> str:
                if host.trouble:
                    raise RepositoryError(host.trouble)
                return host.newest

            def check_out(self, commit: str, place: Path) -> None:
                place.mkdir(exist_ok=True)
                (place / "commit").write_text(commit, encoding="ascii")

        self.asked: tuple[object, ...] = ()
        monkeypatch.setattr(command, "Repository", Played)
        monkeypatch.setattr(command, "STATE", self.state)
        monkeypatch.setattr(command, "SCRATCH", folder / "scratch")
        monkeypatch.setattr(command, "SETTINGS", folder / "pull.json")
        settings = {
            "repository": "https://git.example.com/telephones.git",
            "branch": "main",
            "signers": ["ssh-ed25519 AAAA"],
            "known_hosts": [],
            "inventory": "inventory",
            "playbook": "voiceops.asterisk.rollout",
            "host": HOST,
            "ansible": str(folder / "ansible-playbook"),
        }
        (folder / "pull.json").write_text(json.dumps({"_": "by the role", "settings": settings}))

    def ansible(self, does: str) -> None:
        program = self.folder / "ansible-playbook"
        program.write_text(PLAYBOOK.format(folder=self.folder, does=does), encoding="utf-8")
        program.chmod(0o755)

    def reports(self, state: str, *reasons: str, ends: int) -> None:
        """Have Ansible leave the report of a rollout."""
        report = json.dumps({"hosts": {HOST: {"state": state, "reasons": reasons}}})
        self.ansible(f"echo '{report}' > {self.state}/rollout-report.json; exit {ends}")

    def pulls(self) -> tuple[int, str]:
        """Return how it ended, and what it has said."""
        for left in ("arguments", "environment"):
            (self.folder / left).unlink(missing_ok=True)
        status = command.main()
        return status, self._capsys.readouterr().err

    def outcome(self) -> Outcome:
        return decision.read((self.state / "outcome.json").read_text(encoding="utf-8"))

    def was_run(self) -> list[str]:
        file = self.folder / "arguments"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Host:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(command.os, "umask", lambda mask: mask)
    return Host(tmp_path, monkeypatch, capsys)


def test_a_new_commit_is_run_for_this_host_alone_and_not_again(host: Host):
    status, said = host.pulls()
    assert (status, said) == (0, f"<5>{HOST} is what {FIRST[:12]} says\n")
    *words, variables, playbook = host.was_run()
    assert words == ["-i", "inventory", "--limit", HOST, "-e"]
    assert playbook == "voiceops.asterisk.rollout"
    assert json.loads(variables) == {
        "ansible_connection": "local",
        "ansible_become": False,
        "pbx_rollout_folder": str(host.state),
    }
    assert (host.state / "checkout" / "commit").read_text(encoding="ascii") == FIRST
    assert (host.folder / "umask").read_text(encoding="ascii").strip() == "0022"
    assert host.outcome().state == decision.DONE
    assert abs(host.outcome().ran - time.time()) < 60
    assert host.pulls() == (0, "")
    assert host.was_run() == []


def test_what_ansible_says_is_for_root_alone_and_not_in_the_journal(host: Host):
    host.ansible("exit 2")
    status, said = host.pulls()
    assert status == 1
    assert "tin-can" not in said
    assert said.startswith(f"<3>{HOST} could not be made what {FIRST[:12]} says, and it is tried again: ")
    log = host.state / "run.log"
    assert f"(what Ansible has said: {log})" in said
    assert "tin-can" in log.read_text(encoding="utf-8")
    assert (
        stat.S_IMODE(log.stat().st_mode)
        == stat.S_IMODE((host.state / "outcome.json").stat().st_mode)
        == 0o600
    )
    assert "tin-can" not in (host.state / "outcome.json").read_text(encoding="utf-8")
    assert host.pulls()[0] == 1
    assert host.was_run()


def test_a_commit_that_was_taken_back_is_not_tried_again_until_there_is_another(host: Host):
    host.reports("back", "1001 is missing", ends=2)
    status, said = host.pulls()
    assert status == 1
    assert said.startswith(f"<3>{HOST} was put back to what it was before {FIRST[:12]}")
    assert "1001 is missing" in said
    status, said = host.pulls()
    assert (status, host.was_run()) == (1, [])
    assert said.startswith(f"<5>{HOST} was put back")
    host.newest = SECOND
    host.reports("done", ends=0)
    assert host.pulls()[0] == 0
    assert host.outcome().commit == SECOND


def test_a_run_that_was_cut_off_is_brought_to_its_end_before_anything_new(host: Host):
    cut_off = Outcome(FIRST, decision.BEGUN)
    (host.state / "outcome.json").write_text(decision.written(cut_off), encoding="ascii")
    (host.state / "rollout-state.jsonl").write_text("{}\n", encoding="ascii")
    host.newest = SECOND
    host.reports("done", ends=0)
    assert host.pulls()[0] == 0
    assert json.loads(host.was_run()[-2])["pbx_rollout_resume"] is True
    assert host.outcome().commit == FIRST
    assert (host.state / "rollout-state.jsonl").exists()
    assert host.pulls()[0] == 0
    assert "pbx_rollout_resume" not in json.loads(host.was_run()[-2])
    assert host.outcome().commit == SECOND
    assert not (host.state / "rollout-state.jsonl").exists()


def test_credentials_are_told_to_ansible_and_ssh_by_their_paths(host: Host, monkeypatch: pytest.MonkeyPatch):
    folder = host.folder / "credentials"
    for name in ("voiceops-pull.vault-password", "voiceops-pull.ssh-key"):
        (folder / name).write_text("tin-can-of-the-vault", encoding="ascii")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    assert host.pulls()[0] == 0
    environment = (host.folder / "environment").read_text(encoding="utf-8")
    assert f"ANSIBLE_VAULT_PASSWORD_FILE={folder}/voiceops-pull.vault-password\n" in environment
    assert f"ANSIBLE_COLLECTIONS_PATH={host.state}/checkout/collections:" in environment
    assert "CREDENTIALS_DIRECTORY" not in environment
    assert "tin-can" not in environment
    assert host.asked[-1] == folder / "voiceops-pull.ssh-key"


def test_a_commit_that_is_not_believed_changes_nothing_and_is_said(host: Host):
    assert host.pulls()[0] == 0
    before = host.outcome()
    host.trouble = "bbb of main is not trusted\x1b[2J"
    assert host.pulls() == (1, "<3>bbb of main is not trusted\ufffd[2J\n")
    assert host.was_run() == []
    after = host.outcome()
    assert (after.commit, after.state) == (before.commit, before.state)
    assert after.trouble == "bbb of main is not trusted\ufffd[2J"
    host.trouble = ""
    assert host.pulls() == (0, "")
    assert host.outcome().trouble == ""


@pytest.mark.parametrize("where", ["ansible-playbook", "."])
def test_what_another_user_may_write_is_not_run(host: Host, where: str):
    (host.folder / where).chmod(0o775)
    status, said = host.pulls()
    assert status == 1
    place = (host.folder / where).resolve()
    assert said == f"<3>pbx_pull_ansible: another user than root may write {place}, so it is not run\n"
    assert host.was_run() == []
    (host.folder / where).chmod(0o755)
    assert host.pulls()[0] == 0


def test_an_ansible_that_is_gone_is_said(host: Host):
    (host.folder / "ansible-playbook").unlink()
    status, said = host.pulls()
    assert status == 1
    assert "ansible-playbook" in said


@pytest.mark.parametrize("text", ["", "{}", '{"settings": {"repository": "x"}}'])
def test_settings_that_are_damaged_are_said(host: Host, text: str):
    command.SETTINGS.write_text(text, encoding="utf-8")
    status, said = host.pulls()
    assert status == 1
    assert said.startswith(f"<3>{command.SETTINGS} is not what the role has written: ")
    assert host.was_run() == []
