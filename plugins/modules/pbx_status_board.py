#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_status_board
short_description: Show who is registered in a whole fleet
description:
  - Shows what every host of the play has answered to M(voiceops.asterisk.pbx_extension_facts), as a table in the
    terminal and as one page for a browser that needs no network.
  - Runs on the controller and connects to no host. Hosts that could not be reached are shown as such.
  - The page replaces the one before in one step. Its permissions stay as they were; a new one is readable by you alone,
    because it holds names and addresses.
version_added: "1.0.0"
options:
  answers:
    description:
      - Name of the variable in which each host's answer is registered.
    type: str
    required: true
  page:
    description:
      - The file for the page; a relative one lies in the directory in which C(ansible-playbook) was started.
      - The page that is there tells which phones were registered before. Those that no longer are stand out as gone, until they
        are back or their extension can no longer register. Delete the page to start again.
      - Without it no page is written, and no phone is known to be gone.
    type: path
  language:
    description:
      - Language of the page and of the table.
    type: str
    choices: [en, tr]
    default: en
  refresh:
    description:
      - After how many seconds an open page reloads itself, if you are going to write it again; V(0) is never.
    type: int
    default: 0
  show:
    description:
      - Whether the table is shown. It is returned in any case.
    type: bool
    default: true
  most:
    description:
      - How many extensions of each host the table shows; V(0) is all of them. The page always has all.
    type: int
    default: 0
attributes:
  check_mode:
    description: In check mode the table is shown, also by the page that is there, and no page is written.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
author:
  - voiceops.asterisk contributors (@voiceops)
seealso:
  - module: voiceops.asterisk.pbx_extension_facts
notes:
  - The playbook voiceops.asterisk.status uses it.
"""

EXAMPLES = r"""
- name: Telephone systems at this moment
  hosts: pbx
  gather_facts: false
  ignore_unreachable: true
  tasks:
    - name: Ask every host
      voiceops.asterisk.pbx_extension_facts:
      register: answer
      ignore_errors: true

    - name: Show it
      voiceops.asterisk.pbx_status_board:
        answers: answer
        page: /srv/www/pbx-status.html
        language: tr
      run_once: true
"""

RETURN = r"""
lines:
  description: The table, line by line.
  returned: success
  type: list
  elements: str
  sample:
    - "pbx-istanbul: Asterisk running, 1 of 1 extensions registered"
    - "  1001  Ayşe Yılmaz  idle  198.51.100.7:5060  3.1 ms  Desk phone 1.2  Satış"
page:
  description: Absolute path of the page.
  returned: when a page was asked for
  type: str
  sample: /srv/www/pbx-status.html
not_running:
  description: The hosts that could not be reached or asked, or whose Asterisk does not run.
  returned: success
  type: list
  elements: str
  sample: [pbx-ankara]
"""
