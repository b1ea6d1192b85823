# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the facts of a whole fleet say: every host, every extension, and what needs attention.

A host's answer is the result of pbx_extension_facts as Ansible registers it, or nothing. Much of it
was written by telephones and is believed in nothing but being text. A part that is missing or of
another shape is taken as not known, for one odd host must not hide the others.

A host knows which phones are registered, not which were. That is told by whoever has looked before
(``LastSeen``): an extension that had a phone then, may have one, and has none now is gone.
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

#: A storage of recordings with room for fewer days is named, if nothing makes room in it.
WARN_STORAGE_DAYS = 14

#: So many numbers are named in a notice.
_NAMED = 8

_DIRECTIONS = {"incoming": "in", "outgoing": "out"}


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
    #: Whether it gets no more lamps, for its phones have more than they may have.
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
        """Tell whether somebody has to see to it: less than certificate.WARN_DAYS days are left."""
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
    #: When a call was refused last, for there was room for emergency calls only; empty where none was.
    no_room_at: str = ""
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
class Notice:
    """Something that needs attention, as a word of the vocabulary and what fills its gaps."""

    host: str
    word: str
    serious: bool
    values: t.Mapping[str, str | int] = field(default_factory=dict)


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

    def states(self) -> list[tuple[str, int]]:
        """Return each state that there is with the number of its extensions, unknown words last."""
        counts = Counter(extension.state for extension in self.extensions)
        return sorted(counts.items(), key=lambda item: (state_order(item[0]), item[0]))

    def notices(self) -> list[Notice]:
        """Return what needs attention, the serious first."""
        found = [notice for host in self.hosts for notice in _notices(host)]
        return sorted(found, key=lambda notice: not notice.serious)


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


def read(answers: t.Mapping[str, t.Any], before: LastSeen | None = None) -> Overview:
    """Return what the answers say; a host without one could not be asked.

    ``before`` is when extensions had a phone according to whoever has looked before.
    """
    before = before or {}
    order = (UNREACHABLE, FAILED, STOPPED, RUNNING)
    hosts = [_host(str(name), answer, before.get(str(name), {})) for name, answer in answers.items()]
    hosts.sort(key=lambda host: (order.index(host.state), not host.missing(), natural(host.name)))
    not_asked = dict(before)
    for host in hosts:
        if host.answered:
            unknown = {one.number for one in host.extensions if one.can_register and one.registered is None}
            not_asked[host.name] = {
                number: seen for number, seen in before.get(host.name, {}).items() if number in unknown
            }
    return Overview(tuple(hosts), {host: seen for host, seen in not_asked.items() if seen})


def _host(name: str, answer: t.Any, before: t.Mapping[str, float]) -> Host:
    answer = _dict(answer)
    if answer.get("unreachable"):
        return Host(name, UNREACHABLE, _reason(answer))
    facts = _dict(answer.get("ansible_facts"))
    if answer.get("failed") or "pbx_extensions" not in facts:
        return Host(name, FAILED, _reason(answer))
    summary = _dict(facts.get("pbx_extension_summary"))
    extensions = [
        _extension(name, _text(number), _dict(item), before.get(_text(number)))
        for number, item in _dict(facts["pbx_extensions"]).items()
    ]
    storage = _dict(facts.get("pbx_recording_storage"))
    return Host(
        name,
        RUNNING if _text(summary.get("asterisk")) == RUNNING else STOPPED,
        ports=tuple(_port(port, item) for port, item in _dict(facts.get("pbx_connection_ports")).items()),
        trunks=tuple(_trunk(trunk, item) for trunk, item in _dict(facts.get("pbx_trunks")).items()),
        storage_problems=_texts(storage.get("problems")) + _texts(storage.get("retention_problems")),
        storage_days_left=None if storage.get("makes_room") else _integer(storage.get("days_left")),
        no_room_at=_text(summary.get("no_room_at")),
        extensions=tuple(sorted(extensions, key=lambda extension: natural(extension.number))),
    )


def _reason(answer: t.Mapping[t.Any, t.Any]) -> str:
    """Return why a host gave no facts, without the words that Ansible begins every such message with."""
    return re.sub(r"^(?:(?:Task|Module) failed: )+", "", _text(answer.get("msg")))


