# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Variables that are written into an inventory are read by Ansible as they were meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible.template import Templar
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange import inventory
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.imported import (
    Imported,
    ImportedExtension,
    ImportedTrunk,
)
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import variable_files
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.variable_files import File, Vault
from hypothesis import given
from hypothesis import strategies as st

FORMATS = {"yml": variable_files.as_yaml, "json": variable_files.as_json}
#: What one reader of YAML or another takes for something else, and what Ansible takes for a template.
ODD = [
    *(
        "0123",
        "1e3",
        "0o17",
        "no",
        "y",
        "null",
        "~",
        "1:30",
        "2026-11-29",
        ".inf",
        "=",
        "- a",
        "a: b",
        "#",
        " ",
    ),
    *(
        "{{ 1 + 1 }}",
        "{% if x %}",
        "{# x #}",
        "#jinja2:variable_start_string:'[%'",
        "{'a': 1}",
        "[1]",
        "!unsafe x",
    ),
    *('Ayşe\'s "ev"', "a\u2028b", "\U0001f3e2", "\\", "%s", "&a", "*a"),
]


def loaded(folder: Path, texts: dict[str, str]) -> dict[str, object]:
    """Return variables as Ansible reads them of files and evaluates them for a task."""
    variables: dict[str, object] = {}
    loader = DataLoader()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        variables.update(loader.load_from_file(str(folder / name), cache="none", trusted_as_template=True))
    return Templar(loader, variables=variables).template(variables)


def directory(texts: list[str]) -> Imported:
    """Return extensions that have these texts wherever a text may be."""
    return Imported(
        extensions=tuple(
            ImportedExtension(
                f"row {row}",
                {
                    "number": f"{row:03}",
                    "name": text,
                    "groups": [text],
                    "labels": {"room": text},
                    "record": True,
                },
                {"password": text},
            )
            for row, text in enumerate(texts)
        ),
        groups=tuple(dict.fromkeys(texts)),
    )


def expected(imported: Imported) -> dict[str, object]:
    return {
        "pbx_extension_groups": [{"name": name} for name in imported.groups],
        "pbx_extensions": [{**one.options, **one.credentials} for one in imported.extensions],
    }


def read_again(folder: Path, imported: Imported, ending: str) -> dict[str, object]:
    made = inventory.variables(imported)
    texts = {f"extensions.{ending}": FORMATS[ending](made.definitions)}
    if made.vault:
        texts["vault.yml"] = variable_files.as_yaml(made.vault)
    variables = loaded(folder, texts)
    return {name: value for name, value in variables.items() if name.startswith("pbx_")}


@pytest.mark.parametrize("ending", FORMATS)
def test_every_text_comes_out_as_that_very_text(tmp_path, ending):
    imported = directory(ODD)
    assert read_again(tmp_path, imported, ending) == expected(imported)


@pytest.mark.parametrize("ending", FORMATS)
@given(texts=st.lists(st.text(st.characters(blacklist_categories=("Cs",))), max_size=4))
def test_what_is_written_is_read(tmp_path_factory, ending, texts):
    imported = directory(texts)
    made = read_again(tmp_path_factory.mktemp("inventory"), imported, ending)
    assert made == {**expected(imported), **({} if texts else {"pbx_extensions": []})} or not texts


@pytest.mark.parametrize("key", ["__ansible_vault", "__ansible_unsafe"])
def test_no_key_of_a_label_has_ansible_decrypt_or_trust_a_text(tmp_path, key):
    """A user who knows the encrypted text of somebody's password must not get it decrypted by a label."""
    variables = {"pbx_extensions": [{"number": "1001", "labels": {key: "{{ 1 + 1 }}"}}]}
    with pytest.raises(AnsibleError, match=f"{key} is a key that Ansible reads as its own in JSON"):
        variable_files.as_json(variables)
    assert loaded(tmp_path, {"all.yml": variable_files.as_yaml(variables)}) == variables


def test_digests_and_trunks_stand_in_vaults_of_their_own(tmp_path):
    digest = "0f2c5a8b1e9d4c7a6b3f0e8d5c2a9b7e"
    imported = Imported(
        extensions=(ImportedExtension("row 2", {"number": "1001"}, {"password_digest": digest}),),
        trunks=(
            ImportedTrunk("[x]", {"name": "Hat '1' {{ x }}", "host": "sip.example"}, {"password": "kuzu-1"}),
        ),
    )
    made = inventory.variables(imported)
    assert made.vault == {
        "vault_pbx_trunk_passwords": {"Hat _1_ __ x __": "kuzu-1"},
        "vault_pbx_password_digests": {"1001": digest},
    }
    assert made.definitions["pbx_extensions"] == [
        {"number": "1001", "password_digest": "{{ vault_pbx_password_digests['1001'] }}"}
    ]
    read = read_again(tmp_path, imported, "yml")
    assert read["pbx_trunks"] == [{"name": "Hat '1' {{ x }}", "host": "sip.example", "password": "kuzu-1"}]


