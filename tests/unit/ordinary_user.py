# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""To be a user who is not root for a while, where the tests run as root."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

NOBODY = 65534


@contextlib.contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """Have an ordinary user's rights; what was not imported before may be out of reach."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)
