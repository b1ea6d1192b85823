# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""An inventory is looked at before any host is touched: with a real Ansible, and hosts that do not exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from ansible.constants import DEFAULT_VAULT_ID_MATCH
from ansible.parsing.vault import VaultLib, VaultSecret

from playbooks.playing import ansible_playbook

REPOSITORY = Path(__file__).resolve().parents[2]
PLAYBOOK = REPOSITORY / "playbooks" / "validate.yml"
VAULT = VaultLib([(DEFAULT_VAULT_ID_MATCH, VaultSecret(b"open sesame"))])
SUMMARY = re.compile(r"^(\d+ hosts?, \d+ extensions?: \d+ mistakes?.*)$", re.MULTILINE)


class Outcome(NamedTuple):
    status: int
    #: What is said of the inventory, line by line.
    lines: list[str]
    summary: str
    text: str


#: Two sites with which nothing is wrong.
SOUND = {
    "hosts.yml": "pbx: {hosts: {pbx-a: {ansible_host: 192.0.2.1}, pbx-b: {ansible_host: 192.0.2.2}}}\n",
    "group_vars/pbx.yml": """\
pbx_emergency_numbers: ["112"]
pbx_extension_groups: [{name: Sales}]
pbx_trunks:
  - name: Telco
    host: sip.example.net
    username: company
    password: "{{ vault_trunk }}"
    register: true
""",
    "group_vars/all/vault.yml": "vault_trunk: correct-horse-0\n",
    "host_vars/pbx-a/extensions.yml": """\
pbx_extensions:
  - number: "1001"
    name: Ayşe
    password: "{{ vault_pbx_passwords['1001'] }}"
    groups: [Sales]
  - number: "1002"
    forward_to: "1001"
""",
    "host_vars/pbx-a/vault.yml": "vault_pbx_passwords: {'1001': correct-horse-1}\n",
    "host_vars/pbx-b.yml": "pbx_extensions: [{number: '1001', password: correct-horse-2}]\n",
}


def validate(folder: Path, changed: dict[str, str], *more: str, opens: bool = True) -> Outcome:
    """Look at the sound inventory with these files in the place of its own."""
    for name, text in {**SOUND, **changed}.items():
        file = folder / "inventory" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(VAULT.encrypt(text) if "vault" in name else text.encode())
    (folder / "password").write_text("open sesame", "ascii")
    words = ["-i", "inventory", PLAYBOOK, *more, *(["--vault-password-file", "password"] if opens else [])]
    # An attempt to reach a host would fail at once.
    run = ansible_playbook(*words, cwd=folder, ANSIBLE_SSH_EXECUTABLE="/bin/false")
    text = run.stdout + run.stderr
    assert "correct-horse" not in text
    assert "UNREACHABLE" not in text
    found = SUMMARY.search(text)
    assert found, text
    said = text[: found.start()].rpartition("*\n")[2]
    return Outcome(run.returncode, said.splitlines(), found[1], text)


def test_nothing_is_said_of_an_inventory_with_which_nothing_is_wrong(tmp_path):
    outcome = validate(tmp_path, {})
    assert (outcome.status, outcome.lines, outcome.summary) == (0, [], "2 hosts, 3 extensions: 0 mistakes")


