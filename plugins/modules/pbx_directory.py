#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_directory
short_description: Make the whole directory of an Asterisk host what the inventory says
description:
  - Takes connection ports, trunks, outbound profiles, groups and extensions at once. It is one read, one plan and one
    transaction, so that all of it counts or nothing, and things may name each other in any order.
  - A list that is not given stays as it is, and so does an option of an item that is not given.
  - Because nothing can happen in between, check mode is as strict as a run, and shows just what the run will do.
  - Creates the directory database where there is none, and makes what Asterisk reads of it fit the release of Asterisk
    that is installed.
  - Has Asterisk read changed ports and trunks, and checks that it did. If it did not, everything is put back as it
    was before.
version_added: "1.0.0"
options:
  emergency_numbers:
    description:
      - Numbers that every extension may dial. None of them can be an extension's.
      - A number that the list leaves out stays an emergency number, unless O(purge) is V(true) or the list is empty.
    type: list
    elements: str
  extension_defaults:
    description:
      - Values for options that items of O(extensions) leave out, such as V(outbound_profile) and V(language).
      - A default counts as given, in every run. Extensions that are on the host and not in the list are left alone. An item that names
        the option has its own value and no part of the default, also of lists and labels.
      - O(extensions[].number), O(extensions[].password) and O(extensions[].state) have no default.
    type: dict
  media_timeout:
    description:
      - After how many seconds without a packet from one of its sides a call ends, 5 to 86400; V(0) is never. It is V(60) in
        a new database.
      - Any RTP or RTCP packet counts, so the calls of a muted phone continue. A change applies from the next call on.
    type: int
  media_timeout_hold:
    description:
      - The same for a side that has put the other on hold, where phones may send nothing. It is V(1800) in a new database.
    type: int
  history_changes:
    description:
      - How many changes the history on the host keeps, 0 to 100000; V(0) keeps none. It is V(1000) in a new database.
    type: int
  history_days:
    description:
      - For how many days it keeps them, 1 to 100000. It is V(400) in a new database. What is too old or too much goes when something is
        changed, up to 100 changes at once.
    type: int
  notify_event:
    description:
      - The event of a NOTIFY that registered phones get if the change gives their extension another password, user name or connection
        port, such as C(check-sync) or C(check-sync;reboot=false). Most phones then fetch their settings from where they are
        provisioned, and register again. Those settings have to be there before.
      - Empty asks no phone. Phones cannot be asked later, because another password or user name ends their registration.
      - Asterisk's module C(res_pjsip_notify.so), which the role does not have Asterisk load, is loaded for that moment. It needs a file
        C(/etc/asterisk/pjsip_notify.conf), which Debian's packages bring; what is in it does not matter.
    type: str
  confirm_within:
    description:
      - For how many seconds a change waits to be confirmed by M(voiceops.asterisk.pbx_confirm), 30 to 86400. Otherwise the host makes
        itself what it was before, connection ports and trunks included, without a controller, also after a reboot. V(0) means that
        nothing has to be confirmed.
      - A run that changes nothing starts no deadline. If a change is waiting already, this one takes over its deadline, and going back
        restores what was before the first of them. Without this option a run that would change something is refused as long as one waits.
      - The programs that go back are those of the role P(voiceops.asterisk.pbx#role), in O(confirm_files). They know no other
        O(database) and O(configuration_folder) than the default ones.
    type: int
    default: 0
  confirm_files:
    description:
      - The programs that take a change back, as M(voiceops.asterisk.pbx_files) takes them. They are written where a change is to wait.
        The role hands them over.
    type: list
    elements: dict
    default: []
  force:
    description:
      - Delete a group although extensions belong to it or may call it; it is taken from them. An extension
        that could call only this group can then call nobody.
    type: bool
    default: false
  by_role:
    description:
      - Whether messages name the variables of the role P(voiceops.asterisk.pbx#role) in place of the options of this module. The
        role says so.
    type: bool
    default: false
  trial:
    description:
      - In check mode, refuse what only a run refuses otherwise, because an earlier task could still put it right, such as a certificate that
        is not there. The role tries so before its first change.
    type: bool
    default: false
  to_be_written:
    description:
      - In check mode, those of O(read_at_start) that an earlier task of the run would write, and for which Asterisk would be restarted.
    type: list
    elements: path
    default: []
  files:
    description:
      - Files that another task is to write, as M(voiceops.asterisk.pbx_files) takes them. Where they and the directory are as they
        have to be, the module does what it does in every run, such as to tell Asterisk what it has not been told of by a run that
        ended early. Otherwise it changes nothing at all.
      - The role asks so once, and is done with a host that has nothing to do.
    type: list
    elements: dict
  absent:
    description:
      - Files that another task is to take away; as O(files), and only with it.
    type: list
    elements: path
    default: []
extends_documentation_fragment:
  - voiceops.asterisk.connection_port_list
  - voiceops.asterisk.trunk_list
  - voiceops.asterisk.outbound_profile_list
  - voiceops.asterisk.extension_group_list
  - voiceops.asterisk.extension_list
  - voiceops.asterisk.passwords
  - voiceops.asterisk.directory
  - voiceops.asterisk.infrastructure
  - voiceops.asterisk.purge
  - voiceops.asterisk.ami
  - voiceops.asterisk.change_comment
  - voiceops.asterisk.handed_over
seealso:
  - module: voiceops.asterisk.pbx_extension
  - module: voiceops.asterisk.pbx_extension_facts
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Everything that the inventory says of this host, and nothing else
  voiceops.asterisk.pbx_directory:
    connection_ports: "{{ pbx_connection_ports }}"
    trunks: "{{ pbx_trunks }}"
    outbound_profiles: "{{ pbx_outbound_profiles }}"
    extension_groups: "{{ pbx_extension_groups }}"
    extensions: "{{ pbx_extensions }}"
    extension_defaults:
      outbound_profile: Yurt içi
      language: tr
    emergency_numbers: ["112"]
    purge: true

- name: An empty directory where there is none
  voiceops.asterisk.pbx_directory:
"""

RETURN = r"""
directory:
  description:
    - What was (or in check mode would be) done with each kind of things, by the name of its list. C(unlisted) are those that
      are on the host and not in the list.
  returned: success
  type: dict
  sample:
    extensions:
      created: ["1002"]
      updated: ["1001"]
      deleted: []
      unchanged: 198
      unlisted: ["1044"]
register_anew:
  description:
    - The extensions whose phones have to re-register for the change to count, because of another password, user name or connection port.
  returned: success
  type: list
  elements: str
  sample: ["1001"]
restarted:
  description: Whether Asterisk was (or in check mode would be) restarted.
  returned: success
  type: bool
  sample: false
nothing_to_do:
  description:
    - Whether there was nothing to do, neither here nor with the files. If there was, nothing else is returned.
  returned: with O(files)
  type: bool
  sample: true
phones:
  description:
    - How many extensions there are, and how many of them have a phone that is registered.
  returned: with O(files), where there was nothing to do and Asterisk answers
  type: dict
  sample: {asterisk: running, extensions: 200, registered: 188}
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
    - path: extensions[57].outbound_profile
      message: "'Yurtici' does not exist on this host; did you mean 'Yurt içi'?"
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import infrastructure


def main() -> None:
    infrastructure.run_directory()


if __name__ == "__main__":
    main()
