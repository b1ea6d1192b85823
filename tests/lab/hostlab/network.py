# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The lab's network: a bridge, a namespace for each host and one for the phones."""

from __future__ import annotations

import fcntl
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .processes import run
from .settings import FIRST_PHONE, LAST_PHONE, Settings

IP_FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
INTERFACES = Path("/sys/class/net")
# The last choice of all routes: it takes over when the bridge's own route is gone,
# so that what is meant for a test host never leaves by the default route.
LAST_METRIC = "4294967295"


def firewall(settings: Settings) -> str:
    """The lab's own table: what leaves the subnet gets this machine's address."""
    return f"""
table ip {settings.bridge} {{}}
delete table ip {settings.bridge}
table ip {settings.bridge} {{
    chain postrouting {{
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr {settings.subnet} ip daddr != {settings.subnet} masquerade
    }}
}}
"""


def mtu() -> str:
    """That of the way out: a host with a larger one would lose its downloads."""
    for route in json.loads(run(["ip", "-json", "route", "show", "default"]) or "[]"):
        device = INTERFACES / str(route.get("dev")) / "mtu"
        if device.exists():
            return device.read_text(encoding="ascii").strip()
    return "1500"


def up(settings: Settings) -> None:
    """Makes the bridge and the phones' namespace, or what is missing of them."""
    bridge, size = settings.bridge, mtu()
    run(["ip", "route", "replace", "unreachable", settings.subnet, "metric", LAST_METRIC])
    if not _exists(bridge):
        run(["ip", "link", "add", "name", bridge, "mtu", size, "type", "bridge"])
    run(["ip", "address", "replace", f"{settings.gateway}/24", "dev", bridge])
    run(["ip", "link", "set", bridge, "up"])
    run(["nft", "-f", "-"], stdin=firewall(settings))
    with _forwarding_note(settings) as note:
        if not note.exists():
            note.write_text(IP_FORWARD.read_text(encoding="ascii"), encoding="ascii")
        IP_FORWARD.write_text("1", encoding="ascii")
    phones = settings.phones_netns
    if not _exists(settings.phones_link):
        _delete_netns(phones)
        _plug(settings, phones, settings.phones_link)
        for index in range(FIRST_PHONE, LAST_PHONE + 1):
            run(["ip", "-n", phones, "address", "add", f"{settings.address(index)}/24", "dev", "eth0"])
        # Up last, and found by its link's state if that was not reached.
        run(["ip", "link", "set", settings.phones_link, "up"])
    elif not _is_up(settings.phones_link):
        _delete_link(settings.phones_link)
        up(settings)


def down(settings: Settings) -> None:
    """Removes all of it; what is gone already does not matter."""
    _delete_link(settings.phones_link)
    _delete_netns(settings.phones_netns)
    _delete_link(settings.bridge)
    _quietly(["nft", "delete", "table", "ip", settings.bridge])
    with _forwarding_note(settings) as note:
        # Another lab's hosts may still need it; the last lab to go restores it.
        others = [path for path in INTERFACES.glob("voiceops[0-9]*") if path.name != settings.bridge]
        if note.exists() and not others:
            IP_FORWARD.write_text(note.read_text(encoding="ascii").strip() or "0", encoding="ascii")
            note.unlink()
    _quietly(["ip", "route", "del", "unreachable", settings.subnet, "metric", LAST_METRIC])


def attach(settings: Settings, name: str, index: int) -> None:
    """Gives a host its namespace, its cable to the bridge, its address and its way out."""
    netns, link = settings.netns(name), settings.link(index)
    detach(settings, name, index)
    _plug(settings, netns, link)
    run(["ip", "-n", netns, "address", "add", f"{settings.address(index)}/24", "dev", "eth0"])
    run(["ip", "-n", netns, "route", "add", "default", "via", settings.gateway])
    run(["ip", "link", "set", link, "up"])


def plug_virtual(settings: Settings, index: int) -> None:
    """Gives a virtual machine its cable to the bridge; the rest is the machine's own to do."""
    link = settings.link(index)
    _delete_link(link)
    run(["ip", "tuntap", "add", "dev", link, "mode", "tap"])
    run(["ip", "link", "set", link, "mtu", mtu(), "master", settings.bridge, "up"])


def detach(settings: Settings, name: str, index: int) -> None:
    # The link first: a namespace's own links go only some time after it.
    _delete_link(settings.link(index))
    _delete_netns(settings.netns(name))


def _plug(settings: Settings, netns: str, link: str) -> None:
    size = mtu()
    run(["ip", "netns", "add", netns])
    run(["ip", "-n", netns, "link", "set", "lo", "up"])
    peer = ["peer", "name", "eth0", "netns", netns, "mtu", size]
    run(["ip", "link", "add", "name", link, "mtu", size, "type", "veth", *peer])
    run(["ip", "-n", netns, "link", "set", "eth0", "up"])
    run(["ip", "link", "set", link, "master", settings.bridge])


def _exists(link: str) -> bool:
    return (INTERFACES / link).exists()


def _is_up(link: str) -> bool:
    # Bit 0 of the flags is IFF_UP.
    return bool(int((INTERFACES / link / "flags").read_text(encoding="ascii"), 16) & 1)


def _delete_link(link: str) -> None:
    if _exists(link):
        _quietly(["ip", "link", "del", link])


def _delete_netns(netns: str) -> None:
    path = Path("/run/netns") / netns
    if path.exists():
        _quietly(["ip", "netns", "del", netns])
        # A file that an interrupted `ip netns add` left without a namespace.
        path.unlink(missing_ok=True)


def _quietly(argv: list[str]) -> None:
    subprocess.run(argv, check=False, capture_output=True)


@contextmanager
def _forwarding_note(settings: Settings) -> Iterator[Path]:
    """The file with the former ip_forward, shared by all labs, held by one at a time."""
    settings.run.mkdir(parents=True, exist_ok=True)
    with (settings.run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield settings.run / "ip_forward"
