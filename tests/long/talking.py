# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Pairs of telephones that talk, each with a tone of its own, hang up and dial again.

Runs where the phones are. Reads one line of JSON: server, address, seconds, turns, and pairs of
[number, password, tone]. Says "ready" once all are registered, waits for a line, begins one pair after
the other within the length of one conversation, and prints at the end, as JSON, every call, and by how
many seconds at worst this process came too late: what it did not say in time is not the exchange's fault.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import typing as t

from phones.agent import Agent
from phones.line import AgentError
from phones.sip import Call


def plug_in(agent: Agent, told: t.Mapping[str, t.Any], number: str, password: str, tone: int) -> None:
    options = {"server": told["server"], "address": told["address"], "number": number}
    agent.do_line(number, **options, password=password, tone=tone)
    # Nobody listens: that is done to the recordings, and it would be half of the work here.
    agent.selector.unregister(agent.lines[number].sound)


def converse(agent: Agent, caller: str, callee: str, seconds: float) -> dict[str, t.Any]:
    """Hold one conversation; return how it went, all times on the clock of this machine."""
    dialled = time.monotonic()
    name = agent.do_dial(caller, callee)
    call = agent.dialogs[name]
    assert isinstance(call, Call)
    shown: dict[str, t.Any] = {"caller": caller, "callee": callee, "dialled": dialled, "status": 0}
    try:
        shown["status"] = agent.do_status(name, 35)
        if shown["status"] != 200:
            return shown
        time.sleep(max(0.0, call.up_since + seconds - time.monotonic()))
        shown.update(up=call.up_since, ended=time.monotonic(), cut_off=call.ended)
        shown["goodbye"] = agent.do_hang_up(name)
    except AgentError as error:
        shown["trouble"] = str(error)
    return shown


def main() -> None:
    # Debian's Asterisk runs in real time (-p). Telephones have processors of their own; here they would
    # have to wait for it and for everything else, and what they say too late is missing in the recording.
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    told = json.loads(sys.stdin.readline())
    agent, pairs = Agent(), told["pairs"]
    for caller, callee in pairs:
        plug_in(agent, told, *caller)
        plug_in(agent, told, *callee)
        status = agent.do_register(callee[0], 3600)
        if status != 200:
            raise SystemExit(f"{callee[0]}: registration refused with {status}")
    print(json.dumps("ready"), flush=True)
    sys.stdin.readline()
    calls: list[dict[str, t.Any]] = []
    begun, agent.late = time.monotonic(), 0.0

    def one_pair(which: int) -> None:
        caller, callee = (person[0] for person in pairs[which])
        time.sleep(max(0.0, begun + which * told["seconds"] / len(pairs) - time.monotonic()))
        for _turn in range(told["turns"]):
            calls.append(converse(agent, caller, callee, told["seconds"]))
            if calls[-1]["status"] != 200:
                time.sleep(1)

    threads = [threading.Thread(target=one_pair, args=(which,)) for which in range(len(pairs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps([sorted(calls, key=lambda call: float(call["dialled"])), agent.late]), flush=True)


if __name__ == "__main__":
    main()
