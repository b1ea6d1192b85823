# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides what becomes of the infrastructure: connection ports and trunks."""

from __future__ import annotations

import dataclasses
import ipaddress
import itertools
import typing as t

from ..definition import number_form
from ..definition.digest import ha1
from ..definition.model import ConnectionPort, Trunk
from ..definition.outbound import trunks_by_place
from ..definition.problem import Problem
from ..definition.protocol import ENCRYPTED, PORT_NUMBERS, WEBSOCKETS
from ..definition.reading import joined
from .judgement import Judgement, listed
from .plan import PORTS, TRUNKS, Directory, Plan, by, sort_out
from .request import Request


def decide_ports(have: Directory, requests: t.Sequence[Request], judgement: Judgement) -> Plan:
    """Plan connection ports; what is wrong or worth a warning goes into ``judgement``."""
    pairs: list[tuple[ConnectionPort | None, ConnectionPort | None]] = []
    for request in requests:
        old = have.ports.get(request.key)
        if request.present:
            pairs.append((old, _port(old, request, judgement)))
            continue
        users = [
            f"extension {e.number}" for e in have.extensions.values() if e.connection_port == request.key
        ]
        users += [
            f"trunk {each.name!r}" for each in have.trunks.values() if each.connection_port == request.key
        ]
        judgement.in_use(request, PORTS, users, "change these first")
        pairs.append((old, None))
    return Plan(ports=sort_out(pairs, by(PORTS)))


def _port(old: ConnectionPort | None, request: Request, judgement: Judgement) -> ConnectionPort:
    given = dict(request.given)
    protocol = given.get("protocol") or (old or ConnectionPort(request.key)).protocol
    base = old or ConnectionPort(request.key, port=PORT_NUMBERS[protocol])
    if protocol in ENCRYPTED:
        port = dataclasses.replace(base, **given)
        for option in ("certificate", "private_key"):
            if getattr(port, option) is None:
                judgement.refuse(
                    request, option, f"is missing; a port of {protocol} needs the path of a PEM file"
                )
        return port
    for option in ("certificate", "private_key"):
        if given.get(option):
            judgement.refuse(
                request, option, f"is for ports of {' and '.join(ENCRYPTED)}; this is {protocol}"
            )
    return dataclasses.replace(base, **{**given, "certificate": None, "private_key": None})


def judge_listeners(
    ports: t.Mapping[str, ConnectionPort], want: t.Sequence[Request], found: Judgement
) -> None:
    """Refuse ports that would be in each other's way, looking at all that there will be."""
    paths = {request.key: request.path for request in want}
    earlier: list[ConnectionPort] = []
    for port in ports.values():
        for other in earlier:
            path = paths.get(port.name) or paths.get(other.name) or ""
            if port.listener[:2] == other.listener[:2] and _overlap(port.address, other.address):
                message = f"{port.protocol} {port.address}:{port.port} is already the port {other.name!r}"
                found.refuse_for_the_list(PORTS, path, message)
            elif port.protocol == other.protocol and port.protocol in WEBSOCKETS:
                message = (
                    f"Asterisk can have one port of {port.protocol}, and there is already {other.name!r}"
                )
                found.refuse_for_the_list(PORTS, path, message)
        earlier.append(port)


def _overlap(one: str, other: str) -> bool:
    """Tell whether one socket already has the other's address; ``::`` does not take IPv4 (pjsip)."""
    a, b = ipaddress.ip_address(one), ipaddress.ip_address(other)
    return a.version == b.version and (a == b or a.is_unspecified or b.is_unspecified)


def decide_trunks(have: Directory, requests: t.Sequence[Request], judgement: Judgement) -> Plan:
    """Plan trunks; what is wrong or worth a warning goes into ``judgement``."""
    pairs: list[tuple[Trunk | None, Trunk | None]] = []
    for request in requests:
        old = have.trunks.get(request.key)
        if request.present:
            pairs.append((old, _trunk(old, request, have, judgement)))
            continue
        users = [
            f"profile {p.name!r}"
            for p in have.profiles.values()
            if request.key in (name for _place, name in trunks_by_place(p.rules))
        ]
        judgement.in_use(request, TRUNKS, users, "change these first")
        pairs.append((old, None))
    return Plan(trunks=sort_out(pairs, by(TRUNKS)))


