# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A password that is encrypted by itself in an inventory arrives as what it says, and is shown nowhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.voiceops.asterisk.plugins.module_utils import directory
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition import digest

from playbooks.playing import ansible_playbook

REPOSITORY = Path(__file__).resolve().parents[2]
PASSWORD = "correct-horse-7"
INVENTORY = """\
pbx:
  hosts:
    localhost:
      ansible_connection: local
      ansible_python_interpreter: {python}
      pbx_extensions:
        - number: "1001"
          password: !vault |
{vaulted}
"""
PLAY = """\
- hosts: pbx
  gather_facts: false
  tasks:
    - voiceops.asterisk.pbx_extension:
        database: {database}
        extensions: "{{{{ pbx_extensions }}}}"
"""


def test_it_is_the_password_that_the_directory_holds(tmp_path):
    encrypted = VaultLib().encrypt(PASSWORD, VaultSecret(b"the vault's own")).decode("ascii")
    vaulted = "".join(f"            {line}\n" for line in encrypted.splitlines())
    (tmp_path / "vault").write_text("the vault's own", encoding="utf-8")
    (tmp_path / "hosts.yml").write_text(
        INVENTORY.format(python=sys.executable, vaulted=vaulted), encoding="utf-8"
    )
    database = str(tmp_path / "directory.sqlite3")
    (tmp_path / "play.yml").write_text(PLAY.format(database=database), encoding="utf-8")
    directory.create(database, os.getgid())
    run = ansible_playbook(
        "-vvv", "-i", "hosts.yml", "--vault-password-file", "vault", "play.yml", cwd=tmp_path
    )
    assert run.returncode == 0, run.stdout + run.stderr
    made = directory.read(database)
    assert made.extensions["1001"].digest == digest.ha1("1001", made.realm, PASSWORD)
    assert PASSWORD not in run.stdout + run.stderr
