# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads Asterisk's configuration files as Asterisk does: templates, ``(+)``, ``#include`` and comments.

Written after main/config.c (config_text_file_load, process_text_line) of 22.10; 16.28 reads alike. It asks
for the text of files and opens none; ``#exec`` is never run.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..definition.problem import InvalidInputError, Problem
from .asterisk_include import CONFIG_DIRECTORY, FILES_MAX, FetchedFiles, Files, located, patterns
from .asterisk_line import (
    LINE_MAX_BYTES,
    NAME_MAX_BYTES,
    Assignment,
    Directive,
    Header,
    LineError,
    cut,
    parsed,
    shown,
    size,
    stripped,
    without_comments,
)
from .asterisk_sections import Current, OpenSection, Option, Place, Sections, TooMuchError
from .imported import Remark

#: Longest text of one file, and of all that a configuration reads, in characters.
FILE_MAX_CHARACTERS = 8_000_000
TEXT_MAX_CHARACTERS = 32_000_000
#: How deep files may include each other (MAX_INCLUDE_LEVEL).
INCLUDE_MAX_DEPTH = 10
#: Most lines told one by one that Asterisk skips.
_REMARKS_MAX = 1_000

_BYTE_ORDER_MARK = "\ufeff"


class ConfigurationError(InvalidInputError):
    """Asterisk does not take a configuration, or it is more than is read here; names every such mistake."""


@dataclass(frozen=True)
class Section:
    """A section as Asterisk has it in the end, with what it has inherited and what was added to it."""

    name: str
    options: tuple[Option, ...]
    place: Place
    is_template: bool = False
    #: The sections whose options were copied to it, by name.
    bases: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.place}, [{shown(self.name)}]"


@dataclass(frozen=True)
class Configuration:
    """The sections of a file with all that it includes, in the order in which Asterisk has them."""

    sections: tuple[Section, ...] = ()
    #: Lines that say to Asterisk something else than they seem to.
    misleading: tuple[Remark, ...] = ()
    #: Lines that Asterisk skips.
    passed_over: tuple[Remark, ...] = ()
    #: Where a program is named whose output is not read (``#exec``).
    programs: tuple[Place, ...] = ()

    def effective(self) -> tuple[Section, ...]:
        """Return the sections without templates."""
        return tuple(section for section in self.sections if not section.is_template)


def read_configuration(
    files: t.Mapping[str, str], name: str, directory: str = CONFIG_DIRECTORY
) -> Configuration:
    """Return what Asterisk reads of the file ``name``.

    ``files`` has the text of each file by its path, relative to ``directory`` if it is below it; bytes that
    are not UTF-8 are lone surrogates in it (``surrogateescape``). Raises ConfigurationError.
    """
    try:
        fetched = FetchedFiles(files, directory)
    except TooMuchError as error:
        raise ConfigurationError([_too_much(name, error)]) from None
    return read_files(fetched, name, directory)


def read_files(files: Files, name: str, directory: str = CONFIG_DIRECTORY) -> Configuration:
    """Return the same of files that are asked for one by one. Raises ConfigurationError."""
    reading = _Reading(files, directory)
    try:
        problems = reading.file(located(name, directory))
    except TooMuchError as error:
        problems = [_too_much(name, error)]
    if problems:
        raise ConfigurationError(problems)
    return reading.outcome()


def _too_much(name: str, error: TooMuchError) -> Problem:
    return Problem(shown(name), f"is more than is read here: {error}")


