#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_export
short_description: Make an inventory of the directory that a host has
description:
  - Writes what M(voiceops.asterisk.pbx_extension_facts) has found in the directory of a host as variables of that host, which change
    nothing when they are applied to it, also with C(pbx_purge).
  - A host does not know passwords, so none is written, and the host keeps those that it has. The head of the file
    and the result list the extensions and trunks that have one, and so need one on a new host.
  - Every option is written, and each text so that Ansible takes it as it is, also one that looks like a template.
  - Runs on the controller and does not connect to the host.
version_added: "1.0.0"
options:
  facts:
    description:
      - RV(voiceops.asterisk.pbx_extension_facts#module:ansible_facts.pbx_packed_facts), gathered with V(directory) and of all extensions.
    type: str
    required: true
  dest:
    description:
      - The folder in which C(directory.yml) is written. It is made if it is not there.
      - In a folder of C(host_vars) no other file may have these variables.
    type: path
    required: true
  format:
    description:
      - Whether it is written as YAML, for people, or as JSON (C(directory.json)), which Ansible reads seven times as fast, and which has no
        comment at its head.
    type: str
    choices: [yaml, json]
    default: yaml
  force:
    description: Whether the file is replaced where it exists and has other content.
    type: bool
    default: false
attributes:
  check_mode:
    description: In check mode everything is judged, and nothing is written.
    support: full
  diff_mode:
    description: The diff shows the variables.
    support: full
author:
  - voiceops.asterisk contributors (@voiceops)
seealso:
  - module: voiceops.asterisk.pbx_extension_facts
notes:
  - The playbook voiceops.asterisk.export uses it.
"""

EXAMPLES = r"""
- name: Read the directory
  voiceops.asterisk.pbx_extension_facts:
    gather: [directory]
    packed: true
  register: answer

- name: Write it as variables
  voiceops.asterisk.pbx_export:
    facts: "{{ answer.ansible_facts.pbx_packed_facts }}"
    dest: export/{{ inventory_hostname }}
"""

RETURN = r"""
file:
  description: Absolute path of the file.
  returned: success
  type: str
  sample: /srv/company/export/pbx-istanbul/directory.yml
summary:
  description: How much is in it, and how many passwords are not.
  returned: success
  type: list
  elements: str
  sample:
    - 212 extensions, 5 extension groups, 1 trunk, 1 connection port
    - without the passwords of 209 extensions and 1 trunk
extensions_with_password:
  description: The numbers of the extensions that have a password on the host.
  returned: success
  type: list
  elements: str
  sample: ["1001", "1002"]
trunks_with_password:
  description: The names of the trunks that have a password on the host.
  returned: success
  type: list
  elements: str
  sample: [Telco]
"""