#: For each kind of mistake a file with it, and what is said.
MISTAKES = {
    "a value": (
        {"host_vars/pbx-b.yml": "pbx_extensions:\n  - number: '1001'\n    ring_timeout: soon\n"},
        "host_vars/pbx-b.yml:3, pbx-b, pbx_extensions[0].ring_timeout (1001): 'soon' is not",
    ),
    "a type": (
        {"host_vars/pbx-b.yml": "pbx_extensions:\n  number: '1001'\n"},
        "host_vars/pbx-b.yml:2, pbx-b, pbx_extensions: is a mapping, and has to be a list",
    ),
    "a flag": (
        {"host_vars/pbx-b.yml": "a: 1\npbx_purge: perhaps\n"},
        "host_vars/pbx-b.yml:2, pbx-b, pbx_purge: 'perhaps' is neither true nor false",
    ),
    "a rule of the role": (
        {"host_vars/pbx-b.yml": "pbx_timezone: Mars/../x\n"},
        'host_vars/pbx-b.yml:1, pbx-b, pbx_timezone: "Mars/../x" is not a time zone',
    ),
    "a variable that nobody reads": (
        {"host_vars/pbx-b.yml": "a: 1\npbx_extension: []\n"},
        "host_vars/pbx-b.yml:2, pbx-b, pbx_extension: there is no such variable; did you mean",
    ),
    "what YAML misreads in host_vars": (
        {
            "host_vars/pbx-b.yml": "pbx_extensions:\n"
            "  - {number: '1001', password: '', outbound_caller_id: 0212}\n"
        },
        "host_vars/pbx-b.yml:2, pbx-b, pbx_extensions[0].outbound_caller_id (1001): YAML does not read it",
    ),
    "what YAML misreads in the file of hosts": (
        {
            "hosts.yml": "pbx:\n  hosts: {pbx-a: , pbx-b: }\n  vars:\n"
            "    pbx_extension_defaults: {outbound_caller_id: 0112}\n"
        },
        "hosts.yml:4, pbx-a pbx-b, pbx_extension_defaults: YAML does not read it",
    ),
    "what YAML misreads in a vault": (
        {"host_vars/pbx-a/vault.yml": "vault_pbx_passwords:\n  '1001': 0123456701\n"},
        "host_vars/pbx-a/vault.yml:2, pbx-a, pbx_extensions[0].password (1001 Ayşe): YAML does not read it",
    ),
    "a group": (
        {
            "host_vars/pbx-b.yml": "pbx_extensions:\n  - number: '1001'\n    password: ''\n"
            "    groups:\n      - sales\n"
        },
        "host_vars/pbx-b.yml:5, pbx-b, pbx_extensions[0].groups (1001): 'sales' does not exist in the",
    ),
    "a password in a vault": (
        {"host_vars/pbx-a/vault.yml": "vault_pbx_passwords: {'1001': '1234567'}\n"},
        "host_vars/pbx-a/extensions.yml:4, pbx-a, pbx_extensions[0].password (1001 Ayşe): is shorter than 8",
    ),
    "a template that leads nowhere": (
        {
            "host_vars/pbx-b.yml": "pbx_extensions:\n  - number: '1001'\n    name: '{{ nobody }}'\n"
            "    password: ''\n"
        },
        "host_vars/pbx-b.yml:3, pbx-b, pbx_extensions[0].name (1001): has no value: 'nobody' is undefined",
    ),
    "a password that is not in the vault": (
        {"host_vars/pbx-a/vault.yml": "vault_pbx_passwords: {'1002': correct-horse-1}\n"},
        "host_vars/pbx-a/extensions.yml:4, pbx-a, pbx_extensions[0].password (1001 Ayşe): has no value:"
        " vault_pbx_passwords (inventory/host_vars/pbx-a/vault.yml:1) has no entry '1001'",
    ),
    "an entry that another way of writing leads to": (
        {
            "host_vars/pbx-a/extensions.yml": "pbx_extensions:\n"
            "  - {number: '1001', password: '{{ vault_pbx_passwords[site ~ 3] }}'}\nsite: 100\n"
        },
        "host_vars/pbx-a/extensions.yml:2, pbx-a, pbx_extensions[0].password (1001): has no value:"
        " a mapping in its template has no entry '1003'",
    ),
    "a group that is nearly there": (
        {"host_vars/pbx-b.yml": "pbx_extensions: [{number: '1001', password: '', groups: [Slaes]}]\n"},
        "'Slaes' does not exist in the inventory; did you mean 'Sales'? If it is a new group, define it in"
        " pbx_extension_groups, or set pbx_create_groups",
    ),
    "a number outside the site's": (
        {
            "host_vars/pbx-b.yml": "pbx_number_ranges: ['2000-2999']\npbx_extensions:\n"
            "  - {number: '1001', password: ''}\n"
        },
        "host_vars/pbx-b.yml:3, pbx-b, pbx_extensions[0].number: 1001 is outside the numbers of this site",
    ),
    "a number twice": (
        {
            "host_vars/pbx-b.yml": "pbx_extensions:\n"
            "  - {number: '1001', name: Ayşe, password: ''}\n  - {number: '1001'}\n"
        },
        "host_vars/pbx-b.yml:3, pbx-b, pbx_extensions[1].number: 1001 is also given by pbx_extensions[0]"
        " ('Ayşe'); name it once (the first: inventory/host_vars/pbx-b.yml:2)",
    ),
    "an emergency number": (
        {"host_vars/pbx-b.yml": "pbx_extensions:\n  - {number: '112', password: ''}\n"},
        "host_vars/pbx-b.yml:2, pbx-b, pbx_extensions[0].number: 112 is an emergency number",
    ),
    "a default": (
        {"group_vars/all/defaults.yml": "pbx_extension_defaults:\n  language: Turkish\n"},
        "group_vars/all/defaults.yml:2, pbx-a pbx-b, pbx_extension_defaults.language: 'Turkish' is not",
    ),
    "a file that is not YAML": (
        {"host_vars/pbx-b.yml": "pbx_extensions: [\n"},
        "host_vars/pbx-b.yml, pbx-b: cannot be read: line 2",
    ),
    "a tab": (
        {"host_vars/pbx-b.yml": "pbx_extensions:\n  - number: '1001'\n\tname: Ayşe\n"},
        "host_vars/pbx-b.yml, pbx-b: cannot be read: line 3, column 1: a tab; indent with spaces",
    ),
    "a colon in a value": (
        {"host_vars/pbx-b.yml": "pbx_extensions:\n  - number: '1001'\n    name: Depot: gate\n"},
        "line 3, column 16: mapping values are not allowed in this context; put a value with ': ' in quotes",
    ),
}