class _Reading:
    """One configuration while it is read."""

    def __init__(self, files: Files, directory: str) -> None:
        self._files = files
        self._directory = directory
        self._sections = Sections()
        self._misleading: list[Remark] = []
        self._passed_over: list[Remark] = []
        self._programs: list[Place] = []
        #: What is wrong, by its line: a file that is included often is wrong once.
        self._mistakes: dict[Place, str] = {}
        #: The section that a file goes on with which is included now (config->current).
        self._current: Current | None = None
        self._depth = 0
        self._read = 0
        self._characters = 0

    def outcome(self) -> Configuration:
        return Configuration(
            tuple(
                Section(each.name, tuple(each.options), each.place, each.is_template, tuple(each.bases))
                for each in self._sections.all
            ),
            tuple(self._misleading),
            tuple(self._passed_over),
            tuple(self._programs),
        )

    def file(self, name: str) -> list[Problem]:
        """Read the file with which all begins; return what is wrong with it."""
        if self._files.matching(name) != [name]:
            return [Problem(shown(name), "is not among the files that were fetched")]
        self._files_in_a_row([name])
        return [Problem(str(place), message) for place, message in self._mistakes.items()]

    def _files_in_a_row(self, names: t.Sequence[str]) -> None:
        """Read what one ``#include`` means; a comment and a section left open go on in the next."""
        current, comment = self._current, 0
        for index, name in enumerate(names):
            text = self._files.text(name)
            self._count(name, text)
            if index == 0:
                text = text.removeprefix(_BYTE_ORDER_MARK)
            for number, line in enumerate(text.split("\n"), 1):
                place = Place(name, number)
                if size(line) > LINE_MAX_BYTES:
                    self._pass_over(place, f"is longer than {LINE_MAX_BYTES:,} bytes, and Asterisk skips it")
                    continue
                try:
                    # A string of C ends at its first NUL.
                    code, next_comment = without_comments(line.partition("\0")[0], comment)
                    if next_comment < 0 <= comment:
                        message = "--; ends a comment that none began: Asterisk skips all that follows it"
                        self._misleading.append(Remark(str(place), message))
                    comment = next_comment
                    code = stripped(code)
                    if code:
                        current = self._line(code, place, current)
                except LineError as error:
                    # Asterisk drops the rest of the file, and of those that the same #include means.
                    self._mistakes[place] = f"{error}; Asterisk does not read on here"
                    return
        if comment > 0 and names:
            self._misleading.append(
                Remark(
                    shown(names[-1]),
                    "a comment that ;-- began does not end in it, so Asterisk reads nothing behind it",
                )
            )

    def _count(self, name: str, text: str) -> None:
        self._read += 1
        self._characters += len(text)
        if self._read > FILES_MAX:
            raise TooMuchError(f"it includes more than {FILES_MAX:,} files")
        if len(text) > FILE_MAX_CHARACTERS:
            raise TooMuchError(f"{shown(name)} is longer than {FILE_MAX_CHARACTERS:,} characters")
        if self._characters > TEXT_MAX_CHARACTERS:
            raise TooMuchError(f"its files together are longer than {TEXT_MAX_CHARACTERS:,} characters")

    def _pass_over(self, place: Place, message: str) -> None:
        if len(self._passed_over) < _REMARKS_MAX:
            self._passed_over.append(Remark(str(place), message))

    def _line(self, code: str, place: Place, current: Current | None) -> Current | None:
        """Do what a line says; return the section in which the next one of this file stands."""
        line = parsed(code)
        if isinstance(line, Header):
            self._current = self._header(line, place)
            return self._current
        if isinstance(line, Directive):
            # What is included may open sections, and this file nevertheless goes on with its own: ``cat`` of
            # config_text_file_load is a local variable.
            self._directive(line, place)
        elif current is None:
            raise LineError("an option comes before the first section")
        elif line is None:
            self._pass_over(place, "has no =, so Asterisk skips it")
        else:
            self._assign(line, place, current)
        return current

    def _assign(self, line: Assignment, place: Place, current: Current) -> None:
        option = Option(line.name, line.value, place, current.added)
        if line.appends and self._sections.append_to_value(current.section, option):
            return
        if not line.name:
            self._pass_over(place, "has no name before its =, so Asterisk skips it")
            return
        self._sections.add(current.section, [option._replace(value=stripped(line.value))])

    def _header(self, line: Header, place: Place) -> Current:
        name = cut(line.name, NAME_MAX_BYTES)
        if name != line.name:
            self._mislead(place, line, f"has a name of more than {NAME_MAX_BYTES} bytes, which Asterisk cuts")
        if not line.parts and stripped(line.ignored).startswith("("):
            self._mislead(
                place,
                line,
                "has a blank before its (, so Asterisk skips what is in it; take the blank away",
            )
        section, is_new = OpenSection(name, place), True
        for part in line.parts:
            if part == "!":
                section.is_template = True
            elif part.startswith("+"):
                found = self._sections.to_add_to(line.name, part[1:])
                if found is None:
                    raise LineError(f"[{shown(name)}](+) adds to a section, and none of those before it fits")
                if is_new:
                    found.is_template |= section.is_template
                    found.bases += section.bases
                    self._sections.add(found, [each._replace(added=True) for each in section.options])
                section, is_new = found, False
            else:
                self._inherit(section, part, place, line)
        if is_new:
            self._sections.append(section)
        return Current(section, not is_new)

    def _inherit(self, section: OpenSection, base_name: str, place: Place, line: Header) -> None:
        base = self._sections.base(base_name)
        if base is None:
            hint = "; take the blanks out of the brackets" if base_name != stripped(base_name) else ""
            raise LineError(f"inherits from [{shown(base_name)}], which is not before it{hint}")
        if base is section:
            raise LineError(
                f"[{shown(section.name)}] inherits from itself, which Asterisk follows without end"
            )
        if not base_name:
            first = f"[{shown(base.name)}], the first section"
            self._mislead(place, line, f"has an empty name in its brackets, so it inherits from {first}")
        self._sections.add(section, base.options)
        section.bases.append(base.name)

    def _mislead(self, place: Place, line: Header, message: str) -> None:
        self._misleading.append(Remark(f"{place}, [{shown(line.name)}]", message))

    def _directive(self, line: Directive, place: Place) -> None:
        if line.word == "exec" and line.argument:
            self._programs.append(place)
        elif line.word not in ("include", "tryinclude") or not line.argument:
            self._pass_over(place, "is not an #include of a file, so Asterisk skips it")
        else:
            self._include(line.argument, must_be_there=line.word == "include")

    def _include(self, argument: str, must_be_there: bool) -> None:
        names: list[str] = []
        for pattern in patterns(argument, self._directory):
            names += self._files.matching(pattern)
        if self._depth >= INCLUDE_MAX_DEPTH or not names:
            if must_be_there and names:
                raise LineError(f"files include each other more than {INCLUDE_MAX_DEPTH} deep")
            if must_be_there:
                raise LineError(f"includes {argument!r}, which is not there or was not fetched")
            return
        self._depth += 1
        self._files_in_a_row(names)
        self._depth -= 1
