# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files an ``#include`` of Asterisk means: patterns as glob(3) reads them, over fetched files."""

from __future__ import annotations

import fnmatch
import posixpath
import re
import typing as t

from .asterisk_line import PATH_MAX_BYTES, LineError, cut
from .asterisk_sections import TooMuchError

#: Where Asterisk's files are. An ``#include`` without a leading slash is relative to it, in any file.
CONFIG_DIRECTORY = "/etc/asterisk"
#: Most patterns that braces may stand for.
BRACES_MAX = 50
#: Most files that there may be.
FILES_MAX = 20_000
#: How often a file may be compared with the pattern of an ``#include``, all in all.
COMPARED_MAX = 2_000_000

_MAGIC = re.compile(r"[*?\[]")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


class Files(t.Protocol):
    """The files of a host by their names, as ``located`` has them."""

    def matching(self, pattern: str) -> list[str]:
        """Return the files that a pattern means, in the order in which Asterisk reads them.

        Raises TooMuchError where it would take too long.
        """

    def text(self, name: str) -> str:
        """Return the text of a file that matches; bytes that are not UTF-8 are lone surrogates in it."""


class FetchedFiles:
    """Files whose texts are here already."""

    def __init__(self, texts: t.Mapping[str, str], directory: str) -> None:
        if len(texts) > FILES_MAX:
            raise TooMuchError(f"there are more than {FILES_MAX:,} files")
        self._texts = {located(path, directory): text for path, text in texts.items()}
        self._compared = 0

    def matching(self, pattern: str) -> list[str]:
        """Return the files that a pattern means. Raises TooMuchError."""
        self._compared += len(self._texts)
        if self._compared > COMPARED_MAX:
            raise TooMuchError("it includes too many patterns of too many files")
        if not is_pattern(pattern):
            return [pattern] if pattern in self._texts else []
        parts = pattern.split("/")
        return sorted(name for name in self._texts if _fits(name.split("/"), parts))

    def text(self, name: str) -> str:
        """Return the text of a file."""
        return self._texts[name]


def located(name: str, directory: str = CONFIG_DIRECTORY) -> str:
    """Return the name of a host's file: its path, relative to Asterisk's directory if it is below it."""
    path = posixpath.normpath(posixpath.join(directory, name))
    below = posixpath.normpath(directory) + "/"
    return path[len(below) :] if path.startswith(below) else path


def patterns(argument: str, directory: str = CONFIG_DIRECTORY) -> list[str]:
    """Return the paths that an ``#include`` names, as ``located`` has them; any of them may be a pattern.

    Raises LineError where braces stand for too many.
    """
    return [
        located(cut(posixpath.join(directory, each), PATH_MAX_BYTES), directory)
        for each in _without_braces(argument)
    ]


def is_pattern(path: str) -> bool:
    """Tell whether a path, or a part of one, may mean something else than the file of this name."""
    return _MAGIC.search(path) is not None


def fits(name: str, pattern: str) -> bool:
    """Tell whether a part of a pattern means a name: a hidden one only if it names the dot."""
    return fnmatch.fnmatchcase(name, pattern) and (name[:1] != "." or pattern[:1] == ".")


def _fits(name: list[str], pattern: list[str]) -> bool:
    return len(name) == len(pattern) and all(map(fits, name, pattern))


def _without_braces(pattern: str) -> list[str]:
    """Return what the braces of a pattern stand for (GLOB_BRACE): ``{a,b}.conf`` is a.conf and b.conf."""
    patterns, found = [pattern], []
    while patterns:
        each = patterns.pop(0)
        braces = _BRACES.search(each)
        if not braces:
            found.append(each)
            continue
        head, tail = each[: braces.start()], each[braces.end() :]
        patterns[:0] = [head + choice + tail for choice in braces[1].split(",")]
        if len(patterns) + len(found) > BRACES_MAX:
            raise LineError(f"its braces stand for more than {BRACES_MAX} patterns")
    return found
