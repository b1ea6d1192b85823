# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A change counts for the very next call, and within a second where its run was killed after the commit."""

from __future__ import annotations

import json
import time
from typing import Any

from phones.exchange import Room

from .fleet import Host
from .test_calls import define, password

#: Changes of extensions, each with what 3001 then dials and what it hears; in turns, again and again.
TURNS: list[tuple[dict[str, Any], str, int]] = [
    ({"number": "3001", "callable_groups": []}, "3002", 403),
    ({"number": "3001", "callable_groups": ["*"]}, "3002", 200),
    ({"number": "3003", "forward_to": "3002"}, "3003", 200),
    ({"number": "3003", "forward_to": ""}, "3003", 480),
    ({"number": "3003", "state": "absent"}, "3003", 404),
]
ROUNDS = 20

#: Makes one change as a module does, and is killed as soon as it is committed.
KILLED = r"""
import json, os, signal, sys
sys.path.insert(0, "/opt")
from voiceops_asterisk.database import store
from voiceops_asterisk.planning import decide, plan, request

asked = request.ask_extensions(json.load(sys.stdin), "extensions")
with store.writing(store.DEFAULT_PATH) as directory:
    directory.apply(decide.plan_kind(plan.EXTENSIONS, directory.read(), asked))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_each_of_a_hundred_changes_counts_for_the_very_next_call(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"}, {"number": "3002"})
    heard, after = [], []
    with Room(host.address) as room:
        caller, _callee = (room.phone(number, password(number)) for number in ("3001", "3002"))
        for change, dialled, _status in TURNS * ROUNDS:
            done = host.module("pbx_extension", **change)
            assert done["changed"], (change, done)
            ended = time.monotonic()
            call = caller.dial(dialled)
            after.append(time.monotonic() - ended)
            heard.append(call.status())
            if heard[-1] == 200:
                call.hang_up()
    median, most = (1000 * each for each in (sorted(after)[len(after) // 2], max(after)))
    print(f"dialled {median:.0f} ms after the change, {most:.0f} ms at most")
    assert heard == [status for _change, _dialled, status in TURNS * ROUNDS]


def test_what_a_run_has_committed_counts_within_a_second_though_it_was_killed_right_after(
    directory: Host,
) -> None:
    host = directory
    define(host, {"number": "3001"}, {"number": "3002"})
    host.put_library("/opt/voiceops_asterisk")
    host.shell("cat > /opt/killed.py", KILLED)
    with Room(host.address) as room:
        caller, _callee = (room.phone(number, password(number)) for number in ("3001", "3002"))
        for change, dialled, status in TURNS[:-1]:
            assert host.shell("python3 /opt/killed.py; echo $?", json.dumps([change])).split()[-1] == "137"
            time.sleep(1)
            assert caller.call(dialled) == status, change