#: The kinds of mistakes for which a file is not read.
UNREAD = ("a file that is not YAML", "a tab", "a colon in a value")


@pytest.mark.parametrize("kind", MISTAKES)
def test_each_mistake_is_named_with_file_line_host_and_option(tmp_path, kind):
    changed, said = MISTAKES[kind]
    outcome = validate(tmp_path, changed)
    assert outcome.status == 2, outcome.text
    assert len(outcome.lines) == 1, outcome.text
    assert said in outcome.lines[0]
    summary, _semicolon, uncounted = outcome.summary.partition("; ")
    assert summary.endswith(": 1 mistake")
    assert uncounted == (
        "the extensions of files that cannot be read are not counted" if kind in UNREAD else ""
    )


#: For each kind of remark a file with it, and what is said.
REMARKS = {
    "an extension without a password": (
        {"host_vars/pbx-b.yml": "pbx_extensions:\n  - number: '1001'\n    name: Can\n"},
        "host_vars/pbx-b.yml:2, pbx-b, pbx_extensions[0] (1001 Can): has no password: no phone can register",
    ),
    "many of them": (
        {
            "host_vars/pbx-b.yml": "pbx_extensions:\n"
            + "".join(f"  - {{number: '{number}'}}\n" for number in range(1001, 1008))
        },
        "host_vars/pbx-b.yml:2, pbx-b, pbx_extensions: 7 extensions have no password"
        " (1001, 1002, 1003, 1004, 1005 and 2 more): no phone can register",
    ),
    "a variable of nobody": (
        {"group_vars/all/more.yml": "a: 1\npbx_ignore: [192.0.2.0/24]\n"},
        "group_vars/all/more.yml:2, pbx-a pbx-b, pbx_ignore: neither the collection nor a template of the"
        " inventory reads it",
    ),
}


@pytest.mark.parametrize("kind", REMARKS)
def test_a_remark_is_said_in_a_line_and_is_no_mistake(tmp_path, kind):
    changed, said = REMARKS[kind]
    outcome = validate(tmp_path, changed)
    assert outcome.status == 0, outcome.text
    assert len(outcome.lines) == 1, outcome.text
    assert said in outcome.lines[0]
    assert outcome.summary.endswith(": 0 mistakes")


def test_a_variable_that_a_template_of_any_host_reads_is_no_remark(tmp_path):
    changed = {
        "group_vars/all/more.yml": "pbx_building: North\n",
        "host_vars/pbx-a/more.yml": "ansible_host: \"{{ hostvars['pbx-b']['pbx_building'] }}.example.net\"\n",
    }
    assert validate(tmp_path, changed).lines == []


