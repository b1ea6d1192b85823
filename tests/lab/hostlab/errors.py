# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the lab says when it cannot go on."""

from __future__ import annotations


class LabError(Exception):
    """One clear line for the person at the terminal, and the exit status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class Interrupted(Exception):  # noqa: N818  # no error: somebody asked for it
    """A signal asked the lab to stop."""

    def __init__(self, signum: int) -> None:
        super().__init__(f"signal {signum}")
        self.status = 128 + signum
