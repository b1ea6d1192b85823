# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A run that is killed at any moment leaves the directory as it was, or as it was to be."""

from __future__ import annotations

import pytest

from .fleet import Host

RUNS = 1000

# Runs on the host, beside the Asterisk that reads the same database.
SCRIPT = r"""
import os, random, signal, sqlite3, sys, time
sys.path.insert(0, "/opt")
from voiceops_asterisk import decide, plan, request, store

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
