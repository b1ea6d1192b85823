# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""One host's life: its file system, its boot, its end."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import network, ssh, virtual
from .cgroups import Cgroup
from .errors import Interrupted, LabError
from .mounts import delete_tree
from .processes import GUARD, Jobs
from .settings import Settings
from .state import Record, State

BOOT_SECONDS = 60.0
# It takes 15 s where nothing else runs.
BOOT_SECONDS_OF_VIRTUAL = 120.0
# systemd-nspawn's exit status when the system inside asked for a reboot.
REBOOT = 133

# Becomes the host's supervisor. Until its pid is on the disk it dies with the lab;
# from then on it can be found, and lives on alone. The overlay is mounted in its
# own mount namespace, so it goes when the host goes. Its own pid namespace makes the
# end certain: systemd outlives a systemd-nspawn that is killed, but nothing outlives
# the first process of its pid namespace, which dies with the supervisor.
START = (
    GUARD
    + """
echo $$ > "$HOST_CGROUP/cgroup.procs"
read -r line < /proc/$$/stat
printf '%s\\n' "$line" > "$HOST_FOLDER/pid.new"
mv "$HOST_FOLDER/pid.new" "$HOST_FOLDER/pid"
mount -t overlay -o "$HOST_OVERLAY" voiceops-lab "$HOST_FOLDER/root"
export SUPERVISOR=$$
exec setpriv --pdeathsig clear -- unshare --pid --fork --kill-child sh -uc "$HOST_LOOP" sh "$@"
"""
)
# The first process of the host's pid namespace. It looks for its supervisor once, for
# the case that this one died before its death could be a signal; as long as the lab has
# not looked, such a one is still there as a zombie. A reboot ends systemd-nspawn with a
# status of its own: start it again.
LOOP = f"""
case "$(sed -n 's/^State:[[:space:]]*//p' "/proc/$SUPERVISOR/status")" in
"" | Z* | X*) exit 1 ;;
esac
mount -t proc proc /proc
cd /
while :; do
    "$@"
    [ $? -eq {REBOOT} ] || exit
done
"""


@dataclass(frozen=True)
class Host:
    """A host that is in the records."""

    settings: Settings
    state: State
    record: Record

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def folder(self) -> Path:
        return self.state.folder(self.name)

    @property
    def console(self) -> Path:
        return self.folder / "console.log"

    @property
    def cgroup(self) -> Cgroup:
        return Cgroup.of(self.settings.machine(self.name))

    def start(self, public_key: str) -> None:
        """Makes all that the host needs and starts it; it is not waited for."""
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir(exist_ok=True)
        seed(self.folder / "upper", self.name, public_key)
        if self.record.virtual:
            virtual.seed(self.folder / "upper", self.settings, self.record)
            network.plug_virtual(self.settings, self.record.index)
        else:
            network.attach(self.settings, self.name, self.record.index)
        self.cgroup.make()
        lower = ":".join(self.record.layers)
        # volatile: nothing of a lab host has to outlive a power cut, so sync costs nothing.
        overlay = f"lowerdir={lower},upperdir={self.folder}/upper,workdir={self.folder}/work,volatile"
        unshare = ["unshare", "--mount", "--propagation", "slave", "sh", "-euc", START, "sh"]
        with self.console.open("wb") as console:
            supervisor = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *unshare, *self._program()],
                env={
                    "PATH": os.environ["PATH"],
                    # The host gets the unified cgroups also where this machine mixes both kinds.
                    "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
                    # Debian 14's own unit mounts /tmp. Where the container has mounted one, it can fail, and
                    # the next start of a unit with PrivateTmp= mounts another over what a module put there.
                    "SYSTEMD_NSPAWN_TMPFS_TMP": "0",
                    "LAB_PID": str(os.getpid()),
                    "HOST_FOLDER": str(self.folder),
                    "HOST_OVERLAY": overlay,
                    "HOST_CGROUP": str(self.cgroup.path),
                    "HOST_LOOP": LOOP,
                },
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # From here on the host can be found and removed, whatever happens to the lab.
        while not (self.folder / "pid").exists():
            if supervisor.poll() is not None:
                raise LabError(f"{self.name} did not start:{self._last_words()}")
            time.sleep(0.002)

    def _program(self) -> list[str]:
        if self.record.virtual:
            return virtual.program(self.settings, self.record, self.folder)
        return [
            "systemd-nspawn",
            "--quiet",
            "--boot",
            f"--directory={self.folder}/root",
            f"--machine={self.settings.machine(self.name)}",
            f"--hostname={self.name}",
            f"--network-namespace-path=/run/netns/{self.settings.netns(self.name)}",
            # For tests that disturb the network (tc, nft) inside the host.
            "--capability=CAP_NET_ADMIN",
            # This machine need not run systemd itself.
            "--register=no",
            "--keep-unit",
            # These files are the lab's to write.
            "--resolv-conf=off",
            "--timezone=off",
            "--link-journal=no",
        ]

    def wait(self, jobs: Jobs) -> None:
        """Until ssh runs a command in it."""
        seconds = BOOT_SECONDS_OF_VIRTUAL if self.record.virtual else BOOT_SECONDS
        deadline = time.monotonic() + seconds
        while not ssh.answers(self.settings, self.record):
            if jobs.cancelled.wait(0.05):
                raise Interrupted(0)
            if not self.state.alive(self.record):
                raise LabError(f"{self.name} ended while it booted:{self._last_words()}")
            if time.monotonic() > deadline:
                raise LabError(f"{self.name} does not answer ssh after {seconds:.0f} s:{self._last_words()}")

    def _last_words(self) -> str:
        text = self.console.read_text(encoding="utf-8", errors="replace")
        lines = ["".join(c for c in line if c.isprintable()) for line in text.splitlines()]
        return "".join(f"\n    {line}" for line in lines[-8:]) or " its console is silent"

    def remove(self) -> None:
        """Kills the host and deletes all of it, the record last. Any part may be missing."""
        process = self.state.process(self.record)
        if process is not None:
            process.kill()
        if not self.cgroup.wait_empty():
            raise LabError(
                f"{self.name}: processes are left that the lab has no record of, "
                f"in {self.cgroup.path}: end the first, {self.cgroup.first()}, and run this again"
            )
        self.cgroup.remove()
        network.detach(self.settings, self.name, self.record.index)
        # systemd-nspawn tidies these up itself unless it was killed.
        for path in Path("/run/systemd/nspawn").glob(f"*/{self.settings.machine(self.name)}"):
            delete_tree(path)
        for part in ("root", "upper", "work"):
            delete_tree(self.folder / part)
        (self.folder / "host.json").unlink(missing_ok=True)
        delete_tree(self.folder)


def seed(upper: Path, name: str, public_key: str) -> None:
    """Writes what makes a system tree this host."""
    (upper / "etc").mkdir(exist_ok=True)
    (upper / "etc/hostname").write_text(f"{name}\n", encoding="ascii")
    hosts = f"127.0.0.1 localhost\n127.0.1.1 {name}\n::1 localhost ip6-localhost ip6-loopback\n"
    (upper / "etc/hosts").write_text(hosts, encoding="ascii")
    shutil.copyfile("/etc/resolv.conf", upper / "etc/resolv.conf")
    for folder in (upper / "root", upper / "root/.ssh"):
        folder.mkdir(mode=0o700, exist_ok=True)
    keys = upper / "root/.ssh/authorized_keys"
    keys.write_text(public_key, encoding="ascii")
    keys.chmod(0o600)
