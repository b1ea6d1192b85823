# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module of Asterisk's that is loaded for a moment only: what is not loaded cannot be attacked."""

from __future__ import annotations

import contextlib
import typing as t


class Asks(t.Protocol):
    """The console: console.Console."""

    def ask(self, command: str) -> str:
        """Return what a command prints."""


@contextlib.contextmanager
def loaded(console: Asks, module: str) -> t.Iterator[bool]:
    """Have Asterisk load a module such as ``res_pjsip_notify.so``; give whether it is loaded.

    One that was loaded before stays. Raises ConsoleError.
    """
    was_loaded = is_loaded(console, module)
    if not was_loaded:
        console.ask(f"module load {module}")
    try:
        yield was_loaded or is_loaded(console, module)
    finally:
        if not was_loaded:
            console.ask(f"module unload {module}")


def is_loaded(console: Asks, module: str) -> bool:
    """Tell whether Asterisk has loaded a module. Raises ConsoleError."""
    return module in console.ask(f"module show like {module}")
