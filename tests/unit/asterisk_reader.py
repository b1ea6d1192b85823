# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""For tests: reads a configuration file by the rules of Asterisk's parser.

Written again from main/config.c (config_text_file_load, process_text_line), and from nothing of
this collection: what it reads is what Asterisk reads.
"""

from __future__ import annotations

#: The size of the buffer for a line, of which one byte is for the line feed and one for NUL.
BUFFER = 8192


def read_sections(text):
    """Return the sections, each as (name, [(option, value), ...]) in their order.

    Anything that this collection has no business to write, such as `#include`, is an error.
    """
    sections = []
    for line in text.split("\n"):
        if len(line.encode()) + 1 >= BUFFER - 1:
            continue  # skipped with a warning
        code = _stripped(_without_comment(line))
        if not code:
            continue
        if code[0] == "[":
            name, bracket, rest = code[1:].partition("]")
            assert bracket, f"no closing bracket: {code}"
            assert not rest, f"a template or rubbish: {code}"
            sections.append((name, []))
            continue
        assert code[0] not in "#\\", f"a directive or an escaped name: {code}"
        option, equals, value = code.partition("=")
        assert equals, f"no option: {code}"
        assert not option.endswith("+"), f"is added to another: {code}"
        assert sections, f"an option before any section: {code}"
        sections[-1][1].append((_stripped(option), _stripped(value.removeprefix(">"))))
    return sections


def _without_comment(line):
    """Take the comment away, and the backslash of each semicolon that has one."""
    start = 0
    while (semicolon := line.find(";", start)) >= 0:
        if semicolon > start and line[semicolon - 1] == "\\":
            line = line[: semicolon - 1] + line[semicolon:]
            start = semicolon
            continue
        assert line[semicolon + 1 : semicolon + 3] != "--", "opens a comment of many lines"
        assert line[max(start, semicolon - 2) : semicolon] != "--", "closes a comment of many lines"
        return line[:semicolon]
    return line


def _stripped(text):
    """Without characters up to the blank at both ends, as ast_strip does."""
    return text.strip("".join(map(chr, range(33))))
