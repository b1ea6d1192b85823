# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Hosts that are virtual machines: with a kernel of their own, for what containers cannot do (NFS)."""

from __future__ import annotations

from pathlib import Path

from . import network
from .settings import Settings
from .state import Record

# In MiB. A host with Asterisk takes a quarter of it.
MEMORY = 768
# A sparse file: what is not used takes no room.
DISK = "8G"

# A disk made of the overlay; then becomes the machine. Nothing of it has to outlive a power cut.
START = f"""
mkfs.ext4 -q -d "$HOST_FOLDER/root" "$HOST_FOLDER/disk" {DISK}
exec qemu-system-x86_64 "$@"
"""

# The address that a container gets from outside.
NETWORK_UNIT = """[Unit]
Description=The lab's network
DefaultDependencies=no
Before=network.target network-online.target
After=systemd-udev-trigger.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -euc 'until ip link set eth0 up mtu {mtu}; do sleep 0.1; done; \\
    ip address add {address}/24 dev eth0; ip route add default via {gateway}'
"""
NETWORK_UNIT_NAME = "voiceops-lab-network.service"


def program(settings: Settings, record: Record, folder: Path) -> list[str]:
    """What runs the machine: its disk is made at its start, its console is standard output."""
    tree = Path(record.layers[0])
    machine = [
        # Without the processor's help. Where this machine is virtual too, that may be there and fail:
        # seen with a /dev/kvm on which the kernel stopped at an instruction that it could not emulate.
        *("-accel", "tcg,thread=multi", "-cpu", "max"),
        *("-m", str(MEMORY), "-nodefaults", "-no-user-config", "-display", "none"),
        *("-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"),
        *("-kernel", str(tree / "vmlinuz"), "-initrd", str(tree / "initrd.img")),
        *("-append", "root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet"),
        *("-drive", f"file={folder}/disk,format=raw,if=virtio,cache=unsafe"),
        *("-netdev", f"tap,id=net,ifname={settings.link(record.index)},script=no,downscript=no"),
        *("-device", f"virtio-net-pci,netdev=net,mac=52:54:00:00:{settings.instance:02x}:{record.index:02x}"),
        *("-device", "virtio-rng-pci"),
    ]
    return ["sh", "-euc", START, "sh", *machine]


def seed(upper: Path, settings: Settings, record: Record) -> None:
    """Writes what a container would get from outside."""
    units = upper / "etc/systemd/system"
    wanted = units / "multi-user.target.wants"
    wanted.mkdir(parents=True, exist_ok=True)
    text = NETWORK_UNIT.format(
        address=settings.address(record.index), gateway=settings.gateway, mtu=network.mtu()
    )
    (units / NETWORK_UNIT_NAME).write_text(text, encoding="ascii")
    (wanted / NETWORK_UNIT_NAME).symlink_to(f"../{NETWORK_UNIT_NAME}")
