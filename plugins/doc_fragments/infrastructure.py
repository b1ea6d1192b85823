# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  configuration_folder:
    description:
      - The folder of Asterisk's configuration, in which the text of ports and trunks is written.
    type: path
    default: /etc/asterisk
  group:
    description:
      - The group of these files and of the database; the one that Asterisk runs as.
    type: str
    default: asterisk
  restart:
    description:
      - Asterisk lets go of a connection port that was changed or deleted only when it restarts, which ends calls.
      - With V(never) the module says that a restart is due, in a warning and in RV(restart_required).
      - With V(if_needed) it restarts Asterisk where one is due, also if that is so since an earlier run.
    type: str
    choices: [never, if_needed]
    default: never
  read_at_start:
    description:
      - Files that Asterisk reads only when it starts. A restart is due where one of them was written after that.
    type: list
    elements: path
    default: []
"""
