# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which file and line of an inventory a value stands, as Ansible has noted of it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.voiceops.asterisk.plugins.plugin_utils.misread import Origin

_STEP = re.compile(r"\.?([^.\[\]]+)|\[([0-9]+)\]")


class Place(t.NamedTuple):
    """A line of a file; without a file it is not known, as of a value given with ``-e``."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


def written_at(value: t.Any, path: str = "") -> Place:
    """Return where a value stands, or the part of it to which a path leads (``[57].groups[0]``).

    True, false and null have no place of their own, but the name before them has. Where the path leads
    nowhere it is the place of what is around it.
    """
    place = _noted(value)
    for step in _STEP.finditer(path):
        name, index = step[1], step[2]
        if index is not None and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
            place = _noted(value) or place
        elif name is not None and isinstance(value, dict) and name in value:
            key = next(each for each in value if each == name)
            value = value[name]
            place = _noted(value) or _noted(key) or place
        else:
            break
    return place or Place()


def _noted(value: t.Any) -> Place | None:
    origin = Origin.get_tag(value) if Origin is not None else None
    if origin is None or not origin.path:
        return None
    return Place(str(origin.path), origin.line_num or 0)
