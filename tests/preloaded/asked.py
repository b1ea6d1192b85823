# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What starter.py asks for, and which of that ansible reads when it is imported."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

#: More than the kernel takes at once.
LONGEST = 1 << 20


@dataclass(frozen=True)
class Asked:
    """A command: ``arguments`` begin with its path."""

    cwd: str
    arguments: list[str]
    environment: dict[str, str]

    @classmethod
    def read(cls, message: bytes) -> Asked:
        """Return what a message of starter.py says."""
        cwd, count, *texts = map(os.fsdecode, message.split(b"\0"))
        arguments, variables = texts[: int(count)], texts[int(count) :]
        environment = dict(variable.split("=", 1) for variable in variables)
        return cls(cwd, arguments, environment)

    @property
    def at_import(self) -> tuple[str, frozenset[tuple[str, str]], str]:
        """Return all that ansible may have read when it is imported: one process is for those that agree.

        Ansible does not know Molecule's variables; a plugin that does reads them when it runs.
        """
        configuration = Path(self.environment["ANSIBLE_CONFIG"])
        text = configuration.read_text(encoding="utf-8") if configuration.is_file() else ""
        variables = {each for each in self.environment.items() if not each[0].startswith("MOLECULE_")}
        return self.cwd, frozenset(variables), text
