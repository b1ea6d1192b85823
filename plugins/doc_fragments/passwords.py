# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  create_groups:
    description:
      - Whether a group that an extension names and that does not exist is created, rather than refused.
    type: bool
    default: false
  update_password:
    description:
      - Whether the password of an extension that exists, or its digest, is compared and changed, or set at creation only.
    type: str
    choices: [always, on_create]
    default: always
  allow_weak_password:
    description:
      - Take a password that is short, common, or contains the number or the user name. An open invitation to toll fraud.
    type: bool
    default: false
"""
