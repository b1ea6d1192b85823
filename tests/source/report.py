# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The proof on paper: what was asked, what came of it, and how long it took."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from integration.fleet import REPOSITORY

REPORT = REPOSITORY / "docs" / "measurements" / "source.md"

HEAD = """# Asterisk built from source

Written by `make source-proof`, which builds Asterisk on a real host of a Debian release that has none, out of
the upstream tarball in Debian's own source package (`apt-get source asterisk` of forky), and uses it:
telephones register and speak, one is recorded, another release is switched to and back, and builds fail on
purpose. Each line of the list is a test in `tests/source` that passed in this run. Telephones, host and
compiler share the machine. The other release is made of the same sources under another number, for Debian has
only this one.
"""


@dataclass
class Journal:
    """Notes on a run."""

    begun: float = field(default_factory=time.time)
    #: What each test has shown, in order, by the name of the test.
    tests: dict[str, list[str]] = field(default_factory=dict)
    shown: list[tuple[str, str]] = field(default_factory=list)

    @contextmanager
    def of(self, test: str) -> Iterator[list[str]]:
        """Note what a test that passes has seen."""
        seen: list[str] = []
        yield seen
        self.tests[test] = seen

    def show(self, command: str, output: str) -> None:
        self.shown.append((command, output.strip()))

    def write(self, system: str, path: Path = REPORT) -> None:
        lines = [HEAD, _machine(), "", "```text", "$ make source-proof"]
        for test, seen in self.tests.items():
            lines += [f"{test}: passed", *(f"    {line}" for line in seen)]
        lines += [f"{len(self.tests)} passed in {(time.time() - self.begun) / 60:.0f} minutes", "```"]
        lines += ["", f"What the host ({system}) says in the end:", "", "```text"]
        for command, output in self.shown:
            lines += [f"$ {command}", output]
        path.write_text("\n".join([*lines, "```", ""]), encoding="utf-8")


def _machine() -> str:
    system = re.search(r'^PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text("utf-8"), re.MULTILINE)
    cores, load = os.cpu_count() or 1, os.getloadavg()[2]
    # The build itself keeps each core busy with one.
    busy = " The machine was busy with much else, so the times are no claims." if load > 2 * cores else ""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{system.group(1) if system else platform.system()}, kernel {platform.release()},"
        f" {cores} cores, {memory:.0f} GiB; {time.strftime('%Y-%m-%d')},"
        f" load average in the end {load:.1f}.{busy}"
    )
