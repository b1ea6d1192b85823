#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_rollback
short_description: Make the directory of an Asterisk host what it was before a change
description:
  - Every change of a directory is kept on its host. This module makes the directory what it was before one of them, or at a time, with all
    that follows from it - passwords, connection ports and trunks, lamps, registrations.
  - It is planned and shown like any other change, it is one transaction, and it is a change of the history itself, so it can be undone.
  - Extensions that come back have the password that they had; their phones register again as before.
  - The inventory is not changed. The next run of the role makes the host what the inventory says, so take the change back there too.
version_added: "1.0.0"
options:
  before:
    description:
      - The number of a change, as M(voiceops.asterisk.pbx_extension_facts) tells it of the history.
        The directory becomes what it was before this change and all later ones.
      - Negative numbers count from the end. V(-1) is the newest change; asking for that again undoes the rollback.
    type: int
  at:
    description:
      - A time, such as V(2026-03-31T17:00:00Z), in place of O(before). The directory becomes what it was then. A time without a zone is UTC.
    type: str
extends_documentation_fragment:
  - voiceops.asterisk.change_comment
  - voiceops.asterisk.directory
  - voiceops.asterisk.infrastructure
  - voiceops.asterisk.ami
  - voiceops.asterisk.handed_over
seealso:
  - module: voiceops.asterisk.pbx_extension_facts
  - module: voiceops.asterisk.pbx_directory
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Take back the newest change
  voiceops.asterisk.pbx_rollback:
    before: -1
    change_comment: the new dial plan rang nobody

- name: Everything as it was before change 12
  voiceops.asterisk.pbx_rollback:
    before: 12
    restart: if_needed

- name: Everything as it was on Friday evening
  voiceops.asterisk.pbx_rollback:
    at: "2026-03-27T18:00:00+03:00"
"""

RETURN = r"""
before:
  description: The number of the change before which the directory was what it is (or in check mode would be) now.
  returned: success
  type: int
  sample: 12
directory:
  description: What was (or would be) done with each kind of things, by the name of its list.
  returned: success
  type: dict
  sample:
    extensions:
      created: ["1002"]
      updated: ["1001"]
      deleted: []
      unchanged: 198
restarted:
  description: Whether Asterisk was (or in check mode would be) restarted.
  returned: success
  type: bool
  sample: false
restart_required:
  description: Whether Asterisk still has to be restarted for the change. A warning says why.
  returned: success
  type: bool
  sample: false
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import rollback


def main() -> None:
    rollback.run()


if __name__ == "__main__":
    main()
