# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges what was read of objects and sections by the rules of the inventory, before anything is written.

Rows of spreadsheets are judged cell by cell (checking.py).
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ..definition.digest import weakness
from ..definition.problem import Problem, quoted
from ..planning.request import Ask, ask_extensions, ask_trunks
from .imported import Imported, ImportedExtension, ImportedTrunk, Remark

_PLACE = re.compile(r"read\[([0-9]+)\](?:\.(.*))?\Z", re.DOTALL)
_MENTION = re.compile(r"read\[([0-9]+)\]")


def judged(imported: Imported) -> Imported:
    """Return the same with what the role would refuse among the problems, and what it would warn of."""
    return dataclasses.replace(
        imported,
        problems=(
            *imported.problems,
            *_refused(imported.trunks, ask_trunks),
            *_refused(imported.extensions, ask_extensions),
            *_unknown_targets(imported.extensions),
            *_shared_user_names(imported.extensions),
        ),
        attention=(*imported.attention, *_attention(imported.extensions)),
    )


def _refused(things: t.Sequence[ImportedExtension | ImportedTrunk], ask: Ask) -> t.Iterator[Problem]:
    def place(found: re.Match[str]) -> str:
        return things[int(found[1])].place

    for problem in ask([{**one.options, **one.credentials} for one in things], "read").problems:
        found = _PLACE.match(problem.path)
        where = problem.path if found is None else place(found) + (f", {found[2]}" if found[2] else "")
        yield Problem(where, _MENTION.sub(place, problem.message))


def _unknown_targets(extensions: t.Sequence[ImportedExtension]) -> t.Iterator[Problem]:
    numbers = {one.options["number"] for one in extensions}
    for one in extensions:
        target = one.options.get("forward_to")
        if target and target not in numbers:
            yield Problem(f"{one.place}, forward_to", f"there is no extension {target}")


def _shared_user_names(extensions: t.Sequence[ImportedExtension]) -> t.Iterator[Problem]:
    first: dict[str, ImportedExtension] = {}
    for one in extensions:
        name = str(one.options.get("username", one.options["number"]))
        other = first.setdefault(name, one)
        # That a number is there twice is said by the code that reads them.
        if other is not one and other.options["number"] != one.options["number"]:
            yield Problem(
                f"{one.place}, username",
                f"{quoted(name)} is the user name of {other.place} too; each phone needs one of its own",
            )


def _attention(extensions: t.Sequence[ImportedExtension]) -> t.Iterator[Remark]:
    for one in extensions:
        remark = of_credentials(one.options, one.credentials)
        if remark:
            yield Remark(one.place, remark)


def of_credentials(options: t.Mapping[str, t.Any], credentials: t.Mapping[str, str]) -> str:
    """Return what somebody has to check before a phone of the extension registers; empty for nothing."""
    number = str(options["number"])
    password = credentials.get("password")
    why = weakness(password, number, str(options.get("username", number))) if password else None
    if why:
        return (
            f"the password {why}: give the phone another, or the role refuses it unless"
            " pbx_allow_weak_passwords is true"
        )
    return "" if credentials else f"{number} has no password, so no phone of it can register"
