# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the names that there are is meant by one that there is not."""

from __future__ import annotations

import typing as t

from .reading import alike

#: How alike two names have to be, from 0 to 1 (difflib): one letter of four may differ, or two be swapped.
_ALIKE = 0.7


def nearest(name: str, known: t.Iterable[str]) -> tuple[str, bool] | None:
    """Return the known name that is meant, and whether the two differ only in spelling (``alike``)."""
    import difflib  # noqa: PLC0415 - a run without a mistake does not need it

    by_form: dict[str, str] = {}
    for other in sorted(known):
        by_form.setdefault(alike(other), other)
    form = alike(name)
    if form in by_form:
        return by_form[form], True
    # Floor 2 is not a misspelt Floor 1.
    same_digits = [other for other in by_form if _digits(other) == _digits(form)]
    near = difflib.get_close_matches(form, same_digits, 1, _ALIKE)
    return (by_form[near[0]], False) if near else None


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))
