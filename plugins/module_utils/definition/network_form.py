# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form of what ports and trunks are told of the network: addresses, hosts, what a peer has given us.

Each reads the value of an option as the methods of ``Reader`` do.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import typing as t

from .problem import quoted
from .reading import Reader, plain

# RFC 1123, 2.1, without the dot that may end it.
_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\Z"
)
_USERNAME = re.compile(r"[A-Za-z0-9._+-]{1,64}\Z")
_REALM = re.compile(r"[A-Za-z0-9._@:/-]([A-Za-z0-9 ._@:/-]{0,251}[A-Za-z0-9._@:/-])?\Z")
_FILE = re.compile(r"/[A-Za-z0-9._/@+-]{1,200}\Z")
# As providers name them; RFC 3261, 25.1, allows more.
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,39}\Z")


def address(reader: Reader, option: str, value: t.Any) -> str:
    """An IP address of either family, in its canonical form (RFC 5952)."""
    canonical = _canonical(ipaddress.ip_address, value)
    if canonical is None:
        reader.problem(
            option, f"{quoted(value)} is not an IP address; 0.0.0.0 means every address of the host"
        )
    return canonical or ""


def header(reader: Reader, option: str, value: t.Any) -> str | None:
    """The name of a SIP header; empty means none."""
    return reader.matching(option, value, _HEADER, "the name of a SIP header, such as P-Called-Party-ID")


def username(reader: Reader, option: str, value: t.Any) -> str | None:
    """A user name that a peer has given us; empty means none."""
    return reader.matching(
        option, plain(value) or value, _USERNAME, "a user name of letters, digits, ., _, + and -"
    )


def realm(reader: Reader, option: str, value: t.Any) -> str:
    """The realm of a SIP digest (RFC 3261, 22.1)."""
    return reader.matching(option, value, _REALM, "a realm as a SIP server names it") or ""


def file(reader: Reader, option: str, value: t.Any) -> str | None:
    """A file on the host; empty means none."""
    return reader.matching(option, value, _FILE, "the absolute path of a file, of letters, digits and ._@+-")


def host(reader: Reader, option: str, value: t.Any) -> str:
    """The name or the IP address of a host."""
    canonical = _canonical(ipaddress.ip_address, value)
    if canonical is not None:
        return canonical
    # What looks like an IPv4 address and is none would be asked of the name server.
    if isinstance(value, str) and _HOST.match(value) and not re.fullmatch(r"[0-9.]+", value):
        return value.lower()
    reader.problem(option, f"{quoted(value)} is neither the name nor the IP address of a host")
    return ""


def host_or_none(reader: Reader, option: str, value: t.Any) -> str | None:
    """As host; empty means none."""
    return host(reader, option, value) if value != "" else None


def network(reader: Reader, option: str, value: t.Any) -> str:
    """A network, such as 192.0.2.0/24; an address alone is a network of one."""
    canonical = _canonical(ipaddress.ip_network, value)
    if canonical is None:
        reader.problem(option, f"{quoted(value)} is not a network such as 192.0.2.0/24 or 2001:db8::/32")
    return canonical or ""


def network_or_host(reader: Reader, option: str, value: t.Any) -> str:
    """Where calls may come from: a network, an address, or the name of a host."""
    if isinstance(value, str) and "/" in value:
        return network(reader, option, value)
    return host(reader, option, value)


def _canonical(read: t.Callable[[str], object], value: t.Any) -> str | None:
    """Return a text as ``ipaddress`` writes it; None where it is no such thing."""
    # A scope (fe80::1%eth0) is refused too: Python takes any text for one, line breaks included.
    if isinstance(value, str) and "%" not in value:
        with contextlib.suppress(ValueError):
            return str(read(value))
    return None
