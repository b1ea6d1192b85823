# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The playbook that exports: what it writes changes nothing when it is applied, whatever the names are."""

from __future__ import annotations

import grp
import json
import os
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.voiceops.asterisk.plugins.module_utils import directory
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import configuration
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition import digest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    EmergencyNumber,
    ExtensionGroup,
)
from ansible_collections.voiceops.asterisk.tests.unit.databases import apply
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    all_of,
    allow,
    ext,
    line,
    profile,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import directory as directory_of

from playbooks.playing import ansible_playbook

REPOSITORY = Path(__file__).resolve().parents[2]
PASSWORD = "tulip-river-93"
SECRETS = (PASSWORD, digest.ha1("1001", digest.REALM, PASSWORD), digest.ha1("u", "sip.example", PASSWORD))
#: What Ansible, YAML or a comment in it could take for something else.
HOSTILE = ["{{ lookup('pipe', 'touch evaluated') }}", "{% raw %}", "#jinja2:lstrip_blocks:True", "no", "1e3"]
HOSTILE += ["!unsafe x", "'\"", "a: b # c", "- x", "İğne \U0001f3e2", "{'a': 1}", "~", "&a *a", "%s \\n"]
OFFICE = directory_of(
    ConnectionPort("Ofis"),
    EmergencyNumber("112"),
    *(ExtensionGroup(name) for name in HOSTILE),
    line("{{ x }}", "sip.example", "u", PASSWORD, [("02125550100", "1001")]),
    profile("Yurt {# içi", allow("0X.", "{{ x }}", strip=1)),
    ext("1001", "Elif Demir", PASSWORD, HOSTILE, HOSTILE[:1], outbound_profile="Yurt {# içi"),
    *(
        ext(f"0{number}", name, labels=(("__ansible_note", name), ("room", name)))
        for number, name in enumerate(HOSTILE, 200)
    ),
)
#: Without the label that JSON has no way to write.
PLAIN = directory_of(ext("1001", "Elif {{ Demir }}", PASSWORD), ext("1002"))


class Company:
    """A folder with an inventory of hosts that are this machine, each with a directory of its own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.inventory = place / "inventory"
        self.inventory.mkdir()
        self.hosts("pbx-1")
        # What tells the release; it does not run.
        (place / "asterisk").write_text("#!/bin/sh\necho Asterisk 16.0.0\n", encoding="utf-8")
        (place / "asterisk").chmod(0o755)

    def hosts(self, *names: str) -> None:
        host = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "export_database": f"{self.place}/{{{{ inventory_hostname }}}}.sqlite3",
        }
        hosts = {"pbx": {"hosts": dict.fromkeys(names, host)}}
        (self.inventory / "hosts.json").write_text(json.dumps(hosts), encoding="utf-8")

    def has(self, host: str, content: directory.Directory) -> None:
        """Give a host this directory."""
        database = str(self.place / f"{host}.sqlite3")
        directory.create(database, os.getgid())
        apply(database, all_of(content))
        folder = self.place / f"{host}-asterisk"
        folder.mkdir()
        for name, text in configuration.texts(directory.read(database)).items():
            (folder / name).write_text(text, encoding="utf-8")

    def runs(self, *words: str, fails: bool = False) -> str:
        """Run Ansible here and return all that it said."""
        path = f"{self.place}:{os.environ['PATH']}"
        done = ansible_playbook("-i", "inventory", *words, cwd=self.place, PATH=path)
        said = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, said
        assert not any(secret in said for secret in SECRETS)
        assert not (self.place / "evaluated").exists()
        return said

    def exports(self, *words: str, fails: bool = False, **variables: object) -> str:
        named = json.dumps({f"export_{name}": value for name, value in variables.items()})
        return self.runs(str(REPOSITORY / "playbooks" / "export.yml"), "-e", named, *words, fails=fails)

    def applies(self, *words: str) -> str:
        """Have the hosts' directories made what the inventory says, as the role does."""
        lists = ["connection_ports", "trunks", "outbound_profiles", "emergency_numbers", "extension_groups"]
        given = {name: f"{{{{ pbx_{name} }}}}" for name in [*lists, "extensions"]}
        task = {
            "voiceops.asterisk.pbx_directory": {
                **given,
                "extension_defaults": {"language": "tr", "max_devices": 3},
                "purge": "{{ purges | default(false) }}",
                "by_role": True,
                "database": "{{ export_database }}",
                "group": grp.getgrgid(os.getgid()).gr_name,
                "configuration_folder": f"{self.place}/{{{{ inventory_hostname }}}}-asterisk",
            }
        }
        play = {"hosts": "pbx", "gather_facts": False, "tasks": [task]}
        (self.place / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
        return self.runs("play.yml", "--diff", *words)

    def exported(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.place / "export")): path.read_bytes()
            for path in (self.place / "export").rglob("*")
            if path.is_file()
        }


