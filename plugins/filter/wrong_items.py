# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: wrong_items
short_description: What is wrong with the items of the lists that make a directory
description:
  - Reads lists such as C(pbx_extensions) as the module M(voiceops.asterisk.pbx_directory) does, and names what is wrong with their items
    by themselves. What only the host knows, such as whether a group exists, the module finds.
version_added: "1.0.0"
positional: _input
options:
  _input:
    description: Variables of the role by their names; others than these lists do no harm.
    type: dict
    required: true
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ {'pbx_extensions': pbx_extensions} | voiceops.asterisk.wrong_items }}"
"""

RETURN = r"""
_value:
  description: For each mistake its place as C(path) and what to C(say) of it; one that many items have is said once, with their places.
  type: list
  elements: dict
"""

import typing as t

from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.judgement import Policy
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import EXTENSION_DEFAULTS
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.request import ASK
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.misread import numbers_misread
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.wrong_lists import wrong_with

Rule = dict[str, t.Any]


def wrong_items(variables: t.Mapping[str, t.Any]) -> list[Rule]:
    """Return what is wrong, in the terms of the role's preflight."""
    options = [*(kind.option for kind in ASK), EXTENSION_DEFAULTS]
    lists = {option: variables.get(f"pbx_{option}") for option in options}
    allow_weak = variables.get("pbx_allow_weak_passwords", False)
    rules = [rule for option, items in lists.items() for rule in _misread(option, items)]
    # The host takes a weak password that it has already, so by itself it is no mistake here.
    if not rules and not wrong_with(lists, Policy(by_role=True, allow_weak_password=True)):
        return []
    # One that is neither true nor false is told by who looks at types; till then nothing is called weak.
    policy = Policy(by_role=True, allow_weak_password=str(allow_weak).lower() not in BOOLEANS_FALSE)
    return [{"path": wrong.path, "say": wrong.message} for wrong in wrong_with(lists, policy)] + rules


def _misread(option: str, items: t.Any) -> list[Rule]:
    found = numbers_misread(option, items)
    say = f"YAML reads these otherwise than they are written; put them in quotes: {', '.join(found)}"
    return [{"path": f"pbx_{option}", "say": say}] if found else []


class FilterModule:
    """Names the filter for Ansible."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"wrong_items": wrong_items}
