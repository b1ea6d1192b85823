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

#: Where Asterisk's files are. An ``#include`` without a leading slash is relative to it, in any file.
CONFIG_DIRECTORY = "/etc/asterisk"
#: Most patterns that braces may stand for.
BRACES_MAX = 50

_MAGIC = re.compile(r"[*?\[]")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


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


def matching(pattern: str, names: t.Collection[str]) -> list[str]:
    """Return the files that a pattern means, in the order in which Asterisk reads them."""
    if not _MAGIC.search(pattern):
        return [pattern] if pattern in names else []
    parts = pattern.split("/")
    return sorted(name for name in names if _fits(name.split("/"), parts))


def _fits(name: list[str], pattern: list[str]) -> bool:
    """Tell whether a pattern means a path: part by part, and a hidden name only if it names the dot."""
    return len(name) == len(pattern) and all(
        fnmatch.fnmatchcase(part, wanted) and (part[:1] != "." or wanted[:1] == ".")
        for part, wanted in zip(name, pattern)
    )


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
