# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A telephone system and an NFS server, each a virtual machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

os.environ.setdefault("VOICEOPS_LAB_INSTANCE", "5")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from integration.fleet import Host, booted
from pages.journal import Journal, kept, mark, offer_to_write

HEAD = """# Recordings on an NFS server

Written by `make nfs-proof`: a telephone system and an NFS server (`nfs-kernel-server` of Debian forky), both
virtual machines with Debian's own kernel, because a container has no NFS of its own. The machines are
emulated without the processor's help, some fifteen times slower than the lab's other hosts: times are bounds
that hold even so. Each line of the list is a test in `tests/nfs` that passed in this run.
"""

#: The release of Debian of the telephone system: `forky` has Asterisk 22, `bullseye` has 16.
SYSTEM = os.environ.get("VOICEOPS_NFS_PROOF_ON", "forky")
PAGES = {"forky": "nfs.md", "bullseye": "nfs-bullseye.md"}
COMMANDS = {"forky": "make nfs-proof", "bullseye": "VOICEOPS_NFS_PROOF_ON=bullseye make nfs-proof"}

EXPORTED = "/srv/recordings"


@dataclass(frozen=True)
class Server:
    """The NFS server."""

    host: Host

    @property
    def export(self) -> str:
        return f"{self.host.address}:{EXPORTED}"

    def prepare(self) -> None:
        """Export a folder as most exports are: root is nobody there (root_squash)."""
        self.host.shell(
            "set -e; export DEBIAN_FRONTEND=noninteractive; apt-get -qq update;"
            "apt-get -qq install --yes --no-install-recommends nfs-kernel-server nftables >/dev/null 2>&1;"
            f"mkdir -p {EXPORTED};"
            f"echo '{EXPORTED} 198.18.0.0/15(rw,sync,no_subtree_check)' > /etc/exports;"
            "systemctl restart nfs-server"
        )

    def recordings(self) -> list[str]:
        """Return what has been recorded, without what was begun and has nothing in it."""
        found = self.host.shell(f"cd {EXPORTED} && find . -name '*.wav' -size +44c | sort")
        return found.splitlines()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Take what is sent to it and answer nothing, like a server without power."""
        self.host.shell(
            "nft add table inet gone;"
            "nft add chain inet gone input '{ type filter hook input priority 0; policy accept; }';"
            "nft add rule inet gone input tcp dport 2049 drop"
        )
        try:
            yield
        finally:
            self.host.shell("nft delete table inet gone")

    @contextmanager
    def without_the_export(self) -> Iterator[None]:
        """Export nothing any more; whoever has it mounted has a stale handle."""
        self.host.shell("exportfs -ua")
        try:
            yield
        finally:
            self.host.shell("exportfs -ra")


pytest_addoption = offer_to_write


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, "nfs")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with booted("storage", "forky", "--virtual") as host:
        server = Server(host)
        server.prepare()
        yield server


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    with booted("recorder", SYSTEM, "--virtual") as host:
        yield host


@pytest.fixture(scope="session")
def journal(request: pytest.FixtureRequest) -> Iterator[Journal]:
    yield from kept(request, COMMANDS, PAGES, HEAD, SYSTEM)
