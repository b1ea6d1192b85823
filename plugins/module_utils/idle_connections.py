# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Closes connections of strangers where there are so many that phones might get none.

A program of the host that systemd runs again and again. Asterisk itself closes a connection on which no
request has come; one with a request that was refused stays, and so does a handshake that is never ended. A
phone's is told by the contacts that are registered: each has the address and port that it came from.
"""

from __future__ import annotations

# A program of the host, not a module: it runs others.  pylint: disable=ansible-bad-function
import ipaddress
import os
import re
import subprocess
import sys
import typing as t

#: How many connections there have to be before any is closed: of 1,024 that Asterisk may have room for.
MANY = 400
#: How many connections ss is told of at once.
_AT_ONCE = 100
_ESTABLISHED = "01"
_SEEN = "/run/voiceops-connections/seen"

_Address = t.Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
_Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


class Peer(t.NamedTuple):
    """The far end of a connection."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def connected(table: str, ports: t.Container[int]) -> set[Peer]:
    """Return who is connected to these ports, out of /proc/net/tcp and /proc/net/tcp6."""
    found = set()
    for line in table.splitlines():
        words = line.split()
        if len(words) > 3 and words[3] == _ESTABLISHED and _of_kernel(words[1]).port in ports:
            found.add(_of_kernel(words[2]))
    return found


def _of_kernel(text: str) -> Peer:
    """Read an address as the kernel tells it: words of 32 bits, each with its last byte first."""
    digits, _colon, port = text.partition(":")
    words = [bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8)]
    return Peer(_plain(ipaddress.ip_address(b"".join(words))), int(port, 16))


def _plain(address: _Address) -> str:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def registered(contacts: str) -> set[Peer]:
    """Return where registered phones are, out of what Asterisk's database has of contacts."""
    found = set()
    for host, port in re.findall(
        r'"uri":"sips?:[^"@]*@(\[[0-9a-fA-F:.]+\]|[0-9.]+):([0-9]{1,5})\b', contacts
    ):
        try:
            found.add(Peer(_plain(ipaddress.ip_address(host.strip("[]"))), int(port)))
        except ValueError:
            continue
    return found


def trunks(identifies: str) -> list[_Network]:
    """Return where trunks call from, out of what Asterisk says of how it tells them."""
    return [
        ipaddress.ip_network(text, strict=False)
        for text in re.findall(r"Match: ([0-9a-fA-F:.]+/[0-9]+)", identifies)
    ]


def to_close(
    now: t.AbstractSet[Peer],
    before: t.Container[Peer],
    phones: t.Container[Peer],
    of_trunks: t.Sequence[_Network],
) -> list[Peer]:
    """Return who was there before, is there still, and has no business there."""
    return sorted(
        peer
        for peer in now
        if peer in before
        and peer not in phones
        and not any(ipaddress.ip_address(peer.address) in network for network in of_trunks)
    )


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _said(*words: str) -> str:
    done = subprocess.run(words, check=True, capture_output=True, timeout=20)
    return done.stdout.decode("utf-8", "replace")


def main() -> int:
    """Look once; the ports are the arguments."""
    ports = {int(word) for word in sys.argv[1:]}
    now = connected(_read("/proc/net/tcp") + _read("/proc/net/tcp6"), ports)
    if len(now) <= MANY:
        if os.path.exists(_SEEN):
            os.unlink(_SEEN)
        return 0
    before = {Peer(address, int(port)) for address, port in map(str.split, _read(_SEEN).splitlines())}
    with open(_SEEN, "w", encoding="ascii") as file:
        file.writelines(f"{peer.address} {peer.port}\n" for peer in now)
    phones = registered(_said("asterisk", "-rx", "database show registrar/contact"))
    of_trunks = trunks(_said("asterisk", "-rx", "pjsip show identifies"))
    strangers = to_close(now, before, phones, of_trunks)
    ours = " or ".join(f"sport = :{port}" for port in sorted(ports))
    for at in range(0, len(strangers), _AT_ONCE):
        theirs = " or ".join(f"dst {peer}" for peer in strangers[at : at + _AT_ONCE])
        _said("ss", "-K", "-H", "-n", "-t", f"( {ours} ) and ( {theirs} )")
    if strangers:
        sys.stderr.write(f"{len(now)} connections: closed {len(strangers)} on which nobody has registered\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
