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
      - Whether the group is there. A group with members is not deleted.
    type: str
    choices: [present, absent]
    default: present
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
unchanged:
  description: How many of the groups were as asked already.
  returned: success
  type: int
  sample: 1
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils import _module
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import read_extension_groups
from ansible_collections.voiceops.asterisk.plugins.module_utils.plan import plan_extension_groups


def main() -> None:
    options = {"name": {"type": "str"}, "state": _module.STATE}
    module = _module.directory_module(options, key="name", list_option="extension_groups")
    requests = _module.requested(module, read_extension_groups, "extension_groups")
    plan = _module.carry_out(module, lambda directory: plan_extension_groups(directory, requests))
    _module.report(module, plan, plan.groups, key="name")


if __name__ == "__main__":
    main()
