# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Check mode names the very tasks in which the run then does something, from a bare host to one taken away.

Each step goes on from where the one before has left the host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import RELEASES
from .fleet import DIRECTORY, Host, Run, booted, site

TCP = {"name": "TCP", "protocol": "tcp"}
#: What only a newer Asterisk can.
METRICS = {"pbx_metrics": True, "pbx_metrics_password": "a-metrics-password-7919"}
#: Something to stop, something to start that was never there, another folder, and what only a restart brings.
OTHERWISE = {
    "pbx_connection_ports": [*DIRECTORY["pbx_connection_ports"], TCP],
    "pbx_fail2ban": False,
    "pbx_firewall": True,
    "pbx_log_weeks": 2,
    "pbx_recording_folder": "/srv/recordings",
    "pbx_rtp_end": 18999,
    "pbx_timezone": "Europe/Istanbul",
}
#: What a host is declared to be, one after the other, beside DIRECTORY.
STEPS: dict[str, dict[str, Any]] = {
    "from nothing": {},
    "much to do": {**OTHERWISE, **METRICS},
    "as it was": {"pbx_purge": True, "pbx_purge_limit": 100},
    "metrics on": METRICS,
    "metrics off": {},
    "Asterisk stopped": {},
    "taken away": {"pbx_state": "absent", "pbx_timezone": "Europe/Istanbul"},
    "taken away already": {"pbx_state": "absent", "pbx_timezone": "Europe/Istanbul"},
    "back again": {},
    "taken away with all": {
        "pbx_state": "absent",
        "pbx_absent_removes": ["database", "recordings", "call_records"],
    },
}
#: What somebody does before a step.
BEFORE = {"Asterisk stopped": "systemctl disable --now asterisk"}
#: How lines begin that Ansible prints for each task, whatever it does.
BY_ANSIBLE = ("PLAY ", "TASK ", "ok: ", "changed: ", "skipping: ", "included: ")
#: In which step this has to be seen, or nothing is shown.
SEEN = {
    "from nothing": "Start Asterisk now and at boot",
    "much to do": "Stop the firewall and the timers that are not wanted",
    "metrics on": "Have Asterisk tell its metrics as declared",
    "as it was": "Have fail2ban and the firewall act by what is written",
    "Asterisk stopped": "Start Asterisk now and at boot",
    "taken away": "Remove the folders that hold nothing any more",
    "taken away with all": "Remove what is not wanted any more",
}


def changed_tasks(run: Run) -> list[str]:
    """Return the names of the tasks that have changed something, or would."""
    tasks = re.split(r"^TASK \[(?:voiceops\.asterisk\.pbx : )?", run.text, flags=re.MULTILINE)[1:]
    return [task.partition("]")[0] for task in tasks if re.search(r"^changed: ", task, re.MULTILINE)]


@pytest.fixture(scope="module", params=list(RELEASES))
def fresh(request: pytest.FixtureRequest) -> Iterator[Host]:
    """A bare host, for these tests alone."""
    with booted(f"check-{request.param[-2:]}", RELEASES[request.param]) as host:
        yield host


@pytest.mark.shown_on("asterisk22")
def test_a_check_of_a_bare_host_shows_the_directory_and_counts_the_lines_of_files(
    fresh: Host, tmp_path: Path
) -> None:
    told = site([fresh], tmp_path, DIRECTORY, "--check", "--diff")
    assert told.status == 0, told.text
    shown = [line for line in told.text.splitlines() if line and not line.startswith(BY_ANSIBLE)]
    assert "-v shows what is in new files" in shown
    assert re.search(r"^/etc/asterisk/extensions\.conf: new, \d+ lines$", told.text, re.MULTILINE)
    assert '+    name: "محمد"' in shown
    assert len(shown) < 200, "\n".join(shown)


@pytest.mark.shown_on("asterisk22")
@pytest.mark.parametrize("step", STEPS)
def test_check_mode_tells_what_the_run_will_change(fresh: Host, tmp_path: Path, step: str) -> None:
    variables = {**DIRECTORY, **STEPS[step]}
    if fresh.name == "check-16":
        variables = {name: value for name, value in variables.items() if name not in METRICS}
    fresh.shell(BEFORE.get(step, "true"))
    told, done = (site([fresh], tmp_path, variables, *more) for more in (["--check"], []))
    assert (told.status, done.status) == (0, 0), told.text + done.text
    assert changed_tasks(told) == changed_tasks(done)
    assert (step, fresh.name) == ("metrics on", "check-16") or SEEN.get(step) in [None, *changed_tasks(done)]
