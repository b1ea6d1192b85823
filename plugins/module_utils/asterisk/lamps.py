# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells a running Asterisk whose lamps can be watched.

When it starts it reads the view ``pbx_lamps``. A reload of the dialplan would read it again, and add each
hint that is watched again, while every call waits (main/pbx.c, ast_merge_contexts_and_delete).
"""

from __future__ import annotations

import typing as t

from ..database import store
from . import ami

CONTEXT = "lamps"
#: What shows a lamp: the device of the extension.
DEVICE = "PJSIP/${FILTER(0-9,${EXTEN})}"

_SHOWN = ami.Listing(
    "ShowDialPlan",
    "ListDialplan",
    "ShowDialPlanComplete",
    empty=f"Did not find context {CONTEXT}",
    fields={"Context": CONTEXT},
)


def tell(path: str, log_in: t.Callable[[], ami.Client]) -> None:
    """Tell a running Asterisk of numbers that have come or gone and that it has not been told of.

    The lock is held meanwhile, so that what is told last is what holds. Raises DirectoryError and AmiError.
    """
    with store.reading(path) as directory:
        if directory.setting(store.LAMPS_DUE) is None:
            return
    with store.writing(path) as directory:
        try:
            with log_in() as client:
                _tell(client, directory.lamps())
        except ami.AsteriskStoppedError:
            pass  # it reads them when it starts
        directory.note(store.LAMPS_DUE, None)


def _tell(client: ami.Client, wanted: t.AbstractSet[str]) -> None:
    """Make the patterns of the context those that are wanted; first what is new, so that no lamp is missing.

    The hint of a number that was watched is not a pattern any more. It stays when the number goes, so that
    its lamp shows that no phone is registered, and shows who comes after.
    """
    (shown,) = client.lists([_SHOWN])
    there = {name for each in shown if (name := each.get("Extension", "")).startswith("_")}
    for pattern in sorted(wanted - there):
        client.action(
            "DialplanExtensionAdd",
            Context=CONTEXT,
            Extension=pattern,
            Priority="hint",
            Application=DEVICE,
        )
    for pattern in sorted(there - wanted):
        client.action("DialplanExtensionRemove", Context=CONTEXT, Extension=pattern)
