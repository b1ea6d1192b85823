#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_connection_port
short_description: Define the SIP ports of an Asterisk host that phones connect through
description:
  - Keeps the ports in the directory and writes them as SIP transports for Asterisk.
  - Asterisk listens on a new port after a reload, and lets go of a changed or removed one only when it restarts.
    The module does neither, because a restart ends calls, and returns which of the two is due.
version_added: "1.0.0"
options:
  name:
    description:
      - Name of the port, any text on one line of at most 80 characters. Extensions refer to it.
    type: str
  protocol:
    description:
      - Transport protocol. V(udp) for a new port where it is left out.
    type: str
    choices: [udp, tcp]
  address:
    description:
      - Address of the host to listen on, IPv4 or IPv6. V(0.0.0.0) for a new port where it is left out.
    type: str
  port:
    description:
      - Port number. V(5060) for a new port where it is left out.
    type: int
  state:
    description:
      - Whether the port is there. A port that extensions use is not deleted.
    type: str
    choices: [present, absent]
    default: present
  connection_ports:
    description:
      - Several ports at once; all of them, or none if one is wrong.
    type: list
    elements: dict
    suboptions:
      name:
        description: As O(name). Needed for each port.
        type: str
      protocol:
        description: As O(protocol).
        type: str
        choices: [udp, tcp]
      address:
        description: As O(address).
        type: str
      port:
        description: As O(port).
        type: int
      state:
        description: As O(state).
        type: str
        choices: [present, absent]
        default: present
  transports_file:
    description:
      - The file in which Asterisk reads the transports.
    type: path
    default: /etc/asterisk/pjsip_connection_ports.conf
  group:
    description:
      - The group of the file, as which Asterisk reads it.
    type: str
    default: asterisk
extends_documentation_fragment:
  - voiceops.asterisk.directory
  - voiceops.asterisk.purge
seealso:
  - module: voiceops.asterisk.pbx_extension
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Desk phones over UDP, soft phones over TCP
  voiceops.asterisk.pbx_connection_port:
    connection_ports:
      - name: Ofis
      - name: Masaüstü yazılımı
        protocol: tcp
        port: 5070
"""

RETURN = r"""
created:
  description: Names of the ports that were (or in check mode would be) created.
  returned: success
  type: list
  elements: str
  sample: [Ofis]
updated:
  description: Names of the ports that were (or would be) changed.
  returned: success
  type: list
  elements: str
  sample: []
deleted:
  description: Names of the ports that were (or would be) deleted.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many of the ports were as asked already.
  returned: success
  type: int
  sample: 1
restart_required:
  description:
    - Whether Asterisk holds on to a port that was changed or deleted until it restarts.
    - With V(false) and a change, a reload of C(res_pjsip.so) is enough.
  returned: success
  type: bool
  sample: false
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils import _module
from ansible_collections.voiceops.asterisk.plugins.module_utils.decide import plan_connection_ports
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import PROTOCOLS, ask_connection_ports
from ansible_collections.voiceops.asterisk.plugins.module_utils.transport import DEFAULT_FILE


def main() -> None:
    options = {
        "name": {"type": "str"},
        "protocol": {"type": "str", "choices": list(PROTOCOLS)},
        "address": {"type": "str"},
        "port": {"type": "int"},
        "state": _module.STATE,
    }
    file_options = {
        "transports_file": {"type": "path", "default": DEFAULT_FILE},
        "group": {"type": "str", "default": "asterisk"},
    }
    module = _module.directory_module(options, key="name", list_option="connection_ports", extra=file_options)
    want = _module.asked(module, ask_connection_ports, "connection_ports")
    policy = _module.policy(module)
    plan = _module.carry_out(module, want, plan_connection_ports, policy)
    written = _module.write_transports(module, plan)
    restart = bool(plan.ports.change or plan.ports.delete)
    _module.report(
        module, plan, plan.ports, key="name", changed=bool(plan) or written, restart_required=restart
    )


if __name__ == "__main__":
    main()
