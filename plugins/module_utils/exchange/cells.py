# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a cell becomes an option: what the tables of all sources are made of.

Each of these returns a function that takes a row and a column whose cell is not empty.
"""

from __future__ import annotations

import re
import typing as t

from ..definition.problem import quoted
from ..definition.reading import alike
from .row import RowReader

TakeCell = t.Callable[[RowReader, str], None]

#: The words for true and false of systems and of spreadsheets in other languages, folded (``alike``).
TRUE = frozenset(
    """1 true yes y on enabled enable evet dogru wahr ja vrai oui verdadero si verdadeiro sim vero waar
    prawda tak истина да sant sann sand tosi igaz pravda""".split()
)
FALSE = frozenset(
    """0 false no n off disabled disable hayir yanlis falsch nein faux non falso nao onwaar nee fałsz nie
    ложь нет falskt falsk usann epatosi hamis nepravda""".split()
)
_BREAKS = re.compile(r"\s*[\r\n]+\s*")
#: What people write into a number for the eye.
_PUNCTUATION = re.compile(r"[\s().\-/\u2010-\u2015]+")
_CALLER = re.compile(r"""["']?(?P<name>[^"<]*?)["']?\s*<(?P<number>[^<>]*)>\Z""")
_LOCALE = re.compile(r"([A-Za-z]{2,3})[_-][A-Za-z]{2}\Z")


def truth(text: str) -> bool | None:
    """Return what a word of any language means; None where it is not one of these."""
    word = alike(text)
    return True if word in TRUE else False if word in FALSE else None


def text(option: str) -> TakeCell:
    """Return what takes text on one line."""

    def take(row: RowReader, column: str) -> None:
        row.give(option, one_line(row, column), column)

    return take


def one_line(row: RowReader, column: str) -> str:
    """Return the text of a cell, of several lines one."""
    written = row.text(column)
    line = _BREAKS.sub(" ", written)
    if line != written:
        row.change(column, "its line breaks were made blanks")
    return line


def full_name(*columns: str) -> t.Callable[[RowReader], None]:
    """Return what takes a name that stands in several columns."""

    def take(row: RowReader) -> None:
        parts = {column: one_line(row, column) for column in columns}
        if any(parts.values()):
            first = next(column for column, part in parts.items() if part)
            row.give("name", " ".join(filter(None, parts.values())), first)

    return take


def forwarded(*columns: str) -> t.Callable[[RowReader], None]:
    """Return what takes where unanswered calls go, if all columns that say so name the same extension."""

    def take(row: RowReader) -> None:
        targets = {column: row.digits(column) for column in columns if row.text(column)}
        if len(set(targets.values())) == 1 and all(targets.values()):
            first, target = next(iter(targets.items()))
            row.give("forward_to", target, first)
            return
        for column, target in filter(lambda item: item[1], targets.items()):
            row.leave_out(
                column, f"{quoted(target)}: forward_to is one extension for busy, no answer and no phone"
            )

    return take


def told(why: str) -> TakeCell:
    """Return a function that reports each cell by itself, because somebody has to write it elsewhere."""

    def take(row: RowReader, column: str) -> None:
        row.leave_out(column, f"{quoted(row.text(column))} of {row.text(row.number_column)}: {why}")

    return take


def number(option: str) -> TakeCell:
    """Return what takes the number of an extension."""

    def take(row: RowReader, column: str) -> None:
        row.give(option, row.text(column), column)

    return take


def whole(option: str) -> TakeCell:
    """Return what takes a count."""

    def take(row: RowReader, column: str) -> None:
        row.give(option, count(row.text(column)), column)

    return take


def count(written: str) -> t.Any:
    """Return a whole number as one, and anything else as it is written."""
    return int(written) if re.match(r"[0-9]{1,9}\Z", written) else written


def seconds(option: str, zero_is_none: bool = False) -> TakeCell:
    """Return what takes seconds, of which this collection knows 5 as the fewest."""

    def take(row: RowReader, column: str) -> None:
        given = count(row.text(column))
        if given == 0 and zero_is_none:
            return
        if given in range(5):
            row.change(column, f"{given} s was raised to 5, the minimum")
            given = 5
        row.give(option, given, column)

    return take


def flag(option: str, inverted: bool = False) -> TakeCell:
    """Return what takes true or false; ``inverted`` where the source asks the opposite."""

    def take(row: RowReader, column: str) -> None:
        written = row.text(column)
        meant = truth(written)
        row.give(option, written if meant is None else meant != inverted, column)

    return take


def label(key: str) -> TakeCell:
    """Return what takes text as a label."""

    def take(row: RowReader, column: str) -> None:
        if row.digits(column):
            row.label(key, one_line(row, column), column)

    return take


