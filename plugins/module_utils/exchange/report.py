# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of an import: row by row what was taken, what was changed and why, what has no option here."""

from __future__ import annotations

import json
import re
import typing as t

from ..definition.problem import InvalidInputError, Problem, told
from ..definition.redaction import Redaction
from .imported import Imported, ImportedExtension, ImportedTrunk, Remark

_FIRST_LINE = re.compile(r".* as [a-z0-9]+: [0-9,]+ extensions?\b")


def counts(imported: Imported) -> str:
    """Return in a few words how much was read."""
    kinds = {"extension": imported.extensions, "trunk": imported.trunks, "group": imported.groups}
    return ", ".join(
        f"{len(things):,} {kind}{'s' * (len(things) != 1)}"
        for kind, things in kinds.items()
        if things or kind == "extension"
    )


def summary(imported: Imported) -> list[str]:
    """Return a line for each part of the report, with how much is in it."""
    parts = [f"taken: {counts(imported)}"]
    for title, remarks in _parts(imported):
        if remarks:
            parts.append(f"{title}: {len(remarks):,}")
    return parts


def text(imported: Imported, what: str) -> str:
    """Return the whole report; ``what`` says of which file. No secret is in it."""
    hide = _redaction(imported)
    lines = [f"{what}: {counts(imported)}"]
    for title, remarks in _parts(imported):
        if remarks:
            lines += ["", f"{title.capitalize()}:", *(f"  {line}" for line in _told(remarks))]
    lines += ["", "Taken, row by row:"]
    for one in _things(imported):
        options = {option: hide.value(value) for option, value in one.options.items()}
        said = [f"{option} {_written(value)}" for option, value in options.items()]
        lines.append(f"  {one.place}: {', '.join([*said, *one.credentials])}")
    return "\n".join(lines) + "\n"


def is_one(there: str) -> bool:
    """Tell whether a text is a report, which the next one may replace."""
    return not there or _FIRST_LINE.match(there) is not None


def mistakes(problems: t.Iterable[Problem]) -> str:
    """Return what is wrong, the same mistake once, in the order of the rows."""
    return "\n".join(told(InvalidInputError(problems).problems))


def _parts(imported: Imported) -> list[tuple[str, tuple[Remark, ...]]]:
    return [
        ("to check", imported.attention),
        ("taken differently from how it is written", imported.changed),
        ("not carried", imported.not_carried),
    ]


def _things(imported: Imported) -> list[ImportedTrunk | ImportedExtension]:
    return [*imported.trunks, *imported.extensions]


def _told(remarks: t.Iterable[Remark]) -> list[str]:
    return told(Problem(remark.place, remark.message) for remark in remarks)


def _redaction(imported: Imported) -> Redaction:
    numbers = {str(one.options.get("number")) for one in imported.extensions}
    secrets = {secret for one in _things(imported) for secret in one.credentials.values()}
    return Redaction(secrets - numbers)


def _written(value: t.Any) -> str:
    return json.dumps(value, ensure_ascii=False)
