# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The playbook that imports: all or nothing is written, no secret is shown, a second run changes nothing."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.voiceops.asterisk.plugins.module_utils import directory
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition import digest

from playbooks.playing import ansible_playbook

REPOSITORY = Path(__file__).resolve().parents[2]
EXPORT = REPOSITORY / "tests" / "unit" / "data" / "import-freepbx.csv"
SECRETS = ("tulip-river-93", "0f2c5a8b1e9d4c7a6b3f0e8d5c2a9b7e", "8642")
PASSWORD = "of-the-vault"


class Company:
    """A folder with an inventory, in which somebody types commands."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "inventory").mkdir()
        (place / "inventory" / "hosts.yml").write_text("pbx: {hosts: {pbx-1: {}}}\n", encoding="utf-8")
        (place / "extensions.csv").write_bytes(EXPORT.read_bytes())
        (place / "vault-password").write_text(PASSWORD, encoding="utf-8")
        self.variables = place / "inventory" / "host_vars" / "pbx-1"

    def runs(self, *words: str, vault: bool = True, fails: bool = False) -> str:
        """Run Ansible here and return all that it said."""
        password = ("--vault-password-file", "vault-password") if vault else ()
        done = ansible_playbook("-i", "inventory", *password, *words, cwd=self.place)
        said = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, said
        for secret in SECRETS:
            assert secret not in said
        return said

    def imports(self, *words: str, vault: bool = True, fails: bool = False, **variables: object) -> str:
        given = {"source": "freepbx", "file": "extensions.csv", "host": "pbx-1", **variables}
        named = json.dumps({f"import_{name}": value for name, value in given.items()})
        playbook = str(REPOSITORY / "playbooks" / "import.yml")
        return self.runs(playbook, "-e", named, *words, vault=vault, fails=fails)

    def files(self) -> dict[str, bytes]:
        """Return all files but those that were there in the beginning."""
        given = {"extensions.csv", "vault-password", "inventory/hosts.yml"}
        found = {
            str(path.relative_to(self.place)): path.read_bytes()
            for path in self.place.rglob("*")
            if path.is_file()
        }
        return {name: content for name, content in found.items() if name not in given}

    def opened(self) -> str:
        content = (self.variables / "vault.yml").read_bytes()
        return VaultLib([("default", VaultSecret(PASSWORD.encode()))]).decrypt(content).decode()


@pytest.fixture
def company(tmp_path) -> Company:
    return Company(tmp_path)


def test_an_import_is_written_once_and_shows_no_secret(company):
    said = company.imports("-vvv", "--diff")
    assert "changed=1 " in said
    assert "taken: 4 extensions" in said
    assert "name: Ayşe Kaya" in said, "the diff"
    files = company.files()
    assert sorted(files) == [
        "import-pbx-1.txt",
        "inventory/host_vars/pbx-1/extensions.yml",
        "inventory/host_vars/pbx-1/vault.yml",
    ]
    for name, content in files.items():
        assert not any(secret.encode() in content for secret in SECRETS), name
    assert all(path.stat().st_mode & 0o077 == 0 for path in company.variables.iterdir())
    assert company.opened() == (
        '---\nvault_pbx_passwords:\n  "1001": tulip-river-93\n'
        'vault_pbx_password_digests:\n  "1002": "0f2c5a8b1e9d4c7a6b3f0e8d5c2a9b7e"\n'
    )
    assert 'row 2: number "1001"' in files["import-pbx-1.txt"].decode()

    assert "changed=0 " in company.imports("-vvv", "--diff")
    assert company.files() == files


def test_a_host_takes_what_was_imported(company):
    company.imports(report="")
    database = str(company.place / "directory.sqlite3")
    directory.create(database, os.getgid())
    task = {"voiceops.asterisk.pbx_extension": {"database": database, "extensions": "{{ pbx_extensions }}"}}
    play = {"hosts": "pbx", "gather_facts": False, "connection": "local", "tasks": [task]}
    (company.place / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    company.runs("play.yml", "-vvv", "-e", f"ansible_python_interpreter={sys.executable}")
    read = directory.read(database)
    made = read.extensions
    assert made["1001"].name == "Ayşe Kaya"
    assert made["1001"].ring_timeout == 25
    assert made["1001"].digest == digest.ha1("1001", read.realm, "tulip-river-93")
    assert made["1002"].digest == "0f2c5a8b1e9d4c7a6b3f0e8d5c2a9b7e"
    assert made["1900"].forward_to == "1001"
    assert not made["1003"].can_register


TABLES = {
    "ps_endpoints.csv": "id,transport,aors,auth,callerid\n"
    '1001,udp,1001,1001,"""Ayşe Kaya"" <1001>"\n1002,,1002,1002,\n',
    "ps_auths.csv": "id,auth_type,md5_cred,password,realm,username\n"
    "1001,userpass,,tulip-river-93,,anna\n"
    "1002,md5,0f2c5a8b1e9d4c7a6b3f0e8d5c2a9b7e,,,1002\n",
    "ps_aors.csv": "id,max_contacts,remove_existing\n1001,2,yes\n1002,1,yes\n",
}


