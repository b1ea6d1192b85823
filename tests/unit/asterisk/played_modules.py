# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A console that loads and unloads one module, in place of Asterisk's."""

from __future__ import annotations


class PlayedModules:
    """Remembers what it was asked, and whether the module is loaded."""

    def __init__(self, module, loaded=False, has_module=True):
        self._module = module
        self.loaded, self.has_module = loaded, has_module
        self.asked = []

    def ask(self, command):
        self.asked.append(command)
        if command == f"module load {self._module}":
            self.loaded = self.has_module
        elif command == f"module unload {self._module}":
            self.loaded = False
        elif command.startswith("module show"):
            return f"{self._module}  What it is for" if self.loaded else "0 modules loaded"
        return ""
