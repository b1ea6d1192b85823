# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reader as one text for the standard input of Python on a host: nothing has to be installed there."""

from __future__ import annotations

import shlex
import typing as t

from ..host import carried

#: What the reader imports, and nothing else: a unit test runs it with these alone.
_FILES = (
    "host/beneath.py",
    "asterisk/ami.py",
    "asterisk/listening.py",
    "asterisk/registration.py",
    "events/record.py",
    "events/attempts.py",
    "events/reader.py",
)


def command(before: t.Sequence[str], python: str, *, become: bool) -> list[str]:
    """Return the command that waits for the program; ``before`` are the words of ssh, or none for here."""
    words = [*(["sudo", "-n"] if become else []), python, "-IBc", carried.BEGIN]
    return [*before, shlex.join(words)] if before else words


def program(kinds: t.Sequence[str], interval: float) -> bytes:
    """Return what is written to its standard input; until that ends, nothing follows."""
    return carried.program(_FILES, tuple(kinds), float(interval))
