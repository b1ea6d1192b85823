# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  format:
    description:
      - Whether the definitions are written as YAML, for people, or as JSON (C(extensions.json)), which Ansible reads seven times as fast.
    type: str
    choices: [yaml, json]
    default: yaml
  declare_groups:
    description:
      - Whether C(pbx_extension_groups) is written too. It would override a declaration for all hosts in C(group_vars).
    type: bool
    default: true
  vault_id:
    description: Which of the run's vault passwords encrypts C(vault.yml), if there are several.
    type: str
    default: ""
  force:
    description:
      - Whether C(extensions.yml) and C(vault.yml) are replaced if they exist with other content. A vault that holds other
        variables too is never replaced.
    type: bool
    default: false
"""
