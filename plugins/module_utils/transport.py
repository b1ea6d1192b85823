# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renders connection ports as the SIP transports that Asterisk reads from text.

Transports are infrastructure: through realtime Asterisk would bind them anew
at every look-up (res_pjsip/config_transport.c). No name stands in the text,
only the store's identifier and values that the model has checked.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import typing as t

from .model import ConnectionPort

DEFAULT_FILE = "/etc/asterisk/pjsip_connection_ports.conf"

_HEADER = """\
; Written by voiceops.asterisk.pbx_connection_port: changes made here are lost.
; The names of the ports are in the directory database.
"""


def render(ports: t.Iterable[ConnectionPort]) -> str:
    """Return the text of the transports, ordered by identifier."""
    sections = [_HEADER]
    for port in sorted(ports, key=lambda p: p.id):
        address = f"[{port.address}]" if ":" in port.address else port.address
        sections.append(
            f"[port-{port.id}]\ntype = transport\nprotocol = {port.protocol}\nbind = {address}:{port.port}\n"
        )
    return "\n".join(sections)


def current(path: str) -> str | None:
    """Return the text that stands in the file, or None where there is no such file. Raises OSError."""
    try:
        # A file that somebody has damaged is one to write anew, not one to stumble over.
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(path: str, text: str, gid: int) -> None:
    """Replace the file in one step, readable by root and group ``gid`` alone. Raises OSError.

    At any moment there is the whole old text or the whole new one, also after a loss of power.
    """
    descriptor, partial = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".voiceops-")
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchown(file.fileno(), -1, gid)
            os.fchmod(file.fileno(), 0o640)
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)
        raise
