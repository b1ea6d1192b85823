# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  ami_port:
    description:
      - Port of Asterisk's manager interface on the host's loopback address.
    type: int
    default: 5038
  ami_secret_file:
    description:
      - The file on the host that holds the secret of the manager account. It is made there and never leaves it.
    type: path
    default: /etc/asterisk/voiceops-ami-secret.conf
  ami_timeout:
    description:
      - Longest time to wait for Asterisk's answer, in seconds.
    type: float
    default: 30.0
"""
