# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One line of Asterisk's configuration files: what of it is code, and what its parts are.

Written after main/config.c (config_text_file_load, process_text_line); 16.28 and 22.10 agree in all of this.
"""

from __future__ import annotations

import re
import typing as t

#: Longest line that is read, in bytes without the line feed; a longer one is skipped (a buffer of 8,192).
LINE_MAX_BYTES = 8190
#: How deep comments of many lines may be nested. At one more Asterisk tries the same character without end.
COMMENT_MAX_DEPTH = 128
#: Longest name of a section, in bytes; the rest is cut off (struct ast_category).
NAME_MAX_BYTES = 79
#: Longest path of an included file, in bytes (char fn[256]).
PATH_MAX_BYTES = 255

_BLANKS = "".join(map(chr, range(33)))
_SMALL = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}
_DIRECTIVE = re.compile(r"#([\x21-\x7f]*)(.*)\Z", re.DOTALL)


class LineError(ValueError):
    """A line makes Asterisk drop the rest of its file; the message says why, without the line's values."""


class Header(t.NamedTuple):
    """The line that begins a section: ``[1001](!,phone)``."""

    name: str
    #: What stands in the round brackets, part by part: ``!``, ``+``, ``+type=aor``, or the name of a section.
    parts: tuple[str, ...]
    #: What stands behind and does not count.
    ignored: str


class Directive(t.NamedTuple):
    """A line such as ``#include "phones.conf"``."""

    #: In lower case: ``include``, ``tryinclude``, ``exec``, or something that Asterisk does not know.
    word: str
    argument: str


class Assignment(t.NamedTuple):
    """A line such as ``allow = ulaw``."""

    name: str
    value: str
    #: Whether the value is put behind that of the last option of this name (``+=``).
    appends: bool


Line = t.Union[Header, Directive, Assignment, None]


def stripped(text: str) -> str:
    """Return a text without characters up to the blank at both ends, as ``ast_strip`` does."""
    return text.strip(_BLANKS)


def folded(text: str) -> str:
    """Return a name as it is compared: without case, which only letters of ASCII have (strcasecmp)."""
    return text.lower() if text.isascii() else text.translate(_SMALL)


def size(text: str) -> int:
    """Return how many bytes a text has on the host; what was no UTF-8 there is one byte each."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def shown(name: str) -> str:
    """Return the name of a section for a message: on one line, and not longer than it helps."""
    text = "".join(letter if letter.isprintable() else "?" for letter in name[:60])
    return text if len(name) <= 60 else text + "…"


def cut(text: str, most: int) -> str:
    """Return the beginning of a text that has at most so many bytes."""
    if size(text) <= most:
        return text
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def without_comments(line: str, depth: int) -> tuple[str, int]:
    """Return what of a line is code, and how deep in comments of many lines the next line begins.

    ``depth`` is how deep this one begins. Asterisk counts down at a ``--;`` outside of a comment too: with a
    depth of -1 it takes all that follows for a comment, to the next ``;--``. Raises LineError for one nested
    too deep.
    """
    if ";" not in line:
        return ("" if depth else line), depth
    # ``code`` is found; ``rest`` is still to be looked through from ``at``, and is code while it ``counts``.
    code, rest, at, counts = "", line, 0, depth == 0
    while (semicolon := rest.find(";", at)) >= 0:
        if semicolon > at and rest[semicolon - 1] == "\\":
            rest = rest[: semicolon - 1] + rest[semicolon:]
            at = semicolon
        elif rest.startswith("--", semicolon + 1) and rest[semicolon + 3 : semicolon + 4] != "-":
            if depth >= COMMENT_MAX_DEPTH:
                raise LineError(f"comments are nested deeper than {COMMENT_MAX_DEPTH}; Asterisk hangs here")
            code += rest[:semicolon] if counts else ""
            rest, at, counts = rest[semicolon + 3 :], 0, False
            depth += 1
        elif semicolon >= at + 2 and rest[semicolon - 2 : semicolon] == "--":
            depth -= 1
            at = semicolon + 1
            if depth == 0:
                rest, at, counts = rest[semicolon + 1 :], 0, True
        elif depth == 0:
            rest = rest[:semicolon]
            break
        else:
            at = semicolon + 1
    return code + (rest if counts else ""), depth


def parsed(code: str) -> Line:
    """Return what a line of code says; None for one that Asterisk skips with a warning.

    ``code`` is not empty and has no blanks at its ends. Raises LineError.
    """
    if code[0] == "[":
        return _header(code)
    if code[0] == "#":
        found = _DIRECTIVE.match(code)
        # What is behind a letter outside of ASCII is lost like a blank: char is signed.
        word, argument = (found[1].lower(), stripped(found[2][1:])) if found else ("", "")
        return Directive(word, _without_quotes(argument))
    return _assignment(code)


def _header(code: str) -> Header:
    name, bracket, rest = code[1:].partition("]")
    if not bracket:
        raise LineError("the name of the section has no closing ]")
    if not rest.startswith("("):
        return Header(name, (), rest)
    parts, bracket, ignored = rest[1:].partition(")")
    if not bracket:
        raise LineError("the text after the name of the section has no closing )")
    return Header(name, tuple(parts.split(",")), ignored)


def _without_quotes(argument: str) -> str:
    pairs = {'"': '"', "<": ">"}
    if argument[:1] in pairs and argument.endswith(pairs[argument[0]]):
        return argument[1:-1]
    return argument


def _assignment(code: str) -> Assignment | None:
    escaped = code.startswith("\\")
    if escaped:
        code = code[1:]
        if not "\x21" <= code[:1] <= "\x7f":
            raise LineError("a backslash begins the line, and what follows it cannot be escaped")
    equals = code.find("=", 1 if escaped else 0)
    if equals < 0:
        return None
    name, value = code[:equals], code[equals + 1 :]
    if equals > escaped and name.endswith("+"):
        # Not stripped in front: what is appended keeps the blank that stands before it.
        return Assignment(stripped(name[:-1]), value, True)
    return Assignment(stripped(name), stripped(value[1:] if value.startswith(">") else value), False)
