# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: misspelt_variables
short_description: Names of variables that nothing reads, and that resemble those of variables that are read
version_added: "1.0.0"
description:
  - Ansible does not report a variable that nothing reads. An inventory with C(pbx_extension) in place of C(pbx_extensions) would declare
    no extension at all.
  - A name that resembles no known one is ignored, because it may belong to something else.
positional: _input, known
options:
  _input:
    description: The names that there are.
    type: list
    elements: str
    required: true
  known:
    description: The names that are read.
    type: list
    elements: str
    required: true
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Show what is misspelt
  ansible.builtin.debug:
    msg: "{{ query('ansible.builtin.varnames', '^pbx_') | voiceops.asterisk.misspelt_variables(['pbx_extensions', 'pbx_trunks']) }}"
"""

RETURN = r"""
_value:
  description: For each name that is misspelt the name as C(path), C(wrong), which is true, and what to say of it.
  type: list
  elements: dict
"""

import difflib
import typing as t

#: How alike two names have to be, from 0 to 1 (difflib): one letter of eight may differ.
_ALIKE = 0.88


def misspelt(names: t.Iterable[str], known: t.Collection[str]) -> list[dict[str, t.Any]]:
    """Return what is to be said of each name that is nearly a known one."""
    found = []
    for name in sorted(map(str, names)):
        if name in known:
            continue
        for meant in difflib.get_close_matches(name, known, 1, _ALIKE):
            say = f"there is no such variable; did you mean {meant}? What nobody reads changes nothing"
            found.append({"path": name, "wrong": True, "say": say})
    return found


class FilterModule:
    """Says which variables are misspelt."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"misspelt_variables": misspelt}
