# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuses an ansible-core that is too old for this collection's plugins.

Ansible itself only warns (``requires_ansible`` in meta/runtime.yml), and then a name is missing somewhere. So
this is imported before anything that an older ansible-core does not have.
"""

from __future__ import annotations

from ansible.errors import AnsibleError
from ansible.release import __version__

#: As in meta/runtime.yml.
OLDEST = (2, 19)


def refusal(version: str = __version__) -> str:
    """Return what to say where ansible-core is too old, or nothing."""
    major, minor = version.split(".")[:2]
    if (int(major), int(minor)) >= OLDEST:
        return ""
    oldest = ".".join(map(str, OLDEST))
    return (
        f"voiceops.asterisk needs ansible-core {oldest} or newer, and this is {version}. "
        f"In a virtual environment with Python 3.11 or newer: pip install 'ansible-core>={oldest}'"
    )


if refusal():
    raise AnsibleError(refusal())
