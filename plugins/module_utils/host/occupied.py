# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which other program has a port that Asterisk is to have.

Asterisk only logs "Address already in use", and goes on without the port. The kernel tells the sockets in
/proc/net (proc(5)), and each program's descriptors whose they are.
"""

from __future__ import annotations

import contextlib
import glob
import ipaddress
import os
import sys
import typing as t

from ..definition.model import ConnectionPort
from ..definition.problem import DirectoryError
from .listener import wrong_with_files

#: The state of a TCP socket that listens (include/net/tcp_states.h).
_LISTENS = "0A"


def wrong_with_ports(ports: t.Sequence[ConnectionPort]) -> list[str]:
    """Tell what is in the way of these ports: other programs that have them, and files that are missing."""
    wrong = [what for port in ports for what in wrong_with(port)]
    return wrong + [f"port {port.name!r}: {what}" for port in ports for what in wrong_with_files(port)]


def taken(wrong: t.Sequence[str]) -> DirectoryError:
    """Return the error that says so."""
    return DirectoryError("nothing was changed, because ports are taken:\n" + "\n".join(wrong))


def wrong_with(port: ConnectionPort) -> t.Iterator[str]:
    """Tell who else has the port; nothing where nobody has, or Asterisk."""
    kind = "udp" if port.protocol == "udp" else "tcp"
    for inode in _sockets(kind, port.address, port.port):
        pid, program = _owner(inode)
        if program != "asterisk":
            who = f"{program} (pid {pid})" if pid else "another program"
            cure = f"stop that, or give {port.name!r} another port or address"
            yield f"port {port.port}/{kind} is taken by {who}; {cure}"
            return


def _sockets(kind: str, address: str, port: int) -> t.Iterator[str]:
    """Give the inodes of the sockets that keep others from this address and port."""
    wanted = ipaddress.ip_address(address)
    with (
        contextlib.suppress(OSError),
        open(f"/proc/net/{kind}{'6' if wanted.version == 6 else ''}", encoding="ascii") as table,
    ):
        for line in list(table)[1:]:
            _slot, local, _remote, state, *_queues, inode = line.split()[:10]
            there, _colon, number = local.partition(":")
            if int(number, 16) != port or (kind == "tcp" and state != _LISTENS):
                continue
            its = _address(there)
            if wanted.is_unspecified or its.is_unspecified or its == wanted:
                yield inode


def _address(digits: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Read an address as /proc/net writes it: words of 32 bits, each in the machine's order."""
    raw = bytes.fromhex(digits)
    words = [raw[at : at + 4] for at in range(0, len(raw), 4)]
    return ipaddress.ip_address(b"".join(word[::-1] if sys.byteorder == "little" else word for word in words))


def _owner(inode: str) -> tuple[int, str]:
    """Return the process that has a socket, and its name; 0 where it cannot be seen."""
    for link in glob.iglob("/proc/[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if os.readlink(link) == f"socket:[{inode}]":
                pid = link.split("/")[2]
                with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as name:
                    return int(pid), name.read().strip()
    return 0, ""
