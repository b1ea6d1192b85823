# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what a person has written, option by option, and collects what is wrong with it.

Every rule about the form of a value is here once; whether a port or a group that is named
exists is known to the plan.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata
from collections import abc

from .model import EVERY_GROUP
from .problem import Problem, quoted

#: Longest number of an extension, in digits: that of a telephone number (ITU-T E.164, 6).
NUMBER_MAX_DIGITS = 15
#: Longest name of anything, in characters.
NAME_MAX_CHARACTERS = 80
#: Longest password, in characters; longer ones are a paste gone wrong.
PASSWORD_MAX_CHARACTERS = 128
#: Most labels of one extension, and their longest value, in characters.
LABELS_MAX = 20
LABEL_MAX_CHARACTERS = 200

_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_INTEGER = re.compile(r"[0-9]{1,9}\Z")

STATES = ("present", "absent")
_NUMBER = re.compile(rf"[0-9]{{1,{NUMBER_MAX_DIGITS}}}\Z")
# As Asterisk names the folders of its prompts: en, tr, en_GB.
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?\Z")
# RFC 5321 allows more, of which nobody has ever had an address.
_EMAIL = re.compile(r"[^@\s<>\"(),:;\\\[\]]{1,64}@[A-Za-z0-9.-]{1,180}\Z")
_OUTSIDE_NUMBER = re.compile(r"\+?[0-9]{1,20}\Z")
_COUNTRY_CODE = re.compile(r"[1-9][0-9]{0,2}\Z")
_AREA_CODE = re.compile(r"[1-9][0-9]{0,5}\Z")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}\Z")
# Unicode's categories Cc, Cs, Zl and Zp, which never change (its stability policy): control characters,
# lone surrogates (invalid UTF-8 on the way here) and line separators.
_UNUSABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")

Item = t.Mapping[str, t.Any]


def joined(path: str, option: str) -> str:
    """Return the place of an option of the item at ``path``, which is empty for a single item."""
    return ".".join(part for part in (path, option) if part)


def plain(value: t.Any) -> str:
    """Return text as it is and an integer as text, which loses nothing; empty for anything else."""
    return value if isinstance(value, str) else str(value) if _is_integer(value) else ""


