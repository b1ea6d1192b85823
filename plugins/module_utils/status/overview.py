# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole fleet at one moment: every host and every extension.

answers.py makes it of what the hosts have answered, notices.py says what of it needs attention.
"""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from dataclasses import dataclass, field

from ..asterisk import certificate

#: What a host can be.
RUNNING, STOPPED, UNREACHABLE, FAILED = "running", "stopped", "unreachable", "failed"

#: An extension that was registered and no longer is; the facts of its host call it unregistered.
GONE = "gone"
#: States of an extension, the most lively first: the order in which they are shown and sorted.
STATES = (
    *("ringing", "ringing in use", "in use", "on hold", "busy", "idle"),
    *("unreachable", GONE, "unregistered", "disabled", "no phone", "unknown"),
)
TALKING = frozenset(["ringing in use", "in use", "on hold", "busy"])
#: States in which a phone is missing that was there.
MISSING = ("unreachable", GONE)

#: When extensions were last seen to be registered, in seconds since 1970: by host and number.
LastSeen = t.Mapping[str, t.Mapping[str, float]]


@dataclass(frozen=True)
class Contact:
    """A phone that has registered."""

    address: str = ""
    user_agent: str = ""
    uri: str = ""
    reachable: bool | None = None
    round_trip_ms: float | None = None
    expires_in: int | None = None


@dataclass(frozen=True)
class Call:
    """A call that an extension has at this moment."""

    direction: str = ""
    number: str = ""
    state: str = ""
    seconds: int | None = None


@dataclass(frozen=True)
class Extension:
    """A number and what is known of it."""

    host: str
    number: str
    name: str = ""
    state: str = "unknown"
    registered: bool | None = None
    groups: tuple[str, ...] = ()
    #: The newest first.
    contacts: tuple[Contact, ...] = ()
    calls: tuple[Call, ...] = ()
    connection_port: str = ""
    outbound_profile: str = ""
    forward_to: str = ""
    email: str = ""
    record: bool = False
    #: Whether a phone can register as it: an extension may only forward, or be disabled.
    can_register: bool = True
    #: When it last had a phone, if somebody has looked and it has none now.
    last_seen: float | None = None
    #: Whether it has placed as many calls as it may have.
    at_call_limit: bool = False
    #: Whether it gets no more lamps, because its phones have more than they may have.
    at_lamp_limit: bool = False


@dataclass(frozen=True)
class Certificate:
    """What a port for encrypted connections shows of itself."""

    names: tuple[str, ...] = ()
    subject: str = ""
    issuer: str = ""
    not_after: str = ""
    days_left: int | None = None
    problems: tuple[str, ...] = ()

    @property
    def expired(self) -> bool:
        """Tell whether its last day is over."""
        return self.days_left is not None and self.days_left < 0

    @property
    def expires_soon(self) -> bool:
        """Tell whether somebody has to act: less than certificate.WARN_DAYS days are left."""
        return self.days_left is not None and self.days_left < certificate.WARN_DAYS


@dataclass(frozen=True)
class Port:
    """A port that phones and trunks connect through."""

    name: str
    protocol: str = ""
    address: str = ""
    port: str = ""
    certificate: Certificate | None = None


@dataclass(frozen=True)
class Trunk:
    """A line to the outside world; ``registration`` is empty where it does not register."""

    name: str
    host: str = ""
    registration: str = ""

    @property
    def lost(self) -> bool:
        """Tell whether it registers at its peer and is not registered there."""
        return self.registration != "" and self.registration.casefold() != "registered"


@dataclass(frozen=True)
class Blocked:
    """An address that is blocked, because wrong passwords came from there."""

    address: str
    since: str = ""
    #: Empty where it stays blocked.
    until: str = ""
    #: The numbers that were tried from there.
    tried: tuple[str, ...] = ()
    #: The extensions that have a phone registered from there.
    registered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Host:
    """A telephone system, and why nothing is known of it if that is so."""

    name: str
    state: str
    message: str = ""
    ports: tuple[Port, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    #: What is wrong with the storage of recordings, and with the removal of old ones.
    storage_problems: tuple[str, ...] = ()
    #: For how many days more it has room; None where there is no end, or recordings are removed for room.
    storage_days_left: int | None = None
    #: When a call was refused last, because there was room for emergency calls only; empty where none was.
    no_room_at: str = ""
    #: Until when a change waits to be confirmed, and why it could not be taken back; empty where none does.
    unconfirmed_until: str = ""
    unconfirmed_problem: str = ""
    #: When a change was taken back that nobody had confirmed; empty where it was none, or not the newest.
    taken_back_at: str = ""
    #: The addresses that are blocked, those with phones first; and how many there are in all.
    blocked: tuple[Blocked, ...] = ()
    blocked_count: int = 0
    extensions: tuple[Extension, ...] = field(default=(), repr=False)

    @property
    def answered(self) -> bool:
        """Tell whether the host itself was reached, whatever its Asterisk does."""
        return self.state in (RUNNING, STOPPED)

    @property
    def registered(self) -> int:
        """Count the extensions with a phone."""
        return sum(1 for extension in self.extensions if extension.registered)

    @property
    def can_register(self) -> int:
        """Count the extensions that a phone can register as: so many are registered when all is well."""
        return sum(1 for extension in self.extensions if extension.can_register)

    def missing(self, *states: str) -> list[Extension]:
        """Return the extensions whose phone was there and is not: in these states, or in any such."""
        return [extension for extension in self.extensions if extension.state in (states or MISSING)]

    @property
    def well(self) -> bool:
        """Tell whether it runs, and every phone that can be there is."""
        return self.state == RUNNING and not self.missing() and self.registered == self.can_register

    @property
    def talking(self) -> int:
        """Count the extensions with a conversation."""
        return sum(1 for extension in self.extensions if extension.state in TALKING)


@dataclass(frozen=True)
class Overview:
    """A fleet at one moment. Hosts that need attention come first."""

    hosts: tuple[Host, ...]
    #: What was known before of extensions of which nothing is known now.
    not_asked: LastSeen = field(default_factory=dict, repr=False)

    @property
    def extensions(self) -> list[Extension]:
        """Return the extensions of all hosts."""
        return [extension for host in self.hosts for extension in host.extensions]

    @property
    def blocked_count(self) -> int:
        """Count the blocked addresses of all hosts."""
        return sum(host.blocked_count for host in self.hosts)

    def states(self) -> list[tuple[str, int]]:
        """Return each state that there is with the number of its extensions, unknown words last."""
        counts = Counter(extension.state for extension in self.extensions)
        return sorted(counts.items(), key=lambda item: (state_order(item[0]), item[0]))


def state_order(state: str) -> int:
    """Return the place of a state among all; those unknown come last."""
    return STATES.index(state) if state in STATES else len(STATES)


def natural(text: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts ``pbx-2`` before ``pbx-10``, and ``007`` after ``7``."""
    parts = re.split(r"([0-9]+)", text)
    return [
        (int(part), len(part), "") if index % 2 else (0, 0, part.casefold())
        for index, part in enumerate(parts)
    ]
