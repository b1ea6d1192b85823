# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a host is as its record says, and how many of its phones are registered."""

from __future__ import annotations

import time
import typing as t

from ..asterisk import ami, console, registration
from . import state
from .record import Record

#: How long Asterisk may take to say how many phones are registered, in seconds.
_ASTERISK_TIMEOUT = 10.0


def is_same(kept: Record) -> bool:
    """Tell whether nothing that the record was made of is different, and Asterisk answers."""
    try:
        if console.Console().running() is None:
            return False
        return state.look(kept.paths, kept.folder).digest == kept.state
    except (OSError, console.ConsoleError):
        return False


def phones(kept: Record) -> dict[str, t.Any] | None:
    """Return how many phones are registered, as in pbx_extension_summary; None if Asterisk is silent."""
    try:
        with ami.Client(ami.read_secret(kept.secret_file), kept.ami_port, _ASTERISK_TIMEOUT) as client:
            return registration.counted(client, kept.numbers, time.time())
    except ami.AmiError:
        return None
