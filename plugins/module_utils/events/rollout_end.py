# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a rollout, as an event, from its report (rollout-report.json).

Pure.
"""

from __future__ import annotations

import json
import typing as t

from .happening import Event, clean

#: Longest report that is read, in bytes: one of 500 hosts has some 0.5 MB.
LONGEST_REPORT = 64 << 20
#: How a rollout ends. One that goes on has not.
_ENDS = ("finished", "stopped", "refused")
#: What a host may be in the end without being named.
_WELL = ("done", "same", "waiting")
_MOST_NAMED = 20


def event(text: str) -> Event | None:
    """Return the event of a report; None where it is not the report of a rollout that has ended."""
    try:
        report = json.loads(text)
        state, hosts = report["state"], dict(report["hosts"])
        states = {str(name): str(host["state"]) for name, host in hosts.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if state not in _ENDS:
        return None
    troubled = sorted(name for name, how in states.items() if how not in _WELL)
    return {
        "kind": "rollout_ended",
        "state": state,
        "why": _text(report.get("why")),
        "began": _text(report.get("began")),
        "ended": _text(report.get("ended")),
        "hosts": len(states),
        "changed": sum(how == "done" for how in states.values()),
        "unchanged": sum(how == "same" for how in states.values()),
        "not_begun": sum(how == "waiting" for how in states.values()),
        "troubled": len(troubled),
        "troubled_hosts": ", ".join(clean(name) for name in troubled[:_MOST_NAMED]),
    }


def _text(value: t.Any) -> str:
    return clean(value) if isinstance(value, str) else ""
