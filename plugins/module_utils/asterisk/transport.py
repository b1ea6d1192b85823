# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renders connection ports as the SIP transports that Asterisk reads from text.

Transports are infrastructure: through realtime Asterisk would bind them again
at every look-up (res_pjsip/config_transport.c). No name stands in the text,
only the store's identifier and values that the model has checked.
"""

from __future__ import annotations

import typing as t

from ..definition.model import ConnectionPort
from ..definition.protocol import ENCRYPTED, WEBSOCKETS
from .section import Section, rendered

FILE = "pjsip_connection_ports.conf"
#: Asterisk's HTTP server listens for phones in browsers, and reads where from this file.
HTTP_FILE = "http_connection_ports.conf"

_HEADER = """\
; Written by voiceops.asterisk.pbx_connection_port: changes made here are lost.
; The names of the ports are in the directory database.
"""


def sections(ports: t.Iterable[ConnectionPort]) -> list[Section]:
    """Return the transports, ordered by identifier."""
    return [section(port) for port in sorted(ports, key=lambda port: port.id)]


def section(port: ConnectionPort) -> Section:
    """Return the transport of a port; one for browsers opens no listener of its own."""
    options = [("protocol", port.protocol), ("bind", _socket(port))]
    if port.protocol in ENCRYPTED and port.protocol not in WEBSOCKETS:
        options += [
            ("cert_file", port.certificate or ""),
            ("priv_key_file", port.private_key or ""),
            # The oldest that is not broken, and the newest that Asterisk 16 knows.
            ("method", "tlsv1_2"),
        ]
    if port.external_address is not None:
        options += [
            ("external_media_address", port.external_address),
            ("external_signaling_address", port.external_address),
        ]
    options += [("local_net", network) for network in port.local_networks]
    if port.mark:
        # Asterisk puts the transport's name into the first contact of each request, the one that it rewrites
        # to where the request came from (res_pjsip/pjsip_message_filter.c,
        # on_rx_process_symmetric_transport).
        options.append(("symmetric_transport", "yes"))
    return Section(port.transport, "transport", tuple(options))


def _socket(port: ConnectionPort) -> str:
    return f"[{port.address}]:{port.port}" if ":" in port.address else f"{port.address}:{port.port}"


def render(ports: t.Iterable[ConnectionPort]) -> str:
    """Return the text of the transports."""
    return rendered(_HEADER, sections(ports))


def render_http(ports: t.Iterable[ConnectionPort]) -> str:
    """Return what the HTTP server listens on for phones: nothing but the ports of ws and wss.

    It is off where nothing enables it (main/http.c). That it is off is not said, because metrics may need
    it: the role says so earlier in the same section, and what comes last counts.
    """
    by_protocol = {port.protocol: port for port in ports}
    lines: list[str] = []
    if "ws" in by_protocol:
        port = by_protocol["ws"]
        lines += ["enabled = yes", f"bindaddr = {port.address}", f"bindport = {port.port}"]
    if "wss" in by_protocol:
        port = by_protocol["wss"]
        lines += [
            "tlsenable = yes",
            f"tlsbindaddr = {_socket(port)}",
            f"tlscertfile = {port.certificate}",
            f"tlsprivatekey = {port.private_key}",
            # By itself it takes what the host's OpenSSL allows.
            "tlsdisablev1 = yes",
            "tlsdisablev11 = yes",
        ]
    return _HEADER + "".join(f"{line}\n" for line in (["", *lines] if lines else []))
