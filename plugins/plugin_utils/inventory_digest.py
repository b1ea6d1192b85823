# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells two states of an inventory apart, without keeping anything of what is in it."""

from __future__ import annotations

import hashlib
import json
import typing as t

#: What Ansible makes itself, and where an inventory lies.
_MAGIC = frozenset(
    [
        *("environment", "group_names", "groups", "hostvars", "inventory_dir", "inventory_file", "omit"),
        *(
            "inventory_hostname",
            "inventory_hostname_short",
            "play_hosts",
            "playbook_dir",
            "role_names",
            "vars",
        ),
    ]
)
#: What begins so is not an inventory's either, or says how a rollout is done and not what it does.
_PREFIXES = ("ansible_", "__pbx_", "pbx_rollout_")
#: Why something is changed changes nothing.
_COMMENT = "pbx_change_comment"
#: There are passwords in it, so it is made hard to try many: 16 MB of memory and some 50 ms for each.
_COST, _BLOCK = 2**14, 8


def digest(raw_variables: t.Callable[[str], t.Mapping[str, t.Any]], hosts: t.Iterable[str], salt: str) -> str:
    """Return a digest of the variables of hosts as they are written, templates as templates."""
    content = hashlib.sha256()
    for host in hosts:
        variables = raw_variables(host)
        names = sorted(
            name
            for name in variables
            if name not in _MAGIC and name != _COMMENT and not name.startswith(_PREFIXES)
        )
        # Not sorted any deeper: a key may be a number beside texts.
        text = json.dumps([host, [[name, variables[name]] for name in names]], default=str)
        content.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    made = hashlib.scrypt(content.digest(), salt=bytes.fromhex(salt), n=_COST, r=_BLOCK, p=1)
    return made.hex()
