# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rings a phone for a second: the one look that shows that a call gets through to it.

The manager's account may not place calls, and that stays so. The console can, with a module that is loaded
for that moment only (res_clioriginate): whoever reaches the console may load modules anyway.
"""

from __future__ import annotations

import contextlib
import time
import typing as t

from . import ami
from .borrowed_module import Asks, loaded

MODULE = "res_clioriginate.so"
#: How long it may take until the phone rings, how long it then rings, and between two looks, in seconds.
PATIENCE, RINGS, PAUSE = 5.0, 1.0, 0.2
_RINGS = ("Ringing", "Up")
#: What the channel of somebody else's call to the same phone says, because Dial has made it.
_OF_DIAL = "AppDial"


class Lists(t.Protocol):
    """The manager interface: ami.Client."""

    def list(self, action: str, entry: str, complete: str) -> t.Sequence[t.Mapping[str, str]]:
        """Return every entry of a list."""

    def action(self, name: str, **fields: str) -> t.Mapping[str, str]:
        """Send an action."""


def ring(
    console: Asks,
    client: Lists,
    number: str,
    clock: t.Callable[[], float] = time.monotonic,
    sleep: t.Callable[[float], None] = time.sleep,
) -> str:
    """Ring the first phone of an extension; return why it did not, "" if it did.

    Raises ConsoleError, AmiError.
    """
    with loaded(console, MODULE) as is_there:
        if not is_there:
            return f"Asterisk has no module {MODULE}, which places calls"
        return _ring(console, client, number, clock, sleep)


def _ring(
    console: Asks,
    client: Lists,
    number: str,
    clock: t.Callable[[], float],
    sleep: t.Callable[[float], None],
) -> str:
    others = _channels(client, number).keys()
    console.ask(f"channel originate PJSIP/{number} application Wait {RINGS:g}")
    give_up = clock() + PATIENCE
    rings = False
    while not rings and clock() < give_up:
        sleep(PAUSE)
        rings = any(
            state in _RINGS for name, state in _channels(client, number).items() if name not in others
        )
    if rings:
        sleep(RINGS)
    for name in _channels(client, number).keys() - others:
        _hang_up(client, name)
    return "" if rings else f"it did not ring within {PATIENCE:g} s"


def _channels(client: Lists, number: str) -> dict[str, str]:
    """Return the channels to the extension that no call of others has made, and their states."""
    listed = client.list("CoreShowChannels", "CoreShowChannel", "CoreShowChannelsComplete")
    return {
        each["Channel"]: each.get("ChannelStateDesc", "")
        for each in listed
        if each.get("Channel", "").startswith(f"PJSIP/{number}-") and each.get("Application") != _OF_DIAL
    }


def _hang_up(client: Lists, channel: str) -> None:
    # It may have ended by itself.
    with contextlib.suppress(ami.AmiRefusedError):
        client.action("Hangup", Channel=channel)
