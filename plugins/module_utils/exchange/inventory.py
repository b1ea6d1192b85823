# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes of what was read the variables of an inventory, in the shape of docs/inventory.md.

Credentials stand in variables of their own, for a vault; definitions refer to them.
"""

from __future__ import annotations

import re
import typing as t

from .imported import Imported

PASSWORDS = "vault_pbx_passwords"
DIGESTS = "vault_pbx_password_digests"
TRUNK_PASSWORDS = "vault_pbx_trunk_passwords"
_VAULTS = {"password": PASSWORDS, "password_digest": DIGESTS}

#: What Ansible would take for a template, or for settings of one.
_TEMPLATE = re.compile(r"\{[{%#]|#jinja2:")


class Template(str):
    """A text that Ansible is to evaluate; any other is to come out as that very text."""

    __slots__ = ()


class Variables(t.NamedTuple):
    """The variables of a host: its definitions, and what belongs into a vault, which may be nothing."""

    definitions: dict[str, t.Any]
    vault: dict[str, dict[str, str]]


def is_like_template(text: str) -> bool:
    """Tell whether Ansible would evaluate a text unless told not to."""
    return not isinstance(text, Template) and _TEMPLATE.search(text) is not None


def variables(imported: Imported, declare_groups: bool = True) -> Variables:
    """Return what an inventory says of all that was read. Groups are declared unless somebody else does."""
    vault: dict[str, dict[str, str]] = {}
    definitions: dict[str, t.Any] = {}
    if imported.groups and declare_groups:
        definitions["pbx_extension_groups"] = [{"name": name} for name in imported.groups]
    if imported.trunks:
        definitions["pbx_trunks"] = [
            _item(
                trunk.options,
                trunk.credentials,
                str(trunk.options["name"]),
                {"password": TRUNK_PASSWORDS},
                vault,
            )
            for trunk in imported.trunks
        ]
    definitions["pbx_extensions"] = [
        _item(one.options, one.credentials, str(one.options["number"]), _VAULTS, vault)
        for one in imported.extensions
    ]
    return Variables(definitions, vault)


def _item(
    options: t.Mapping[str, t.Any],
    credentials: t.Mapping[str, str],
    key: str,
    vaults: t.Mapping[str, str],
    vault: dict[str, dict[str, str]],
) -> dict[str, t.Any]:
    item = dict(options)
    for name, secret in credentials.items():
        secrets = vault.setdefault(vaults[name], {})
        # Nothing that could end the text in the template; backslashes are read in more than one way there.
        at = re.sub(r"[^\w .-]", "_", key)
        while at in secrets:
            at += "_"
        secrets[at] = secret
        item[name] = Template(f"{{{{ {vaults[name]}['{at}'] }}}}")
    return item
