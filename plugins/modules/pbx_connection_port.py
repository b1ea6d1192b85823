#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_connection_port
short_description: Define the SIP ports of an Asterisk host that phones and trunks connect through
description:
  - Keeps the ports in the directory and writes them as SIP transports for Asterisk, has Asterisk read them, and checks
    that it did. If it did not, everything is put back as it was before.
  - Asterisk listens on a new port at once. It lets go of a changed or deleted one only when it restarts, which ends calls; see O(restart).
version_added: "1.0.0"
options:
  name:
    description:
      - Name of the port, any text on one line of at most 80 characters. Extensions and trunks refer to it.
    type: str
  protocol:
    description: As O(connection_ports[].protocol).
    type: str
    choices: [udp, tcp, tls, ws, wss]
  address:
    description: As O(connection_ports[].address).
    type: str
  port:
    description: As O(connection_ports[].port).
    type: int
  certificate:
    description: As O(connection_ports[].certificate).
    type: str
  private_key:
    description: As O(connection_ports[].private_key).
    type: str
  external_address:
    description: As O(connection_ports[].external_address).
    type: str
  local_networks:
    description: As O(connection_ports[].local_networks).
    type: list
    elements: str
  state:
    description:
      - Whether the port is there. A port that extensions or trunks use is not deleted.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - voiceops.asterisk.connection_port_list
  - voiceops.asterisk.directory
  - voiceops.asterisk.infrastructure
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
- name: Desk phones over UDP, soft phones over TLS
  voiceops.asterisk.pbx_connection_port:
    connection_ports:
      - name: Ofis
      - name: Masaüstü yazılımı
        protocol: tls
        certificate: /etc/asterisk/keys/pbx.example.com.pem
        private_key: /etc/asterisk/keys/pbx.example.com.key

- name: Behind address translation
  voiceops.asterisk.pbx_connection_port:
    name: Ofis
    external_address: pbx.example.com
    local_networks: [192.168.0.0/16]
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
  description: Names of the ports that were (or would be) deleted, by a purge too.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many ports were already as requested.
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
    - path: connection_ports[1].port
      message: "'506O' is not a port from 1 to 65535"
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import infrastructure
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import PORTS


def main() -> None:
    infrastructure.run_infrastructure(PORTS)


if __name__ == "__main__":
    main()
