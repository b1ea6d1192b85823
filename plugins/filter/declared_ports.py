# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: declared_ports
short_description: The connection ports to create, with their defaults filled in
version_added: "1.0.0"
description:
  - Takes C(pbx_connection_ports) as an inventory declares it, and gives what the role asks of ports.
  - Items that are not ports are left out, because the module that makes ports reports them. Ports whose C(state) is C(absent) are
    left out too.
options:
  _input:
    description: The declared ports.
    type: list
    elements: dict
    required: true
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Show what a firewall has to let in
  ansible.builtin.debug:
    msg: "{{ pbx_connection_ports | voiceops.asterisk.declared_ports }}"
"""

RETURN = r"""
_value:
  description: Of each port its C(name), C(protocol), C(address) and number, as C(port).
  type: list
  elements: dict
"""

import typing as t

from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.protocol import PORT_NUMBERS


def declared(ports: t.Any) -> list[dict[str, t.Any]]:
    """Return what is declared of each port that is to be, and what the model takes for the rest."""
    items = ports if isinstance(ports, list) else [ports]
    return [port for item in items if isinstance(item, t.Mapping) for port in _port(item)]


def _port(item: t.Mapping[str, t.Any]) -> t.Iterator[dict[str, t.Any]]:
    def told(option: str, otherwise: t.Any) -> t.Any:
        value = item.get(option)
        return otherwise if value is None else value

    protocol = told("protocol", "udp")
    if isinstance(protocol, str) and protocol in PORT_NUMBERS and item.get("state") != "absent":
        yield {
            "name": told("name", ""),
            "protocol": protocol,
            "address": told("address", "0.0.0.0"),
            "port": told("port", PORT_NUMBERS[protocol]),
        }


class FilterModule:
    """Completes the ports of an inventory."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"declared_ports": declared}
