# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fills the role's templates."""

from __future__ import annotations

DOCUMENTATION = r"""
name: filled_template
short_description: Fill a template with the variables of a host
version_added: 1.0.0
author: voiceops.asterisk contributors (@voiceops)
description:
  - Returns what a template of C(templates/) becomes, as the lookup C(ansible.builtin.template) does.
  - That lookup copies all variables of the host for each template. For a role with forty templates this was
    a quarter of the processor time of a run with nothing to do. This one reads the variables as they are.
  - There are no extra variables such as C(template_path), and an C(include) in a template is not found.
options:
  _terms:
    description: Names of templates.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Write what Asterisk reads
  voiceops.asterisk.pbx_files:
    files:
      - path: /etc/asterisk/rtp.conf
        content: "{{ lookup('voiceops.asterisk.filled_template', 'rtp.conf.j2') }}"
"""

RETURN = r"""
_raw:
  description: The texts, one for each template.
  type: list
  elements: str
"""

import typing as t

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.template import trust_as_template


class LookupModule(LookupBase):
    """What Ansible calls."""

    def run(self, terms: list[str], variables: t.Any = None, **options: t.Any) -> list[str]:
        """Return the text of each template. Raises AnsibleLookupError where there is none of a name."""
        self.set_options(var_options=variables, direct=options)
        return [self._filled(name, variables) for name in terms]

    def _filled(self, name: str, variables: t.Any) -> str:
        path = self.find_file_in_search_path(variables, "templates", name)
        if path is None:
            raise AnsibleLookupError(f"there is no template {name}")
        # As the role has it, which is as trusted as its tasks.
        text = trust_as_template(self._loader.get_text_file_contents(path))
        # A backslash in a file is one, not half of one (as in YAML).
        filled: str = self._templar.template(text, escape_backslashes=False)
        return filled
