# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells a running Asterisk, once a plan is committed, what it does not read of the database by itself.

What could not be told is returned as warnings: what was committed counts anyway.
"""

from __future__ import annotations

import contextlib
import typing as t

from ..definition.problem import DirectoryError
from ..planning.plan import Plan
from . import ami, contact, lamps, sorcery_cache
from .console import Console, ConsoleError


def tell_of_change(log_in: t.Callable[[], ami.Client]) -> list[str]:
    """Have the next call go by what was written; before anything else is told, which may rest on it.

    It is due also where Asterisk was restarted meanwhile: it has read what was before the commit.
    """
    try:
        sorcery_cache.tell(log_in)
    except ami.AmiError as error:
        return [
            f"calls may go by the directory as it was for up to {sorcery_cache.LIFETIME // 60} minutes,"
            f" because Asterisk could not be told of the change: {error}"
        ]
    return []


def tell_of_phones(
    path: str,
    plan: Plan,
    log_in: t.Callable[[], ami.Client],
    console: Console,
    earlier: frozenset[tuple[str, str]] | None = None,
) -> list[str]:
    """Tell whose phones may not be registered any more, whose are to come, and of lamps.

    ``earlier`` are the contacts (contact.seen) from before phones were asked to register again, if they were.
    """
    warnings = []
    try:
        lamps.tell(path, log_in)
    except (DirectoryError, ami.AmiError) as error:
        warnings.append(
            "lamps of new extensions cannot be watched and those of deleted ones can, until the next run or"
            f" Asterisk's next start, because Asterisk could not be told of them: {error}"
        )
    orphaned = contact.orphaned_numbers(plan)
    if orphaned:
        try:
            with log_in() as client:
                contact.remove(client, orphaned, earlier)
        except ami.AmiError as error:
            warnings.append(
                f"the phones of {', '.join(sorted(orphaned))} stay registered until their registration"
                f" expires, because Asterisk could not be asked to forget them: {error}"
            )
    # Without it lamps and facts are late, once; so a failure does not matter.
    with contextlib.suppress(ConsoleError):
        contact.expect(console, contact.created_numbers(plan))
    return warnings
