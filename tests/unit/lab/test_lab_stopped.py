# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What `lab up` removes when a signal comes, in an order of events that real hosts show rarely."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostlab import base, interruption, network, ssh
from hostlab.errors import Interrupted, LabError
from hostlab.fleet import Fleet
from hostlab.host import Host
from hostlab.settings import Settings
from hostlab.specs import HostSpec
from hostlab.state import State

PBX = HostSpec("pbx-a", "forky", bare=True)
OTHER = HostSpec("pbx-b", "forky", bare=True)


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in interruption.SIGNALS}
    interruption.heed()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """A fleet whose hosts are records only."""
    settings = Settings(3, tmp_path / "cache", tmp_path / "state", tmp_path / "run")
    settings.state.mkdir(parents=True)
    state = State(settings)
    monkeypatch.setattr(base, "missing", lambda *_: [])
    monkeypatch.setattr(ssh, "make_key", lambda *_: "")
    monkeypatch.setattr(ssh, "write", lambda *_: None)
    monkeypatch.setattr(network, "up", lambda *_: None)
    monkeypatch.setattr(network, "down", lambda *_: None)
    monkeypatch.setattr(Host, "start", lambda *_: None)
    monkeypatch.setattr(
        Host, "remove", lambda host: (state.folder(host.name) / "host.json").unlink(missing_ok=True)
    )
    monkeypatch.setattr(State, "alive", lambda *_: True)
    return Fleet(settings, state)


def test_a_host_that_became_ready_as_the_signal_came_is_removed(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers_as_the_signal_comes(_host: Host, jobs: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        fleet.jobs.cancelled.wait(10)

    monkeypatch.setattr(Host, "wait", answers_as_the_signal_comes)
    with pytest.raises(Interrupted):
        fleet.up([PBX])
    assert fleet.state.records() == []


def test_hosts_that_were_up_before_stay(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Host, "wait", lambda *_: None)
    fleet.up([PBX])

    def fails(*_: object) -> None:
        raise LabError("pbx-b did not start")

    monkeypatch.setattr(Host, "wait", fails)
    with pytest.raises(LabError, match="pbx-b did not start"):
        fleet.up([PBX, OTHER])
    assert [record.name for record in fleet.state.records()] == ["pbx-a"]
