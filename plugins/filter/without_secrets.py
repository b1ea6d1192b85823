# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: without_secrets
short_description: A text without the passwords that some lists hold
description:
  - A message that repeats a wrong value would repeat a password that somebody has written in its place.
version_added: "1.0.0"
positional: _input, lists
options:
  _input:
    description: What is to be said.
    type: str
    required: true
  lists:
    description: Lists such as C(pbx_extensions), whose items may have a C(password).
    type: list
    elements: raw
    required: true
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Refuse what is wrong
  ansible.builtin.fail:
    msg: "{{ what_is_wrong | voiceops.asterisk.without_secrets([pbx_extensions, pbx_trunks]) }}"
"""

RETURN = r"""
_value:
  description: The text, with asterisks in the place of each password.
  type: str
"""

import typing as t

from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.redaction import (
    Redaction,
    secrets_of,
)


def without_secrets(text: str, lists: t.Iterable[t.Any]) -> str:
    """Return the text with the passwords of the items of these lists masked."""
    return Redaction(secret for items in lists for secret in secrets_of(items)).text(text)


class FilterModule:
    """Names the filter for Ansible."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"without_secrets": without_secrets}
