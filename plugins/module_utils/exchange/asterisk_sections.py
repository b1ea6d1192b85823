# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sections of a configuration while it is read: which one is meant by a name, and what is added to it."""

from __future__ import annotations

import re
import typing as t

from .asterisk_line import LineError, folded, shown, stripped


class Place(t.NamedTuple):
    """Where a line stands."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}"


class Option(t.NamedTuple):
    """One option of a section, as Asterisk has it in the end."""

    name: str
    value: str
    #: The line that wrote it, which stands elsewhere if it was inherited.
    place: Place
    #: Whether it came by ``[name](+)``, and not where its section begins.
    added: bool = False

    def __repr__(self) -> str:
        # Passwords are values too.
        return f"Option({self.name!r} at {self.place})"


#: Most options of all sections, with those that are inherited: templates of templates grow without bound.
OPTIONS_MAX = 1_000_000
#: How many options may be looked at for ``(+type=…)`` and ``+=``, all in all.
LOOKS_MAX = 5_000_000
#: Longest value that lines may add up to by ``+=``, in characters.
VALUE_MAX_CHARACTERS = 65_536

#: What a filter may be: text that is looked for, with ``^`` and ``$``, and alternatives. Of POSIX's regular
#: expressions no more is understood here: what is, takes no longer than the text is long.
_FILTER = re.compile(r"[A-Za-z0-9_@/. -]{0,80}\Z")


class TooMuchError(ValueError):
    """A configuration grows beyond what is read; the message says which limit it meets."""


class OpenSection:
    """A section to which options are still added."""

    def __init__(self, name: str, place: Place) -> None:
        self.name = name
        self.place = place
        self.options: list[Option] = []
        self.is_template = False
        #: The sections whose options were copied to it, by name.
        self.bases: list[str] = []


class Sections:
    """All sections that were read so far, in their order."""

    def __init__(self) -> None:
        self.all: list[OpenSection] = []
        self._by_name: dict[str, list[OpenSection]] = {}
        self._options = 0
        self._looks = 0

    def append(self, section: OpenSection) -> None:
        """Put a section behind the others."""
        self.all.append(section)
        self._by_name.setdefault(folded(section.name), []).append(section)

    def named(self, name: str) -> t.Sequence[OpenSection]:
        """Return the sections of a name, in whose spelling case does not count."""
        return self._by_name.get(folded(name), ())

    def base(self, name: str) -> OpenSection | None:
        """Return the section from which one inherits: the first of this name, or of all for none."""
        return next(iter(self.named(name) if name else self.all), None)

    def to_add_to(self, name: str, written: str) -> OpenSection | None:
        """Return the first section of a name that a filter such as ``type=aor&TEMPLATES=include`` fits.

        Without a filter it is the first that is not a template. Raises LineError and TooMuchError.
        """
        conditions = _conditions(written)
        for section in self.named(name):
            self._look(1 + len(section.options) * len(conditions))
            if _fits(section, conditions):
                return section
        return None

    def add(self, section: OpenSection, options: t.Sequence[Option]) -> None:
        """Put options behind those of a section. Raises TooMuchError."""
        self._options += len(options)
        if self._options > OPTIONS_MAX:
            raise TooMuchError(f"all sections together have more than {OPTIONS_MAX:,} options")
        section.options += options

    def append_to_value(self, section: OpenSection, option: Option) -> bool:
        """Put a value behind that of the last option of its name; False where there is none.

        Asterisk looks for the last, and then replaces the first whose name and value are the same but for
        case (ast_variable_update).
        """
        self._look(len(section.options))
        old = next((each for each in reversed(section.options) if each.name == option.name), None)
        if old is None:
            return False
        value = stripped(old.value + option.value)
        if len(value) > VALUE_MAX_CHARACTERS:
            raise TooMuchError(f"a value is longer than {VALUE_MAX_CHARACTERS:,} characters")
        name, same = folded(old.name), folded(old.value)
        for index, each in enumerate(section.options):
            if folded(each.name) == name and (not same or folded(each.value) == same):
                section.options[index] = each._replace(name=old.name, value=value)
                break
        return True

    def _look(self, options: int) -> None:
        self._looks += options
        if self._looks > LOOKS_MAX:
            raise TooMuchError("it adds to too many large sections by (+) and +=")


class Current(t.NamedTuple):
    """The section in which a line stands, and whether it is one that ``[name](+)`` adds to."""

    section: OpenSection
    added: bool = False


#: Pairs of what is looked for in an option's name and in its value, or None for what no section can fit.
_Conditions = t.Sequence[t.Optional[tuple[str, str]]]


def _conditions(written: str) -> _Conditions:
    conditions: list[tuple[str, str] | None] = []
    for part in written.split("&") if written else ():
        name, equals, value = part.partition("=")
        pair = (_unquoted(name), _unquoted(value.partition("=")[0]))
        if pair[0] != "TEMPLATES" and not all(
            _FILTER.match(_core(each)) for text in pair for each in text.split("|")
        ):
            raise LineError(
                f"{part!r} is a regular expression that is not followed here; write the text that the option"
                " begins or ends with, such as (+type=^aor$)"
            )
        if equals and not pair[1]:
            # ast_strsep of 16 gives none for it, and that of 22 an empty text, which everything fits.
            raise LineError(
                f"{part!r} looks for nothing, which releases of Asterisk read differently; write a value"
            )
        conditions.append(pair if equals else None)
    return conditions


def _unquoted(text: str) -> str:
    text = stripped(text)
    return text[1:-1] if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0] else text


def _core(expression: str) -> str:
    return expression[expression.startswith("^") : len(expression) - expression.endswith("$")]


def _fits(section: OpenSection, conditions: _Conditions) -> bool:
    """Tell whether a filter means a section, as ``does_category_match`` does."""
    templates = False
    for condition in conditions:
        if condition is None:
            return False
        name, value = condition
        if name == "TEMPLATES":
            word = value.lower()
            if word not in ("include", "restrict") or (word == "restrict" and not section.is_template):
                return False
            templates = True
        elif not any(_found(name, each.name) and _found(value, each.value) for each in section.options):
            return False
    return templates or not section.is_template


def _found(expressions: str, text: str) -> bool:
    """Tell whether an expression of ``_FILTER`` is found in a text; a dot is any character."""
    for expression in expressions.split("|"):
        pattern = "".join("." if letter == "." else re.escape(letter) for letter in _core(expression))
        begin = "^" if expression.startswith("^") else ""
        end = r"\Z" if expression.endswith("$") else ""
        if re.search(begin + pattern + end, text, re.DOTALL):
            return True
    return False
