#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_extension_group
short_description: Create and delete groups of extensions of an Asterisk host
description:
  - A group is a name that extensions belong to, and that others may be allowed to call.
  - With O(purge=true) groups that the list does not name are deleted.
version_added: "1.0.0"
options:
  name:
    description:
      - Name of the group, any text on one line of at most 80 characters. The same name in another Unicode form is the same group.
    type: str
  state:
    description:
      - Whether the group is there. A group that extensions belong to or may call is not deleted, unless O(force=true).
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - Delete a group although extensions belong to it or may call it; it is taken from them. An extension
        that could call only this group can then call nobody.
    type: bool
    default: false
extends_documentation_fragment:
  - voiceops.asterisk.extension_group_list
  - voiceops.asterisk.directory
  - voiceops.asterisk.purge
  - voiceops.asterisk.ami
  - voiceops.asterisk.change_comment
  - voiceops.asterisk.handed_over
seealso:
  - module: voiceops.asterisk.pbx_extension
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: One group
  voiceops.asterisk.pbx_extension_group:
    name: Satış

- name: Several, and no others
  voiceops.asterisk.pbx_extension_group:
    extension_groups:
      - name: Satış
      - name: Güvenlik
    purge: true
"""

RETURN = r"""
created:
  description: Names of the groups that were (or in check mode would be) created.
  returned: success
  type: list
  elements: str
  sample: [Satış]
updated:
  description: Names of the groups that were (or would be) changed.
  returned: success
  type: list
  elements: str
  sample: []
deleted:
  description: Names of the groups that were (or would be) deleted, by a purge too.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many groups were already as requested.
  returned: success
  type: int
  sample: 1
problems:
  description: Everything that is wrong with the input, where it is and what to do about it.
  returned: failure because of the input
  type: list
  elements: dict
  sample:
    - path: extension_groups[3].name
      message: "is 93 characters long; at most 80 fit"
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import options, population
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import GROUPS


def main() -> None:
    population.run_population(GROUPS, options.FORCE)


if __name__ == "__main__":
    main()
