# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  change_comment:
    description:
      - Why something is changed, for the history on the host, up to 500 characters. Not a place for secrets.
      - By default, the commit of the inventory's folder, if that is in git and belongs to the user who runs Ansible,
        followed by C(-dirty) if files differ from it.
    type: str
"""
