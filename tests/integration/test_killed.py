# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A run that is killed at any moment: the directory is as it was or was to be, the next run makes it good."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from .conftest import empty_but_for_the_usual
from .fleet import DIRECTORY, Host, site

RUNS = 1000

# Runs on the host, beside the Asterisk that reads the same database.
SCRIPT = r"""
import os, random, signal, sqlite3, sys, time
sys.path.insert(0, "/opt")
from voiceops_asterisk.database import store
from voiceops_asterisk.planning import decide, plan, request

PATH = store.DEFAULT_PATH

def state():
    with sqlite3.connect(PATH) as connection:
        rows = connection.execute("SELECT number, name, digest FROM extension ORDER BY number").fetchall()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return rows

def change(generation):
    items = [{"number": str(8000 + i), "name": "generation %d" % generation} for i in range(200)]
    asked = request.ask_extensions(items, "extensions")
    with store.writing(PATH) as directory:
        directory.apply(decide.plan_kind(plan.EXTENSIONS, directory.read(), asked))

def child(generation):
    pid = os.fork()
    if pid == 0:
        change(generation)
        os._exit(0)
    return pid

started = time.monotonic()
os.waitpid(child(0), 0)
whole = time.monotonic() - started
counts = {"before": 0, "after": 0}
# Half of them come too early: however busy the machine is, the moments are well chosen.
longest = 2 * whole
before = state()
for run in range(1, int(sys.argv[1]) + 1):
    pid = child(run)
    time.sleep(random.uniform(0, longest))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    now = state()
    names = {name for number, name, _ in now if number.startswith("8")}
    if now == before:
        counts["before"] += 1
        longest *= 1.05
    else:
        assert names == {"generation %d" % run}, names
        assert [r for r in now if not r[0].startswith("8")] == [r for r in before if not r[0].startswith("8")]
        counts["after"] += 1
        longest *= 0.95
    before = now
print(counts["before"], counts["after"])
"""


@pytest.mark.shown_on("asterisk16")
def test_a_thousand_runs_killed_at_random(directory: Host) -> None:
    host = directory
    host.put_library("/opt/voiceops_asterisk")
    mark = host.shell("stat -c %s /var/log/asterisk/messages.log").strip()
    before, after = host.python(SCRIPT, str(RUNS)).split()
    assert int(before) + int(after) == RUNS
    # Both happened, or the moments were badly chosen.
    assert int(before) > RUNS // 20
    assert int(after) > RUNS // 20
    complaints = host.shell(
        f"tail -c +$(({mark} + 1)) /var/log/asterisk/messages.log | grep -aE 'WARNING|ERROR'"
        " | grep -aiE '\\blocked|malformed|sqlite' || true"
    )
    assert complaints == ""


#: What changes files that Asterisk reads at its start, and has a firewall decide more.
OTHERWISE: dict[str, Any] = {
    **DIRECTORY,
    "pbx_connection_ports": [
        *DIRECTORY["pbx_connection_ports"],
        {"name": "TCP", "protocol": "tcp", "port": 5070},
    ],
    "pbx_rtp_end": 18999,
    "pbx_restart": "if_needed",
}


def killed(host: Host, folder: Path, after: str) -> None:
    """Begin a run and kill it, with all that it has begun, after the task of this name."""
    plugins = {"ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "killing"), "KILL_AFTER": after}
    run = site([host], folder, OTHERWISE, environment=plugins)
    assert run.status == -signal.SIGKILL, run.text[-5000:]


@pytest.mark.shown_on("asterisk22")
def test_a_run_that_is_killed_between_writing_and_acting_is_made_good_by_the_next(
    directory: Host, tmp_path: Path
) -> None:
    host, since = directory, "systemctl show -p ActiveEnterTimestampMonotonic asterisk"
    started = host.shell(since)
    killed(host, tmp_path, "Write Asterisk's configuration")
    assert "18999" in host.shell("grep rtpend /etc/asterisk/rtp.conf")
    assert host.shell(since) == started
    killed(host, tmp_path, "Write the configuration of logrotate, fail2ban and the firewall")
    # What the first has written has been read by now; the second has loaded no firewall.
    assert host.shell(since) != started
    assert " connections" not in host.shell("nft list table inet voiceops_pbx")
    run, again = (site([host], tmp_path, OTHERWISE) for _run in range(2))
    assert run.status == 0, run.text[-5000:]
    assert " connections" in host.shell("nft list table inet voiceops_pbx")
    assert (again.status, again.recap(host.name)["changed"]) == (0, 0), again.text[-5000:]
    empty_but_for_the_usual(host)
    assert site([host], tmp_path, DIRECTORY).status == 0
