# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which numbers YAML has read as others than those that are written.

It reads 0123 as 83, 1_001 as 1001, 10:01 as 601, 22.10 as 22.1 and +90212 as 90212. By then the mistake is
invisible; but Ansible notes of each value where it stands, so what is written there is looked at again. That
is done for the values that a task is given, wherever they come from, and for nothing else.
"""

from __future__ import annotations

import functools
import re
import typing as t
from pathlib import Path

from ansible.parsing.vault import VaultLib

try:
    from ansible._internal._datatag._tags import Origin
    from ansible.parsing.vault import VaultSecretsContext
except ImportError:  # Ansible's own affair: without them nothing is found, and nothing else is wrong.
    Origin = VaultSecretsContext = None

#: A number as YAML knows it, and nothing that stands for one (an anchor, a template, a text).
_TOKEN = re.compile(r"[-+.0-9][-+.:0-9A-Fa-f_oxX]*")
_END = re.compile(r"[\s,\]}#]")
#: What nobody writes who wants a number: octal, and sixties.
_NO_NUMBER = re.compile(r"[-+]?0[0-9_]+|.*:.*")


def misread(option: str, value: t.Any, *, is_number: bool = False) -> str:
    """Return where a value was not read as it is written, and how; empty where it is not.

    With ``is_number`` the option takes a number, which may be written in other ways too. A password is not
    shown, and of its line nothing else.
    """
    if not isinstance(value, (int, float)) or Origin is None:
        return ""
    origin = Origin.get_tag(value)
    if origin is None or not origin.path or not origin.line_num or not origin.col_num:
        return ""
    token = _token(str(origin.path), origin.line_num, origin.col_num)
    if not _TOKEN.fullmatch(token) or token == str(value):
        return ""
    if (is_number or option in _numbers()) and not _NO_NUMBER.fullmatch(token):
        return ""
    shown = "" if "password" in option else f": {token}"
    return f"{origin.path}:{origin.line_num}: {option}{shown}"


def numbers_misread(option: str, value: t.Any) -> list[str]:
    """Return what YAML has misread in a value of an option."""
    if isinstance(value, str):
        return []
    if isinstance(value, dict):
        return [said for key, each in value.items() for said in numbers_misread(str(key), each)]
    if isinstance(value, list):
        return [said for each in value for said in numbers_misread(option, each)]
    return [said] if (said := misread(option, value)) else []


def refusal(found: t.Sequence[str]) -> str:
    """Return what to say of what was found; of a list that a program has made the first of it."""
    most = 20
    more = [f"and {len(found) - most:,} more"] if len(found) > most else []
    return (
        "nothing was changed, because YAML does not read these as they are written; put them in quotes, as in"
        ' number: "0123":\n' + "\n".join([*found[:most], *more])
    )


@functools.lru_cache(maxsize=1)
def _numbers() -> t.AbstractSet[str]:
    """Return the options that take a number.

    Only something that is misread asks: what it takes to know them is a tenth of the processor time of a run
    that has nothing to do.
    """
    from ansible_collections.voiceops.asterisk.plugins.module_utils.module.options import (  # noqa: PLC0415
        ITEM,
        MEDIA,
    )

    options = {option for spec in ITEM.values() for option, about in spec.items() if about["type"] == "int"}
    return options | MEDIA.keys() | {"strip", "purge_limit", "ami_port", "ami_timeout"}


def _token(path: str, line: int, column: int) -> str:
    """Return what stands at a place, up to where a number ends."""
    lines = _lines(path)
    return _END.split(lines[line - 1][column - 1 :], maxsplit=1)[0] if line <= len(lines) else ""


@functools.lru_cache(maxsize=4)
def _lines(path: str) -> list[str]:
    """Return the lines of a file, also of a vault; none where it cannot be read any more."""
    try:
        content = Path(path).read_bytes()
        if content.startswith(b"$ANSIBLE_VAULT"):
            content = VaultLib(VaultSecretsContext.current().secrets).decrypt(content)
    except Exception:  # whatever a vault raises: the values have been read, so this is not where to fail
        return []
    return content.decode("utf-8", "replace").splitlines()
