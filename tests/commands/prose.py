# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Finds turns that a reader has to read twice: ``.venv/bin/python tests/commands/prose.py [PAGE ...]``.

English as an engineer writes it: subject, verb, object; the field's usual words; no inversion and no riddle.
Code, commands and the output of programs are not looked at.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
#: `make bench` writes the first part of it.
NOT_YET = {"docs/performance.md"}
#: In Turkish.
NOT_ENGLISH = {"docs/dahililer.md"}

#: Where a sentence, an item of a list or a cell of a table begins.
_START = r"(?:^|(?<=[.:;?!] )|(?<=\| )|(?<=[*-] )|(?<=\d\. )|(?<=\*\*)|(?<=\())"
_VERB = r"(?:am|are|can|could|did|do|does|goes|had|has|have|is|may|must|was|were|will|would)"
_SUBJECT_FIRST = "begin with the subject"
_WHO = "say who is meant, such as 'a phone that', 'the extension that', 'users who'"

#: What is looked for where a sentence begins, and what to write instead. A question may begin with "Who".
BEGINNINGS = {
    rf"(?:Nor|Neither) {_VERB}\b": _SUBJECT_FIRST,
    rf"(?:And so|So) {_VERB} ": _SUBJECT_FIRST,
    rf"Never {_VERB}\b": _SUBJECT_FIRST,
    r"(?:Who|Whoever|Whose)\b[^.?!|\n]*(?:[.!|]|$)": _WHO,
}
#: What is looked for anywhere.
TURNS = {
    r"\b(?:against|at|by|for|from|of|than|to|with) who(?:ever)?\b": _WHO,
    r"(?<!call )(?<!calls )(?<!called )\bwhom\b": f"{_WHO}; 'who calls whom' is fine",
    r"\b(?:who|which \w+) is next\b": "say what follows: 'the next trunk is tried'",
    r"\bjust that\b": "say what it is",
    r"\bmend(?:s|ed)?\b": "'correct', 'fix' or 'repair'",
    r"\w\(s\)": "count, and write the singular or the plural",
    r"\bnobody is there\b": "'nobody answers', 'no phone is registered'",
    r"\bvouch": "'self-signed', 'signed by a certificate authority'",
    r"\bby (?:the|whose) right\b": "'the permissions of ... apply'",
    r"\bone over the number\b": "'a phone beyond max_devices'",
    r"\bwithout a word\b": "'by default', or 'silently'",
    r"\bfor ever\b": "'without limit', 'permanently', 'never removed'",
    r"\ball the same\b": "'anyway', 'nevertheless'",
    r"\bof (?:ours|yours|his|theirs)\b": "'our', 'your', 'their'",
    r"\banew\b": "'again', 'new'",
    r"\b(?:amid|hence|lest|thereby|thereof|whence|whereby|whereof)\b": "the usual word: 'among', 'so'",
    r", for (?:he|it|nobody|she|there|they)\b": "'because'",
    r"\bas ever\b": "'as always'",
    r"\bby lot\b": "'at random'",
    r"\bis (?:had|to be had)\b": "'is available', 'obtains'",
    r"\b([a-z]+ [a-z]+) \1\b": "say it once",
    r"\b(?!that\b|had\b)([a-z]{2,}) \1\b": "say it once",
}
_LOOKED_FOR = {
    **{re.compile(_START + turn, re.MULTILINE): advice for turn, advice in BEGINNINGS.items()},
    **{re.compile(turn, re.IGNORECASE): advice for turn, advice in TURNS.items()},
}

#: What is no prose: blocks, comments, code, where links lead.
_CODE = re.compile(r"^( *)```.*?^\1```$|<!--.*?-->|`[^`\n]+`|(?<=\])\([^)\n]*\)", re.MULTILINE | re.DOTALL)
#: The end of a line within a paragraph.
_WRAP = re.compile(r"(?<=[^\n|])\n *(?=[^\s|#*>-])(?!\d+\. )")


@dataclass(frozen=True)
class Finding:
    """A turn of phrase, where it is, and what to write instead."""

    line: int
    turn: str
    advice: str


def findings(text: str) -> list[Finding]:
    """Return what is found in a page, in its order."""
    prose = _CODE.sub(lambda match: re.sub(r"[^\n]", "_", match[0]), text)
    prose = re.sub(r"^#.*$", lambda match: "#" * len(match[0]), prose, flags=re.MULTILINE)
    # Of the same length, so that the place of a turn tells its line.
    joined = _WRAP.sub(lambda match: " " * len(match[0]), prose)
    spaced = re.sub(r" {2,}", lambda match: " " + "\0" * (len(match[0]) - 1), joined)
    kept = [place for place, letter in enumerate(spaced) if letter != "\0"]
    squeezed = spaced.replace("\0", "")
    found = [
        (kept[match.start()], match[0], advice)
        for turn, advice in _LOOKED_FOR.items()
        for match in turn.finditer(squeezed)
    ]
    return [
        Finding(text.count("\n", 0, place) + 1, " ".join(turn.split()), advice)
        for place, turn, advice in sorted(found)
    ]


def pages() -> list[Path]:
    """Return the pages that people read and that have to be clean."""
    listed = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("roles/*/README.md")]
    return sorted(page for page in listed if name(page) not in NOT_YET | NOT_ENGLISH)


def name(page: Path) -> str:
    """Return how a page is called in what is said of it."""
    return str(page.relative_to(REPOSITORY)) if page.is_relative_to(REPOSITORY) else str(page)


def main(arguments: list[str]) -> int:
    """Say what is found, one line for each; return the status for the shell."""
    found = [
        f"{name(page)}:{each.line}: {each.turn!r}: {each.advice}"
        for page in ([Path(word).resolve() for word in arguments] or pages())
        for each in findings(page.read_text(encoding="utf-8"))
    ]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
