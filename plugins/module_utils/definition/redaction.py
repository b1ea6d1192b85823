# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the secrets that a task was given out of what is said of it.

A password that somebody has written into the wrong option would otherwise be repeated by the message that
refuses it, and by the diff of an option that takes any text.

A short password stands in many a sentence by chance: "12" in "at most 12 fit". So a secret is looked for

* of eight characters and more anywhere;
* of four and more where it is not part of a longer number or word;
* of fewer only where it is a whole value in quotes.
"""

from __future__ import annotations

import functools
import json
import re
import typing as t
import unicodedata
from collections import abc

#: What stands in the place of a secret; the mark that Ansible takes, too.
MASK = "********"
#: What ``problem.quoted`` ends a value with that it has cut off.
CUT = "…"

_ANYWHERE = 8
_WORD = 4
_QUOTED = re.compile(rf"""(['"])(.{{1,{_WORD - 1}}})\1""")
#: What looks the same in any quotes.
_AS_IT_IS = re.compile(r"[!#-&(-\[\]-~]+\Z")
#: A misspelt option, and one of another system, holds a password anyway.
_LIKE_PASSWORD = re.compile("pass|pwd|secret|digest|md5|ha1|kennwort|parola|şifre|sifre", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,15}\Z")
#: Where the text of a cut value may begin: that many characters before its end.
_WINDOW = 80


class Redaction:
    """Masks these secrets in texts, and in values made of texts."""

    def __init__(self, secrets: t.Iterable[str]) -> None:
        # What consists of the mask's characters cannot be told from it.
        self._secrets = {secret for secret in secrets if secret.strip("*")}

    @functools.cached_property
    def _whole(self) -> set[str]:
        """All forms of the secrets; most runs say nothing in which one could stand."""
        return {form for secret in self._secrets for form in _forms(secret)}

    @functools.cached_property
    def _heads(self) -> dict[str, list[str]]:
        """What is looked for in a text, by how it begins: few of the beginnings are in any one text."""
        heads: dict[str, list[str]] = {}
        for form in self._whole:
            if len(form) >= _WORD:
                heads.setdefault(form[:_WORD], []).append(form)
        return heads

    def text(self, text: str) -> str:
        """Return the text without the secrets."""
        if text in self._whole:
            return MASK
        if not self._whole:
            return text
        heads = self._heads.keys() & {text[at : at + _WORD] for at in range(len(text) - _WORD + 1)}
        if heads:
            found = {form for head in heads for form in self._heads[head] if form in text}
            # The longest first: one may be part of another.
            for form in sorted(found, key=len, reverse=True):
                text = _pattern(form).sub(MASK, text)
            text = self._without_beginnings(text)
        text = _QUOTED.sub(self._unless_short, text)
        return text

    def value(self, value: t.Any) -> t.Any:
        """Return a value in which no text is a secret or holds one, keys of mappings included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, abc.Mapping):
            return {self.value(key): self.value(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(each) for each in value]
        return value

    def names(self, value: t.Any) -> t.Any:
        """As ``value``, but a short secret is masked only as a whole: others go by the names in a result."""
        if isinstance(value, str):
            if value in self._secrets:
                return MASK
            return self.text(value) if self._holds_a_long_one(value) else value
        if isinstance(value, abc.Mapping):
            return {self.names(key): self.names(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.names(each) for each in value]
        return value

    def _holds_a_long_one(self, text: str) -> bool:
        if len(text) < _ANYWHERE or not self._secrets:
            return False
        heads = self._heads.keys() & {text[at : at + _WORD] for at in range(len(text) - _WORD + 1)}
        return any(len(form) >= _ANYWHERE and form in text for head in heads for form in self._heads[head])

    def _unless_short(self, found: re.Match[str]) -> str:
        quote, inside = found.groups()
        return f"{quote}{MASK}{quote}" if inside in self._whole else str(found.group())

    def _without_beginnings(self, text: str) -> str:
        """Mask what is left of a secret where a long value was cut off."""
        *cut, rest = text.split(CUT)
        return "".join(self._without_beginning(part) + CUT for part in cut) + rest

    def _without_beginning(self, part: str) -> str:
        for at in range(max(0, len(part) - _WINDOW), len(part) - _WORD + 1):
            begun = part[at:]
            if any(form.startswith(begun) for form in self._heads.get(begun[:_WORD], ())):
                return part[:at] + MASK
        return part


def _forms(secret: str) -> t.Iterator[str]:
    """Give a secret as messages may show it: as it is kept, in Python's quotes, in JSON's."""
    yield secret
    lower = secret.lower()
    if lower != secret:
        # Names of hosts are kept so.
        yield from _forms(lower)
    if _AS_IT_IS.match(secret):
        return
    for text in dict.fromkeys((secret, unicodedata.normalize("NFC", secret).strip())):
        yield text
        yield repr(text)[1:-1]
        # As Python quotes it in a list whose other texts ask for both kinds of quotes.
        yield repr(f"\"'{text}")[4:-1]
        yield json.dumps(text, ensure_ascii=False)[1:-1]
        yield json.dumps(text)[1:-1]


def _pattern(form: str) -> re.Pattern[str]:
    beside = ""
    if len(form) < _ANYWHERE:
        # A place such as extensions[1234] is not a password.
        beside = "[0-9[]" if form.isdigit() else "[^\\W\\d_]" if form.isalpha() else ""
    before, after = (f"(?<!{beside})", f"(?!{beside})") if beside else ("", "")
    return re.compile(before + re.escape(form) + after)


def secrets_of(items: t.Any) -> t.Iterator[str]:
    """Give the secrets of things as somebody has written them, also of those that are written wrongly.

    A password of digits that is the number of a thing in the list is left out: the number is known anyway,
    and to mask it would tell whose password it is.
    """
    if not isinstance(items, (list, tuple)):
        return
    mappings = [item for item in items if isinstance(item, abc.Mapping)]
    numbers = {_as_text(item.get("number")) for item in mappings}
    for item in mappings:
        for option, value in item.items():
            if _is_secret(option):
                for secret in _texts(value):
                    if not (_NUMBER.match(secret) and secret in numbers):
                        yield secret


@functools.lru_cache(maxsize=1000)
def _is_secret(option: t.Any) -> bool:
    return isinstance(option, str) and _LIKE_PASSWORD.search(option) is not None


def _texts(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, abc.Mapping):
        for each in value.items():
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield _as_text(value)


def _as_text(value: t.Any) -> str:
    try:
        return str(value)
    except ValueError:  # an integer of more than 4300 digits
        return ""
