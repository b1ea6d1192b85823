# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The proof on paper: what was asked, what came of it, and how long it took."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

OPTION = "--write-report"
MEASUREMENTS = Path(__file__).resolve().parents[2] / "docs" / "measurements"


def offer_to_write(parser: pytest.Parser) -> None:
    """Let whoever runs the tests ask for the page. Run together, two kinds of tests offer it twice."""
    with suppress(ValueError):
        parser.addoption(OPTION, action="store_true", help="all are run: write the page in docs/measurements")


@dataclass
class Journal:
    """Notes on a run of ``command``, for the page at ``path`` that begins with ``head``."""

    command: str
    path: Path
    head: str
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

    def write_if_asked(self, request: pytest.FixtureRequest, system: str) -> None:
        """Write it down, if that was asked for and all there is to see was seen."""
        session = request.session
        if (
            request.config.getoption(OPTION)
            and session.testsfailed == 0
            and session.testscollected == len(self.tests)
        ):
            self.write(system)

    def write(self, system: str) -> None:
        lines = [self.head, machine(), "", "```text", f"$ {self.command}"]
        for test, seen in self.tests.items():
            lines += [f"{test}: passed", *(f"    {line}" for line in seen)]
        lines += [f"{len(self.tests)} passed in {(time.time() - self.begun) / 60:.0f} minutes", "```"]
        if self.shown:
            lines += ["", f"What the host ({system}) says in the end:", "", "```text"]
            for command, output in self.shown:
                lines += [f"$ {command}", output]
            lines.append("```")
        self.path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def kept(
    request: pytest.FixtureRequest,
    commands: Mapping[str, str],
    pages: Mapping[str, str],
    head: str,
    system: str,
) -> Iterator[Journal]:
    """Give a fixture its journal: what is seen, written down if it was asked for and all of it was seen.

    ``commands`` run the proof and ``pages`` are its files in docs/measurements, each by the release of Debian
    that the host has: ``system``.
    """
    journal = Journal(commands[system], MEASUREMENTS / pages[system], head)
    yield journal
    journal.write_if_asked(request, system)


def mark(items: list[pytest.Item], folder: str) -> None:
    """Mark the tests of a folder as those that need the lab."""
    for item in items:
        if folder in item.path.parts:
            item.add_marker(pytest.mark.lab)


def machine() -> str:
    """Describe what all of it ran on."""
    system = re.search(r'^PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text("utf-8"), re.MULTILINE)
    cores, load = os.cpu_count() or 1, os.getloadavg()[2]
    # The build itself keeps each core busy with one.
    busy = (
        " The machine was busy with much else, so do not take the times as a benchmark."
        if load > 2 * cores
        else ""
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{system.group(1) if system else platform.system()}, kernel {platform.release()},"
        f" {cores} cores, {memory:.0f} GiB; {time.strftime('%Y-%m-%d')},"
        f" load average in the end {load:.1f}.{busy}"
    )
