# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renders trunks as the SIP peers that Asterisk reads from text.

They are infrastructure, as transports are: Asterisk keeps registrations and the addresses that
identify a peer in memory, so it has to be told to read them. No name stands in the text, only the
store's identifier and values that the model has checked.
"""

from __future__ import annotations

import typing as t

from ..definition.model import USUAL_TIMEOUTS, ConnectionPort, MediaTimeouts, Trunk
from .section import Section, rendered

FILE = "pjsip_trunks.conf"

_HEADER = """\
; Written by voiceops.asterisk.pbx_trunk: changes made here are lost.
; The names of the trunks are in the directory database.
"""

#: How often a peer is asked whether it is there, in seconds. One that does not answer is not dialled.
QUALIFY_SECONDS = 30


def sections(
    trunks: t.Iterable[Trunk], ports: t.Mapping[str, ConnectionPort], media: MediaTimeouts = USUAL_TIMEOUTS
) -> list[Section]:
    """Return the objects of the trunks, ordered by identifier."""
    return [
        section
        for trunk in sorted(trunks, key=lambda trunk: trunk.id)
        for section in _sections(trunk, ports.get(trunk.connection_port or ""), media)
    ]


def name(trunk: Trunk) -> str:
    """Return the name of a trunk's objects in Asterisk."""
    return f"trunk-{trunk.id}"


def needed(
    trunk: Trunk, ports: t.Mapping[str, ConnectionPort], media: MediaTimeouts = USUAL_TIMEOUTS
) -> list[Section]:
    """Return the objects without which a trunk is not in force.

    The name of a host that cannot be resolved makes no identify object (ip_identify_apply,
    res_pjsip_endpoint_identifier_ip.c). One that registers goes on to try, and is known by its line.
    """
    by_line = trunk.register and not trunk.inbound_addresses
    return [each for each in sections([trunk], ports, media) if not (by_line and each.type == "identify")]


def _sections(trunk: Trunk, port: ConnectionPort | None, media: MediaTimeouts) -> t.Iterator[Section]:
    itself = name(trunk)
    uri = f"sip:{_host(trunk)}:{trunk.port}"
    if port is not None and port.protocol != "udp":
        uri += f";transport={port.protocol}"
    transport = [("transport", port.transport)] if port is not None else []
    credentials = [("outbound_auth", itself)] if trunk.digest is not None else []
    yield Section(
        itself,
        "endpoint",
        (
            *transport,
            ("aors", itself),
            *credentials,
            # By address or by registration only: otherwise anybody who calls himself trunk-3 is let in.
            ("identify_by", "ip"),
            ("context", "trunks"),
            # A caller from outside cannot have the host call somebody else.
            ("allow_transfer", "no"),
            # Which trunk a call has come from; the dialplan asks the directory with it.
            ("set_var", f"trunk={trunk.id}"),
            *(
                [("set_var", f"called_number_header={trunk.called_number_header}")]
                if trunk.called_number_header
                else []
            ),
            # Each channel is counted, as those of phones are (schema.py).
            ("set_var", "GROUP(legs)=all"),
            # A provider that disappears silently is not billed for hours.
            ("rtp_timeout", str(media.talking)),
            ("rtp_timeout_hold", str(media.on_hold)),
            ("disallow", "all"),
            ("allow", ",".join(trunk.codecs)),
            ("direct_media", "no"),
            ("rtp_symmetric", "yes"),
            ("send_pai", "yes"),
            # A peer in our trust domain (RFC 3325) is believed, and is told numbers that are withheld.
            ("trust_id_inbound", "yes" if trunk.trust_identity else "no"),
            ("trust_id_outbound", "yes" if trunk.trust_identity else "no"),
            *([("from_user", trunk.username)] if trunk.username else []),
            ("from_domain", trunk.host),
        ),
    )
    seconds = QUALIFY_SECONDS if trunk.qualify else 0
    yield Section(itself, "aor", (("contact", uri), ("qualify_frequency", str(seconds))))
    matches = [("match", address) for address in trunk.sources]
    yield Section(itself, "identify", (("endpoint", itself), *matches))
    if trunk.digest is not None and trunk.username is not None:
        options = (("username", trunk.username), ("realm", trunk.realm), ("md5_cred", trunk.digest))
        yield Section(itself, "auth", (("auth_type", "md5"), *options))
    if trunk.register and trunk.username is not None:
        yield Section(
            itself,
            "registration",
            (
                *transport,
                ("outbound_auth", itself),
                ("server_uri", uri),
                ("client_uri", f"sip:{trunk.username}@{_host(trunk)}:{trunk.port}"),
                ("contact_user", trunk.username),
                ("retry_interval", "30"),
                ("forbidden_retry_interval", "300"),
                # A wrong password may be put right at the peer too.
                ("auth_rejection_permanent", "no"),
                ("max_retries", "1000000"),
                # Its calls are known by a secret of the registration, wherever they come from.
                ("line", "yes"),
                ("endpoint", itself),
            ),
        )


def _host(trunk: Trunk) -> str:
    return f"[{trunk.host}]" if ":" in trunk.host else trunk.host


def render(
    trunks: t.Iterable[Trunk], ports: t.Mapping[str, ConnectionPort], media: MediaTimeouts = USUAL_TIMEOUTS
) -> str:
    """Return the text of the trunks."""
    return rendered(_HEADER, sections(trunks, ports, media))