def password(row: RowReader, column: str) -> None:
    """Take a password to the letter."""
    secret = row.secret(column)
    if secret != secret.strip().strip("\u00a0"):
        row.attend(column, "begins or ends with a blank; it was taken as it is")
    row.credential("password", secret, column)


def digest(row: RowReader, column: str) -> None:
    """Take an HA1 of the realm asterisk."""
    row.credential("password_digest", row.text(column).lower(), column)


def user_name(row: RowReader, column: str) -> None:
    """Take the name with which a phone authenticates; the number is what it is unless told."""
    row.give("username", row.text(column), column)


def email(row: RowReader, column: str) -> None:
    """Take an address; of several the first."""
    first, *others = re.split(r"[,;\s]+", row.text(column))
    if others:
        row.change(column, "of several addresses the first was taken")
    row.give("email", first, column)


def language(row: RowReader, column: str) -> None:
    """Take a language; of a locale such as tr_TR its language."""
    written = row.text(column)
    locale = _LOCALE.match(written)
    taken = (locale[1] if locale else written).lower()
    if locale:
        row.change(column, f"{quoted(written)} was taken as {taken}")
    row.give("language", taken, column)


def caller(row: RowReader, column: str) -> None:
    """Take the number that is shown outside, of ``"Name" <number>`` the number."""
    written = row.digits(column)
    if not written:
        return
    within = _CALLER.match(written)
    shown = _PUNCTUATION.sub("", within["number"] if within else written)
    if within and within["name"].strip():
        row.change(
            column, f"the name in {quoted(written)} was left out: a number is shown outside, and no name"
        )
    elif not within and shown != written:
        row.change(column, f"{quoted(written)} was taken as {shown}")
    if shown:
        row.give("outbound_caller_id", shown, column)


def mapped(option: str, choice: str) -> TakeCell:
    """Return what takes a word that the user's own map translates; one that is not in it is not carried."""

    def take(row: RowReader, column: str) -> None:
        word = row.text(column)
        translated = getattr(row.choices, choice).get(word)
        if translated is None:
            row.leave_out(column, f"{quoted(word)}: say what it is here in import_{choice}")
        elif translated:
            row.give(option, translated, column)

    return take


def groups(separator: str, only_mapped: bool = False) -> TakeCell:
    """Return what takes names of groups; with ``only_mapped`` those alone that the user's map names."""

    def take(row: RowReader, column: str) -> None:
        taken = list(row.options.get("groups", ()))
        for word in filter(None, (each.strip() for each in row.text(column).split(separator))):
            name = row.choices.groups.get(word, None if only_mapped else word)
            if name is None:
                row.leave_out(column, f"{quoted(word)}: say what it is here in import_groups")
            elif name and name not in taken:
                taken.append(name)
        if taken:
            row.give("groups", taken, column)

    return take


def recorded(row: RowReader, columns: t.Sequence[str], words: t.Mapping[str, bool | None]) -> None:
    """Take several columns that say which conversations are recorded, where ours are recorded or are not.

    ``words`` has what each word means, folded; None is the system's default.
    """
    meanings: dict[str, bool | None] = {}
    for column in columns:
        written = row.text(column)
        if not written:
            continue
        word = alike(written)
        if word not in words:
            row.wrong(column, f"{quoted(written)} is not one of {', '.join(words)}")
            return
        meanings[column] = words[word]
    if True in meanings.values():
        first = next(column for column, meant in meanings.items() if meant)
        row.give("record", True, first)
        if set(meanings.values()) != {True}:
            row.change(first, "not all kinds of calls were recorded; all of them will be")
    elif meanings and set(meanings.values()) == {False} and len(meanings) == len(columns):
        row.give("record", False, columns[0])


def recording(
    everything: t.Sequence[str],
    some: t.Sequence[str],
    nothing: t.Sequence[str] = ("no", "off", "none", "false"),
) -> TakeCell:
    """Return what takes a column that says by one word which conversations are recorded."""

    def take(row: RowReader, column: str) -> None:
        word = row.text(column).lower()
        if word not in (*everything, *some, *nothing):
            row.wrong(column, f"{quoted(word)} is not one of {', '.join((*everything, *some, *nothing))}")
            return
        row.give("record", word not in nothing, column)
        if word in some:
            row.change(column, f"only {word} calls were recorded; all of them will be")

    return take


def inside_caller(row: RowReader, column: str) -> None:
    """Report a number shown inside that is not the extension's."""
    if row.text(column) != row.text(row.number_column):
        row.leave_out(
            column, f"{quoted(row.text(column))}: inside, a caller's number is that of the extension"
        )
