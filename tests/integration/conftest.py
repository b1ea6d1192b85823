# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Real hosts that began bare, one for each Asterisk version, with the role applied to them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Beside the demo's hosts, not in place of them.
os.environ.setdefault("VOICEOPS_LAB_INSTANCE", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pages.journal import offer_to_write

from integration.company import Office, open_office
from integration.fleet import DIRECTORY, REPOSITORY, Host, Run, booted, site

#: What an extension has whose options were never given: what is left out would be left as it is.
NOTHING_MORE = {
    "name": "",
    "password": "",
    "connection_port": "",
    "outbound_profile": "",
    "outbound_caller_id": "",
    "groups": [],
    "callable_groups": ["*"],
    "record": False,
    "enabled": True,
    "max_devices": 1,
    "max_calls": 10,
    "ring_timeout": 30,
    "forward_to": "",
    "language": "",
    "email": "",
    "labels": {},
    "username": "",
}

RELEASES = {"asterisk22": "forky", "asterisk16": "bullseye"}

OTHER = REPOSITORY / "docs" / "measurements" / "other-release.md"
OTHER_HEAD = """# The tests that `make test` runs on one release only

What they show has little to do with Asterisk's release or the host's. `make test-long` runs each on the other
release and writes this page where all have passed.

| test | seconds |
| --- | --- |
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    offer_to_write(parser)
    parser.addoption(
        "--other-release",
        action="store_true",
        help="those that are shown on one release, on the other: docs/measurements/other-release.md",
    )
    parser.addoption(
        "--hosts",
        choices=["shared", "own"],
        help="those on the host that most share, or those that boot hosts of their own",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    other = config.getoption("--other-release")
    hosts = config.getoption("--hosts")
    passed_over = []
    for item in items:
        if "integration" in item.path.parts:
            item.add_marker(pytest.mark.lab)
            shown_on = item.get_closest_marker("shown_on")
            here = shown_on is None or shown_on.args[0] in item.name
            whose = "shared" if "bare_host" in getattr(item, "fixturenames", ()) else "own"
            if here is other or hosts not in {None, whose}:
                passed_over.append(item)
    config.hook.pytest_deselected(items=passed_over)
    items[:] = [item for item in items if item not in passed_over]


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Write down what the other release has shown, where all of it was asked for and has passed."""
    passed = [report for report in terminalreporter.getreports("passed") if report.when == "call"]
    asked = config.getoption("--other-release") and not config.getoption("-k")
    if not asked or not passed or exitstatus != pytest.ExitCode.OK:
        return
    rows = [f"| `{report.nodeid.rpartition('/')[2]}` | {report.duration:.0f} |\n" for report in passed]
    OTHER.write_text(f"{OTHER_HEAD}{''.join(rows)}\n{time.strftime('%Y-%m-%d')}\n", encoding="utf-8")


@pytest.fixture(scope="session", params=list(RELEASES))
def bare_host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """A host without Asterisk; every test that uses it runs on each release."""
    assert os.geteuid() == 0, "the lab needs root; `make unit` does not"
    with booted(request.param, RELEASES[request.param]) as host:
        yield host


@pytest.fixture(scope="session")
def first_run(bare_host: Host, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """What the first run of site.yml against the bare host said."""
    return site([bare_host], tmp_path_factory.mktemp("first"), DIRECTORY, "-vvv", "--diff")


@pytest.fixture(scope="session")
def host(bare_host: Host, first_run: Run) -> Host:
    """The host after the role has been applied to it."""
    assert first_run.status == 0, first_run.text[-5000:]
    return bare_host


@pytest.fixture(scope="session")
def contents() -> dict[str, str]:
    """What is in the database of each host when it holds exactly DIRECTORY."""
    return {}


def empty_but_for_the_usual(host: Host) -> None:
    """Make the directory DIRECTORY and nothing else; the role would leave what a test before has added."""
    extensions = [{**NOTHING_MORE, **extension} for extension in DIRECTORY["pbx_extensions"]]
    result = host.whole_directory(**{**DIRECTORY, "pbx_extensions": extensions})
    assert not result["failed"], result


@pytest.fixture
def directory(host: Host, contents: dict[str, str]) -> Host:
    """The host with exactly DIRECTORY in it, whatever a test before did."""
    if host.content() != contents.get(host.name):
        empty_but_for_the_usual(host)
        contents[host.name] = host.content()
    return host


@pytest.fixture(scope="module")
def shared_office(host: Host) -> Iterator[Office]:
    """The company of company.py on the host, for all tests of a file."""
    with open_office(host) as office:
        yield office


@pytest.fixture
def office(shared_office: Office) -> Office:
    """The company, where everybody answers whatever a test before had them do."""
    shared_office.everybody_answers()
    return shared_office
