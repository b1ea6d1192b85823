#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_extension_group
short_description: Create and delete extension groups of an Asterisk host
description:
  - An extension group has a name and members; who is in it is said by its extensions (M(voiceops.asterisk.pbx_extension)).
  - A change counts from the next call on; nothing is reloaded and no phone notices.
version_added: "1.0.0"
options:
  name:
    description:
      - Name of the group, any text on one line of at most 80 characters.
    type: str
  state:
    description:
      - Whether the group is there. A group that extensions belong to or may call is not deleted, unless O(force=true).
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - Delete a group that extensions use; it is taken from them, and they stay.
      - Who could call only this group can then call nobody.
    type: bool
    default: false
  extension_groups:
    description:
      - Several groups at once; all of them, or none if one is wrong.
    type: list
    elements: dict
    suboptions:
      name:
        description: As O(name). Needed for each group.
        type: str
      state:
        description: As O(state).
        type: str
        choices: [present, absent]
        default: present
extends_documentation_fragment:
  - voiceops.asterisk.directory
  - voiceops.asterisk.purge
seealso:
  - module: voiceops.asterisk.pbx_extension
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: One group
  voiceops.asterisk.pbx_extension_group:
    name: Satış

- name: All groups of a company
  voiceops.asterisk.pbx_extension_group:
    extension_groups:
      - name: Satış
      - name: Muhasebe
      - name: Depo
        state: absent
"""

RETURN = r"""
created:
  description: Names of the groups that were (or in check mode would be) created.
  returned: success
  type: list
  elements: str
  sample: [Muhasebe]
updated:
  description: Always empty, for a group is its name.
  returned: success
  type: list
  elements: str
  sample: []
deleted:
  description: Names of the groups that were (or would be) deleted.
  returned: success
  type: list
  elements: str
  sample: [Depo]
taken_from:
  description: Numbers of the extensions that a deleted group was (or would be) taken from.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many of the groups were as asked already.
  returned: success
  type: int
  sample: 1
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils import _module
from ansible_collections.voiceops.asterisk.plugins.module_utils.decide import plan_extension_groups
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import ask_extension_groups


def main() -> None:
    options = {"name": {"type": "str"}, "state": _module.STATE}
    force = {"force": {"type": "bool", "default": False}}
    module = _module.directory_module(options, key="name", list_option="extension_groups", extra=force)
    want = _module.asked(module, ask_extension_groups, "extension_groups")
    policy = _module.policy(module, force=module.params["force"])
    plan = _module.carry_out(module, want, plan_extension_groups, policy)
    taken_from = [extension.number for extension, _without in plan.extensions.change]
    _module.report(module, plan, plan.groups, key="name", taken_from=taken_from)


if __name__ == "__main__":
    main()
