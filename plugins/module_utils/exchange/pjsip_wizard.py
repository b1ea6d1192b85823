# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pjsip_wizard.conf makes: endpoint, aor, auths, identify and registrations of one section each.

Written after res_pjsip_config_wizard.c.
"""

from __future__ import annotations

import typing as t

from .asterisk_identity import is_true, listed
from .asterisk_line import folded
from .asterisk_sections import Option
from .asterisk_text import Section
from .findings import Findings
from .pjsip_objects import PjsipObject

#: Most remote hosts of all sections, and longest name of one and longest pattern, in characters.
HOSTS_MAX = 10_000
HOST_MAX_CHARACTERS = 255


class WizardHint(t.NamedTuple):
    """A number that a wizard puts into the dialplan for its endpoint."""

    number: str
    context: str
    endpoint: str
    #: What it does when the number is dialled, such as ``Dial(${HINT},20)``; empty = nothing.
    application: str
    place: str


def wizard_objects(
    sections: t.Iterable[Section], findings: Findings
) -> tuple[list[PjsipObject], list[WizardHint]]:
    """Return the objects that the sections of pjsip_wizard.conf make, and the numbers that they name."""
    objects: list[PjsipObject] = []
    hints: list[WizardHint] = []
    hosts = 0
    for section in sections:
        types = [each.value for each in section.options if folded(each.name) == "type"]
        if "wizard" not in types:
            findings.not_carried(section, "is not of type wizard, so Asterisk makes nothing of it")
            continue
        wizard = _Wizard(section)
        missing = wizard.missing()
        if missing:
            findings.problem(section, f"{missing}, so Asterisk does not make all of its objects; write it")
            continue
        hosts += len(wizard.hosts)
        if hosts > HOSTS_MAX:
            findings.problem(
                section, f"has more remote_hosts than are read here: {HOSTS_MAX:,} of all sections"
            )
            break
        objects += wizard.objects()
        hints += wizard.hints()
    return objects, hints


class _Wizard:
    def __init__(self, section: Section) -> None:
        self._section = section
        self.hosts = [host[:HOST_MAX_CHARACTERS] for host in listed(self._last("remote_hosts"))]
        self._sends_auth = self._is_set("sends_auth")
        self._accepts_auth = self._is_set("accepts_auth")

    def _last(self, option: str, default: str = "") -> str:
        for each in reversed(self._section.options):
            if folded(each.name) == option:
                return each.value
        return default

    def _pattern(self, option: str, default: str) -> str:
        return self._last(option, default)[:HOST_MAX_CHARACTERS]

    def _is_set(self, option: str) -> bool:
        return is_true(self._last(option))

    def missing(self) -> str:
        """Return what Asterisk misses; empty where there is nothing."""
        for direction, uses in (("outbound", self._sends_auth), ("inbound", self._accepts_auth)):
            if uses and not self._last(f"{direction}_auth/username"):
                return f"has no {direction}_auth/username"
        if not self.hosts and (self._is_set("sends_registrations") or self._needs_identify()):
            return "has no remote_hosts"
        return ""

    def _needs_identify(self) -> bool:
        return not (self._is_set("accepts_registrations") or self._is_set("sends_line_with_registrations"))

    def _of(self, prefix: str, **more: str) -> tuple[Option, ...]:
        """Return the options with a prefix, without it, and what the wizard adds, unless it is empty."""
        own = [
            each._replace(name=each.name[len(prefix) :])
            for each in self._section.options
            if each.name.startswith(prefix) and len(each.name) > len(prefix)
        ]
        place = self._section.place
        return (*own, *(Option(name, value, place) for name, value in more.items() if value))

    def _object(self, type_: str, name: str, options: tuple[Option, ...]) -> PjsipObject:
        return PjsipObject(type_, name, str(self._section), options)

    def objects(self) -> list[PjsipObject]:
        name = self._section.name
        proxy, transport = self._last("outbound_proxy"), self._last("transport")
        endpoint = self._of(
            "endpoint/",
            aors=name,
            outbound_proxy=proxy,
            transport=transport,
            outbound_auth=f"{name}-oauth" if self._sends_auth else "",
            auth=f"{name}-iauth" if self._accepts_auth else "",
        )
        made = [self._object("endpoint", name, endpoint), self._object("aor", name, self._aor(proxy))]
        for direction, suffix, uses in (
            ("outbound", "oauth", self._sends_auth),
            ("inbound", "iauth", self._accepts_auth),
        ):
            if uses:
                made.append(self._object("auth", f"{name}-{suffix}", self._of(f"{direction}_auth/")))
        if self._needs_identify():
            identify = self._of("identify/", endpoint=name)
            if not any(each.name == "match" for each in identify):
                identify += tuple(Option("match", host, self._section.place) for host in self.hosts)
            made.append(self._object("identify", f"{name}-identify", identify))
        if self._is_set("sends_registrations"):
            made += self._registrations(proxy, transport)
        return made

    def _aor(self, proxy: str) -> tuple[Option, ...]:
        options = self._of("aor/", outbound_proxy=proxy)
        if any(each.name == "contact" for each in options):
            return options
        pattern = self._pattern("contact_pattern", "sip:${REMOTE_HOST}")
        contacts = [_filled(pattern, host) for host in self.hosts if pattern]
        return (*options, *(Option("contact", contact, self._section.place) for contact in contacts))

    def _registrations(self, proxy: str, transport: str) -> list[PjsipObject]:
        name = self._section.name
        username = self._last("outbound_auth/username") if self._sends_auth else name
        server = self._pattern("server_uri_pattern", "sip:${REMOTE_HOST}")
        client = self._pattern("client_uri_pattern", "sip:${USERNAME}@${REMOTE_HOST}")
        return [
            self._object(
                "registration",
                f"{name}-reg-{index}",
                self._of(
                    "registration/",
                    outbound_proxy=proxy,
                    transport=transport,
                    server_uri=_filled(server, host),
                    client_uri=_filled(client, host, username),
                    outbound_auth=f"{name}-oauth" if self._sends_auth else "",
                    endpoint=name if self._is_set("sends_line_with_registrations") else "",
                ),
            )
            for index, host in enumerate(self.hosts)
        ]

    def hints(self) -> list[WizardHint]:
        number = self._last("hint_exten")
        if not number or not self._is_set("has_hint"):
            return []
        context = self._last("hint_context") or self._last("endpoint/context") or "default"
        application = self._last("hint_application")
        return [WizardHint(number, context, self._section.name, application, str(self._section))]


def _filled(pattern: str, host: str, username: str = "") -> str:
    """Return a pattern with what it names, each once: more would be no address."""
    return pattern.replace("${REMOTE_HOST}", host, 1).replace(
        "${USERNAME}", username[:HOST_MAX_CHARACTERS], 1
    )
