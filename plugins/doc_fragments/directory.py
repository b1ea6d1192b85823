# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  database:
    description:
      - The directory database of the host.
    type: path
    default: /var/lib/voiceops/directory.sqlite3
requirements:
  - Python 3.9 or newer on the managed host, with its standard library only
attributes:
  check_mode:
    support: full
    description: In check mode nothing at all is written, and the result is that of the run that would follow.
  diff_mode:
    support: full
    description: With C(--diff) the module shows what changes, without secrets.
  platform:
    support: full
    platforms: posix
    description: The module runs on the host of the telephone system, as root.
"""
