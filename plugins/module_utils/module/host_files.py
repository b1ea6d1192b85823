# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a host's Asterisk, read one by one as Asterisk's configuration asks for them.

Asterisk's user may write where they are, and what is included can be anywhere: so each is reached folder by
folder (host/beneath.py), and there is a limit to how many names are looked at and how much is read.

Private to this collection's modules.
"""

from __future__ import annotations

import posixpath

from ..definition.problem import Problem
from ..exchange.asterisk_include import FILES_MAX, fits, is_pattern
from ..exchange.asterisk_sections import TooMuchError
from ..exchange.asterisk_text import FILE_MAX_CHARACTERS, TEXT_MAX_CHARACTERS
from ..host import beneath

#: Most names of folders that the patterns of ``#include`` are compared with, all in all.
NAMES_MAX = 200_000


class HostFiles:
    """The files of this host, by their paths relative to ``directory`` where they are below it."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        #: The text of each file that was asked for and is there; what is not UTF-8 is lone surrogates in it.
        self.texts: dict[str, str] = {}
        #: What is there and cannot be read.
        self.problems: list[Problem] = []
        self._names = 0
        self._bytes = 0

    def matching(self, pattern: str) -> list[str]:
        """Return the files that a pattern means, in the order in which Asterisk reads them.

        Raises TooMuchError, which is among the problems, too.
        """
        names = sorted(self._expanded(pattern)) if is_pattern(pattern) else [pattern]
        return [name for name in names if self._is_there(name)]

    def text(self, name: str) -> str:
        """Return the text of a file that matches."""
        return self.texts[name]

    def _expanded(self, pattern: str) -> list[str]:
        """Return what a pattern can mean: whether what is behind its last * is there is not looked at."""
        found = ["/" if pattern.startswith("/") else ""]
        for part in pattern.strip("/").split("/"):
            if is_pattern(part):
                found = [
                    posixpath.join(folder, name)
                    for folder in found
                    for name in self._in_folder(folder)
                    if fits(name, part)
                ]
            else:
                found = [posixpath.join(folder, part) for folder in found]
        return found

    def _in_folder(self, folder: str) -> list[str]:
        path = posixpath.join(self.directory, folder)
        try:
            names = beneath.names(path, NAMES_MAX + 1 - self._names)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self._note(path, error)
            return []
        self._names += len(names)
        if self._names > NAMES_MAX:
            raise self._too_much(
                path, f"is one folder too many: #include has patterns for {NAMES_MAX:,} names"
            )
        return names

    def _is_there(self, name: str) -> bool:
        if name in self.texts:
            return True
        path = posixpath.join(self.directory, name)
        try:
            content = beneath.read(path, FILE_MAX_CHARACTERS + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, beneath.NotOrdinaryError):
            return False  # Asterisk skips what is not an ordinary file
        except OSError as error:
            self._note(path, error)
            return False
        self._bytes += len(content)
        if len(content) > FILE_MAX_CHARACTERS:
            raise self._too_much(path, f"is longer than {FILE_MAX_CHARACTERS:,} bytes")
        if self._bytes > TEXT_MAX_CHARACTERS or len(self.texts) >= FILES_MAX:
            most = f"{FILES_MAX:,} files or {TEXT_MAX_CHARACTERS:,} bytes"
            raise self._too_much(path, f"is more than is read here: more than {most}")
        self.texts[name] = content.decode("utf-8", "surrogateescape")
        return True

    def _note(self, path: str, error: OSError) -> None:
        self._problem(path, f"cannot be read: {error.strerror or error}")

    def _too_much(self, path: str, message: str) -> TooMuchError:
        self._problem(path, message)
        return TooMuchError(message)

    def _problem(self, path: str, message: str) -> None:
        if (problem := Problem(path, message)) not in self.problems:
            self.problems.append(problem)