@pytest.fixture
def company(tmp_path) -> Company:
    return Company(tmp_path)


@pytest.mark.parametrize("purges", [False, True], ids=["", "purge"])
def test_what_is_exported_changes_nothing_when_it_is_applied(company, purges):
    company.has("pbx-1", OFFICE)
    company.exports("-vvv", "--diff", folder="inventory/host_vars")
    text = (company.inventory / "host_vars" / "pbx-1" / "directory.yml").read_text(encoding="utf-8")
    assert not any(secret in text for secret in SECRETS)
    said = company.applies("-e", json.dumps({"purges": purges}))
    assert "changed=0 " in said, said


def test_as_json_it_changes_nothing_either(company):
    company.has("pbx-1", PLAIN)
    company.exports(folder="inventory/host_vars", format="json")
    assert [path.name for path in (company.inventory / "host_vars" / "pbx-1").iterdir()] == ["directory.json"]
    assert "changed=0 " in company.applies("-e", "purges=true")


def test_each_host_is_written_once_and_for_oneself_alone(company):
    company.hosts("pbx-1", "pbx-2")
    company.has("pbx-1", OFFICE)
    company.has("pbx-2", PLAIN)
    said = company.exports("--diff")
    assert said.count("changed=1 ") == 2
    assert f'"{company.place}/export/pbx-2/directory.yml"' in said
    assert "without the passwords of 1 extension and 1 trunk" in said
    files = company.exported()
    assert sorted(files) == ["pbx-1/directory.yml", "pbx-2/directory.yml"]
    assert b"#   extensions 1001\n" in files["pbx-2/directory.yml"]
    assert yaml.safe_load(files["pbx-2/directory.yml"].replace(b"!unsafe ", b""))["pbx_extensions"][1] == {
        "number": "1002",
        **{option: value for option, value in ext("1002").shown().items() if option != "has_password"},
    }
    assert (company.place / "export/pbx-2/directory.yml").stat().st_mode & 0o077 == 0
    assert company.exports("--diff").count("changed=0 ") == 2
    assert company.exported() == files


def test_check_mode_shows_it_and_writes_nothing(company):
    company.has("pbx-1", PLAIN)
    said = company.exports("--check", "--diff")
    assert '+    name: !unsafe "Elif {{ Demir }}"' in said
    assert "changed=1 " in said
    assert not (company.place / "export").exists()


def test_a_file_that_says_something_else_is_kept_unless_somebody_says_so(company):
    company.has("pbx-1", PLAIN)
    company.exports()
    file = company.place / "export/pbx-1/directory.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("Elif", "Can"), encoding="utf-8")
    before = company.exported()
    for mode in ([], ["--check"]):
        said = company.exports(*mode, fails=True)
        assert "directory.yml exists and has other content; force (export_force) replaces it" in said
    assert company.exported() == before
    said = company.exports("--diff", force=True)
    assert '-    name: !unsafe "Can {{ Demir }}"' in said, "what has changed on the host since then"
    assert "changed=0 " in company.exports()


def test_a_file_that_would_stand_before_it_is_named(company):
    company.has("pbx-1", PLAIN)
    other = company.inventory / "host_vars" / "pbx-1" / "extensions.yml"
    other.parent.mkdir(parents=True)
    other.write_text("pbx_extensions: []\n", encoding="utf-8")
    said = company.exports(folder="inventory/host_vars", fails=True)
    assert "extensions.yml has pbx_extensions too, and Ansible would take one or the other" in said
    assert [path.name for path in other.parent.iterdir()] == ["extensions.yml"]


def test_a_host_without_a_directory_is_named_and_keeps_no_other_from_it(company):
    company.hosts("pbx-1", "pbx-odd")
    company.has("pbx-1", PLAIN)
    said = company.exports(fails=True)
    assert "fatal: [pbx-odd]: FAILED! => " in said
    assert "there is no directory database" in said
    assert sorted(company.exported()) == ["pbx-1/directory.yml"]
