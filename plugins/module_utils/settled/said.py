# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tells one look at a host from another: pure, and the same on the controller and on the host."""

from __future__ import annotations

import hashlib
import json


def digest(rc: int, said: str) -> str:
    """Return 64 hexadecimal digits for how a look ended and what it said.

    Spaces at the ends of lines do not count, because a connection may add some.
    """
    lines = [line.strip() for line in said.splitlines()]
    return hashlib.sha256(json.dumps([rc, lines]).encode("ascii")).hexdigest()
