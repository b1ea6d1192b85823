#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_extension
short_description: Create, change and delete extensions of an Asterisk host
description:
  - Makes one extension, or a list of them, be as described. A list is one read, one plan and one transaction.
  - What is left out is left alone. An option that is not given keeps its value, and a rename never touches the password.
  - A change counts from the next call on; nothing is reloaded and no other phone notices.
version_added: "1.0.0"
options:
  number:
    description:
      - The digits that reach this extension, 1 to 15 of them. Write them in quotes, or YAML reads V(0123) as 83.
    type: str
  name:
    description: As O(extensions[].name).
    type: str
  username:
    description: As O(extensions[].username).
    type: str
  password:
    description: As O(extensions[].password).
    type: str
  password_digest:
    description: As O(extensions[].password_digest).
    type: str
  connection_port:
    description: As O(extensions[].connection_port).
    type: str
  outbound_profile:
    description: As O(extensions[].outbound_profile).
    type: str
  outbound_caller_id:
    description: As O(extensions[].outbound_caller_id).
    type: str
  groups:
    description: As O(extensions[].groups).
    type: list
    elements: str
  callable_groups:
    description: As O(extensions[].callable_groups).
    type: list
    elements: str
  record:
    description: As O(extensions[].record).
    type: bool
  enabled:
    description: As O(extensions[].enabled).
    type: bool
  max_devices:
    description: As O(extensions[].max_devices).
    type: int
  max_calls:
    description: As O(extensions[].max_calls).
    type: int
  ring_timeout:
    description: As O(extensions[].ring_timeout).
    type: int
  forward_to:
    description: As O(extensions[].forward_to).
    type: str
  language:
    description: As O(extensions[].language).
    type: str
  email:
    description: As O(extensions[].email).
    type: str
  labels:
    description: As O(extensions[].labels).
    type: dict
  state:
    description:
      - Whether the extension is there. Deleting it also ends its phone's registration.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - voiceops.asterisk.extension_list
  - voiceops.asterisk.passwords
  - voiceops.asterisk.directory
  - voiceops.asterisk.purge
  - voiceops.asterisk.ami
  - voiceops.asterisk.change_comment
  - voiceops.asterisk.handed_over
seealso:
  - module: voiceops.asterisk.pbx_extension_group
  - module: voiceops.asterisk.pbx_outbound_profile
  - module: voiceops.asterisk.pbx_extension_facts
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: A desk phone for Ayşe
  voiceops.asterisk.pbx_extension:
    number: "1001"
    name: Ayşe Yılmaz
    password: "{{ vault_password_1001 }}"
    connection_port: Ofis
    outbound_profile: Yurt içi
    groups: [Satış]

- name: The same person under another name; the password stays
  voiceops.asterisk.pbx_extension:
    number: "1001"
    name: Ayşe Demir

- name: A phone that another system has let in, whose password nobody knows
  voiceops.asterisk.pbx_extension:
    number: "1003"
    username: 0004f2a1b2c3
    password_digest: "{{ vault_digest_1003 }}"

- name: Everybody, from the inventory
  voiceops.asterisk.pbx_extension:
    extensions: "{{ pbx_extensions }}"
    create_groups: true
    purge: true

- name: The front door can call the porter, and nobody else; who calls it gets the porter too
  voiceops.asterisk.pbx_extension:
    number: "1900"
    name: Ön kapı
    callable_groups: [Güvenlik]
    forward_to: "1901"
    ring_timeout: 10
    labels:
      room: Z-01
"""

RETURN = r"""
created:
  description: Numbers of the extensions that were (or in check mode would be) created.
  returned: success
  type: list
  elements: str
  sample: ["1002"]
updated:
  description: Numbers of the extensions that were (or would be) changed.
  returned: success
  type: list
  elements: str
  sample: []
deleted:
  description: Numbers of the extensions that were (or would be) deleted, by a purge too.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many extensions were already as requested.
  returned: success
  type: int
  sample: 1
created_groups:
  description: Names of the groups that were (or would be) created along with the extensions.
  returned: success
  type: list
  elements: str
  sample: [Satış]
problems:
  description: Everything that is wrong with the input, where it is and what to do about it.
  returned: failure because of the input
  type: list
  elements: dict
  sample:
    - path: extensions[57].number
      message: "'10-57' is not a number of 1 to 15 digits; write digits only, in quotes"
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import options, population
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import EXTENSIONS


def main() -> None:
    population.run_population(EXTENSIONS, options.PASSWORDS)


if __name__ == "__main__":
    main()
