# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The pages of the manual, taken apart into what they have a reader write and type.

What a block of a page is, its reader sees too: a file has its name in its first line, or in a
comment before it where its format knows no comments; an item of a list in a file has `in` before that name;
`<!-- on the host -->` is a comment as well.
"""

from __future__ import annotations

import enum
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

_BLOCK = re.compile(
    r"(?:^ *<!-- (?P<note>[^\n]*) -->\n)?"
    r"^(?P<indent> *)```(?P<language>[\w{}]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*\.(?:cfg|csv|json|py|yml)")
_IN = "in "
ON_THE_HOST = "on the host"


class Kind(enum.Enum):
    """What a reader does with a block."""

    FILE = "writes it into a file"
    ITEM = "writes it into the last list of a file, in the place of the item that begins with the same line"
    HERE = "types it"
    HOST = "types it on the host"
    SHOWN = "reads it"


@dataclass(frozen=True)
class Block:
    """A block of a page. ``page`` is its path in the repository, ``file`` that of a file to write."""

    page: str
    line: int
    language: str
    kind: Kind
    text: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """Return the paths of all pages that a reader finds in the repository."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(asked, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    return sorted(path for path in set(listed.splitlines()) if (REPOSITORY / path).is_file())


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page, in its order."""
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    return [_block(page, text, match) for match in _BLOCK.finditer(text)]


def _block(page: str, whole: str, match: re.Match[str]) -> Block:
    language, note = match["language"], match["note"] or ""
    text = re.sub(f"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
    line = whole.count("\n", 0, match.start("language")) + 1
    first = text.partition("\n")[0].removeprefix("# ")
    if _FILE.fullmatch(note):
        return Block(page, line, language, Kind.FILE, text, note)
    if language in ("ini", "python", "yaml") and _FILE.fullmatch(first):
        return Block(page, line, language, Kind.FILE, text, first)
    if language == "yaml" and first.startswith(_IN) and _FILE.fullmatch(first.removeprefix(_IN)):
        return Block(page, line, language, Kind.ITEM, text.partition("\n")[2], first.removeprefix(_IN))
    if language == "sh":
        return Block(page, line, language, Kind.HOST if note == ON_THE_HOST else Kind.HERE, text)
    return Block(page, line, language, Kind.SHOWN, text)


def with_item(text: str, item: str) -> str:
    """Return YAML with an item in its last list, in the place of the one that begins with the same line."""
    head, _newline, _rest = item.partition("\n")
    indent = head[: head.index("-")]
    kept, replaced, passing = [], False, False
    for line in text.splitlines(keepends=True):
        if passing and not line.startswith(indent + " "):
            passing = False
        if line.rstrip("\n") == head:
            kept.append(item)
            replaced = passing = True
        elif not passing:
            kept.append(line)
    return "".join(kept if replaced else [*kept, item])


def commands(page: str) -> list[str]:
    """Return the lines that a page has its reader type, wherever it is."""
    return [
        line
        for block in blocks(page)
        if block.kind in (Kind.HERE, Kind.HOST)
        for line in block.text.splitlines()
    ]
