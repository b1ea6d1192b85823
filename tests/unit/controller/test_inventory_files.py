# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Every file of variables that cannot be read is named, with the cause."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.inventory_files import unreadable

VAULT = VaultLib([("default", VaultSecret(b"right"))]).encrypt("a: 1\n").decode("ascii")


def load(file: str) -> None:
    text = Path(file).read_text(encoding="utf-8")
    if "wrong" in text:
        try:
            raise ValueError("a tab\nin line 2")
        except ValueError as cause:
            raise RuntimeError("this file cannot be parsed") from cause


def test_files_of_variables_beside_an_inventory(tmp_path):
    texts = {
        "group_vars/all.yml": "right",
        "group_vars/pbx/people.yml": "wrong",
        "group_vars/pbx/vault": "wrong",
        "group_vars/pbx/.people.yml.swp": "wrong",
        "group_vars/pbx/notes.txt": "wrong",
        "host_vars/pbx-1.json": "wrong",
        "hosts.yml": "wrong",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    # Once, though inventory and playbook are in the same folder.
    assert unreadable([str(tmp_path), str(tmp_path)], load) == [
        f"{tmp_path}/{name}: a tab in line 2"
        for name in ("group_vars/pbx/people.yml", "group_vars/pbx/vault", "host_vars/pbx-1.json")
    ]


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
def test_a_mistake_in_a_decrypted_file_is_named_without_quoting_it(tmp_path, loader):
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "pbx-1.yml").write_text("secret: s3cr3t-word\n\t- a\n", encoding="utf-8")

    def load(file: str) -> None:
        loader(Path(file).read_text(encoding="utf-8")).get_single_data()

    (line,) = unreadable([str(tmp_path)], load)
    assert "pbx-1.yml: line 2, column 1: " in line
    assert "s3cr3t" not in line


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a:\n\t- b\n", "line 2, column 1: a tab; indent with spaces"),
        ("a:\n  - b: c: d\n", "in this context; put a value with ': ' in quotes"),
        (
            "a: @b\n",
            "that cannot start any token; is it a tab? Indent with spaces; put a value that begins with @,",
        ),
        (VAULT, "is the vault password wrong? ansible.cfg names its file: vault_password_file"),
    ],
    ids=["a tab", "a colon", "an at", "a vault"],
)
def test_with_the_cause_what_to_do_is_said(tmp_path, text, cause):
    file = tmp_path / "host_vars" / "pbx-1.yml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    loader = DataLoader()
    loader.set_vault_secrets([("default", VaultSecret(b"wrong"))])
    (line,) = unreadable([str(tmp_path)], loader.load_from_file)
    assert cause in line
