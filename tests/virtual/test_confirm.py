# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A change that waits to be confirmed when its host is booted, or when its power fails.

A host that is a container shares the machine's kernel, and what it has written survives whatever becomes of
the host. Here it is on a disk of the host's own.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.fleet import DIRECTORY, Host, site
from integration.test_calls import define, password
from integration.test_confirm import (
    CHANGED,
    DELETED,
    NEW_PASSWORD,
    State,
    change,
    confirmation,
    is_armed,
    is_disarmed,
    is_taken_back,
    time_passes,
    until,
)
from pages.journal import Journal
from phones.exchange import Room

#: Longest for a run on an emulated machine, for a boot, and until the host has gone back, in seconds.
RUN, BOOT, BACK = 1800.0, 400.0, 300.0
#: For how long a change waits: longer than all of a test.
WITHIN = 7200


@pytest.fixture(scope="module")
def system(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Host:
    """The host with the role applied, and two numbers more."""
    # It takes minutes to install on an emulated machine, and has nothing to do with this.
    given = {**DIRECTORY, "pbx_fail2ban": False}
    installed = site([host], tmp_path_factory.mktemp("site"), given, deadline=RUN)
    assert installed.status == 0, installed.text[-5000:]
    define(host, {"number": DELETED}, {"number": CHANGED})
    return host


def boots(host: Host) -> None:
    host.reboot(BOOT)


def power_fails(host: Host) -> None:
    """Boot at once: what is in memory alone is lost (Documentation/admin-guide/sysrq.rst, b)."""
    # Of a host that is a container it would be the power of this machine.
    assert host.shell("uname -r").strip() != platform.release()
    host.reboot(BOOT, "sh -c 'echo b > /proc/sysrq-trigger'")


def runs(host: Host) -> bool:
    return host.facts()["pbx_extension_summary"]["asterisk"] == "running"


def has_gone_back(host: Host, state: State) -> None:
    """See that the host is what it was, and that its phones register as they did."""
    until(lambda: is_disarmed(host), BACK)
    until(lambda: runs(host), BACK)
    assert is_taken_back(host)
    assert state.is_there_again()
    with Room(host.address) as room:
        for number in (CHANGED, DELETED):
            room.phone(number, password(number))


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        (boots, "booted while the change waits: it waits on, and is taken back when its time is over"),
        (power_fails, "the power fails right after the change: nothing is lost, and it is taken back"),
    ],
    ids=["booted", "power"],
)
def test_a_host_that_comes_back_waits_on_and_goes_back_by_itself(
    system: Host, tmp_path: Path, journal: Journal, ends: Callable[[Host], None], told: str
) -> None:
    state = State(system)
    assert change(system, tmp_path, within=WITHIN, deadline=RUN).status == 0
    ends(system)
    until(lambda: is_armed(system), BACK)
    assert confirmation(system)["waiting"]
    time_passes(system)
    has_gone_back(system, state)
    with journal.of(told):
        pass


def test_a_host_whose_time_is_over_while_it_is_off_goes_back_when_it_is_booted(
    system: Host, tmp_path: Path, journal: Journal
) -> None:
    state = State(system)
    assert change(system, tmp_path, within=WITHIN, deadline=RUN).status == 0
    system.shell("systemctl stop voiceops-confirm.timer")
    time_passes(system)
    boots(system)
    has_gone_back(system, state)
    with journal.of("its time is over when the host is booted: the change is taken back at boot"):
        pass


def test_what_was_confirmed_stays_though_the_power_fails(
    system: Host, tmp_path: Path, journal: Journal
) -> None:
    assert change(system, tmp_path, within=WITHIN, deadline=RUN).status == 0
    done = system.module("pbx_confirm")
    assert done["changed"], done
    state = State(system)
    power_fails(system)
    until(lambda: runs(system), BACK)
    assert is_disarmed(system)
    assert confirmation(system)["waiting"] is None
    assert state.is_there_again()
    with Room(system.address) as room:
        room.phone(CHANGED, NEW_PASSWORD)
    with journal.of("confirmed, and then the power fails: the change stays"):
        pass
