# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: misread_numbers
short_description: Numbers in an inventory's text that YAML reads as others than those that are written
version_added: "1.0.0"
description:
  - YAML reads C(0123) as 83, C(00) as 0, C(1_001) as 1001 and C(10:01) as 601. By the time that a module sees such a number the
    mistake is invisible, so it is looked for in the text.
  - Looks at every C(number), C(extension), C(forward_to), C(prefix), C(prepend), C(pattern) and C(caller_id) in all files whose names
    end in C(.yml) or C(.yaml), below each folder.
options:
  _terms:
    description: Folders on the controller, such as C(inventory_dir).
    type: list
    elements: path
    required: true
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Show what YAML misreads
  ansible.builtin.debug:
    msg: "{{ query('voiceops.asterisk.misread_numbers', inventory_dir) }}"
"""

RETURN = r"""
_list:
  description: The numbers, each with the option that it is the value of, its file and its line. Of the line nothing else is shown.
  type: list
  elements: str
  sample: ["host_vars/pbx-1.yml:6: number: 0123"]
"""

import os
import re
import typing as t
from pathlib import Path

from ansible.plugins.lookup import LookupBase

_MISREAD = re.compile(
    r"(number|extension|forward_to|prefix|prepend|pattern|caller_id): *"
    r"(0[0-9_]+|[0-9]+(_[0-9]+)+|[0-9]+(:[0-9]+)+) *([,}#].*)?$"
)


class LookupModule(LookupBase):
    """Looks for what YAML misreads."""

    def run(self, terms: list[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[str]:
        """Return the lines of all files below the folders ``terms``."""
        return [line for folder in terms for file in _files(str(folder)) for line in misread(file)]


def _files(folder: str) -> t.Iterator[str]:
    for path, folders, names in os.walk(folder):
        folders.sort()
        yield from (os.path.join(path, name) for name in sorted(names) if name.endswith((".yml", ".yaml")))


def misread(file: str) -> list[str]:
    """Return the numbers in a file that YAML misreads; none where it cannot be read.

    Not their whole lines: ``{number: 0123, password: hunter2}`` is one.
    """
    try:
        lines = Path(file).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [
        f"{file}:{place}: {option}: {number}"
        for place, line in enumerate(lines, 1)
        for option, number, *_more in _MISREAD.findall(line)
    ]
