# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which variables look like those of the role, and neither it nor a template of the inventory reads them.

Playbooks of the user may read them, so they are not mistakes.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.voiceops.asterisk.plugins.filter.misspelt_variables import misspelt
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.findings import Finding
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.origin import written_at

_PREFIX = "pbx_"
_SAID = (
    "neither the collection nor a template of the inventory reads it; check how it is spelt, unless"
    " your own playbooks read it"
)


def unread(
    names: t.Mapping[str, t.Collection[str]], variables: t.Callable[[str], t.Mapping[str, t.Any]]
) -> list[Finding]:
    """Return what to say of the variables of these names, by their hosts; ``variables`` are those of a host.

    Where there are none, no variable is looked at.
    """
    every = {name for each in names.values() for name in each}
    if not every:
        return []
    word = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(every)))})\b")
    read = {name for host in names for text in _templates(variables(host)) for name in word.findall(text)}
    return [
        Finding(host, name, _SAID, written_at(variables(host), name))
        for host, each in names.items()
        for name in each
        if name not in read
    ]


def unknown(variables: t.Iterable[str], known: t.Collection[str]) -> list[str]:
    """Return the names of variables that are not known, and are not nearly a known one."""
    others = [name for name in variables if name.startswith(_PREFIX) and name not in known]
    mistakes = {found["path"] for found in misspelt(others, known)}
    return [name for name in others if name not in mistakes]


def _templates(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, str):
        if "{" in value:
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _templates(each)
    elif isinstance(value, list):
        for each in value:
            yield from _templates(each)