def test_groups_that_somebody_else_declares_are_not_written():
    made = inventory.variables(directory(["A"]), declare_groups=False)
    assert list(made.definitions) == ["pbx_extensions"]


class TestVault:
    ONE = (("default", VaultSecret(b"one")),)
    TWO = (("istanbul", VaultSecret(b"one")), ("ankara", VaultSecret(b"two")))

    def test_it_is_opened_by_the_password_that_it_was_closed_with(self):
        closed = Vault(self.ONE).encrypted("a: 1")
        assert closed.startswith(b"$ANSIBLE_VAULT;1.1;AES256\n")
        assert Vault(self.ONE).decrypted(closed) == "a: 1"
        assert Vault((("default", VaultSecret(b"other")),)).decrypted(closed) is None

    def test_of_several_passwords_one_is_named(self):
        with pytest.raises(AnsibleError, match="knows the vault passwords istanbul, ankara: set vault_id"):
            Vault(self.TWO).encrypted("a: 1")
        with pytest.raises(AnsibleError, match="set vault_id"):
            Vault(self.TWO, "izmir").encrypted("a: 1")
        closed = Vault(self.TWO, "ankara").encrypted("a: 1")
        assert closed.startswith(b"$ANSIBLE_VAULT;1.2;AES256;ankara\n")
        assert Vault(self.TWO).decrypted(closed) == "a: 1"

    def test_without_a_password_it_says_which_option_to_give(self):
        with pytest.raises(AnsibleError, match="give it --vault-password-file or --vault-id"):
            Vault(()).encrypted("a: 1")


def test_files_are_written_all_or_none(tmp_path, monkeypatch):
    vault = Vault(TestVault.ONE)
    files = [
        File(str(tmp_path / "extensions.yml"), "a: 1\n"),
        File(str(tmp_path / "gone" / "report.txt"), "b\n"),
        File(str(tmp_path / "vault.yml"), "c: 3\n", secret=True),
    ]
    with pytest.raises(FileNotFoundError):
        variable_files.write(files, vault)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "gone").mkdir()
    variable_files.write(files, vault)
    assert all(variable_files.is_written(file, vault) for file in files)
    assert (tmp_path / "vault.yml").stat().st_mode & 0o777 == 0o600
    assert b"c: 3" not in (tmp_path / "vault.yml").read_bytes()


def test_a_vault_that_is_not_encrypted_is_not_as_it_is_to_be(tmp_path):
    vault = Vault(TestVault.ONE)
    file = File(str(tmp_path / "vault.yml"), "c: 3\n", secret=True)
    (tmp_path / "vault.yml").write_text("c: 3\n", encoding="utf-8")
    assert not variable_files.is_written(file, vault)


@pytest.mark.parametrize(
    ("text", "is_shown"),
    [
        ("pbx_extensions:\n  - number: '1'\n    password: \"{{ vault_pbx_passwords['1'] }}\"\n", True),
        ("pbx_extensions:\n  - number: '1'\n    password: kuzu-1\n", False),
        ('{"pbx_extensions": [{"password": "kuzu-1"}]}', False),
        ("pbx_extensions:\n  - password:\n      kuzu-1\n", False),
    ],
)
def test_a_diff_shows_no_password_that_somebody_has_written_there(tmp_path, text, is_shown):
    (tmp_path / "extensions.yml").write_text(text, encoding="utf-8")
    shown = variable_files.shown(str(tmp_path / "extensions.yml"), Vault(()))
    assert (shown == text) is is_shown
    assert "kuzu" not in shown


def test_other_files_of_a_host_with_the_same_variables_are_named(tmp_path):
    folder = tmp_path / "pbx-1"
    (folder / "more").mkdir(parents=True)
    vault = Vault(TestVault.ONE)
    (tmp_path / "pbx-1.yml").write_text("pbx_extensions: []\n", encoding="utf-8")
    (folder / "more" / "people.json").write_text(json.dumps({"pbx_extensions": []}), encoding="utf-8")
    (folder / "secrets").write_bytes(vault.encrypted("vault_pbx_passwords: {}\n"))
    (folder / "notes.txt").write_text("pbx_extensions: []\n", encoding="utf-8")
    (folder / "extensions.yml").write_text("pbx_extensions: []\n", encoding="utf-8")
    names = {"pbx_extensions", "vault_pbx_passwords"}
    ours = {str(folder / "extensions.yml")}
    assert variable_files.others_with(names, str(folder), ours, vault) == [
        f"{tmp_path}/pbx-1.yml has pbx_extensions too",
        f"{folder}/secrets has vault_pbx_passwords too",
        f"{folder}/more/people.json has pbx_extensions too",
    ]
