# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts file and line before what a module has found wrong: it runs on a host, and the inventory is here."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.voiceops.asterisk.plugins.plugin_utils.findings import shown
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.origin import written_at
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.rendering import as_written

#: With what a line about a variable begins: ``pbx_extensions[57].groups``.
_VARIABLE = re.compile(r"(pbx_[a-z_]+)((?:\[[0-9]+\]|\.[a-z_]+)*)(?= \(|: )")


def placed(message: str, variables: t.Mapping[str, t.Any], templar: t.Any) -> str:
    """Return a message in which each line that begins with a variable of the role says where that stands."""

    def one(line: str) -> str:
        found = _VARIABLE.match(line)
        if found is None or found[1] not in variables:
            return line
        place = written_at(as_written(variables[found[1]], templar), found[2])
        return f"{shown(place)}, {line}" if place.file else line

    return "\n".join(one(line) for line in message.split("\n"))
