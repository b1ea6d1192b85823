# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Extensions out of the objects of res_pjsip.

A phone says the name of its endpoint in From and that of its aor in To; the user name of its digest is free
(res_pjsip_endpoint_identifier_user.c, res_pjsip_registrar.c). So the endpoint's name is the number here, and
the name by which the phone proves itself is its ``username``.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..definition.digest import REALM
from .asterisk_identity import Secret, caller, credentials, is_number, listed
from .asterisk_line import shown
from .dialplan_numbers import Dialplan
from .findings import Findings
from .imported import ImportedExtension
from .pjsip_objects import Objects, PjsipObject
from .pjsip_options import not_carried

#: Most phones of an extension (request.py).
DEVICES_MAX = 20


@dataclass(frozen=True)
class Surroundings:
    """What is known beside the objects themselves."""

    #: The connection port for each name of a transport.
    connection_ports: t.Mapping[str, str] = field(default_factory=dict)
    dialplan: Dialplan = field(default_factory=Dialplan)


def default_realm(objects: Objects) -> str:
    """Return the realm of auths that name none."""
    return next((each.last("default_realm") for each in objects.of("global").values()), "") or REALM


def is_phone(endpoint: PjsipObject, objects: Objects) -> bool:
    """Tell whether an endpoint is one that phones register with, and no line to the outside world."""
    aors = [objects.of("aor")[name] for name in listed(endpoint.last("aors")) if name in objects.of("aor")]
    registers = any(aor.last("max_contacts") not in ("", "0") for aor in aors)
    if is_number(endpoint.name):
        return bool(endpoint.last("auth")) or registers
    return registers and not any(aor.last("contact") for aor in aors) and not endpoint.last("outbound_auth")


def read_phone(endpoint: PjsipObject, objects: Objects, around: Surroundings, findings: Findings) -> None:
    """Note the extension that an endpoint is, and what of it has no option here."""
    rung_by = [number for number in around.dialplan.numbers_of(endpoint.name) if number != endpoint.name]
    if not is_number(endpoint.name):
        findings.not_carried(endpoint.place, _nameless(endpoint.name, rung_by))
        return
    for number in rung_by:
        message = (
            f"the dialplan calls it as {shown(number)}, too: here it has the number {endpoint.name} alone"
        )
        findings.not_carried(endpoint.place, message)
    options: dict[str, t.Any] = {"number": endpoint.name}
    _read_caller(endpoint, options, findings)
    _read_endpoint(endpoint, options, around, findings)
    _read_aor(endpoint, objects, options, findings)
    secret = _read_auth(endpoint, objects, options, findings)
    ring_timeout = around.dialplan.ring_timeout(endpoint.name)
    if ring_timeout is not None:
        options["ring_timeout"] = ring_timeout
    not_carried(endpoint, findings)
    findings.extensions.append(ImportedExtension(endpoint.place, options, secret))


def _nameless(name: str, numbers: t.Sequence[str]) -> str:
    called = f" The dialplan calls it as {', '.join(map(shown, numbers[:5]))}." if numbers else ""
    return (
        f"phones register as {shown(name)!r}, which is not a number: a phone here says the number of its"
        f" extension.{called} Write an extension with a number for it, and give the phone that number as its"
        " user; it may keep its password and the name by which it proves itself (username)"
    )


def _read_caller(endpoint: PjsipObject, options: dict[str, t.Any], findings: Findings) -> None:
    name, number = caller(endpoint.last("callerid"))
    if name:
        options["name"] = name
    if number and number != endpoint.name:
        findings.not_carried(
            endpoint.place, f"its calls show the number {shown(number)}: here they show {endpoint.name}"
        )


