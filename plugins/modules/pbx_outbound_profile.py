#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_outbound_profile
short_description: Define which outside numbers extensions may call, and through which trunk
description:
  - Keeps the profiles in the directory, where Asterisk looks when somebody dials. A change counts from the next call on.
version_added: "1.0.0"
options:
  name:
    description:
      - Name of the profile, any text on one line of at most 80 characters. Extensions refer to it.
    type: str
  rules:
    description: As O(outbound_profiles[].rules).
    type: list
    elements: dict
    suboptions:
      pattern:
        description: As O(outbound_profiles[].rules[].pattern).
        type: str
      prefix:
        description: As O(outbound_profiles[].rules[].prefix).
        type: str
      action:
        description: As O(outbound_profiles[].rules[].action).
        type: str
        choices: [allow, deny]
        default: allow
      trunks:
        description: As O(outbound_profiles[].rules[].trunks).
        type: list
        elements: str
      strip:
        description: As O(outbound_profiles[].rules[].strip).
        type: int
        default: 0
      prepend:
        description: As O(outbound_profiles[].rules[].prepend).
        type: str
        default: ""
      caller_id:
        description: As O(outbound_profiles[].rules[].caller_id).
        type: str
  max_concurrent_calls:
    description: As O(outbound_profiles[].max_concurrent_calls).
    type: int
  max_call_time:
    description: As O(outbound_profiles[].max_call_time).
    type: int
  state:
    description:
      - Whether the profile is there. A profile that extensions use is not deleted.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - voiceops.asterisk.outbound_profile_list
  - voiceops.asterisk.directory
  - voiceops.asterisk.purge
  - voiceops.asterisk.ami
  - voiceops.asterisk.change_comment
  - voiceops.asterisk.handed_over
seealso:
  - module: voiceops.asterisk.pbx_trunk
  - module: voiceops.asterisk.pbx_extension
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: National calls through Telco, through Santral where that fails, and nothing abroad
  voiceops.asterisk.pbx_outbound_profile:
    name: Yurt içi
    rules:
      - prefix: "00"
        action: deny
      - pattern: "_0[2-5]XXXXXXXXX"
        trunks: [Telco, Santral]
        strip: 1
        prepend: "+90"
    max_concurrent_calls: 10
"""

RETURN = r"""
created:
  description: Names of the profiles that were (or in check mode would be) created.
  returned: success
  type: list
  elements: str
  sample: [Şehir içi]
updated:
  description: Names of the profiles that were (or would be) changed.
  returned: success
  type: list
  elements: str
  sample: []
deleted:
  description: Names of the profiles that were (or would be) deleted, by a purge too.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many profiles were already as requested.
  returned: success
  type: int
  sample: 1
problems:
  description: Everything that is wrong with the input, where it is and what to do about it.
  returned: failure because of the input
  type: list
  elements: dict
  sample:
    - path: outbound_profiles[2].rules[0].trunks
      message: "is missing; an allowed call needs at least one trunk to go out through"
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import population
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import PROFILES


def main() -> None:
    population.run_population(PROFILES, {})


if __name__ == "__main__":
    main()
