# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers of the outside world: the rules by which they are dialled, and where their calls arrive.

A rule's pattern is Asterisk's (docs.asterisk.org, "Pattern Matching"). It is kept as written and
matched as a regular expression, because in Asterisk's own matching the most specific pattern
wins, and in a profile the first one.
"""

from __future__ import annotations

import re
import typing as t
from collections import abc

from .model import ACTIONS, EVERY_NUMBER, InboundNumber, OutboundRule
from .problem import quoted
from .reading import Options, Reader, integer, list_of, one_of, plain

#: Most rules of one profile, and most inbound numbers of one trunk.
RULES_MAX = 200
INBOUND_NUMBERS_MAX = 1000

_LETTERS = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": "[0-9]+", "!": "[0-9]*"}
_SET = r"\[(?:[0-9](?:-[0-9])?)+\]"
_PATTERN = re.compile(rf"(?:\+)?(?:[0-9XZN]|{_SET}){{1,40}}[.!]?\Z|[.!]\Z")
_PREFIX = re.compile(r"\+?[0-9]{1,20}\Z")
_PREPEND = re.compile(r"\+?[0-9*#]{0,20}\Z")
_PART = re.compile(rf"{_SET}|.")


def read_pattern(reader: Reader, option: str, value: t.Any) -> str:
    """A pattern, returned without the underscore with which Asterisk marks it."""
    text = plain(value).removeprefix("_")
    if not _PATTERN.match(text) or any(low > high for low, high in re.findall(r"([0-9])-([0-9])", text)):
        reader.problem(
            option,
            f"{quoted(value)} is not a pattern of digits, X (0-9), Z (1-9), N (2-9) and sets such as [1-4],"
            " with . (one or more digits) or ! (any number of them) at its end only",
        )
    return text


def read_prefix(reader: Reader, option: str, value: t.Any) -> str:
    """The digits with which a number begins."""
    text = plain(value)
    if not _PREFIX.match(text):
        reader.problem(option, f"{quoted(value)} is not a prefix of digits; write it in quotes")
    return text


def read_prepend(reader: Reader, option: str, value: t.Any) -> str:
    """Read digits that are put before a number, with a + perhaps (E.164)."""
    text = plain(value)
    if not _PREPEND.match(text):
        reader.problem(
            option, f"{quoted(value)} is not digits, with a + before them perhaps; write it in quotes"
        )
    return text


def expression(rule: OutboundRule) -> str:
    """Return the regular expression (POSIX, extended) that the numbers of a rule match."""
    if not rule.pattern:
        return f"^{_literally(rule.prefix)}[0-9]*$"
    parts = _PART.findall(rule.pattern)
    return "^" + "".join(_LETTERS.get(part) or _literally(part) for part in parts) + "$"


def _literally(text: str) -> str:
    return text.replace("+", "[+]")


_RULE_OPTIONS: Options = {
    "pattern": read_pattern,
    "prefix": read_prefix,
    "action": one_of(ACTIONS),
    "trunks": list_of(Reader.name, "a trunk"),
    "strip": integer(0, 20, "a number of digits"),
    "prepend": read_prepend,
    "caller_id": Reader.outside_number,
}


def _items(reader: Reader, option: str, value: t.Any, most: int) -> t.Iterator[Reader]:
    """Give a reader for each mapping of a list, whose problems are told with their place."""
    if isinstance(value, (str, bytes)) or not isinstance(value, abc.Sequence):
        reader.problem(option, f"{quoted(value)} is not a list of mappings")
        return
    if len(value) > most:
        reader.problem(option, f"are {len(value)}; at most {most} fit")
    for index, item in enumerate(value):
        place = f"{option}[{index}]"
        if isinstance(item, abc.Mapping):
            yield reader.of(item, place)
        else:
            reader.problem(place, "is not a mapping; write its options as `key: value`")


def read_rules(reader: Reader, option: str, value: t.Any) -> tuple[OutboundRule, ...]:
    """The rules of a profile, in the order in which they are tried."""
    rules = []
    for item in _items(reader, option, value, RULES_MAX):
        item.refuse_unknown(_RULE_OPTIONS.keys())
        given = item.given(_RULE_OPTIONS)
        rule = OutboundRule(**given)
        if ("pattern" in given) == ("prefix" in given):
            item.problem("", "needs either a pattern or a prefix")
        if rule.action == "allow" and not rule.trunks:
            item.problem("trunks", "is missing; an allowed call needs at least one trunk to go out through")
        if rule.action == "deny" and (rule.trunks or rule.strip or rule.prepend or rule.caller_id):
            item.problem("", "denies, and so takes neither trunks nor strip, prepend or caller_id")
        rules.append(rule)
    return tuple(rules)


def read_inbound_numbers(reader: Reader, option: str, value: t.Any) -> tuple[InboundNumber, ...]:
    """The numbers of a trunk with their extensions, ordered by number."""
    options: Options = {"number": _inbound_number, "extension": Reader.number}
    places: dict[str, str] = {}
    inbound = []
    for item in _items(reader, option, value, INBOUND_NUMBERS_MAX):
        item.refuse_unknown(options.keys())
        number, extension = (item.required(name, read) for name, read in options.items())
        if number and number in places:
            item.problem("number", f"{number} is also given by {places[number]}; name it once")
        places.setdefault(number, item.path)
        inbound.append(InboundNumber(number, extension))
    return tuple(sorted(inbound, key=lambda i: i.number))


def _inbound_number(reader: Reader, option: str, value: t.Any) -> str:
    return EVERY_NUMBER if value == EVERY_NUMBER else reader.outside_number(option, value) or ""


def trunks_by_place(rules: t.Sequence[OutboundRule]) -> t.Iterator[tuple[str, str]]:
    """Give each name of a trunk in the rules, with its place."""
    for index, rule in enumerate(rules):
        for at, name in enumerate(rule.trunks):
            yield f"rules[{index}].trunks[{at}]", name
