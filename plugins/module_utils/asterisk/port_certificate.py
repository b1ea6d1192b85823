# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate of a connection port: in its file, with its key, and as the running port serves it."""

from __future__ import annotations

import typing as t

from ..definition.model import ConnectionPort
from ..definition.protocol import ENCRYPTED
from ..host import listener
from ..host.listener import ListenerError
from . import certificate
from .certificate import CertificateError

Facts = dict[str, t.Any]

#: What makes Asterisk take a certificate that has been renewed under its name, by protocol.
_TAKE_CERTIFICATE = {
    "tls": "asterisk -rx 'module reload res_pjsip.so', before Asterisk 16.29 a restart, brings the new one",
    "wss": "asterisk -rx 'module reload http' brings the new one",
}


def look_at(ports: t.Iterable[ConnectionPort], running: bool, now: float) -> dict[str, Facts]:
    """Return the facts about the certificate of each port that has one, by the port's name.

    A port of a ``running`` Asterisk is asked which one it serves.
    """
    return {port.name: facts(port, running, now) for port in ports if port.protocol in ENCRYPTED}


def facts(port: ConnectionPort, running: bool, now: float) -> Facts:
    """Return what is known of a port's certificate; what is wrong with it is told, never raised."""
    told: Facts = {**certificate.UNKNOWN, "key_matches": None, "served_fingerprint": None}
    problems: list[str] = []
    found = served = None
    try:
        der = certificate.read(port.certificate or "")
        told["fingerprint"] = certificate.fingerprint(der)
        problems += listener.wrong_with_files(port)
        told["key_matches"] = not problems
        found = certificate.parse(der)
        told.update(found.shown(now))
    except CertificateError as error:
        problems.append(f"certificate {port.certificate}: {error}")
    try:
        if running:
            der = listener.served_certificate(port)
            told["served_fingerprint"] = certificate.fingerprint(der)
            served = certificate.parse(der) if found else None
    except (ListenerError, CertificateError) as error:
        problems.append(f"the certificate that the port serves: {error}")
    if found is not None:
        wrong = certificate.problems(
            found, now, port.external_address, served, _TAKE_CERTIFICATE[port.protocol]
        )
        problems += [f"certificate {port.certificate}: {each}" for each in wrong]
    return {**told, "problems": problems}


def warnings_of(ports: t.Iterable[ConnectionPort], now: float) -> list[str]:
    """Tell what is wrong with the certificates of ports, as far as it does not keep them from listening."""
    warnings = []
    for port in ports:
        if port.certificate is None or port.protocol not in ENCRYPTED:
            continue
        try:
            found = certificate.parse(certificate.read(port.certificate))
        except CertificateError:
            # Whether Asterisk can use it is told by others, and the facts tell the rest.
            continue
        wrong = certificate.problems(found, now, port.external_address)
        warnings += [f"port {port.name!r}: certificate {port.certificate}: {each}" for each in wrong]
    return warnings
