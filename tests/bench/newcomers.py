# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The first registrations of many new telephones, and for how long Asterisk is busy with them.

An extension that Asterisk has not seen since its start, and whose telephone it watches over (qualify), is
dear at first sight: res_pjsip/pjsip_options.c goes through all endpoints for each of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from integration.fleet import Host
from phones.town import registered

from . import town
from .measuring import processor_time_of_asterisk

#: Longest wait until Asterisk knows of each new telephone that it is there, in seconds.
PATIENCE = 60
#: How many telephones Asterisk takes for reachable.
AVAILABLE = "asterisk -rx 'pjsip show contacts' | grep -c ' Avail '"


@dataclass(frozen=True)
class Arrival:
    """How new telephones were let in; all times in seconds."""

    extensions: int
    newcomers: int
    #: Until the last of them was registered.
    registered: float
    #: Until Asterisk had asked each of them whether it is there, from the same beginning; None = too late.
    reachable: float | None
    #: Processor time of Asterisk meanwhile.
    cpu: float


def arrive(host: Host, extensions: int, newcomers: int) -> Arrival:
    """Let new telephones arrive at a host that has run with its extensions; a refused one is an error."""
    town.settle(host, extensions)
    everybody = town.phones(extensions + newcomers)
    new = everybody[extensions:]
    made = host.module_with_file("pbx_extension", extensions=town.extensions([number for number, _p in new]))
    assert not made["failed"], made["msg"]
    assert len(made["created"]) == newcomers, made
    used, began = processor_time_of_asterisk(host), time.monotonic()
    with registered(host.address, new):
        took, reachable = time.monotonic() - began, None
        while time.monotonic() - began < PATIENCE:
            if int(host.shell(f"{AVAILABLE} || true")) == newcomers:
                reachable = time.monotonic() - began
                break
            time.sleep(0.5)
        return Arrival(extensions, newcomers, took, reachable, processor_time_of_asterisk(host) - used)