def test_all_mistakes_are_named_at_once(tmp_path):
    changed = {
        "group_vars/pbx.yml": SOUND["group_vars/pbx.yml"] + "pbx_rtp_start: many\n",
        "host_vars/pbx-a/vault.yml": "vault_pbx_passwords: {'1001': '1234567'}\n",
        "host_vars/pbx-b.yml": "pbx_extension: []\n"
        "pbx_extensions: [{number: '10 01'}, {number: '1001', password: '', groups: [X]}]\n",
    }
    outcome = validate(tmp_path, changed)
    options = [line.split(", ")[-1].partition(":")[0] for line in outcome.lines]
    assert len(options) == 5, outcome.text
    assert "2 hosts, 4 extensions: 5 mistakes" in outcome.text


def test_a_number_at_two_sites_is_a_mistake_where_both_share_their_numbers(tmp_path):
    shared = "pbx_numbers_unique: fleet\n"
    one = validate(tmp_path, {"host_vars/pbx-a/numbers.yml": shared})
    assert one.status == 0
    both = validate(tmp_path, {"group_vars/all/numbers.yml": shared})
    assert both.status == 2
    (line,) = both.lines
    assert "host_vars/pbx-a/extensions.yml:2, pbx-a, " in line
    assert re.search(r"1001 is also an extension of pbx-b \(.*host_vars/pbx-b.yml:1\)", line)


@pytest.mark.parametrize("without", [False, True], ids=["a mistake", "a remark"])
def test_vaults_that_cannot_be_opened_are_named_and_all_else_is_looked_at(tmp_path, without):
    changed = {
        "host_vars/pbx-b.yml": "pbx_extensions: [{number: '10 01'}, {number: '1002', password: '123'}]\n"
    }
    more = ["-e", f"pbx_validate_without_vault={without}"]
    outcome = validate(tmp_path, changed, *more, opens=False)
    assert outcome.status == 2
    vaults = [line for line in outcome.lines if "vault.yml" in line]
    assert [line.partition(",")[0] for line in vaults] == [
        "inventory/group_vars/all/vault.yml",
        "inventory/host_vars/pbx-a/vault.yml",
    ]
    others = [line for line in outcome.lines if "vault.yml" not in line]
    assert len(others) == 2
    assert "'10 01' is not a number" in others[0]
    assert "is shorter than 8 characters" in others[1]
    mistakes = 2 if without else 4
    assert f"2 hosts, 4 extensions: {mistakes} mistakes; 3 values were not judged" in outcome.summary


def test_a_machine_that_is_not_to_know_the_passwords_ends_well(tmp_path):
    outcome = validate(tmp_path, {}, "-e", "pbx_validate_without_vault=true", opens=False)
    assert outcome.status == 0, outcome.text
    assert outcome.summary.startswith("2 hosts, 3 extensions: 0 mistakes; ")


def test_one_encrypted_value_that_cannot_be_opened_is_named_where_it_stands(tmp_path):
    secret = VAULT.encrypt("correct-horse-2").decode().replace("\n", "\n      ").rstrip()
    value = f"pbx_extensions:\n  - number: '1001'\n    password: !vault |\n      {secret}\n"
    plain = {"group_vars/pbx.yml": "pbx_emergency_numbers: []\n"}
    outcome = validate(tmp_path, {**plain, "host_vars/pbx-b.yml": value}, "--limit", "pbx-b", opens=False)
    assert outcome.status == 2
    assert any(
        "host_vars/pbx-b.yml:3, pbx-b, pbx_extensions[0].password (1001): is encrypted" in line
        for line in outcome.lines
    )
    assert outcome.summary.endswith("1 value was not judged, because a vault cannot be opened")


def test_some_hosts_only(tmp_path):
    changed = {"host_vars/pbx-b.yml": "pbx_extensions: [{number: '10 01'}]\n"}
    assert validate(tmp_path, changed, "--limit", "pbx-a").summary == "1 host, 2 extensions: 0 mistakes"


def test_the_example_inventory_has_no_mistake(tmp_path):
    run = ansible_playbook(
        *("-i", REPOSITORY / "playbooks" / "inventory", "--vault-password-file"),
        *(REPOSITORY / "playbooks" / "inventory" / "demo-vault-password.txt", PLAYBOOK),
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert ": 0 mistakes\n" in run.stdout
