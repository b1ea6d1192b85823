# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The turns of phrase that a reader has to read twice, and what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Where a sentence, an item of a list or a cell of a table begins.
_START = r"(?:^|(?<=[.:;?!] )|(?<=\| )|(?<=[*-] )|(?<=\d\. )|(?<=\*\*)|(?<=\())"
_VERB = r"(?:am|are|can|cannot|could|did|do|does|goes|had|has|have|is|may|must|was|were|will|would)"
#: What makes a clause of "for a host that is new".
_RELATIVE = r"that|which|who|whose|where|when|what|how|if|as"
_SUBJECT_FIRST = "begin with the subject"
_WHO = "say who is meant, such as 'a phone that', 'the extension that', 'users who'"
_BECAUSE = "'because'"
_PERMANENTLY = "'without limit', 'permanently', 'never removed'"
_USUAL = "the usual word: 'among', 'so'"

#: What is looked for where a sentence begins, and what to write instead. A question may begin with "Who".
BEGINNINGS = {
    rf"(?:Nor|Neither) {_VERB}\b": _SUBJECT_FIRST,
    rf"(?:And so|So) {_VERB} ": _SUBJECT_FIRST,
    rf"Never {_VERB}\b": _SUBJECT_FIRST,
    r"(?:Who|Whoever|Whose)\b[^.?!|\n]*(?:[.!|]|$)": _WHO,
    r"Left out,": "'Without it', 'By default'",
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
    r"\b(?:for ever|for good)\b": _PERMANENTLY,
    r"\ball the same\b": "'anyway', 'nevertheless'",
    r"\bof (?:ours|yours|his|theirs)\b": "'our', 'your', 'their'",
    r"\banew\b": "'again', 'new'",
    r"\b(?:amid|hence|lest|thereby|thereof|whence|whereby|whereof)\b": _USUAL,
    r", for (?:he|it|nobody|she|there|they|somebody)\b": _BECAUSE,
    rf", for (?!example|instance)(?:(?!{_RELATIVE})[\w'-]+ ){{1,5}}{_VERB}\b": _BECAUSE,
    r"\bas ever\b": "'as always'",
    r"\bby lot\b": "'at random'",
    r"\b(?:cannot|could not) be had\b|\bis (?:had|to be had)\b": "'is available', 'obtains'",
    r"\b([a-z]+ [a-z]+) \1\b": "say it once",
    r"\b(a|an|and|are|as|at|by|for|from|in|is|it|not|of|on|or|the|this|to|was|with) \1\b": "say it once",
    r"\btold (?:as|besides|in the|row by row)\b|\bmistakes? (?:is|are) told\b": "'reported', 'listed'",
    r"\b(?<!to )(?<!can )tells? (?:besides|of)\b": "'reports', 'shows'",
    r"\botherwise than\b": "'differently from'",
    r"(?<!there )\bis none of\b": "'is not one of'",
    r"(?<!there )\b(?:is|are) no (?!longer|more|less|fewer|better|such|limit)(?=[a-z])": "'is not a'",
    r"\b(?:gone|to go) on with\b": "'continue', 'resume'",
    r"\bin vain\b": "'without an answer', 'unsuccessfully'",
    r"(?<=[\w)] )besides(?:$|(?=[.,;:)]| (?:can|has|have|is|that|to|was|will|would)\b))": "'also', 'too'",
    r"\bpass(?:es|ed|ing)? over\b": "'skip', 'ignore'",
    r"\b(?:has|have|is) no word\b|\bworth a word\b": "'does not support', 'deserves a warning'",
    r"\b(?:see|sees) to (?:it|that)\b|\bto see to\b": "'handles', 'to check'",
    r"\bwhat (?:\w+ ){0,3}shuts out\b": "say what it is: 'fail2ban', 'the firewall'",
    r"\bsays? something else\b": "'has other content'",
    r"\bis at it\b": "'is running'",
}
_LOOKED_FOR = {
    **{re.compile(_START + turn, re.MULTILINE): advice for turn, advice in BEGINNINGS.items()},
    **{re.compile(turn, re.IGNORECASE): advice for turn, advice in TURNS.items()},
}

#: The end of a line within a paragraph.
_WRAP = re.compile(r"(?<=[^\n|])\n *(?=[^\s|#*>-])(?!\d+\. )")


@dataclass(frozen=True)
class Finding:
    """A turn of phrase, where it is, and what to write instead."""

    line: int
    turn: str
    advice: str


def findings(prose: str, first_line: int = 1) -> list[Finding]:
    """Return what is found in a text without code, in its order."""
    # Of the same length, so that the place of a turn gives its line.
    joined = _WRAP.sub(lambda match: " " * len(match[0]), prose)
    spaced = re.sub(r" {2,}", lambda match: " " + "\0" * (len(match[0]) - 1), joined)
    kept = [place for place, letter in enumerate(spaced) if letter != "\0"]
    squeezed = spaced.replace("\0", "")
    found = {
        (kept[match.start()], match[0], advice)
        for turn, advice in _LOOKED_FOR.items()
        for match in turn.finditer(squeezed)
    }
    return [
        Finding(first_line + prose.count("\n", 0, place), " ".join(turn.split()), advice)
        for place, turn, advice in sorted(found)
    ]
