# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  purge:
    description:
      - Delete what the list does not name. Only together with the list.
    type: bool
    default: false
  purge_limit:
    description:
      - The share of the existing items, in percent, that a purge may delete at once, so that a truncated list
        does not empty a telephone system. Five items may always be deleted.
    type: int
    default: 20
"""
