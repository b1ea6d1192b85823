#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_extension_facts
short_description: Tell who is registered on an Asterisk host right now
description:
  - Returns the definition of every extension without secrets, and what Asterisk sees of its phone at this moment.
  - Where Asterisk does not run, the definitions are returned all the same.
version_added: "1.0.0"
options:
  gather_directory:
    description:
      - Also return the directory in the shape in which it is written in an inventory.
    type: bool
    default: false
extends_documentation_fragment:
  - voiceops.asterisk.directory
  - voiceops.asterisk.ami
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Who is there?
  voiceops.asterisk.pbx_extension_facts:

- name: Say it
  ansible.builtin.debug:
    msg: "{{ ansible_facts.pbx_extensions | dict2items | selectattr('value.registered') | map(attribute='key') }}"
"""

RETURN = r"""
ansible_facts:
  description: Facts of this host.
  returned: success
  type: dict
  contains:
    pbx_extensions:
      description: Every extension by its number.
      returned: success
      type: dict
      sample:
        "1001":
          number: "1001"
          name: Ayşe Yılmaz
          connection_port: Ofis
          outbound_profile: Yurt içi
          outbound_caller_id: ""
          groups: [Satış]
          callable_groups: ["*"]
          record: false
          enabled: true
          max_devices: 1
          ring_timeout: 30
          forward_to: ""
          language: ""
          email: ""
          labels: {}
          has_password: true
          registered: true
          state: idle
          contacts:
            - address: 198.51.100.7:5060
              uri: sip:1001@198.51.100.7:5060
              user_agent: Desk phone 1.2
              expires_in: 3412
              reachable: true
              round_trip_ms: 3.1
    pbx_extension_groups:
      description: Every group by its name, with the numbers of its members.
      returned: success
      type: dict
      sample:
        Satış:
          members: ["1001"]
    pbx_connection_ports:
      description: Every connection port by its name.
      returned: success
      type: dict
      sample:
        Ofis:
          protocol: udp
          address: 0.0.0.0
          port: 5060
          certificate: ""
          private_key: ""
          external_address: ""
          local_networks: []
    pbx_trunks:
      description: Every trunk by its name, without its password.
      returned: success
      type: dict
      sample:
        Telco:
          host: sip.telco.example
          register: true
          has_password: true
    pbx_outbound_profiles:
      description: Every outbound profile by its name.
      returned: success
      type: dict
      sample:
        Yurt içi:
          rules:
            - {prefix: "0", action: allow, trunks: [Telco]}
          max_concurrent_calls: 0
          max_call_time: 14400
    pbx_emergency_numbers:
      description: The numbers that every extension may dial.
      returned: success
      type: list
      elements: str
      sample: ["112"]
    pbx_directory:
      description:
        - The directory as it would be written, with O(gather_directory=true). Passwords are not in it.
        - Its lists are what M(voiceops.asterisk.pbx_directory) takes, and change nothing when they are given back to it.
      returned: when asked for
      type: dict
      sample:
        connection_ports:
          - {name: Ofis, protocol: udp, address: 0.0.0.0, port: 5060}
        extension_groups:
          - {name: Satış}
        extensions:
          - {number: "1001", name: Ayşe Yılmaz, connection_port: Ofis, groups: [Satış]}
    pbx_extension_summary:
      description: The host in a line. RV(ansible_facts.pbx_extension_summary.asterisk) is V(running) or V(stopped).
      returned: success
      type: dict
      sample:
        asterisk: running
        extensions: 1
        registered: 1
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils import _module


def main() -> None:
    _module.run_facts({"gather_directory": {"type": "bool", "default": False}})


if __name__ == "__main__":
    main()
