#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_look
short_description: Look at a host for the role, and say where there is nothing to do
description:
  - The first task of the role voiceops.asterisk.pbx. It is of no use elsewhere, and changes nothing.
  - A run of the whole role that has nothing to do leaves a record on the host, C(/var/lib/voiceops/settled.json), which root alone
    may read. If nothing is different from then, neither the variables nor the role nor the host, there is nothing to do now either.
  - Otherwise it runs what the role wants to know of the host as one script of the shell.
  - To have everything judged again, remove that file.
version_added: "1.0.0"
options:
  script:
    description:
      - The name of the variable with the script. Its templates are filled only if it is run.
    type: str
    required: true
  wrong:
    description:
      - The name of the variable with what is wrong in the variables. If there is anything in it, the script is not run.
    type: str
    required: true
notes:
  - The record counts where Ansible's pipelining is on, and where no variable of the role has a lookup, a fact or another host's
    variable in it. Otherwise the host is looked at in every run.
attributes:
  check_mode:
    description: In check mode it does the same. It changes nothing.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Look at the host
  voiceops.asterisk.pbx_look:
    script: __pbx_look_script
    wrong: __pbx_wrong
  register: looked
"""

RETURN = r"""
settled:
  description: Whether there is nothing to do.
  returned: success
  type: bool
  sample: true
wrong:
  description: Whether variables are wrong, so that nobody has looked.
  returned: success
  type: bool
  sample: false
directory:
  description: The same as the module M(voiceops.asterisk.pbx_directory) has returned when the record was made.
  returned: where there is nothing to do
  type: dict
  sample: {extensions: {created: [], updated: [], deleted: [], unchanged: 198, unlisted: []}}
phones:
  description: How many extensions there are, and how many of them have a phone that is registered.
  returned: where there is nothing to do
  type: dict
  sample: {asterisk: running, extensions: 200, registered: 188}
rc:
  description: How the script ended.
  returned: success
  type: int
  sample: 0
stdout:
  description: What it said.
  returned: success
  type: str
  sample: has asterisk
stdout_lines:
  description: The same as lines.
  returned: success
  type: list
  elements: str
  sample: [has asterisk]
stderr:
  description: What it complained of.
  returned: success
  type: str
  sample: ""
"""
