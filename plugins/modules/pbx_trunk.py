#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_trunk
short_description: Define the lines of an Asterisk host to the outside world
description:
  - Keeps the trunks in the directory and writes them as SIP peers for Asterisk, has Asterisk read them, and checks
    that it did. If it did not, everything is put back as it was before.
  - Calls in progress and registered phones do not notice.
version_added: "1.0.0"
options:
  name:
    description:
      - Name of the trunk, any text on one line of at most 80 characters. Profiles refer to it.
    type: str
  host:
    description: As O(trunks[].host).
    type: str
  port:
    description: As O(trunks[].port).
    type: int
  connection_port:
    description: As O(trunks[].connection_port).
    type: str
  register:
    description: As O(trunks[].register).
    type: bool
  username:
    description: As O(trunks[].username).
    type: str
  password:
    description: As O(trunks[].password).
    type: str
  realm:
    description: As O(trunks[].realm).
    type: str
  codecs:
    description: As O(trunks[].codecs).
    type: list
    choices: [alaw, ulaw, g722]
    elements: str
  caller_id:
    description: As O(trunks[].caller_id).
    type: str
  inbound_addresses:
    description: As O(trunks[].inbound_addresses).
    type: list
    elements: str
  inbound_numbers:
    description: As O(trunks[].inbound_numbers).
    type: list
    elements: dict
    suboptions:
      number:
        description: As O(trunks[].inbound_numbers[].number).
        type: str
        required: true
      extension:
        description: As O(trunks[].inbound_numbers[].extension).
        type: str
        required: true
  country_code:
    description: As O(trunks[].country_code).
    type: str
  area_code:
    description: As O(trunks[].area_code).
    type: str
  called_number_header:
    description: As O(trunks[].called_number_header).
    type: str
  trust_identity:
    description: As O(trunks[].trust_identity).
    type: bool
  qualify:
    description: As O(trunks[].qualify).
    type: bool
  emergency:
    description: As O(trunks[].emergency).
    type: bool
  state:
    description:
      - Whether the trunk is there. A trunk that profiles use is not deleted.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - voiceops.asterisk.trunk_list
  - voiceops.asterisk.directory
  - voiceops.asterisk.infrastructure
  - voiceops.asterisk.purge
  - voiceops.asterisk.ami
  - voiceops.asterisk.change_comment
  - voiceops.asterisk.handed_over
seealso:
  - module: voiceops.asterisk.pbx_outbound_profile
  - module: voiceops.asterisk.pbx_connection_port
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: A provider with which the host registers
  voiceops.asterisk.pbx_trunk:
    name: Telco
    host: sip.telco.example
    register: true
    username: "902121112200"
    password: "{{ vault_telco_password }}"
    caller_id: "+902121112200"
    inbound_numbers:
      - number: "+902121112201"
        extension: "1001"
      - number: "*"
        extension: "1900"

- name: A gateway that is known by its address
  voiceops.asterisk.pbx_trunk:
    name: Santral
    host: 192.0.2.10
    inbound_addresses: [192.0.2.0/28]
"""

RETURN = r"""
created:
  description: Names of the trunks that were (or in check mode would be) created.
  returned: success
  type: list
  elements: str
  sample: [Telco]
updated:
  description: Names of the trunks that were (or would be) changed.
  returned: success
  type: list
  elements: str
  sample: []
deleted:
  description: Names of the trunks that were (or would be) deleted, by a purge too.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many trunks were already as requested.
  returned: success
  type: int
  sample: 1
restarted:
  description: Whether Asterisk was (or in check mode would be) restarted.
  returned: success
  type: bool
  sample: false
restart_required:
  description:
    - Whether Asterisk still has to be restarted for the changes of this run or of an earlier one. A warning says
      why.
  returned: success
  type: bool
  sample: false
problems:
  description: Everything that is wrong with the input, where it is and what to do about it.
  returned: failure because of the input
  type: list
  elements: dict
  sample:
    - path: trunks[0].host
      message: "is missing; a trunk needs the name or the IP address of its peer"
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import infrastructure
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import TRUNKS


def main() -> None:
    infrastructure.run_infrastructure(TRUNKS)


if __name__ == "__main__":
    main()
