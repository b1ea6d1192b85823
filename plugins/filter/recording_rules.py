# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: recording_rules
short_description: What is wrong with how long recordings are to be kept
description:
  - Reads C(keep_days), C(keep_free) and C(holds) as the command C(voiceops-recordings) reads them on the host, and names what is wrong.
version_added: "1.0.0"
positional: _input
options:
  _input:
    description: What the variables C(pbx_recording_keep_days), C(pbx_recording_keep_free) and C(pbx_recording_holds) say.
    type: dict
    required: true
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: See whether a hold can be carried out
  ansible.builtin.assert:
    that: "{{ {'holds': pbx_recording_holds} | voiceops.asterisk.recording_rules | length == 0 }}"
"""

RETURN = r"""
_value:
  description: For each thing that is wrong the variable, C(wrong), which is true, and what to say of it.
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.recording import retention
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.misread import numbers_misread


def recording_rules(given: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return what is wrong, in the terms of the role's preflight."""
    misread = numbers_misread("holds", given.get("holds"))
    if misread:
        say = f"YAML does not read these as they are written; put them in quotes: {', '.join(misread)}"
        return [{"path": "pbx_recording_holds", "wrong": True, "say": say}]
    try:
        retention.policy_of(given)
    except InvalidInputError as error:
        return [
            {"path": f"pbx_recording_{problem.path}", "wrong": True, "say": problem.message}
            for problem in error.problems
        ]
    return []


class FilterModule:
    """Names the filter for Ansible."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"recording_rules": recording_rules}
