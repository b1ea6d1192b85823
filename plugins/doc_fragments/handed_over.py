# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  handed_over:
    description:
      - The lists of the task as one secret text. The collection's own action plugin puts them there on the way to the
        host, because a secret of its own for each password would slow Ansible down. Not for use in playbooks.
    type: json
"""
