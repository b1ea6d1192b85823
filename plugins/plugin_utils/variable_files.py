# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes variables into files of an inventory: as YAML or JSON, secrets into a vault, all files or none.

No secret touches the disk before it is encrypted.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import typing as t

import yaml
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, VaultSecret, is_encrypted, match_encrypt_vault_id_secret
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.inventory import (
    Template,
    is_like_template,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import beneath

#: Those that Ansible reads in a folder of host_vars (the plugin host_group_vars).
_ENDINGS = ("", ".yml", ".yaml", ".json")
#: A variable that stands by itself in YAML or JSON.
_VARIABLE = re.compile(r"""(?:^|\{|,)[ \t]*["']?([A-Za-z_][A-Za-z0-9_]*)["']?[ \t]*:""", re.MULTILINE)
_TOP = re.compile(r"""^["']?([A-Za-z_][A-Za-z0-9_]*)["']?[ \t]*:""", re.MULTILINE)
#: A password that is not taken from another variable.
_PASSWORD = re.compile(r"""(?:pass|secret)\w*["']?[ \t]*:(?![ \t]*["']?\{\{)""", re.IGNORECASE)
_WIDE = 1 << 30
#: Of the keys by which JSON for Ansible says what a text is, such as __ansible_vault (encrypted).
_OF_ANSIBLE = "__ansible_"

Secrets = t.Sequence[tuple[str, VaultSecret]]


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes texts as texts for every reader of YAML, of 1.1 and 1.2."""

    def ignore_aliases(self, _data: t.Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if is_like_template(text):
        return dumper.represent_scalar("!unsafe", text, style='"')
    # 0123, 1e3, 0o17, y and so on are numbers and truths to one reader or another; and what cannot be
    # printed is written as its code, so that each text is on one line.
    style = None if len(text) > 2 and text[0].isalpha() and text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Template, _text)


def as_yaml(variables: t.Mapping[str, t.Any]) -> str:
    """Return variables as YAML, in which no text but a ``Template`` is evaluated."""
    text = "---\n"
    for name, value in variables.items():
        dumped = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDE)
        text += f"{name}:\n" + "".join(f"  {line}\n" for line in dumped.splitlines())
    return text


def as_json(variables: t.Mapping[str, t.Any]) -> str:
    """Return variables as JSON, which Ansible reads some seven times as fast.

    Raises AnsibleError where a key is one by which Ansible would decrypt or trust what it names.
    """
    return json.dumps(_inert(variables), ensure_ascii=False, indent=1) + "\n"


def _inert(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return {"__ansible_unsafe": value} if is_like_template(value) else value
    if isinstance(value, dict):
        if of_ansible := [key for key in value if key.startswith(_OF_ANSIBLE)]:
            raise AnsibleError(f"{of_ansible[0]} is a key that Ansible reads as its own in JSON: write YAML")
        return {key: _inert(each) for key, each in value.items()}
    return [_inert(each) for each in value] if isinstance(value, list) else value


class Vault:
    """Encrypts as ``ansible-vault`` does, by the secrets that the run has been given."""

    def __init__(self, secrets: Secrets, vault_id: str = "", prefix: str = "import") -> None:
        self._secrets = list(secrets)
        self._vault_id = vault_id
        #: With what the playbook's variables begin.
        self._prefix = prefix

    def key(self) -> tuple[str, VaultSecret]:
        """Return the password for a new file. Raises AnsibleError where it is not clear which one it is."""
        if not self._secrets:
            raise AnsibleError(
                "passwords are written encrypted only, and this run knows no vault password:"
                " give it --vault-password-file or --vault-id"
            )
        known = list(dict.fromkeys(identity for identity, _secret in self._secrets))
        chosen = self._vault_id or known[0]
        if chosen not in known or (not self._vault_id and len(known) > 1):
            raise AnsibleError(
                f"this run knows the vault passwords {', '.join(known)}: set vault_id"
                f" ({self._prefix}_vault_id) to one of them"
            )
        key: tuple[str, VaultSecret] = match_encrypt_vault_id_secret(self._secrets, encrypt_vault_id=chosen)
        return key

    def encrypted(self, text: str) -> bytes:
        """Return the text encrypted. Raises AnsibleError as ``key`` does."""
        identity, secret = self.key()
        return bytes(
            VaultLib(self._secrets).encrypt(text, secret, None if identity == "default" else identity)
        )

    def decrypted(self, content: bytes) -> str | None:
        """Return what is in a file, encrypted or not; None where no password of this run opens it."""
        try:
            if is_encrypted(content):
                content = VaultLib(self._secrets).decrypt(content)
            return content.decode("utf-8")
        except (AnsibleError, UnicodeDecodeError):
            return None


class File(t.NamedTuple):
    """A file that is to be there. ``secret`` says that it is to be encrypted."""

    path: str
    text: str
    secret: bool = False


def current(path: str, vault: Vault) -> str | None:
    """Return the text of a file, decrypted; None where there is none or it cannot be. Raises OSError."""
    try:
        return vault.decrypted(beneath.read(path))
    except FileNotFoundError:
        return None


def is_written(file: File, vault: Vault) -> bool:
    """Tell whether a file is there as it is to be. Raises OSError."""
    try:
        content = beneath.read(file.path)
    except FileNotFoundError:
        return False
    return is_encrypted(content) is file.secret and vault.decrypted(content) == file.text


def others_with(
    variables: t.AbstractSet[str], folder: str, ours: t.Collection[str], vault: Vault
) -> list[str]:
    """Return the other files of a host that have one of these variables too, and which. Raises OSError."""
    found = []
    for path in _files_of_host(folder):
        if path not in ours:
            text = current(path, vault) or ""
            found += [f"{path} has {name} too" for name in sorted(variables & set(_VARIABLE.findall(text)))]
    return found


def shown(path: str, vault: Vault) -> str:
    """Return what a diff may show of a file that is there. Raises OSError."""
    try:
        content = beneath.read(path)
    except FileNotFoundError:
        return ""
    text = vault.decrypted(content) or ""
    if is_encrypted(content) or _PASSWORD.search(text):
        return "(what was there is not shown, because it may hold passwords)\n"
    return text


def variables_in(text: str) -> set[str]:
    """Return the variables that a file of YAML has."""
    return set(_TOP.findall(text))


def _files_of_host(folder: str) -> t.Iterator[str]:
    """Give the files that Ansible reads for a host: those in its folder, and one beside it."""
    yield from (folder + ending for ending in _ENDINGS if os.path.isfile(folder + ending))
    for at, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            if os.path.splitext(name)[1] in _ENDINGS and not name.startswith("."):
                yield os.path.join(at, name)


def is_private(folder: str) -> bool:
    """Tell whether nobody but this user and root can put files into a folder."""
    status = os.stat(folder)
    return status.st_uid in (0, os.geteuid()) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def put(
    missing: t.Sequence[File], definitions: File, vault: Vault, *, diff: bool, check_mode: bool
) -> dict[str, t.Any]:
    """Write the files of an inventory that are missing, but in check mode; return what a result says of it.

    That is the diff of the definitions, if it is asked for. Raises OSError, and AnsibleError of the vault.
    """
    shows: dict[str, t.Any] = {}
    if diff and definitions in missing:
        header = {"before_header": definitions.path, "after_header": definitions.path}
        shows["diff"] = [{**header, "before": shown(definitions.path, vault), "after": definitions.text}]
    if missing and not check_mode:
        os.makedirs(os.path.dirname(definitions.path), mode=0o755, exist_ok=True)
        write(missing, vault)
    return shows


def write(files: t.Sequence[File], vault: Vault) -> None:
    """Put the files there, all of them or none. Raises OSError, and AnsibleError of the vault.

    A vault and a new file are for their owner alone; another file keeps its mode.
    """
    contents = [vault.encrypted(file.text) if file.secret else file.text.encode() for file in files]
    with contextlib.ExitStack() as replaced:
        # At the end of the block each takes its place, the last one first; until then nothing has happened.
        for file, content in zip(files, contents):
            new = replaced.enter_context(beneath.new(file.path, mode=_mode(file)))
            new.write(content)
            new.flush()
            os.fsync(new.fileno())


def _mode(file: File) -> int:
    try:
        return 0o600 if file.secret else stat.S_IMODE(os.stat(file.path).st_mode)
    except FileNotFoundError:
        return 0o600
