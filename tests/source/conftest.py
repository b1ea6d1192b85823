# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A host of a release of Debian that has no Asterisk, and the tarballs that one is built from."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("VOICEOPS_LAB_INSTANCE", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from integration.fleet import Host, booted
from pages.journal import Journal, kept, mark, offer_to_write
from phones.exchange import Room

from .tarballs import Source, as_default, debian, relabelled
from .upstream import Played, played

HEAD = """# Asterisk built from source

Written by `make source-proof`, which builds Asterisk on a real host of a Debian release that has none, out of
the upstream tarball in Debian's own source package (`apt-get source asterisk` of forky), and uses it:
telephones register and speak, one is recorded, another release is switched to and back, and builds fail on
purpose. Each line of the list is a test in `tests/source` that passed in this run. Telephones, host and
compiler share the machine.

The first release is fetched and built as with `pbx_install_method: source` alone: version and addresses are
the role's defaults. The test plays upstream's two servers, because the machine cannot reach them; they serve
Debian's tarball under the number of the default release. That tarball has another SHA-256 than upstream's, so
the test sets `pbx_source_sha256` and `pbx_source_pjproject_sha256`. The other release is made of the same
sources under another number.
"""

#: The release of Debian to build on; `bookworm` is 12, `trixie` is 13.
SYSTEM = os.environ.get("VOICEOPS_SOURCE_PROOF_ON", "bookworm")
PAGES = {"bookworm": "source.md", "trixie": "source-trixie.md"}
COMMANDS = {
    "bookworm": "make source-proof",
    "trixie": "VOICEOPS_SOURCE_PROOF_ON=trixie make source-proof",
}
NAME = "built"


pytest_addoption = offer_to_write


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, "source")


@pytest.fixture(scope="session")
def first() -> Source:
    return as_default(debian())


@pytest.fixture(scope="session")
def second(first: Source) -> Source:
    return relabelled(first, f"{first.version}-again")


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    with booted(NAME, SYSTEM) as host:
        yield host


@pytest.fixture(scope="session")
def upstream(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with played(host, tmp_path_factory.mktemp("upstream")) as upstream:
        yield upstream


@pytest.fixture(scope="session")
def room(host: Host) -> Iterator[Room]:
    with Room(host.address) as room:
        yield room


@pytest.fixture(scope="session")
def journal(request: pytest.FixtureRequest) -> Iterator[Journal]:
    yield from kept(request, COMMANDS, PAGES, HEAD, SYSTEM)
