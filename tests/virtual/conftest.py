# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A telephone system with a kernel of its own, which can be booted and whose power can fail."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("VOICEOPS_LAB_INSTANCE", "5")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from integration.fleet import Host, booted
from pages.journal import Journal, kept, mark, offer_to_write

HEAD = """# A change that nobody confirms, and a host that is booted

Written by `make confirm-proof`: a virtual machine with Debian's own kernel gets a change with
`pbx_confirm_within`, and is booted, or loses its power, before anybody confirms it. The machine is emulated
without the processor's help, some fifteen times slower than the lab's other hosts: times are bounds that hold
even so. Each line of the list is a test in `tests/virtual` that passed in this run.
"""

#: The release of Debian of the host: `forky` has Asterisk 22, `bullseye` has 16.
SYSTEM = os.environ.get("VOICEOPS_CONFIRM_PROOF_ON", "forky")
PAGES = {"forky": "confirm.md", "bullseye": "confirm-bullseye.md"}
COMMANDS = {
    "forky": "make confirm-proof",
    "bullseye": "VOICEOPS_CONFIRM_PROOF_ON=bullseye make confirm-proof",
}

pytest_addoption = offer_to_write


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, "virtual")


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    with booted("confirmer", SYSTEM, "--virtual") as host:
        yield host


@pytest.fixture(scope="session")
def journal(request: pytest.FixtureRequest) -> Iterator[Journal]:
    yield from kept(request, COMMANDS, PAGES, HEAD, SYSTEM)
