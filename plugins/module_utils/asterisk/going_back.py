# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a host what it was before a change: directory, text of ports and trunks, running Asterisk.

For a program on the host that has nothing but Python: the way back has to be open without a controller.
"""

from __future__ import annotations

import typing as t

from ..database import store
from ..definition.problem import DirectoryError
from ..host import occupied
from ..planning.plan import Plan
from . import ami, committed
from .configuration import Configuration

if t.TYPE_CHECKING:
    from ..database.history import Origin


class NotWantedError(DirectoryError):
    """Meanwhile somebody has decided otherwise."""


class GoneBack(t.NamedTuple):
    """What came of it."""

    plan: Plan
    #: Whether Asterisk was restarted.
    restarted: bool
    #: Why Asterisk has to be restarted still.
    restart_due: tuple[str, ...]
    warnings: tuple[str, ...]


def go_back(
    number: int,
    configuration: Configuration,
    log_in: t.Callable[[], ami.Client],
    origin: Origin | None = None,
    path: str = store.DEFAULT_PATH,
    *,
    is_wanted: t.Callable[[], bool] = lambda: True,
) -> GoneBack:
    """Make a host what it was before the change of this number, in one transaction, kept as a change itself.

    Where it is so already, only what Asterisk has not read yet is put in force, so a program that was killed
    does it again. ``is_wanted`` is asked once nobody else can write. Raises NotWantedError where it says no,
    DirectoryError, ConsoleError and OSError, and then nothing was changed.
    """
    with store.writing(path) as directory:
        if not is_wanted():
            raise NotWantedError("nobody wants to go back any more")
        have = directory.read()
        plan = directory.history.way_back(number, have)
        wrong = occupied.wrong_with_ports(plan.ports.written())
        if wrong:
            raise occupied.taken(wrong)
        if plan:
            directory.apply(plan, origin, back_to=number)
        outcome = configuration.put_in_force(directory, directory.read(), plan)
        has_changed = directory.has_changed
    warnings = [
        *plan.warnings,
        *(committed.tell_of_change(log_in) if has_changed else []),
        *committed.tell_of_phones(path, plan, log_in, configuration.console),
    ]
    return GoneBack(plan, outcome.restarted, outcome.restart_due, tuple(warnings))
