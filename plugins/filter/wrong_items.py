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


def wrong_items(variables: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return what is wrong, in the terms of the role's preflight."""
    # Ansible loads all filters of a collection with the first one that a run needs. This one needs half of the
    # library, and a run needs it only where something is wrong.
    from ansible_collections.voiceops.asterisk.plugins.plugin_utils.wrong_lists import (  # noqa: PLC0415
        wrong_variables,
    )

    return wrong_variables(variables)


class FilterModule:
    """Names the filter for Ansible."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"wrong_items": wrong_items}