class Reader:
    """Reads the options of one item, collecting what is wrong with each.

    A reading method takes an option's name and its value as written, and returns the value as
    it is kept; what it returns along with a problem is never used.
    """

    def __init__(self, item: Item, path: str, problems: list[Problem]) -> None:
        self._item = item
        self.path = path
        self._problems = problems

    def problem(self, option: str, message: str) -> None:
        """Note what is wrong with an option."""
        self._problems.append(Problem(joined(self.path, option), message))

    def of(self, item: Item, option: str) -> Reader:
        """Return a reader for an item that stands in an option of this one."""
        return Reader(item, joined(self.path, option), self._problems)

    def refuse_unknown(self, options: t.AbstractSet[str]) -> None:
        """Refuse what is not one of these options: a misspelt one would be ignored silently."""
        if self._item.keys() <= options:
            return
        unknown = sorted(str(key) for key in self._item if key not in options)
        if unknown:
            named = ", ".join(quoted(key) for key in unknown)
            self.problem("", f"has no option {named}; it has: {', '.join(sorted(options))}")

    def given(self, options: Options) -> dict[str, t.Any]:
        """Return the options that are given, read; what is not given is not in it."""
        written = self._item.get
        return {
            option: read(self, option, value)
            for option, read in options.items()
            if (value := written(option)) is not None
        }

    def required(self, option: str, read: ReadOption) -> str:
        """Read the option that names the item; it may be neither missing nor empty."""
        value = self._item.get(option)
        if value is None:
            self.problem(option, "is missing; every item needs it")
            return ""
        known = len(self._problems)
        text = str(read(self, option, value))
        if not text and len(self._problems) == known:
            self.problem(option, "is empty; every item needs it")
        return text

    def present(self) -> bool:
        """Tell whether the item is to be there."""
        state = self._item.get("state") or "present"
        if state not in STATES:
            self.problem("state", f"{quoted(state)} is neither present nor absent")
        return bool(state != "absent")

    def text(self, option: str, value: t.Any) -> str:
        """Free text on one line."""
        text, error = normalise_name(value)
        if error is not None:
            self.problem(option, error)
        return text

    def reference(self, option: str, value: t.Any) -> str | None:
        """The name of another thing; empty means none."""
        return self.text(option, value) or None

    def name(self, option: str, value: t.Any) -> str:
        """The name of another thing, which has to be there."""
        known = len(self._problems)
        text = self.text(option, value)
        if not text and len(self._problems) == known:
            self.problem(option, "is empty; give a name")
        return text

    def group_name(self, option: str, value: t.Any) -> str:
        """The name of one group."""
        text = self.text(option, value)
        if text == EVERY_GROUP:
            self.problem(option, f"{EVERY_GROUP} means every group in callable_groups; choose another name")
        return text

    def group_names(self, option: str, value: t.Any) -> frozenset[str]:
        """A list of names of groups."""
        if isinstance(value, (str, bytes)) or not isinstance(value, abc.Sequence):
            self.problem(option, f"{quoted(value)} is not a list; put it in brackets")
            return frozenset()
        names = []
        for index, each in enumerate(value):
            known = len(self._problems)
            names.append(self.group_name(f"{option}[{index}]", each))
            if not names[-1] and len(self._problems) == known:
                self.problem(f"{option}[{index}]", "is empty; give the name of a group")
        return frozenset(names)

    def callable_groups(self, option: str, value: t.Any) -> frozenset[str] | None:
        """Names of groups; None for every group, which is written ``["*"]``."""
        if isinstance(value, abc.Sequence) and list(value) == [EVERY_GROUP]:
            return None
        return self.group_names(option, value)

    def number(self, option: str, value: t.Any) -> str:
        """The digits of an extension, at most NUMBER_MAX_DIGITS (E.164)."""
        # YAML reads 1001 as an integer; that loses nothing, so it is taken.
        text = plain(value)
        if not _NUMBER.match(text):
            wanted = f"a number of 1 to {NUMBER_MAX_DIGITS} digits; write digits only, in quotes"
            self.problem(option, f"{quoted(value)} is not {wanted}")
        return text

    def number_or_none(self, option: str, value: t.Any) -> str | None:
        """A number of an extension; empty means none."""
        return self.number(option, value) if value != "" else None

    def password(self, option: str, value: t.Any) -> str | None:
        """A password as text; empty takes it away, and None is one that is wrong."""
        if not isinstance(value, str) and not _is_integer(value):
            self.problem(option, "is not text; put it in quotes")
            return None
        text = str(value)
        if len(text) > PASSWORD_MAX_CHARACTERS:
            self.problem(option, f"is longer than {PASSWORD_MAX_CHARACTERS} characters")
        elif _unusable_character(text):
            self.problem(option, "holds a control character or invalid text; type it again")
        return text

    def flag(self, option: str, value: t.Any) -> bool:
        """True or false, also as text."""
        # What a template renders is text.
        flag = value if isinstance(value, bool) else _FLAGS.get(plain(value).lower())
        if flag is None:
            self.problem(option, f"{quoted(value)} is neither true nor false")
        return bool(flag)

    def language(self, option: str, value: t.Any) -> str | None:
        """A language of Asterisk's prompts; empty means the host's."""
        return self.matching(option, value, _LANGUAGE, "a language such as tr, en or en_GB")

    def email(self, option: str, value: t.Any) -> str | None:
        """An address for the user's own purposes; empty means none."""
        return self.matching(option, value, _EMAIL, "an e-mail address")

    def outside_number(self, option: str, value: t.Any) -> str | None:
        """A number of the outside world; empty means none."""
        return self.matching(
            option, plain(value) or value, _OUTSIDE_NUMBER, "a number of digits, perhaps with a + before them"
        )

    def country_code(self, option: str, value: t.Any) -> str | None:
        """A country code of E.164, such as 90; empty means none."""
        wanted = "a country code of 1 to 3 digits without + or 00, such as 90"
        return self.matching(option, plain(value) or value, _COUNTRY_CODE, wanted)

    def area_code(self, option: str, value: t.Any) -> str | None:
        """An area code of E.164, such as 212; empty means none."""
        wanted = "an area code of 1 to 6 digits without the 0 before it, such as 212"
        return self.matching(option, plain(value) or value, _AREA_CODE, wanted)

    def matching(self, option: str, value: t.Any, pattern: re.Pattern[str], wanted: str) -> str | None:
        """Text of a form, which a message calls ``wanted``; empty means none."""
        if value == "":
            return None
        if not isinstance(value, str) or not pattern.match(value) or _unusable_character(value):
            self.problem(option, f"{quoted(value)} is not {wanted}")
        return str(value)

    def labels(self, option: str, value: t.Any) -> tuple[tuple[str, str], ...]:
        """The user's own keys with a text each, ordered by key."""
        if not isinstance(value, abc.Mapping):
            self.problem(option, f"{quoted(value)} is not a mapping; write it as `key: value` lines")
            return ()
        if len(value) > LABELS_MAX:
            self.problem(option, f"are {len(value)}; at most {LABELS_MAX} fit")
        labels = {}
        for key, text in value.items():
            place = f"{option}.{key}" if isinstance(key, str) and _LABEL.match(key) else option
            if place == option:
                self.problem(
                    option, f"{quoted(key)} is not a key of letters, digits, _, . and - (at most 40)"
                )
            elif not isinstance(text, str) and not _is_integer(text):
                self.problem(place, f"{quoted(text)} is not text; put it in quotes")
            elif len(str(text)) > LABEL_MAX_CHARACTERS or _unusable_character(str(text)):
                self.problem(place, f"is not one line of at most {LABEL_MAX_CHARACTERS} characters")
            labels[str(key)] = unicodedata.normalize("NFC", str(text))
        return tuple(sorted(labels.items()))


