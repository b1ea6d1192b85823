# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which phones have to re-register for a change to count, and why."""

from __future__ import annotations

import typing as t

from ..definition.model import Extension
from .plan import Plan, password_changed

#: Why a phone shows only when it registers again whether a change is well.
PASSWORD, USERNAME, PORT = REASONS = ("password", "username", "port")


def register_anew(plan: Plan, extensions: t.Mapping[str, Extension]) -> dict[str, set[str]]:
    """Return the numbers of extensions that phones could register as before and can, by the reason.

    ``extensions`` are those after the plan.
    """
    found: dict[str, set[str]] = {why: set() for why in REASONS}
    for was, becomes in plan.extensions.change:
        if not (was.can_register and becomes.can_register):
            continue
        if password_changed(was, becomes):
            found[PASSWORD].add(becomes.number)
        if was.authenticates_as != becomes.authenticates_as:
            found[USERNAME].add(becomes.number)
        if was.connection_port != becomes.connection_port:
            found[PORT].add(becomes.number)
    moved = {was.name for was, becomes in plan.ports.change if was.listener != becomes.listener}
    moved |= {was.name for was, becomes in plan.ports.change if was.protocol != becomes.protocol}
    moved |= {port.name for port in plan.ports.delete} - {old.name for old, _new in plan.renamed_ports()}
    if moved:
        new = {extension.number for extension in plan.extensions.create}
        found[PORT] |= {
            number
            for number, extension in extensions.items()
            # Without a port of its own its phone may come through any.
            if extension.can_register
            and number not in new
            and (extension.connection_port or "") in {*moved, ""}
        }
    return found
