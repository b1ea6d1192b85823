# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire

DOCUMENTATION = r"""
name: unpacked_facts
short_description: Make facts of the text into which they were packed
description:
  - Turns the text that M(voiceops.asterisk.pbx_extension_facts) returns with
    O(voiceops.asterisk.pbx_extension_facts#module:packed=true) into the facts that it returns otherwise.
version_added: "1.0.0"
positional: _input
options:
  _input:
    description: RV(voiceops.asterisk.pbx_extension_facts#module:ansible_facts.pbx_packed_facts).
    type: str
    required: true
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Ask a large host without having Ansible handle each value
  voiceops.asterisk.pbx_extension_facts:
    packed: true

- name: Say who is not registered
  ansible.builtin.debug:
    msg: "{{ facts.pbx_extensions | dict2items | rejectattr('value.registered') | map(attribute='key') }}"
  vars:
    facts: "{{ ansible_facts.pbx_packed_facts | voiceops.asterisk.unpacked_facts }}"
"""

RETURN = r"""
_value:
  description: The facts, as M(voiceops.asterisk.pbx_extension_facts) describes them.
  type: dict
"""


def unpacked_facts(text: t.Any) -> dict[str, t.Any]:
    """Return the facts of a packed text."""
    if not isinstance(text, str):
        kind = type(text).__name__
        raise AnsibleFilterError(f"unpacked_facts wants the text pbx_packed_facts, and not {kind}")
    try:
        return wire.unpacked(text)
    except wire.NotPackedError as error:
        raise AnsibleFilterError(f"unpacked_facts: {error}") from error


class FilterModule:
    """Names the filter for Ansible."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"unpacked_facts": unpacked_facts}
