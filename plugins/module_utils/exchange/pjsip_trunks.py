# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trunks out of the objects of res_pjsip: endpoints that send a password, or are known by their address."""

from __future__ import annotations

import re
import typing as t

from .asterisk_identity import caller, is_true, listed
from .asterisk_line import shown
from .findings import Findings
from .imported import ImportedTrunk
from .pjsip_extensions import Surroundings
from .pjsip_objects import Objects, PjsipObject
from .pjsip_options import CODECS, codecs, not_carried

#: An address of SIP, of which user and password are skipped: host, port.
_URI = re.compile(r"<?sips?:(?:[^@]*@)?(\[[0-9A-Fa-f:.]+\]|[^:;?>\s\[\]]+)(?::([0-9]{1,5}))?")


class Address(t.NamedTuple):
    """What is read of an address of SIP."""

    host: str
    port: int | None


def address(uri: str) -> Address | None:
    """Return host and port of a text such as ``sip:4930@sip.example.net:5070``; None where it is none."""
    found = _URI.match(uri.strip())
    if not found:
        return None
    return Address(found[1].strip("[]"), int(found[2]) if found[2] else None)


def _without_port(match: str) -> str:
    """Return what an identify matches without a port: this collection knows a trunk by its address alone."""
    host, colon, port = match.rpartition(":")
    return host if colon and ":" not in host and port.isdigit() else match


class Trunks:
    """The endpoints that are lines to the outside world, with what belongs to each."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._identified: dict[str, list[PjsipObject]] = {}
        for each in objects.of("identify").values():
            self._identified.setdefault(each.last("endpoint"), []).append(each)
        self._unused = dict(objects.of("registration"))
        self._by_host: dict[str, list[str]] = {}
        self._by_auth: dict[str, list[str]] = {}
        self._by_endpoint: dict[str, list[str]] = {}
        for name, each in self._unused.items():
            server = address(each.last("server_uri"))
            self._by_host.setdefault(server.host.lower() if server else "", []).append(name)
            self._by_auth.setdefault(each.last("outbound_auth"), []).append(name)
            self._by_endpoint.setdefault(each.last("endpoint"), []).append(name)

    def _aors(self, endpoint: PjsipObject) -> list[PjsipObject]:
        known = self._objects.of("aor")
        return [known[name] for name in listed(endpoint.last("aors")) if name in known]

    def is_trunk(self, endpoint: PjsipObject) -> bool:
        """Tell whether an endpoint that is not a phone is a line to the outside world."""
        has_contact = any(aor.last("contact") for aor in self._aors(endpoint))
        return has_contact or bool(endpoint.last("outbound_auth")) or endpoint.name in self._identified

    def read(self, endpoint: PjsipObject, around: Surroundings, findings: Findings) -> None:
        """Note the trunk that an endpoint is, and what of it has no option here."""
        options: dict[str, t.Any] = {"name": endpoint.name}
        contacts = [
            contact for aor in self._aors(endpoint) for each in aor.all("contact") for contact in listed(each)
        ]
        registration = self._registration(endpoint, contacts)
        matches = [
            match
            for identify in self._identified.get(endpoint.name, ())
            for each in identify.all("match")
            for match in map(_without_port, listed(each))
        ]
        server = registration.last("server_uri") if registration else ""
        known = [found for found in map(address, [*contacts, server]) if found]
        if known:
            options["host"] = known[0].host
            if known[0].port is not None:
                options["port"] = known[0].port
        elif hosts := [match for match in matches if "/" not in match]:
            options["host"] = hosts[0]
        else:
            findings.not_carried(endpoint.place, "names no host, so no trunk is made of it")
            return
        if len({found.host for found in known}) > 1:
            rest = ", ".join(sorted({shown(found.host) for found in known if found.host != known[0].host}))
            findings.not_carried(endpoint.place, f"has further hosts, {rest}: write a trunk for each")
        if registration:
            options["register"] = True
        self._read_options(endpoint, matches, options, around, findings)
        credentials = self._credentials(endpoint, registration, options, findings)
        not_carried(endpoint, findings, read=("context", "trust_id_inbound"))
        findings.trunks.append(ImportedTrunk(endpoint.place, options, credentials))

    def _registration(self, endpoint: PjsipObject, contacts: t.Sequence[str]) -> PjsipObject | None:
        """Return the registration that belongs to an endpoint: it names it, shares its auth, or its host."""
        hosts = [found.host.lower() for found in map(address, contacts) if found]
        candidates = [
            *self._by_endpoint.get(endpoint.name, ()),
            *(
                self._by_auth.get(endpoint.last("outbound_auth"), ())
                if endpoint.last("outbound_auth")
                else ()
            ),
            *(name for host in hosts[:1] for name in self._by_host.get(host, ())),
        ]
        # Further ones are those of further hosts, which are told by their contacts.
        found = [self._unused.pop(name) for name in candidates if name in self._unused]
        return found[0] if found else None

    def _read_options(
        self,
        endpoint: PjsipObject,
        matches: t.Sequence[str],
        options: dict[str, t.Any],
        around: Surroundings,
        findings: Findings,
    ) -> None:
        transport = endpoint.last("transport")
        if transport in around.connection_ports:
            options["connection_port"] = around.connection_ports[transport]
        elif transport:
            findings.not_carried(
                endpoint.place, f"transport = {shown(transport)}: say which connection port it is"
            )
        spoken = [codec for codec in codecs(endpoint) if codec in CODECS]
        if spoken:
            options["codecs"] = spoken
        if matches:
            options["inbound_addresses"] = list(dict.fromkeys(matches))
        if is_true(endpoint.last("trust_id_inbound")):
            options["trust_identity"] = True
        asked = [aor.last("qualify_frequency") for aor in self._aors(endpoint)]
        if asked:
            options["qualify"] = any(each not in ("", "0") for each in asked)
        number = caller(endpoint.last("callerid"))[1]
        if re.fullmatch(r"\+?[0-9]{1,20}", number):
            options["caller_id"] = number
        if endpoint.last("context"):
            context = shown(endpoint.last("context"))
            findings.not_carried(
                endpoint.place, f"its calls go to the context {context}: write inbound_numbers"
            )

    def _credentials(
        self,
        endpoint: PjsipObject,
        registration: PjsipObject | None,
        options: dict[str, t.Any],
        findings: Findings,
    ) -> dict[str, str]:
        name = endpoint.last("outbound_auth") or (registration.last("outbound_auth") if registration else "")
        if endpoint.last("auth"):
            findings.not_carried(endpoint.place, "auth is not carried: a trunk is known by its address")
        if not name:
            return {}
        auth = self._objects.of("auth").get(name)
        if auth is None:
            findings.problem(endpoint.place, f"names the auth {shown(name)}, which is not there")
            return {}
        if auth.last("username"):
            options["username"] = auth.last("username")
        if auth.last("realm"):
            options["realm"] = auth.last("realm")
        if auth.last("password"):
            return {"password": auth.last("password")}
        findings.not_carried(auth.place, "has no password that can be carried: write the trunk's password")
        options.pop("register", None)
        return {}

    def note_unused(self, findings: Findings) -> None:
        """Note the registrations that belong to no trunk."""
        for each in self._unused.values():
            findings.not_carried(
                each.place, "registers with a host that no endpoint calls: no trunk is made of it"
            )
