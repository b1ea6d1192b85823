# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Signals that end the lab early: as an exception, and not where one would leave something half done."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from .errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_held = 0
_pending: int | None = None


def heed() -> None:
    """From now on a signal raises Interrupted in the main thread."""
    for number in SIGNALS:
        signal.signal(number, _arrived)


def _arrived(number: int, _frame: FrameType | None) -> None:
    global _pending  # noqa: PLW0603 - signals belong to the process
    # What follows is the tidying up: it is short, and a second signal must not cut it off.
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    if _held:
        _pending = number
    else:
        raise Interrupted(number)


@contextmanager
def held_off() -> Iterator[Callable[[], bool]]:
    """Lets no signal come between what is done here; one that arrives is raised at the end of it.

    What it yields tells whether one has arrived.
    """
    global _held, _pending  # noqa: PLW0603 - as above
    _held += 1
    try:
        yield lambda: _pending is not None
    finally:
        _held -= 1
    if _pending is not None and not _held:
        number, _pending = _pending, None
        raise Interrupted(number)
