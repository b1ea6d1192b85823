# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the programs of this collection that run on hosts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: program
short_description: A file of this collection's library, as the role puts it on a host
version_added: 1.0.0
author: voiceops.asterisk contributors (@voiceops)
description:
  - Returns the text of a file of C(plugins/module_utils/), below a line that says whose it is on a host.
options:
  _terms:
    description: Paths from C(plugins/module_utils/).
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Write what looks after recordings
  voiceops.asterisk.pbx_files:
    files:
      - path: /usr/local/lib/voiceops/voiceops_recordings/recording/storage.py
        content: "{{ lookup('voiceops.asterisk.program', 'recording/storage.py') }}"
"""

RETURN = r"""
_raw:
  description: The texts, one for each file.
  type: list
  elements: str
"""

import typing as t
from pathlib import Path

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

_LIBRARY = Path(__file__).resolve().parents[1] / "module_utils"
_MARK = "# Written by the role voiceops.asterisk.pbx: changes made here are lost.\n"


class LookupModule(LookupBase):
    """What Ansible calls."""

    def run(self, terms: list[str], variables: t.Any = None, **options: t.Any) -> list[str]:
        """Return the text of each file. Raises AnsibleLookupError where there is none of a name."""
        self.set_options(var_options=variables, direct=options)
        try:
            return [_MARK + (_LIBRARY / name).read_text(encoding="utf-8") for name in terms]
        except OSError as error:
            raise AnsibleLookupError(f"{error.filename}: {error.strerror}") from error
