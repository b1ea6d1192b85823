#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_validate
short_description: Tell what is wrong with an inventory before a host is touched
description:
  - Looks at the variables that the inventory has for every host of the play, with the code by which a run judges them, and shows each
    mistake with its file, line, host, number and option. The same mistake is said once, whichever hosts and extensions have it.
  - Runs on the controller and connects to no host. What only a host knows is not looked at, such as whether a certificate is there.
  - A group, profile, trunk, port or extension that is named has to be in the lists of its host, also where the host itself has it already.
  - It does not fail because of a mistake; RV(mistakes) reports them.
version_added: "1.0.0"
options:
  without_vault:
    description:
      - Whether a vault that cannot be opened is a remark in place of a mistake. What is in it is not judged in either case.
      - A task can skip the vault of the first host of its play only in the playbook voiceops.asterisk.validate; in any other Ansible
        ends the run there.
    type: bool
    default: false
  show:
    description:
      - Whether mistakes and remarks are shown in the terminal. They are returned in any case.
    type: bool
    default: true
attributes:
  check_mode:
    description: It changes nothing in any mode.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
author:
  - voiceops.asterisk contributors (@voiceops)
seealso:
  - module: voiceops.asterisk.pbx_directory
notes:
  - The playbook voiceops.asterisk.validate uses it.
"""

EXAMPLES = r"""
- name: What the inventory says
  hosts: pbx
  gather_facts: false
  tasks:
    - name: Look at the variables of every host
      voiceops.asterisk.pbx_validate:
      register: outcome
      run_once: true

    - name: Refuse an inventory with mistakes
      ansible.builtin.fail:
        msg: "{{ outcome.summary }}"
      run_once: true
      when: outcome.mistakes | length > 0
"""

RETURN = r"""
mistakes:
  description:
    - What is wrong, ordered by file and line. C(hosts) are those that have this value, C(others) other places of the same mistake.
    - C(file) is empty and C(line) is V(0) where it is not known, as of a variable that was given with C(-e).
  returned: success
  type: list
  elements: dict
  sample:
    - file: /home/me/company/inventory/host_vars/pbx-istanbul/extensions.yml
      line: 12
      hosts: [pbx-istanbul]
      option: pbx_extensions[1].ring_timeout
      item: 1002 Depo kapısı
      message: "'soon' is not a number of seconds from 5 to 300"
      others: []
remarks:
  description: What is worth a warning and stops no run, such as an extension without a password, in the same form.
  returned: success
  type: list
  elements: dict
  sample: []
lines:
  description: The mistakes as they are shown, line by line.
  returned: success
  type: list
  elements: str
  sample:
    - "inventory/host_vars/pbx-istanbul/extensions.yml:12, pbx-istanbul, pbx_extensions[1].ring_timeout (1002 Depo kapısı): 'soon' is not …"
summary:
  description: How much was looked at, and how many mistakes there are.
  returned: success
  type: str
  sample: "2 hosts, 6 extensions: 1 mistake"
"""
