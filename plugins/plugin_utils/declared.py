# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells by one digest whether what a host is to be is the same as at an earlier run.

Templates count as they are written, together with all variables that they name: nothing is put into them, for
10,000 extensions with a template each would take seconds. So what cannot be told by that, such as a lookup,
has no digest.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import typing as t
from pathlib import Path

_COLLECTION = Path(__file__).resolve().parents[2]
#: What of the collection decides what a host becomes.
_DECIDING = ("roles/pbx", "plugins")
#: Why something is changed changes nothing.
_COMMENT = "pbx_change_comment"
_TEMPLATE = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Names by which a template comes to what is in no variable that it names, or is another each time.
_BOUNDLESS = frozenset(
    [
        *(
            "lookup",
            "query",
            "q",
            "hostvars",
            "vars",
            "now",
            "ansible_facts",
            "ansible_local",
            "ansible_date_time",
        ),
        *("random", "shuffle", "random_mac", "password_hash", "strftime", "vault"),
    ]
)


def settled_key(variables: t.Mapping[str, t.Any]) -> str:
    """Return the digest by which a record counts; nothing where none may count.

    With metrics the host is asked for more than the record knows of.
    """
    return digest(variables) if variables.get("pbx_metrics") is False else ""


def digest(variables: t.Mapping[str, t.Any]) -> str:
    """Return 64 hexadecimal digits for the variables of a host; nothing where that cannot be told.

    There are passwords in it: it is for root on the host, and nobody else.
    """
    texts: dict[str, str] = {}
    names = {name for name in variables if name.startswith("pbx_") and name != _COMMENT}
    names.add("inventory_hostname")
    while names:
        name = names.pop()
        try:
            texts[name] = text = json.dumps(variables[name], default=_as_written)
        except (TypeError, ValueError):
            return ""
        if "{{" in text or "{%" in text:
            named = {word for part in _TEMPLATE.findall(text) for word in _NAME.findall(part)}
            if named & _BOUNDLESS:
                return ""
            # The role's own are in the digest of the collection.
            names |= {
                each for each in named if each in variables and not each.startswith("__pbx_")
            } - texts.keys()
    told = json.dumps([of_the_collection(), sorted(texts.items())])
    return hashlib.sha256(told.encode("ascii")).hexdigest()


def _as_written(value: t.Any) -> t.Any:
    """Return what stands for a value that JSON does not know: one that is encrypted counts as it is."""
    ciphertext = getattr(value, "_ciphertext", None)
    if ciphertext is None:
        raise TypeError
    return {"__ansible_vault": str(ciphertext)}


@functools.cache
def of_the_collection() -> str:
    """Return a digest of the role and of the plugins as they are on the controller."""
    whole = hashlib.sha256()
    for folder in _DECIDING:
        for path in sorted((_COLLECTION / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                whole.update(f"{path.relative_to(_COLLECTION)} {content}\n".encode())
    return whole.hexdigest()
