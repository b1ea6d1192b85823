# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rollout is going to do, host by host, and whether it may begin."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..definition.plain_text import clean
from ..status.columns import Line, aligned, cut
from . import batches
from .grouping import said_once
from .words import LANGUAGES, said, who

#: How much of what is wrong with a host is shown; Ansible has shown all of it where it happened.
_MOST = 400
_COUNTED = ("created", "updated", "deleted", "files", "anew")
YES, DUE, NO = RESTARTS = ("yes", "due", "no")


@dataclass(frozen=True)
class HostPlan:
    """What a run would do to a host."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    #: Files of configuration that it would write.
    files: int = 0
    #: Registered phones that have to re-register.
    anew: int = 0
    #: Registered phones.
    registered: int = 0
    #: Whether Asterisk is restarted, ought to be and is not, or neither.
    restart: str = NO
    #: Why it cannot be changed; "" where it can.
    trouble: str = ""
    unreachable: bool = False

    @property
    def changes(self) -> bool:
        """Whether anything is to be done."""
        return any((self.created, self.updated, self.deleted, self.files)) or self.restart == YES


Plans = t.Mapping[str, HostPlan]


def table(plans: Plans, language: str = "en") -> list[Line]:
    """Return the hosts as lines, those with equal outcomes as one, and the totals."""
    words = LANGUAGES[language]
    alike: dict[tuple[t.Any, ...], list[str]] = {}
    for host, plan in plans.items():
        if not plan.trouble:
            counts = (*(getattr(plan, name) for name in _COUNTED), plan.restart)
            alike.setdefault(counts, []).append(host)
    rows = [(words["host"], *(words[name] for name in _COUNTED), words["restart"])]
    for counts, hosts in alike.items():
        *numbers, restart = counts
        rows.append(
            (clean(who(words, hosts)), *(f"{number:,}" for number in numbers), words[f"restart {restart}"])
        )
    lines = [Line(line) for line in aligned(rows)] if len(rows) > 1 else []
    for hosts, why in said_once((host, plan.trouble) for host, plan in plans.items() if plan.trouble):
        values = {"hosts": who(words, hosts), "why": cut(clean(why), _MOST)}
        lines.append(Line(clean(said(words, "line trouble", values)), "bad"))
    return [*lines, _totals(plans, words)]


def totals(plans: Plans) -> dict[str, int]:
    """Return what is to be done to all hosts together."""
    there = [plan for plan in plans.values() if not plan.trouble]
    return {
        "hosts": len(plans),
        "to_change": sum(plan.changes for plan in there),
        "same": sum(not plan.changes for plan in there),
        "trouble": len(plans) - len(there),
        "unreachable": sum(plan.unreachable for plan in plans.values()),
        **{name: sum(getattr(plan, name) for plan in there) for name in (*_COUNTED, "registered")},
        "restarts": sum(plan.restart == YES for plan in there),
    }


def _totals(plans: Plans, words: t.Mapping[str, str]) -> Line:
    counted = totals(plans)
    return Line(said(words, "line totals", counted), "bad" if counted["trouble"] else "plain")


class Stop(t.NamedTuple):
    """The batch in which a rollout would stop, whatever else happens."""

    number: int
    failed: int
    hosts: int


def foreseen_stop(
    plans: Plans, divided: t.Sequence[t.Sequence[str]], percentage: float, done: t.Container[str] = ()
) -> Stop | None:
    """Return where the rollout would stop for the hosts that cannot be changed; None where it would not.

    It would be known only when hosts before that batch are changed already, so it is not begun.
    """
    for number, batch in enumerate(divided, 1):
        failed = sum(bool(plans[host].trouble) for host in batch if host in plans and host not in done)
        if failed and (batches.too_many(failed, len(batch), percentage) or failed == len(batch)):
            return Stop(number, failed, len(batch))
    return None
