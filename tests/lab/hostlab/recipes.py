# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""How each layer of a system tree is made: shell scripts, run in mounts of their own.

A layer's name holds a digest of its script: editing one makes the lab build again.
The variables in capitals come from base.py.
"""

from __future__ import annotations

PACKAGES = ",".join(
    [
        "ca-certificates",
        "dbus",
        "iproute2",
        "openssh-server",
        "procps",
        "python3",
        # Ansible's apt module wants it.
        "python3-apt",
        "systemd",
        "systemd-sysv",
    ]
)

# Units that only make a boot slower or a test's outcome depend on the time of day.
MASKED = " ".join(
    [
        "apt-daily.timer",
        "apt-daily-upgrade.timer",
        "dpkg-db-backup.timer",
        "e2scrub_all.timer",
        "e2scrub_reap.service",
        "fstrim.timer",
        "console-getty.service",
        "getty@tty1.service",
        "systemd-firstboot.service",
        "systemd-networkd.service",
        "systemd-networkd-wait-online.service",
        "systemd-pstore.service",
        "systemd-resolved.service",
        "systemd-timesyncd.service",
    ]
)

# Part of every digest: give it another value when a change of the prologue, which is
# not, changes what a layer holds.
FORMAT = ""

# What every script starts with.
PROLOGUE = """
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
unset TMPDIR
TREE="$PARTIAL/tree"
ROOT="$PARTIAL/root"

# Makes ROOT a system to work in, whose changes land in TREE.
enter() {
    mount -t overlay -o "lowerdir=$LOWER,upperdir=$TREE,workdir=$PARTIAL/work" voiceops-lab "$ROOT"
    mount -t proc proc "$ROOT/proc"
    mount --rbind /dev "$ROOT/dev"
    # Over the overlay: neither becomes part of the layer.
    mount -t tmpfs tmpfs "$ROOT/run"
    cp /etc/resolv.conf "$PARTIAL/resolv.conf"
    mount --bind "$PARTIAL/resolv.conf" "$ROOT/etc/resolv.conf"
}
in_root() {
    chroot "$ROOT" /usr/bin/env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
"""

BASE = f"""
# An older debootstrap has no script for the newest releases; sid's does for them.
SCRIPT="/usr/share/debootstrap/scripts/$RELEASE"
[ -e "$SCRIPT" ] || SCRIPT=/usr/share/debootstrap/scripts/sid
debootstrap --variant=minbase --include={PACKAGES} "$RELEASE" "$TREE" "$MIRROR" "$SCRIPT"

printf 'deb %s %s main\\n' "$MIRROR" "$RELEASE" > "$TREE/etc/apt/sources.list"
printf '%s' "$APT_CONF" > "$TREE/etc/apt/apt.conf.d/90voiceops-lab"
printf 'LANG=C.UTF-8\\n' > "$TREE/etc/default/locale"
for unit in {MASKED}; do
    ln -sf /dev/null "$TREE/etc/systemd/system/$unit"
done
# Empty: every host makes itself an identity at its first boot.
: > "$TREE/etc/machine-id"
rm -f "$TREE/var/lib/dbus/machine-id"
chroot "$TREE" apt-get -q update
chroot "$TREE" apt-get clean
# The lab notes the host key before the first boot.
[ -s "$TREE/etc/ssh/ssh_host_ed25519_key.pub" ]
"""

# With what Asterisk recommends: a test of an installation may want that too.
DOWNLOAD = """
enter
in_root apt-get -q -y --download-only install asterisk
"""

INSTALL = """
enter
# No service is started while the tree is made.
printf '#!/bin/sh\\nexit 101\\n' > "$ROOT/usr/sbin/policy-rc.d"
chmod 755 "$ROOT/usr/sbin/policy-rc.d"
in_root apt-get -q -y --no-install-recommends install asterisk
rm "$ROOT/usr/sbin/policy-rc.d"
# To enable the service is the task of the role under test.
in_root systemctl disable asterisk.service
in_root dpkg -L asterisk-modules | grep -q '/res_config_sqlite3[.]so$'
"""

# For virtual machines: a tenth of the drivers of Debian's usual kernel, and all file systems.
KERNEL = """
enter
# Beside the udev that is there by then, systemd's own units for the network stay masked.
in_root apt-get -q -y --no-install-recommends install initramfs-tools linux-image-cloud-amd64 udev
in_root apt-get clean
[ -s "$TREE/vmlinuz" ] && [ -s "$TREE/initrd.img" ]
"""

RECIPES = {"base": BASE, "packages": DOWNLOAD, "asterisk": INSTALL, "kernel": KERNEL}
