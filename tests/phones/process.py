# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Telephones in a process of their own where the phones are, told and heard by lines of JSON.

The half that runs where the test does. The other is a module such as ``phones.agent``, which goes when its
standard input is closed.
"""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
from pathlib import Path
from typing import Any

from .phone import PhoneError, where_phones_are

TESTS = Path(__file__).resolve().parent.parent


class Telephones:
    """One such process, which lives until ``leave``."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process = subprocess.Popen(
            [*where_phones_are(), sys.executable, "-m", module],
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def say(self, told: Any) -> None:
        """Tell it something, of what JSON knows."""
        assert self._process.stdin
        print(json.dumps(told), file=self._process.stdin, flush=True)

    def hear(self, within: float | None = None) -> Any:
        """Return the next that it says; waits for it, or raises PhoneError after so many seconds."""
        assert self._process.stdout
        if within is not None:
            # Nothing is read ahead of what was asked for, so nothing waits where a selector cannot see it.
            with selectors.DefaultSelector() as selector:
                selector.register(self._process.stdout, selectors.EVENT_READ)
                if not selector.select(within):
                    raise PhoneError(f"{self._module} has said nothing for {within} s")
        text = self._process.stdout.readline()
        if not text:
            raise PhoneError(f"{self._module} has died")
        return json.loads(text)

    def leave(self, patience: float = 5) -> None:
        """Have it go by itself, and after so many seconds end it."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
