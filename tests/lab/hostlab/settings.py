# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Where this lab keeps its things and what it calls them.

Every name that the kernel shares between labs (bridge, namespaces, cgroups,
firewall table, subnet) holds the instance number, so that two labs, each with
its own VOICEOPS_LAB_INSTANCE, live on one machine without meeting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError

FIRST_HOST, LAST_HOST = 11, 199
FIRST_PHONE, LAST_PHONE = 200, 209
# Linux allows interface names of at most 15 characters.
LINK_NAME_MAX = 15


@dataclass(frozen=True)
class Settings:
    """The lab's place in the file system and in the kernel's name spaces."""

    instance: int
    cache: Path
    state_root: Path
    # Cleared by a reboot on ordinary machines, as is what is noted there.
    run: Path = Path("/run/voiceops-lab")

    @property
    def state(self) -> Path:
        return self.state_root / str(self.instance)

    @property
    def hosts(self) -> Path:
        return self.state / "hosts"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def private_key(self) -> Path:
        return self.state / "ssh_key"

    @property
    def known_hosts(self) -> Path:
        return self.state / "known_hosts"

    @property
    def ssh_config(self) -> Path:
        return self.state / "ssh_config"

    @property
    def inventory(self) -> Path:
        return self.state / "inventory.yml"

    @property
    def bridge(self) -> str:
        return f"voiceops{self.instance}"

    @property
    def subnet(self) -> str:
        return f"198.18.{77 + self.instance}.0/24"

    @property
    def gateway(self) -> str:
        return self.address(1)

    @property
    def phones_netns(self) -> str:
        return self.netns("phones")

    @property
    def phones_link(self) -> str:
        return f"vo{self.instance}phones"

    def address(self, index: int) -> str:
        return f"198.18.{77 + self.instance}.{index}"

    def netns(self, name: str) -> str:
        return f"{self.bridge}-{name}"

    # The machine's name, for systemd-nspawn, and the name of its cgroup.
    machine = netns

    def link(self, index: int) -> str:
        """The bridge's end of a host's cable."""
        return f"vo{self.instance}h{index}"


def _folder(environment: Mapping[str, str], variable: str, default: str) -> Path:
    path = Path(environment.get(variable) or default)
    # These characters separate the parts of an overlay mount's options.
    if not path.is_absolute() or re.search(r"[:,\\\s]", str(path)):
        raise LabError(f"{variable}={path}: give an absolute path without spaces, ':', ',' or '\\'")
    return path


def from_environment(environment: Mapping[str, str]) -> Settings:
    instance = environment.get("VOICEOPS_LAB_INSTANCE") or "0"
    if not re.fullmatch(r"0|[1-9][0-9]?", instance):
        raise LabError(f"VOICEOPS_LAB_INSTANCE={instance}: give a number from 0 to 99")
    return Settings(
        instance=int(instance),
        cache=_folder(environment, "VOICEOPS_LAB_CACHE", "/var/cache/voiceops-lab"),
        state_root=_folder(environment, "VOICEOPS_LAB_STATE", "/var/lib/voiceops-lab"),
    )
