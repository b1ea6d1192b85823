# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks phones to fetch their settings, because a change has given them others.

Phone makers agree on a NOTIFY outside of a dialog with ``Event: check-sync`` and no body; some take
``check-sync;reboot=false``. It is not an event package of IANA's registry (RFC 6665, 7). It goes to where the
phone has registered, so it has to be sent before its registration ends.
"""

from __future__ import annotations

import re
import time
import typing as t

from ..planning.plan import Plan, password_changed
from . import ami
from .borrowed_module import Asks, loaded

MODULE = "res_pjsip_notify.so"
#: A token and its parameters (RFC 6665, 8.4). What else Asterisk would put into the header is refused.
EVENT = re.compile(r"[A-Za-z0-9._-]{1,40}(;[A-Za-z0-9_-]{1,20}=[A-Za-z0-9_-]{1,20}){0,4}", re.ASCII)
#: Asterisk sends from a thread of its own, for so many seconds at most: then the registrations may end.
SENT_WITHIN = 0.5


class Acts(t.Protocol):
    """The manager interface: ami.Client."""

    def action(self, name: str, **fields: str) -> t.Mapping[str, str]:
        """Send an action. Raises AmiError."""


def with_other_settings(plan: Plan) -> frozenset[str]:
    """Return the extensions whose phones could register, and have to do so in another way from now on."""
    return frozenset(
        becomes.number
        for was, becomes in plan.extensions.change
        if was.can_register
        and becomes.can_register
        and (
            password_changed(was, becomes)
            or was.authenticates_as != becomes.authenticates_as
            or was.connection_port != becomes.connection_port
        )
    )


def send(
    console: Asks,
    client: Acts,
    numbers: t.Collection[str],
    event: str,
    sleep: t.Callable[[float], None] = time.sleep,
) -> str:
    """Ask the phones of these extensions; return why they could not be asked, "" if they were.

    Raises AmiError, ConsoleError.
    """
    with loaded(console, MODULE) as is_there:
        if not is_there:
            return f"Asterisk could not load {MODULE}, which needs a file /etc/asterisk/pjsip_notify.conf"
        refused = []
        for number in sorted(numbers):
            try:
                client.action("PJSIPNotify", Endpoint=number, Variable=f"Event={event}")
            except ami.AmiRefusedError as error:
                refused.append(f"{number}: {error}")
        sleep(SENT_WITHIN)
    return "; ".join(refused[:3])
