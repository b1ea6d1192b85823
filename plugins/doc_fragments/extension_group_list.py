# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  extension_groups:
    description:
      - Several groups at once. If one is wrong, none is changed, and every mistake is reported with its index.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the group, any text on one line of at most 80 characters. The same name in another Unicode form is the same group. Needed for each.
        type: str
      state:
        description:
          - Whether it exists.
        type: str
        choices: [present, absent]
        default: present
"""
