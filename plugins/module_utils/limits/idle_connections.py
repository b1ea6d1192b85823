# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps room for connections of phones: tells the firewall where they are, and closes those of strangers.

A program of the host that systemd runs again and again. A phone is told by the contacts that are registered:
each has the address and port that it came from. From an address where one has registered within a week any
phone gets in; all others share a room of their own (firewall.nft). Asterisk itself closes a connection on
which no request has come; one with a request that was refused stays, and so does a handshake that is never
ended: where there are many, those go.
"""

from __future__ import annotations

# A program of the host, not a module: it runs others.  pylint: disable=ansible-bad-function
import contextlib
import ipaddress
import json
import os
import re
import subprocess
import sys
import time
import typing as t

#: How many connections there have to be before any is closed: of 1,024 that Asterisk may have room for.
MANY = 400
#: How many connections ss is told of at once.
_AT_ONCE = 100
_ESTABLISHED = "01"
_SEEN = "/run/voiceops-connections/seen"
#: Where phones are known to be, and since when nobody has seen one there, in seconds since 1970.
_KNOWN = "/var/lib/voiceops-connections/known"
#: Which firewall was told of them: it is known by the time of the second, when it was loaded.
_TOLD, _LOADED = "/run/voiceops-connections/told", "/run/voiceops-firewall"
#: For how long an address is known after its phone was there last, and how old what is known may be.
WEEK, HOUR = 7 * 24 * 3600, 3600
#: How many addresses are known at most: those where a phone was last.
MOST_KNOWN = 50_000

_Address = t.Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
_Network = t.Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
#: When a phone was last at an address or in a network of IPv6, or a trunk was declared there.
Known = dict[str, int]


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


def place(where: str | _Network) -> str:
    """Return what an address or a network is known by; of IPv6 nothing smaller than 64 bits is told apart.

    >>> place("192.0.2.7"), place("2001:db8::1:0:0:7"), place("192.0.2.0/24")
    ('192.0.2.7', '2001:db8::/64', '192.0.2.0/24')
    """
    network = ipaddress.ip_network(where, strict=False)
    if network.version == 6 and network.prefixlen > 64:
        network = network.supernet(new_prefix=64)
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def known_after(known: Known, there: t.Iterable[str | _Network], now: int) -> Known:
    """Return where phones are known to be, now that there are some at these addresses.

    A time that is still to come was noted by a clock that was wrong.
    """
    after = {where: min(since, now) for where, since in known.items() if since > now - WEEK}
    after.update((place(where), now) for where in there)
    return dict(sorted(after.items(), key=lambda each: -each[1])[:MOST_KNOWN])


def rules(known: t.Iterable[str]) -> str:
    """Return what nft is told so that its sets hold these and nothing else, in one step.

    It refuses what overlaps, so what is in a network is left out beside that.
    """
    told: dict[int, list[_Network]] = {4: [], 6: []}
    for network in sorted(map(ipaddress.ip_network, known), key=lambda each: (each.version, each)):
        of_family = told[network.version]
        if not (of_family and _is_in(network, of_family[-1])):
            of_family.append(network)
    lines = []
    for family, networks in told.items():
        lines.append(f"flush set inet voiceops_pbx known{family}")
        if networks:
            elements = ", ".join(map(place, networks))
            lines.append(f"add element inet voiceops_pbx known{family} {{ {elements} }}")
    return "\n".join(lines) + "\n"


def _is_in(network: _Network, other: _Network) -> bool:
    return network.network_address in other and network.prefixlen >= other.prefixlen


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _said(*words: str, given: str = "") -> str:
    done = subprocess.run(words, check=True, capture_output=True, timeout=20, input=given.encode())
    return done.stdout.decode("utf-8", "replace")


def _known() -> Known:
    """Return what was noted; a note that is damaged is none."""
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        noted = json.loads(_read(_KNOWN) or "{}")
        return {place(where): int(since) for where, since in noted.items()}
    return {}


def _write(path: str, text: str) -> None:
    with open(f"{path}.new", "w", encoding="ascii") as file:
        file.write(text)
    os.replace(f"{path}.new", path)


def _since(path: str) -> str:
    """Return when something was written last; nothing where it is not there."""
    try:
        return str(os.stat(path).st_mtime_ns)
    except FileNotFoundError:
        return ""


def _tell(known: Known, *, changed: bool) -> None:
    """Tell the firewall, if there is one, unless it knows."""
    # Before: it may be loaded again meanwhile.
    loaded = _since(_LOADED)
    if not loaded or (not changed and _read(_TOLD) == loaded):
        return
    try:
        _said("/usr/sbin/nft", "-f", "-", given=rules(known))
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        sys.stderr.write(
            f"the firewall was not told where phones are: {said}; systemctl restart voiceops-firewall\n"
        )
        loaded = ""
    _write(_TOLD, loaded)


def main() -> int:
    """Look once; the ports are the arguments."""
    ports = {int(word) for word in sys.argv[1:]}
    now = connected(_read("/proc/net/tcp") + _read("/proc/net/tcp6"), ports)
    known, many, at = _known(), len(now) > MANY, int(time.time())
    old = not known or not 0 <= at - max(known.values()) < HOUR
    phones: set[Peer] = set()
    of_trunks: list[_Network] = []
    asked = bool(now) and (many or old or any(place(peer.address) not in known for peer in now))
    if asked:
        phones = registered(_said("asterisk", "-rx", "database show registrar/contact"))
        of_trunks = trunks(_said("asterisk", "-rx", "pjsip show identifies"))
    after = known_after(known, [*(peer.address for peer in phones), *of_trunks], at)
    if after != known:
        _write(_KNOWN, json.dumps(after))
    _tell(after, changed=after.keys() != known.keys())
    if not many:
        if os.path.exists(_SEEN):
            os.unlink(_SEEN)
        return 0
    before = {Peer(address, int(port)) for address, port in map(str.split, _read(_SEEN).splitlines())}
    _write(_SEEN, "".join(f"{peer.address} {peer.port}\n" for peer in now))
    strangers = to_close(now, before, phones, of_trunks)
    _close(strangers, ports)
    if strangers:
        sys.stderr.write(f"{len(now)} connections: closed {len(strangers)} on which nobody has registered\n")
    return 0


def _close(peers: t.Sequence[Peer], ports: t.Iterable[int]) -> None:
    ours = " or ".join(f"sport = :{port}" for port in sorted(ports))
    for at in range(0, len(peers), _AT_ONCE):
        theirs = " or ".join(f"dst {peer}" for peer in peers[at : at + _AT_ONCE])
        _said("ss", "-K", "-H", "-n", "-t", f"( {ours} ) and ( {theirs} )")


if __name__ == "__main__":
    raise SystemExit(main())
