#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_rollout
short_description: Divide a fleet into batches, and decide whether a rollout goes on
description:
  - Takes a step of the playbook voiceops.asterisk.rollout, for all hosts of its play at once. It is of no use elsewhere.
  - Runs on the controller and connects to no host.
version_added: "1.0.0"
options:
  step:
    description:
      - Which step.
      - V(begin) looks at what is asked for and divides the hosts; with O(resume) it refuses where the inventory is another one.
      - V(preflight) shows what would be done, and tells whether the rollout would have to stop.
      - V(batch) tells whether too many hosts of a batch have failed, unreachable ones among them.
    type: str
    choices: [begin, preflight, batch]
    required: true
  batches:
    description:
      - The sizes of batches, one or a list, each a number of hosts or a share of all of them. As with Ansible's C(serial) shares do not add up.
    type: raw
    default: [1, "5%", "25%", "100%"]
  max_fail_percentage:
    description: The share of a batch that may fail before no further one is begun.
    type: float
    default: 0.0
  min_registered:
    description: For the report, what the gate asks for.
    type: float
    default: 95.0
  settle:
    description: For the report, for how many seconds it waits.
    type: int
    default: 60
  wait:
    description: For the report, whether it waits for phones that have to re-register.
    type: bool
    default: false
  resume:
    description: Whether to resume the rollout whose files are in O(folder).
    type: bool
    default: false
  folder:
    description: The folder of the report and of the state.
    type: path
    default: "."
  language:
    description: The language of what is shown, and of the page.
    type: str
    choices: [en, tr]
    default: en
  begun:
    description: What V(begin) has returned, for the other steps.
    type: dict
attributes:
  check_mode:
    description: In check mode it does the same. It changes nothing.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
author:
  - voiceops.asterisk contributors (@voiceops)
seealso:
  - module: voiceops.asterisk.pbx_gate
notes:
  - A callback plugin beside the playbook writes the state and the report.
"""

EXAMPLES = r"""
- name: Divide the hosts into batches
  voiceops.asterisk.pbx_rollout:
    step: begin
    batches: [1, "10%", "100%"]
  run_once: true
  register: begun
"""

RETURN = r"""
batches:
  description: The hosts of each batch.
  returned: with O(step=begin)
  type: list
  elements: list
  sample: [[pbx-istanbul], [pbx-ankara, pbx-izmir]]
sizes:
  description: How many hosts are in each.
  returned: with O(step=begin)
  type: list
  elements: int
  sample: [1, 2]
done:
  description: The hosts that are done already, where a rollout is resumed.
  returned: with O(step=begin)
  type: list
  elements: str
  sample: []
marks:
  description: By host, what it was like before, for those that were left in the middle.
  returned: with O(step=begin)
  type: dict
  sample: {}
folder:
  description: The absolute path of O(folder).
  returned: with O(step=begin)
  type: str
  sample: /home/me/company
language:
  description: As given.
  returned: with O(step=begin)
  type: str
  sample: en
resumed:
  description: Whether a rollout is resumed.
  returned: with O(step=begin)
  type: bool
  sample: false
digest:
  description: A digest of the inventory, which the state keeps; nothing can be read from it.
  returned: with O(step=begin)
  type: str
  sample: 8d1f
salt:
  description: What it was made with.
  returned: with O(step=begin)
  type: str
  sample: 03ab
settings:
  description: What was asked for.
  returned: with O(step=begin)
  type: dict
  sample: {batches: [1, "100%"], max_fail_percentage: 0.0, min_registered: 95.0, settle: 60, wait: false}
plans:
  description: By host, what a run would do.
  returned: with O(step=preflight)
  type: dict
  sample: {}
totals:
  description: The same for all hosts together.
  returned: with O(step=preflight)
  type: dict
  sample: {hosts: 2, to_change: 1}
refusal:
  description: Why the rollout is not begun; empty if it is.
  returned: with O(step=preflight)
  type: str
  sample: ""
stop:
  description: Whether no further batch is begun.
  returned: with O(step=batch)
  type: bool
  sample: false
why:
  description: Why that is so; empty if it is not.
  returned: with O(step=batch)
  type: str
  sample: ""
failed_hosts:
  description: The hosts of this batch that have failed.
  returned: with O(step=batch)
  type: list
  elements: str
  sample: []
"""