def test_the_tables_of_asterisk_itself_are_read_from_a_folder(company):
    (company.place / "tables").mkdir()
    for name, text in TABLES.items():
        (company.place / "tables" / name).write_text(text, encoding="utf-8")
    wanted = {"source": "realtime", "file": "tables"}
    assert "changed=1 " in company.imports("-vvv", "--diff", **wanted)
    assert company.opened() == (
        '---\nvault_pbx_passwords:\n  "1001": tulip-river-93\n'
        'vault_pbx_password_digests:\n  "1002": "0f2c5a8b1e9d4c7a6b3f0e8d5c2a9b7e"\n'
    )
    definitions = (company.variables / "extensions.yml").read_text(encoding="utf-8")
    assert "username: anna" in definitions
    assert "max_devices: 2" in definitions
    assert "changed=0 " in company.imports(**wanted)

    assert "skip is of no use with the source realtime" in company.imports(
        fails=True, skip=["row 3"], **wanted
    )
    auths = TABLES["ps_auths.csv"].replace(",,1002", ",,anna")
    (company.place / "tables" / "ps_auths.csv").write_text(auths, encoding="utf-8")
    said = company.imports(fails=True, **wanted)
    assert "ps_endpoints 1002, username: 'anna' is the user name of" in said
    assert "nothing was written" in said


def test_with_a_mistake_nothing_is_written(company):
    content = (company.place / "extensions.csv").read_text(encoding="utf-8")
    (company.place / "extensions.csv").write_text(
        content.replace("1900,", "19oo,").replace(",25,", ",900,"),
        encoding="utf-8",
    )
    said = company.imports("-vvv", fails=True)
    assert "row 2, column ringtimer: 900 is not a number of seconds from 5 to 300" in said
    assert "row 5, column extension: '19oo' is not a number" in said
    assert company.files() == {}
    said = company.imports(skip=["wrong rows"])
    assert "taken: 2 extensions" in said
    assert b"row 5, column extension: the row was left out" in company.files()["import-pbx-1.txt"]


def test_check_mode_writes_nothing(company):
    assert "changed=1 " in company.imports("--check", "--diff")
    assert company.files() == {}
    assert not company.variables.exists()


def test_without_a_vault_password_it_says_what_to_give(company):
    assert "give it --vault-password-file or --vault-id" in company.imports(vault=False, fails=True)
    assert company.files() == {}


def test_what_is_there_is_not_replaced_unless_somebody_says_so(company):
    company.imports()
    before = company.files()
    (company.place / "extensions.csv").write_bytes(EXPORT.read_bytes().replace(b"Can Demir", b"Cem Demir"))
    said = company.imports(fails=True)
    assert "extensions.yml exists and has other content; force (import_force) replaces it" in said
    assert company.files() == before
    company.imports(force=True)
    assert b"Cem Demir" in company.files()["inventory/host_vars/pbx-1/extensions.yml"]


def test_a_file_that_is_no_report_is_not_replaced_by_one(company):
    (company.place / "import-pbx-1.txt").write_text("Ring Can\n", encoding="utf-8")
    assert "import-pbx-1.txt exists and is not a report" in company.imports(fails=True)
    company.imports(report="another.txt")
    (company.place / "another.txt").write_text("x.csv as wazo: 1 extension\n", encoding="utf-8")
    company.imports(report="another.txt")
    assert b"4 extensions" in company.files()["another.txt"]


def test_a_vault_that_holds_other_secrets_is_never_replaced(company):
    company.variables.mkdir(parents=True)
    vault = company.variables / "vault.yml"
    vault.write_bytes(VaultLib().encrypt("vault_trunk: kuzu-7\n", VaultSecret(PASSWORD.encode())))
    before = company.files()
    said = company.imports(fails=True, force=True)
    assert "vault.yml holds vault_trunk too; move that into a file of its own" in said
    assert company.files() == before
    vault.write_bytes(VaultLib().encrypt("vault_pbx_passwords: {}\n", VaultSecret(b"another")))
    assert "this run cannot decrypt" in company.imports(fails=True, force=True)


def test_a_file_that_would_stand_before_it_is_named(company):
    company.variables.mkdir(parents=True)
    (company.variables / "people.yml").write_text("pbx_extensions: []\n", encoding="utf-8")
    said = company.imports(fails=True)
    assert "people.yml has pbx_extensions too, and Ansible would take one or the other; move it away" in said


def test_a_folder_that_others_may_write_gets_no_secret(company):
    company.variables.mkdir(parents=True)
    company.variables.chmod(0o777)
    assert (
        f"other users may write in {company.variables} and could get at secrets: chmod go-w"
        in company.imports(fails=True)
    )
    assert company.files() == {}


def test_as_json(company):
    company.imports(format="json", report="")
    written = company.files()
    assert sorted(written) == [
        f"inventory/host_vars/pbx-1/{name}" for name in ("extensions.json", "vault.yml")
    ]
    definitions = json.loads(written["inventory/host_vars/pbx-1/extensions.json"])
    assert definitions["pbx_extensions"][0]["password"] == "{{ vault_pbx_passwords['1001'] }}"


def test_what_has_to_be_said_is_asked_for(company):
    said = company.runs(str(REPOSITORY / "playbooks" / "import.yml"), "-e", "import_host=pbx-1", fails=True)
    assert "say import_source, import_file, as in -e import_source=freepbx" in said
    assert "no.csv cannot be read: No such file or directory" in company.imports(file="no.csv", fails=True)
    assert "value of source must be one of: " in company.imports(source="pbx", fails=True)
    assert "pbx-2 is not a host of the inventory yet" in company.imports(host="pbx-2")