def _extension(host: str, number: str, item: t.Mapping[t.Any, t.Any], seen: float | None) -> Extension:
    state = _text(item.get("state")) or "unknown"
    # Without the definitions (gather) the state is what tells it.
    can_register = state not in ("disabled", "no phone")
    can_register = can_register and item.get("enabled") is not False and item.get("has_password") is not False
    registered = item.get("registered")
    gone = seen is not None and can_register and registered is False
    return Extension(
        host=host,
        number=number,
        name=_text(item.get("name")),
        state=GONE if gone else state,
        registered=registered if isinstance(registered, bool) else None,
        groups=_texts(item.get("groups")),
        contacts=tuple(_contact(contact) for contact in reversed(_list(item.get("contacts")))),
        calls=tuple(_call(call) for call in _list(item.get("calls"))),
        connection_port=_text(item.get("connection_port")),
        outbound_profile=_text(item.get("outbound_profile")),
        forward_to=_text(item.get("forward_to")),
        email=_text(item.get("email")),
        record=item.get("record") is True,
        can_register=can_register,
        last_seen=seen if gone else None,
        at_call_limit=item.get("at_call_limit") is True,
        at_lamp_limit=item.get("at_lamp_limit") is True,
    )


def _contact(contact: t.Any) -> Contact:
    contact = _dict(contact)
    reachable = contact.get("reachable")
    return Contact(
        address=_text(contact.get("address")),
        user_agent=_text(contact.get("user_agent")),
        uri=_text(contact.get("uri")),
        reachable=reachable if isinstance(reachable, bool) else None,
        round_trip_ms=_number(contact.get("round_trip_ms")),
        expires_in=_integer(contact.get("expires_in")),
    )


def _call(call: t.Any) -> Call:
    call = _dict(call)
    direction = _text(call.get("direction"))
    return Call(
        direction=_DIRECTIONS.get(direction, direction),
        number=_text(call.get("other")),
        state=_text(call.get("state")),
        seconds=_integer(call.get("seconds")),
    )


def _port(name: t.Any, item: t.Any) -> Port:
    item = _dict(item)
    seen = _dict(item.get("certificate_facts"))
    certificate = None
    if seen:
        certificate = Certificate(
            names=_texts(seen.get("names")),
            subject=_text(seen.get("subject")),
            issuer=_text(seen.get("issuer")),
            not_after=_text(seen.get("not_after")),
            days_left=_integer(seen.get("days_left")),
            problems=_texts(seen.get("problems")),
        )
    return Port(
        name=_text(name),
        protocol=_text(item.get("protocol")),
        address=_text(item.get("address")),
        port=_text(item.get("port")),
        certificate=certificate,
    )


def _trunk(name: t.Any, item: t.Any) -> Trunk:
    item = _dict(item)
    registration = item.get("registration")
    if isinstance(registration, dict):
        registration = registration.get("state", registration.get("status"))
    return Trunk(name=_text(name), host=_text(item.get("host")), registration=_text(registration))


def _notices(host: Host) -> t.Iterator[Notice]:
    if host.state != RUNNING:
        yield Notice(host.name, f"notice {host.state}", serious=True, values={"reason": host.message})
    yield from _missing_phones(host)
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
    yield from _notices_of_limits(host)


def _notices_of_limits(host: Host) -> t.Iterator[Notice]:
    if host.no_room_at:
        yield Notice(host.name, "notice no room", True, {"at": host.no_room_at})
    for extension in host.extensions:
        if extension.at_call_limit:
            yield Notice(host.name, "notice call limit", False, {"number": extension.number})
        if extension.at_lamp_limit:
            yield Notice(host.name, "notice lamp limit", False, {"number": extension.number})


def _missing_phones(host: Host) -> t.Iterator[Notice]:
    for state in MISSING:
        numbers = [extension.number for extension in host.missing(state)]
        if numbers:
            named = ", ".join(numbers[:_NAMED]) + (" …" if len(numbers) > _NAMED else "")
            values: dict[str, str | int] = {"count": len(numbers), "numbers": named}
            yield Notice(host.name, f"notice phones {state}", True, values)


def _dict(value: t.Any) -> t.Mapping[t.Any, t.Any]:
    return value if isinstance(value, dict) else {}


def _list(value: t.Any) -> t.Sequence[t.Any]:
    return value if isinstance(value, (list, tuple)) else ()


def _text(value: t.Any) -> str:
    return "" if value is None else str(value)


def _texts(value: t.Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value))


def _number(value: t.Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # Neither "not a number" nor infinity can stand in JSON.
    return value if abs(value) < 1e15 else None


def _integer(value: t.Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)
