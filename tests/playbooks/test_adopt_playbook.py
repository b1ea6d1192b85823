# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The playbook that adopts, without a telephone system: it reads, writes once, and shows no secret."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from playbooks.playing import PLAYBOOKS, REPOSITORY, ansible_playbook

DATA = REPOSITORY / "tests" / "unit" / "data" / "adopt"
PASSWORD = "of-the-vault"
#: A console at which phones are registered; what follows from their contacts needs an Asterisk.
CONSOLE = """#!/bin/sh
case $2 in
  "database show registrar/contact") cat "$(dirname "$0")/contacts" ;;
  "core show channels count") echo "3 active channels"; echo "2 active calls" ;;
esac
"""


def secrets() -> set[str]:
    with (DATA / "phones.csv").open(encoding="utf-8", newline="") as file:
        found = {row["password"] for row in csv.DictReader(file)}
    return found | {"hat-parolasi-33", "a853416cad0d87c3702ffcd860a9ce0b", "8c793dba7aa2d5a1eb4497bfb070d769"}


class Company:
    """A folder with an inventory of a host that is this machine, and has Asterisk's files in a folder."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.asterisk = place / "asterisk-files"
        shutil.copytree(DATA / "asterisk", self.asterisk)
        (self.asterisk / "asterisk.conf").write_text("[options]\n", encoding="utf-8")
        host = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "adopt_configuration": str(self.asterisk),
        }
        (place / "inventory").mkdir()
        inventory = json.dumps({"pbx": {"hosts": {"pbx-1": host}}})
        (place / "inventory" / "hosts.json").write_text(inventory, encoding="utf-8")
        (place / "vault-password").write_text(PASSWORD, encoding="utf-8")
        (place / "contacts").write_text("", encoding="utf-8")
        (place / "asterisk").write_text(CONSOLE, encoding="utf-8")
        (place / "asterisk").chmod(0o755)
        self.variables = place / "inventory" / "host_vars" / "pbx-1"

    def adopts(self, *words: str, fails: bool = False, vault: bool = True, **variables: object) -> str:
        """Run the playbook here and return all that it said."""
        named = json.dumps({f"adopt_{name}": value for name, value in variables.items()})
        password = ("--vault-password-file", "vault-password") if vault else ()
        words = ("-i", "inventory", *password, str(PLAYBOOKS / "adopt.yml"), "-e", named, *words)
        path = f"{self.place}:{os.environ['PATH']}"
        done = ansible_playbook(*words, cwd=self.place, PATH=path)
        said = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, said
        assert not [secret for secret in secrets() if secret in said]
        return said

    def opened(self) -> dict[str, dict[str, str]]:
        content = (self.variables / "vault.yml").read_bytes()
        text = VaultLib([("default", VaultSecret(PASSWORD.encode()))]).decrypt(content).decode()
        return dict(yaml.safe_load(text))


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def test_a_host_is_written_once_and_no_secret_is_shown(company: Company) -> None:
    said = company.adopts("-vvv", "--diff")
    assert "changed=1 " in said
    assert "taken: 50 extensions, 1 trunk, 3 groups" in said
    assert "name: Ayşe Akın" in said, "the diff"
    # The text into which the module has packed them is not shown either.
    assert '"packed"' not in said
    vault = company.opened()
    assert vault["vault_pbx_passwords"]["1001"] == "kiraz-10-zeytin"
    assert vault["vault_pbx_trunk_passwords"] == {"provider": "hat-parolasi-33"}
    report = (company.place / "adopt-pbx-1.txt").read_text(encoding="utf-8")
    assert report.startswith("pbx-1 as asterisk: 50 extensions")
    assert "set_var is not carried" in report
    for path in (company.place / "adopt-pbx-1.txt", company.variables / "extensions.yml"):
        assert not [secret for secret in secrets() if secret in path.read_text(encoding="utf-8")]
    assert "changed=0 " in company.adopts("-vvv", "--diff")


def test_check_mode_writes_nothing(company: Company) -> None:
    assert "changed=1 " in company.adopts("--check", "--diff")
    assert not company.variables.exists()


def test_without_a_vault_password_nothing_is_written(company: Company) -> None:
    assert "--vault-password-file" in company.adopts(fails=True, vault=False)
    assert not company.variables.exists()


def test_transports_are_carried_where_it_is_said_what_they_are(company: Company) -> None:
    company.adopts(transports={"udp": "SIP"})
    written = (company.variables / "extensions.yml").read_text(encoding="utf-8")
    assert written.count("connection_port: SIP") == 51


def test_what_somebody_has_changed_since_is_not_replaced_unasked(company: Company) -> None:
    company.adopts()
    path = company.variables / "extensions.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("Ayşe Akın", "Ayşe Ay"), encoding="utf-8")
    assert "force (adopt_force) replaces it" in company.adopts(fails=True)
    assert "changed=1 " in company.adopts(force=True)
    assert "Ayşe Akın" in path.read_text(encoding="utf-8")


def test_every_mistake_is_told_by_file_and_line_and_nothing_is_written(company: Company) -> None:
    wizard, sales = company.asterisk / "pjsip_wizard.conf", company.asterisk / "phones" / "sales.conf"
    places = []
    for path, text in (
        (wizard, "[1050](no-such-template)\n"),
        (sales, "[1099]\ntype=endpoint\naors=1099\nauth=gone\n"),
    ):
        before = path.read_text(encoding="utf-8")
        places.append(f"{path.relative_to(company.asterisk)}:{before.count(chr(10)) + 1}")
        path.write_text(before + text, encoding="utf-8")
    said = company.adopts(fails=True)
    assert f"{places[0]}: inherits from [no-such-template], which is not before it" in said
    assert f"{places[1]}, [1099]: names the auth gone, which is not there" in said
    assert not company.variables.exists()


def test_a_host_of_ours_is_not_read_as_somebody_elses(company: Company) -> None:
    path = company.asterisk / "pjsip.conf"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"; Written by the role voiceops.asterisk.pbx\n{text}", encoding="utf-8")
    assert "voiceops.asterisk.export writes its directory" in company.adopts(fails=True)


def test_nobody_takes_a_host_over_without_an_inventory(company: Company) -> None:
    said = company.adopts(fails=True, takeover=True)
    assert "the inventory has no pbx_extensions for pbx-1" in said
