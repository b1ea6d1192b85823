#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_import
short_description: Make an inventory of what another telephone system exports
description:
  - Reads the extensions that another system has exported as CSV, the tables of Asterisk's realtime, or a sheet of your own, and writes
    them as variables of a host.
  - Passwords go into a file of Ansible Vault, which is encrypted before it touches the disk. The definitions refer to them.
  - Values are judged by the rules of the inventory. Every mistake is reported at once, by row and column, and nothing is written unless
    there is none, or O(skip) says what to leave out.
  - A report tells row by row what was taken, what was changed and why, and what this collection has no option for. No password is in it.
  - Runs on the controller and connects to no host.
version_added: "1.0.0"
options:
  source:
    description:
      - Where the file comes from.
      - V(freepbx) is a file of the Bulk Handler, type Extensions, of FreePBX 13 or later.
      - V(wazo) is C(GET /users/export), V(mikopbx) the export of employees, V(issabel) the batch of extensions, V(fusionpbx) the export of
        extensions, V(3cx) that of extensions, and V(grandstream) that of a UCM61xx or UCM6510.
      - V(csv) is a sheet of your own, whose first row holds the names of options of M(voiceops.asterisk.pbx_extension). Names in
        C(groups) and C(callable_groups) are separated by commas, semicolons or line breaks, or the cell is a list of JSON. A column
        such as C(labels.room) is a label.
      - V(realtime) is the tables C(ps_endpoints), C(ps_auths) and C(ps_aors) in which Asterisk itself keeps its objects.
    type: str
    required: true
    choices: [3cx, csv, freepbx, fusionpbx, grandstream, issabel, mikopbx, realtime, wazo]
  path:
    description:
      - The file; a relative one lies in the directory in which C(ansible-playbook) was started.
      - Of V(realtime) a dump of the database (C(mysqldump), C(pg_dump), C(sqlite3 .dump)), or a folder with a CSV file for each table,
        named after it and with its columns as first row.
    type: path
    required: true
  dest:
    description:
      - The folder of the host's variables, such as C(inventory/host_vars/pbx-istanbul). C(extensions.yml) and C(vault.yml) are written there.
      - It is made if it is not there. Nobody else may be able to write in it.
    type: path
    required: true
  report:
    description: The file for the report. It holds names and addresses, so a new one is readable by you alone. By default, none is written.
    type: path
  encoding:
    description:
      - The encoding of a file that is neither UTF-8 nor marked as UTF-16, such as V(cp1254) of a Turkish Windows or V(cp1252) of a
        western one. It is never guessed.
    type: str
    default: ""
  separator:
    description:
      - What stands between cells, as the character or as V(comma), V(semicolon), V(tab) or V(pipe). By default, the one of these that
        splits the first row into names of columns.
    type: str
    default: ""
  skip:
    description:
      - What may be left out.
      - V(row 17) is a row as a spreadsheet counts them, V(column ringtimer) a column, V(tech=iax2) every row with this in the column, and
        V(wrong rows) every row with a mistake. All of it is listed in the report.
    type: list
    elements: str
    default: []
  transports:
    description: Names of transports in the source, with the connection port that each is here. Others are not carried.
    type: dict
    default: {}
  profiles:
    description:
      - What in the source says who may call where, such as contexts, permissions and classes, with the outbound profile that each is here.
        Others are not carried.
    type: dict
    default: {}
  groups:
    description:
      - Groups of the source with the name that each gets here; an empty one leaves it out. Pickup and call groups of FreePBX and Issabel
        become groups only if they are named here.
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
  - module: voiceops.asterisk.pbx_extension
notes:
  - The playbook voiceops.asterisk.import uses it.
"""

EXAMPLES = r"""
- name: Take over the people of a FreePBX
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Write them as variables of a host
      voiceops.asterisk.pbx_import:
        source: freepbx
        path: extensions.csv
        dest: inventory/host_vars/pbx-istanbul
        report: import-pbx-istanbul.txt
        skip: ["tech=iax2"]
        transports:
          0.0.0.0-udp: SIP
        profiles:
          kisitli: Yurt içi
"""

RETURN = r"""
summary:
  description: What was read, in a few lines.
  returned: success
  type: list
  elements: str
  sample:
    - "taken: 212 extensions, 5 groups"
    - "to check: 3"
    - "not carried: 14"
files:
  description: Absolute paths of the files that hold the outcome.
  returned: success
  type: list
  elements: str
  sample: [/srv/company/import-pbx-istanbul.txt, /srv/company/inventory/host_vars/pbx-istanbul/extensions.yml]
extensions:
  description: How many extensions there are.
  returned: success
  type: int
  sample: 212
groups:
  description: The groups that they name.
  returned: success
  type: list
  elements: str
  sample: [Satış, Depo]
"""
