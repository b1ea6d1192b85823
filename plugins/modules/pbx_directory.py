#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_directory
short_description: Create the directory database of an Asterisk host
description:
  - Creates the empty database that holds a host's connection ports, groups and extensions, and that Asterisk reads.
  - The role P(voiceops.asterisk.pbx#role) calls it; there is rarely a reason to call it yourself.
version_added: "1.0.0"
options:
  group:
    description:
      - The group that reads and writes the database besides root; the one that Asterisk runs as.
    type: str
    default: asterisk
extends_documentation_fragment:
  - voiceops.asterisk.directory
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: An empty directory where there is none
  voiceops.asterisk.pbx_directory:
"""

RETURN = r""" # """

from ansible_collections.voiceops.asterisk.plugins.module_utils import _module


def main() -> None:
    module = _module.plain_module({"group": {"type": "str", "default": "asterisk"}})
    module.exit_json(changed=_module.create_directory(module))


if __name__ == "__main__":
    main()
