# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Thousands of telephones that are registered for a while: `with registered(...)`.

It is the half of crowd.py that runs where the test does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from .phone import OK, PhoneError, phones_addresses
from .process import Telephones

#: Longest time until all are registered, in seconds; 10,000 take about 20.
DEADLINE = 180


@contextlib.contextmanager
def registered(server: str, phones: Sequence[tuple[str, str]]) -> Iterator[None]:
    """Register these phones, each a number with its password, and keep them there during the block."""
    crowd = Telephones("phones.crowd")
    try:
        crowd.say({"server": server, "addresses": phones_addresses(), "phones": phones})
        found = crowd.hear(DEADLINE)
        refused = {number: status for number, status in found.items() if status != OK}
        if refused:
            raise PhoneError(
                f"{len(refused)} phones are not registered, such as {dict([*refused.items()][:5])}"
            )
        yield
    finally:
        crowd.leave(10)