def _trunk(old: Trunk | None, request: Request, have: Directory, judgement: Judgement) -> Trunk:
    given = request.given
    base = old or Trunk(request.key)
    # Where the realm is not told it is most often the host's name; it stays when the host changes,
    # because the stored digest is good for that one only.
    realm = given.get("realm") or base.realm or given.get("host", "")
    new = dataclasses.replace(base, **{**given, "realm": realm})
    if not new.host and "host" not in given:
        judgement.refuse(request, "host", "is missing; a trunk needs the name or the IP address of its peer")
    if new.connection_port is not None and "connection_port" in given:
        judgement.unknown(request, "connection_port", new.connection_port, PORTS, have)
    digest = base.digest
    if request.password:
        digest = ha1(new.username or "", new.realm, request.password)
        if new.username is None:
            judgement.refuse(request, "username", "is missing; the password belongs to a user name")
    elif request.password == "" or new.username is None:
        digest = None
    elif digest is not None and (new.username, new.realm) != (base.username, base.realm):
        message = "is needed again; it is stored only together with the user name and the realm"
        judgement.refuse(request, "password", message)
    if new.register and digest is None:
        judgement.refuse(request, "register", "needs a username and a password")
    if new.area_code is not None and new.country_code is None:
        judgement.refuse(request, "area_code", "needs the country_code too")
    if {"inbound_numbers", "country_code"} & given.keys():
        leads = {i.number: i.extension for i in new.inbound_numbers}
        for one, other in number_form.same(leads, new.country_code):
            if leads[one] != leads[other]:
                message = f"{one} and {other} are one number; give it one extension"
                judgement.refuse(request, "inbound_numbers", message)
    return dataclasses.replace(new, digest=digest)


def judge_trunk_ports(after: Directory, want: t.Sequence[Request], found: Judgement) -> None:
    """Refuse a trunk through a port of browsers, whichever of the two has changed."""
    places = {request.key: joined(request.path, "connection_port") for request in want}
    for name, trunk in sorted(after.trunks.items()):
        port = after.ports.get(trunk.connection_port or "")
        if port is not None and port.protocol in WEBSOCKETS:
            message = f"{port.name!r} is a port of {port.protocol}, which only browsers connect to"
            place = places.get(name) or f"trunk {name!r}"
            found.problems.append(Problem(place, message))


def judge_accounts(before: Directory, after: Directory, want: t.Sequence[Request], found: Judgement) -> None:
    """Refuse trunks that neither their address nor the number that is called tells apart.

    Two accounts of one provider have an address in common. The number decides then (number_form.rows), so it
    has to be the number of one of them. One that registers is known by its line before all that.
    """
    asked = {request.key: request for request in want if request.present}
    by_address = [trunk for _name, trunk in sorted(after.trunks.items()) if not trunk.register]
    for one, other in itertools.combinations(by_address, 2):
        shared = sorted(set(one.sources) & set(other.sources))
        if not shared:
            continue
        leads = _leads(one)
        numbers = sorted({n for n, e in _leads(other).items() if leads.get(n, e) != e})
        if not numbers:
            continue
        message = (
            f"calls of the trunks {one.name!r} and {other.name!r} come from the same address"
            f" ({listed(shared)}), and both have the number {numbers[0]}: which extension it is for cannot be"
            " told; name it in one of them"
        )
        changed = [trunk for trunk in (other, one) if before.trunks.get(trunk.name) != trunk]
        request = next((asked[trunk.name] for trunk in changed if trunk.name in asked), None)
        if request is None:
            found.warn(message)
        else:
            found.refuse_for_the_list(TRUNKS, joined(request.path, "inbound_numbers"), message)


def _leads(trunk: Trunk) -> dict[str, str]:
    """Return the extension of each form of a number."""
    extensions = {inbound.number: inbound.extension for inbound in trunk.inbound_numbers}
    forms = number_form.by_form(extensions, trunk.country_code, trunk.area_code)
    return {form: extensions[number] for form, number in forms.items()}


def judge_inbound(before: Directory, after: Directory, want: t.Sequence[Request], found: Judgement) -> None:
    """Refuse inbound numbers that lead to nobody, and warn of those that come to do so."""
    asked = {request.key: request for request in want if request.present}
    for name, trunk in sorted(after.trunks.items()):
        there = before.trunks[name].inbound_numbers if name in before.trunks else ()
        for inbound in trunk.inbound_numbers:
            if inbound.extension in after.extensions:
                continue
            if inbound not in there:
                found.no_such_extension(asked[name], "inbound_numbers", inbound.extension)
            elif inbound.extension in before.extensions:
                found.warn(
                    f"trunk {name!r} sends calls to {inbound.number} to extension {inbound.extension},"
                    " which is deleted"
                )
