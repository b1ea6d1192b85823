# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the answers of a fleet's hosts say.

A host's answer is the result of pbx_extension_facts as Ansible registers it, or nothing. Much of it
was written by telephones and is believed in nothing but being text. A part that is missing or of
another shape is taken as not known, because one odd host must not hide the others.

A host knows which phones are registered, not which were. That is known to the program that has looked before
(``LastSeen``): an extension that had a phone then, may have one, and has none now is gone.
"""

from __future__ import annotations

import re
import typing as t

from .overview import (
    FAILED,
    GONE,
    RUNNING,
    STOPPED,
    UNREACHABLE,
    Blocked,
    Call,
    Certificate,
    Contact,
    Extension,
    Host,
    LastSeen,
    Overview,
    Port,
    Trunk,
    natural,
)

#: So many blocked addresses of a host are shown.
MOST_BLOCKED = 20

_DIRECTIONS = {"incoming": "in", "outgoing": "out"}


def read(answers: t.Mapping[str, t.Any], before: LastSeen | None = None) -> Overview:
    """Return what the answers say; a host without one could not be asked.

    ``before`` is when extensions had a phone according to the program that has looked before.
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
    confirmation = _dict(facts.get("pbx_confirmation"))
    blocked = [_blocked(item) for item in _list(facts.get("pbx_blocked_addresses"))]
    waiting, taken_back = _dict(confirmation.get("waiting")), _dict(confirmation.get("taken_back"))
    return Host(
        name,
        RUNNING if _text(summary.get("asterisk")) == RUNNING else STOPPED,
        ports=tuple(_port(port, item) for port, item in _dict(facts.get("pbx_connection_ports")).items()),
        trunks=tuple(_trunk(trunk, item) for trunk, item in _dict(facts.get("pbx_trunks")).items()),
        storage_problems=_texts(storage.get("problems")) + _texts(storage.get("retention_problems")),
        storage_days_left=None if storage.get("makes_room") else _integer(storage.get("days_left")),
        no_room_at=_text(summary.get("no_room_at")),
        unconfirmed_until=_text(waiting.get("until")),
        unconfirmed_problem=_text(waiting.get("problem")),
        taken_back_at=_text(taken_back.get("at")),
        blocked=tuple(sorted(blocked, key=lambda one: not one.registered)[:MOST_BLOCKED]),
        blocked_count=max(_integer(summary.get("blocked_addresses")) or 0, len(blocked)),
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


def _blocked(item: t.Any) -> Blocked:
    item = _dict(item)
    return Blocked(
        address=_text(item.get("address")),
        since=_text(item.get("since")),
        until=_text(item.get("until")),
        tried=_texts(item.get("tried")),
        registered=_texts(item.get("registered")),
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
