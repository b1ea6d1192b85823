#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_adoption
short_description: Make an inventory of a host on which somebody else has set up Asterisk
description:
  - Reads C(pjsip.conf), C(pjsip_wizard.conf), C(sip.conf), C(users.conf) and C(extensions.conf) of a host with all that they include, as
    Asterisk reads them, and writes its extensions and trunks as variables of that host.
  - Programs that the files name (C(#exec)) are never run.
  - Passwords go into a file of Ansible Vault, which is encrypted before it touches the disk. They are in no result, and Ansible does
    not show them on the way from the host at any verbosity; only C(ANSIBLE_DEBUG) does.
  - Values are judged by the rules of the inventory. Every mistake is reported at once, by file and line, and nothing is written unless there
    is none.
  - A report tells line by line what was taken, what was changed and why, and what this collection has no option for. No password is in it.
  - Also reports where phones are registered. Nothing is changed on the host.
version_added: "1.0.0"
options:
  configuration_folder:
    description: Where C(asterisk.conf) is on the host, which tells where the other files are.
    type: path
    default: /etc/asterisk
  dest:
    description:
      - The folder of the host's variables, on the controller, such as C(inventory/host_vars/pbx-istanbul). C(extensions.yml) and
        C(vault.yml) are written there. It is made if it is not there. Nobody else may be able to write in it.
      - Without it nothing is written and no files are read; only phones and calls are reported.
    type: path
  report:
    description: The file for the report, on the controller. It holds names and addresses, so a new one is readable by you alone. By default,
      none is written.
    type: path
  transports:
    description: Names of transports on the host (C(udp) for C(sip.conf)), with the connection port that each is here. Others are not carried.
    type: dict
    default: {}
extends_documentation_fragment:
  - voiceops.asterisk.written_inventory
attributes:
  check_mode:
    description: In check mode everything is read and judged, and nothing is written.
    support: full
  diff_mode:
    description: The diff shows the definitions, and never a password.
    support: full
author:
  - voiceops.asterisk contributors (@voiceops)
seealso:
  - module: voiceops.asterisk.pbx_import
notes:
  - The playbook voiceops.asterisk.adopt uses it.
  - Phones are counted by Asterisk's own database (AstDB). Where C(sorcery.conf) has it keep contacts elsewhere, they are not seen.
  - Root follows no link there that another user has made. Such a file is reported as one that cannot be read, and nothing is written.
"""

EXAMPLES = r"""
- name: Write what a host has as its variables
  voiceops.asterisk.pbx_adoption:
    dest: inventory/host_vars/{{ inventory_hostname }}
    report: adopt-{{ inventory_hostname }}.txt
    transports:
      transport-udp: SIP
"""

RETURN = r"""
summary:
  description: What was read, in a few lines.
  returned: with O(dest)
  type: list
  elements: str
  sample:
    - "taken: 50 extensions, 1 trunk, 3 groups"
    - "not carried: 7"
files:
  description: Absolute paths of the files that hold the outcome.
  returned: with O(dest)
  type: list
  elements: str
  sample: [/srv/company/adopt-pbx-istanbul.txt, /srv/company/inventory/host_vars/pbx-istanbul/extensions.yml]
extensions:
  description: How many extensions there are.
  returned: with O(dest)
  type: int
  sample: 50
groups:
  description: The groups that they name.
  returned: with O(dest)
  type: list
  elements: str
  sample: [sales, support]
directory:
  description: Where Asterisk's configuration is on the host (C(astetcdir)).
  returned: success
  type: str
  sample: /etc/asterisk
is_ours:
  description: Whether its C(pjsip.conf) is that of this collection already, so that nothing is left to be taken over.
  returned: success
  type: bool
  sample: false
running:
  description: Whether Asterisk runs. Where it does not, nothing is known of phones and calls.
  returned: success
  type: bool
  sample: true
registered:
  description: With how many phones each endpoint of res_pjsip, or section of C(sip.conf), is registered; those without one are left out.
  returned: success
  type: dict
  sample: {"1001": 1, "1021": 2}
connected:
  description: Those of them with a phone that has registered over a connection (TCP, TLS, WebSocket), which ends when Asterisk restarts.
  returned: success
  type: list
  elements: str
  sample: ["1021"]
of_chan_sip:
  description: Those of them whose phones are registered with chan_sip, and have to re-register.
  returned: success
  type: list
  elements: str
  sample: []
calls:
  description: How many calls are in progress.
  returned: success
  type: int
  sample: 3
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import adoption


def main() -> None:
    adoption.run()


if __name__ == "__main__":
    main()
