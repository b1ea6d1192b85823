# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a fleet needs attention."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..asterisk import certificate
from .overview import MISSING, RUNNING, Host, Overview

#: A storage of recordings with room for fewer days is named, if nothing makes room in it.
WARN_STORAGE_DAYS = 14

#: So many numbers are named in a notice.
_NAMED = 8

#: Typed on its host, it lifts the block of an address.
UNBLOCK = "fail2ban-client set voiceops-asterisk unbanip ADDRESS"


@dataclass(frozen=True)
class Notice:
    """Something that needs attention, as a word of the vocabulary and what fills its gaps."""

    host: str
    word: str
    serious: bool
    values: t.Mapping[str, str | int] = field(default_factory=dict)


def of(fleet: Overview) -> list[Notice]:
    """Return what needs attention, the serious first."""
    found = [notice for host in fleet.hosts for notice in _of_host(host)]
    return sorted(found, key=lambda notice: not notice.serious)


def _of_host(host: Host) -> t.Iterator[Notice]:
    if host.state != RUNNING:
        yield Notice(host.name, f"notice {host.state}", serious=True, values={"reason": host.message})
    # Before the phones that are missing for this reason.
    yield from _of_blocked(host)
    yield from _of_missing_phones(host)
    for port in host.ports:
        if port.certificate is None:
            continue
        days = port.certificate.days_left or 0
        if port.certificate.expired:
            yield Notice(host.name, "notice certificate expired", True, {"port": port.name, "days": -days})
        elif port.certificate.expires_soon:
            yield Notice(host.name, "notice certificate", False, {"port": port.name, "days": days})
        for problem in port.certificate.problems:
            if certificate.is_of_its_end(problem):
                continue  # said above, in the language of the board
            yield Notice(
                host.name, "notice certificate problem", True, {"port": port.name, "problem": problem}
            )
    for trunk in host.trunks:
        if trunk.lost:
            values = {"trunk": trunk.name, "registration": trunk.registration}
            yield Notice(host.name, "notice trunk", True, values)
    for problem in host.storage_problems:
        yield Notice(host.name, "notice storage", True, {"problem": problem})
    if host.storage_days_left is not None and host.storage_days_left < WARN_STORAGE_DAYS:
        yield Notice(host.name, "notice storage days", False, {"days": host.storage_days_left})
    yield from _of_changes(host)
    yield from _of_limits(host)


def _of_blocked(host: Host) -> t.Iterator[Notice]:
    # Only where phones are: strangers who are blocked need nobody's attention.
    for one in host.blocked:
        if one.registered:
            values = {"address": one.address, **_counted(one.registered)}
            yield Notice(host.name, "notice blocked", True, values)


def _of_changes(host: Host) -> t.Iterator[Notice]:
    if host.taken_back_at:
        yield Notice(host.name, "notice taken back", True, {"at": host.taken_back_at})
    if host.unconfirmed_problem:
        yield Notice(host.name, "notice not taken back", True, {"problem": host.unconfirmed_problem})
    elif host.unconfirmed_until:
        yield Notice(host.name, "notice unconfirmed", False, {"at": host.unconfirmed_until})


def _of_limits(host: Host) -> t.Iterator[Notice]:
    if host.no_room_at:
        yield Notice(host.name, "notice no room", True, {"at": host.no_room_at})
    for extension in host.extensions:
        if extension.at_call_limit:
            yield Notice(host.name, "notice call limit", False, {"number": extension.number})
        if extension.at_lamp_limit:
            yield Notice(host.name, "notice lamp limit", False, {"number": extension.number})


def _of_missing_phones(host: Host) -> t.Iterator[Notice]:
    for state in MISSING:
        numbers = [extension.number for extension in host.missing(state)]
        if numbers:
            yield Notice(host.name, f"notice phones {state}", True, _counted(numbers))


def _counted(numbers: t.Sequence[str]) -> dict[str, str | int]:
    return {"count": len(numbers), "numbers": named(numbers)}


def named(numbers: t.Sequence[str]) -> str:
    """Return the first of these numbers in a line."""
    return ", ".join(numbers[:_NAMED]) + (" …" if len(numbers) > _NAMED else "")
