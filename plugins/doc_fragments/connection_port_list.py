# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  connection_ports:
    description:
      - Several ports at once. If one is wrong, none is changed, and every mistake is reported with its index.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the port, any text on one line of at most 80 characters. Extensions and trunks refer to it. Needed for each.
        type: str
      protocol:
        description:
          - Transport protocol. The default for a new port is V(udp).
          - Phones in web browsers speak V(wss), and V(ws) where no encryption is needed. A host has at most one port of each.
        type: str
        choices: [udp, tcp, tls, ws, wss]
      address:
        description:
          - Address of the host to listen on, IPv4 or IPv6. The default for a new port is V(0.0.0.0).
        type: str
      port:
        description:
          - Port number. A new port gets V(5060) for V(udp) and V(tcp), V(5061) for V(tls), V(8088) for V(ws) and V(8089) for
            V(wss) where it is left out.
        type: int
      certificate:
        description:
          - Path of a PEM file on the host with the certificate of a port of V(tls) or V(wss), and the chain after it.
          - Asterisk has to be able to read it.
        type: str
      private_key:
        description:
          - Path of a PEM file on the host with the key of the certificate.
        type: str
      external_address:
        description:
          - The name or address that the world outside sees in place of the host's own, where there is address translation
            (NAT). Empty means none.
        type: str
      local_networks:
        description:
          - All networks that are inside, such as V(192.168.0.0/16). They see the host's own address.
        type: list
        elements: str
      state:
        description:
          - Whether it exists.
        type: str
        choices: [present, absent]
        default: present
"""