def _read_endpoint(
    endpoint: PjsipObject, options: dict[str, t.Any], around: Surroundings, findings: Findings
) -> None:
    transport = endpoint.last("transport")
    if transport in around.connection_ports:
        options["connection_port"] = around.connection_ports[transport]
    elif transport:
        findings.not_carried(
            endpoint.place,
            f"transport = {shown(transport)}: say which connection port it is, or phones may come by any",
        )
    groups = listed(endpoint.last("named_call_group"))
    if groups:
        options["groups"] = list(dict.fromkeys(groups))
        findings.groups.update(dict.fromkeys(groups))
    if endpoint.last("language"):
        options["language"] = endpoint.last("language")
    if endpoint.last("accountcode"):
        options["labels"] = {"accountcode": endpoint.last("accountcode")}
    identified = set(listed(endpoint.last("identify_by"))) - {"username", "ip"}
    if identified:
        findings.not_carried(
            endpoint.place,
            f"identify_by = {shown(', '.join(sorted(identified)))}: phones say their number in From",
        )
    if endpoint.last("outbound_auth"):
        findings.not_carried(
            endpoint.place, "outbound_auth is not carried: a phone is never asked for a password"
        )


def _read_aor(endpoint: PjsipObject, objects: Objects, options: dict[str, t.Any], findings: Findings) -> None:
    names = listed(endpoint.last("aors"))
    known = [name for name in names if name in objects.of("aor")]
    for name in names:
        if name not in known:
            findings.problem(endpoint.place, f"names the aor {shown(name)}, which is not there")
    if not known:
        findings.changed(endpoint.place, "has no aor, so no phone can register as it; here one can")
        return
    aor = objects.of("aor")[endpoint.name if endpoint.name in known else known[0]]
    if aor.name != endpoint.name:
        findings.not_carried(
            endpoint.place,
            f"phones register as {shown(aor.name)}: here they say the number of the extension in To",
        )
    if len(known) > 1:
        rest = ", ".join(shown(name) for name in known if name != aor.name)
        findings.not_carried(endpoint.place, f"has several aors: {rest} cannot be carried, with its phones")
    contacts = aor.all("contact")
    if contacts:
        findings.not_carried(aor.place, "has a fixed contact: a phone has to register here")
    _read_devices(aor, bool(contacts), options, findings)
    not_carried(aor, findings)


def _read_devices(aor: PjsipObject, is_fixed: bool, options: dict[str, t.Any], findings: Findings) -> None:
    written = aor.last("max_contacts")
    # As ``atoi`` would: what is not a number is none.
    most = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0
    if most == 0:
        if not is_fixed:
            findings.changed(aor.place, "max_contacts is 0, so no phone can register; here one can")
        return
    if most > DEVICES_MAX:
        findings.changed(
            aor.place, f"max_contacts is more than {DEVICES_MAX}, and {DEVICES_MAX} is the most here"
        )
    options["max_devices"] = min(most, DEVICES_MAX)


def _read_auth(
    endpoint: PjsipObject, objects: Objects, options: dict[str, t.Any], findings: Findings
) -> dict[str, str]:
    names = listed(endpoint.last("auth"))
    if not names:
        findings.changed(
            endpoint.place, "has no auth: anybody can register as it. Without a password nobody can here"
        )
        return {}
    if len(names) > 1:
        findings.problem(
            endpoint.place, "has several auths: an extension has one. Leave the one that its phone uses"
        )
        return {}
    auth = objects.of("auth").get(names[0])
    if auth is None:
        findings.problem(endpoint.place, f"names the auth {shown(names[0])}, which is not there")
        return {}
    username = auth.last("username")
    if not username:
        findings.problem(auth.place, "has no username, so Asterisk does not take it; write it")
        return {}
    if username != endpoint.name:
        options["username"] = username
    algorithms = [each.lower() for each in listed(auth.last("supported_algorithms_uas"))]
    if algorithms and "md5" not in algorithms:
        findings.changed(auth.place, "phones are asked for a digest of MD5, no longer of SHA")
    not_carried(auth, findings)
    digest = digest_of(auth)
    if auth.last("password_digest") and not digest and not auth.last("password"):
        findings.problem(auth.place, "has a digest, but none of MD5; write its password")
        return {}
    realm = auth.last("realm") or default_realm(objects)
    return credentials(Secret(username, auth.last("password"), digest, realm), auth.place, findings)


def digest_of(auth: PjsipObject) -> str:
    """Return the digest of MD5 that an auth has, from ``md5_cred`` or ``password_digest``; empty for none."""
    digest = auth.last("md5_cred")
    for written in auth.all("password_digest"):
        for each in listed(written):
            algorithm, colon, value = each.partition(":")
            if colon and algorithm.strip().lower() == "md5":
                digest = value.strip()
    return digest
