# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module does that makes a host what it was before a change.

Private to this collection's modules.
"""

from __future__ import annotations

import datetime
import typing as t

from ..database import store
from ..definition.problem import DirectoryError
from ..planning.plan import KINDS, Directory, Plan
from . import options
from .ansible_module import failed, start
from .infrastructure import Settling
from .population import carry_out, done, report, tell_of_phones

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def run() -> None:
    """Run the module."""
    spec: options.Spec = {}
    for part in (options.ROLLBACK, options.COMMENT, options.INFRASTRUCTURE, options.DATABASE, options.AMI):
        spec.update(part)
    module = start({**spec, **options.HANDED_OVER})
    at = _time(module)
    number: int | None = module.params["before"]
    if (number is None) is (at is None):
        raise failed(module, "give either before, which is the number of a change, or at, which is a time")

    def decide(have: Directory, directory: store.Store | None) -> Plan:
        nonlocal number
        if directory is None:
            raise DirectoryError("there is no history without a directory database")
        if at is not None:
            number = directory.history.first_after(at)
        elif number is not None and number < 0:
            number += directory.history.newest() + 1
        return directory.history.way_back(number or 0, have)

    settling = Settling(module)
    plan = carry_out(module, decide, settling, back_to=lambda: number)
    tell_of_phones(module, plan)
    by_kind = {kind.option: done(kind, plan) for kind in KINDS}
    changed = bool(plan) or settling.changed
    report(module, plan, changed, before=number, directory=by_kind, **settling.result())


def _time(module: AnsibleModule) -> float | None:
    """Return the time that is asked for, in seconds since 1970; what names no zone is UTC."""
    text = module.params["at"]
    if text is None:
        return None
    try:
        # Python reads the Z from 3.11 on.
        moment = datetime.datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    except ValueError as error:
        wrong = f"{text!r} is not a time such as 2026-03-31T17:00:00Z"
        raise failed(module, f"at: {wrong}") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)).timestamp()
