#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_gate
short_description: Tell whether an Asterisk host is as well after a change as before
description:
  - Called without O(mark) it looks at the host before a change. Called again with the mark that it has returned, it fails unless the host
    is as well as it was.
  - That is, Asterisk runs and has the extensions that the directory has, trunks are as they were, and of the phones that were registered
    at least O(min_registered) percent are registered. It looks until that is so, for O(settle) seconds at most.
  - A phone does not count if it did not answer before the change either, if its registration ran out before it, or if the change itself
    has deleted or disabled its extension or given it another password or user name. The history on the host says which these are.
  - A phone registers again every few minutes to an hour. What shows only then, such as another password or port, is reported as not seen.
  - Nothing is changed on the host.
version_added: "1.0.0"
options:
  mark:
    description:
      - What RV(mark) was before the change. There are no secrets in it.
    type: str
  min_registered:
    description:
      - How many of the phones have to be registered, in percent.
    type: float
    default: 95.0
  settle:
    description:
      - For how many seconds phones have time to register again.
    type: int
    default: 60
  wait:
    description:
      - Whether phones that have to re-register must have done so. Otherwise they are reported as not seen.
    type: bool
    default: false
  test_call:
    description:
      - An extension whose phone is rung for one second where all else is well and something was changed. If it does not ring within five
        seconds the gate has not passed. The call goes to the first of its phones, and not through the dialplan; it is among the call records.
      - Asterisk's module C(res_clioriginate.so), which the role does not have Asterisk load, is loaded for that moment.
    type: str
  command:
    description:
      - A command to run on the controller where the gate has passed, as one text or as a list of its words, without a shell. If it does not
        succeed the gate has not passed either. The name of the host is in its environment as E(PBX_HOST).
      - It has O(settle) seconds, and ten at least.
    type: raw
extends_documentation_fragment:
  - voiceops.asterisk.directory
  - voiceops.asterisk.ami
seealso:
  - module: voiceops.asterisk.pbx_rollback
  - module: voiceops.asterisk.pbx_directory
notes:
  - The playbook voiceops.asterisk.rollout uses it.
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Remember how it is
  voiceops.asterisk.pbx_gate:
  register: before

- name: Change something
  voiceops.asterisk.pbx_connection_port:
    name: SIP
    port: 5070
    restart: if_needed

- name: Fail unless nine phones of ten are back within two minutes
  voiceops.asterisk.pbx_gate:
    mark: "{{ before.mark }}"
    min_registered: 90
    settle: 120
"""

RETURN = r"""
mark:
  description: What the host is like, for a later call.
  returned: success, without O(mark)
  type: str
  sample: eAFdjsEKwjAQRP9lz0UU9ZKjR0EvehORNdm2gXRTNluolP6721pBvA3z3szuCAEVwe0qYGwI3AFqUngcB2BKOgjmSoyh9QHDaoczWMNGdotgBXeJvAIb
newest_change:
  description: The number of the newest change of the directory; V(0) where there was none.
  returned: success
  type: int
  sample: 12
keeps_history:
  description: Whether the host keeps a history, without which there is no way back.
  returned: success, without O(mark)
  type: bool
  sample: true
running:
  description: Whether Asterisk runs.
  returned: success, without O(mark)
  type: bool
  sample: true
registered:
  description: The extensions with a phone that is registered.
  returned: success, without O(mark)
  type: list
  elements: str
  sample: ["1001", "1002"]
free_megabytes:
  description: How much room there is where the directory is.
  returned: success, without O(mark)
  type: int
  sample: 8121
asterisk:
  description: The release of Asterisk that is installed; empty where none is.
  returned: success, without O(mark)
  type: str
  sample: "22.10"
changes:
  description: How many changes there have been since.
  returned: with O(mark)
  type: int
  sample: 1
gate:
  description:
    - What was found. C(reasons) are why it has failed. C(expected) phones should be registered, C(registered) of them are, and C(missing)
      are the others. C(apart) are those that do not count, and C(not_seen) those that have yet to re-register, by what shows only then.
  returned: with O(mark), also on failure
  type: dict
  sample:
    passed: true
    reasons: []
    expected: 40
    registered: 39
    missing: ["1007"]
    apart: {ran_out: ["1011"]}
    not_seen: {port: ["1002", "1003"]}
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import gate


def main() -> None:
    gate.run()


if __name__ == "__main__":
    main()