def one_of(choices: t.Sequence[str]) -> ReadOption:
    """Return what reads one of these words."""

    def read(reader: Reader, option: str, value: t.Any) -> str:
        if value not in choices:
            reader.problem(option, f"{quoted(value)} is not one of {', '.join(choices)}")
        return str(value)

    return read


def integer(least: int, most: int, what: str) -> ReadOption:
    """Return what reads a whole number in these bounds; ``what`` names it in messages."""

    def read(reader: Reader, option: str, value: t.Any) -> int:
        digits = plain(value)
        if _INTEGER.match(digits) and least <= int(digits) <= most:
            return int(digits)
        reader.problem(option, f"{quoted(value)} is not {what} from {least} to {most}")
        return least

    return read


def list_of(read_one: ReadOption, what: str, least: int = 0) -> ReadOption:
    """Return how a list is read, in which nothing is said twice and the order stays."""

    def read(reader: Reader, option: str, value: t.Any) -> tuple[t.Any, ...]:
        if isinstance(value, (str, bytes)) or not isinstance(value, abc.Sequence):
            reader.problem(option, f"{quoted(value)} is not a list; put it in brackets")
            return ()
        if len(value) < least:
            reader.problem(option, f"is empty; name {what} at least")
        entries: dict[t.Any, None] = {}
        for index, each in enumerate(value):
            known = len(reader._problems)
            entry = read_one(reader, f"{option}[{index}]", each)
            if entry in entries and len(reader._problems) == known:
                reader.problem(f"{option}[{index}]", f"{quoted(each)} is named before; name it once")
            entries[entry] = None
        return tuple(entries)

    return read


ReadOption = t.Callable[[Reader, str, t.Any], t.Any]
Options = t.Mapping[str, ReadOption]


def alike(name: str) -> str:
    """Return what two spellings of one name have in common: neither case nor blanks nor accents.

    Turkish has four letters i; for telling a slip of the keyboard they are one.
    """
    letters = unicodedata.normalize("NFKD", name.casefold()).replace("ı", "i")
    return "".join(c for c in letters if not unicodedata.combining(c) and not c.isspace())


def _is_integer(value: t.Any) -> bool:
    """Tell whether YAML has read a plain integer, and not one that is a mistake by its sheer size."""
    return isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 64


def _unusable_character(text: str) -> bool:
    return _UNUSABLE.search(text) is not None


def normalise_name(value: t.Any) -> tuple[str, str | None]:
    """Return a name in the form in which it is stored and compared, and what is wrong with it.

    The form is Unicode NFC without blanks at the ends (Unicode Standard Annex 15), so that
    the same name typed on two keyboards is one name.
    """
    if not isinstance(value, (str, float)) and not _is_integer(value):
        return "", f"{quoted(value)} is not text; put it in quotes"
    text = str(value)
    if _unusable_character(text):
        return "", "holds a control character, a line break or invalid text; a name is one line"
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > NAME_MAX_CHARACTERS:
        return text, f"is {len(text)} characters long; at most {NAME_MAX_CHARACTERS} fit"
    return text, None
