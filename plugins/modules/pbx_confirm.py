#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_confirm
short_description: Confirm a change of an Asterisk host that is taken back otherwise
description:
  - A change that was made with C(confirm_within) of M(voiceops.asterisk.pbx_directory) waits to be confirmed. Once its time is
    over the host makes its directory what it was before, by itself. This module confirms it, and the change stays.
  - Where nothing waits it changes nothing. Where the change has been taken back already, and is still the newest, it fails and says so.
version_added: "1.0.0"
options:
  configuration_folder:
    description: The folder of Asterisk's configuration, where room for the way back is kept.
    type: path
    default: /etc/asterisk
extends_documentation_fragment:
  - voiceops.asterisk.directory
seealso:
  - module: voiceops.asterisk.pbx_directory
  - module: voiceops.asterisk.pbx_rollback
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: The phones are there, so the change stays
  voiceops.asterisk.pbx_confirm:
"""

RETURN = r"""
confirmed:
  description:
    - The number of the first change that was (or would be) confirmed; later ones are confirmed with it. V(none) where nothing waited.
  returned: success
  type: int
  sample: 12
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import confirm


def main() -> None:
    confirm.run()


if __name__ == "__main__":
    main()
