# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Telephones that register and call at a steady rate, and how long each of them has to wait.

Runs where the phones are. Reads one line of JSON: server, address, pairs of two [number, password] (the
first of each pair calls the other), registers and calls per second. Says "ready" once all are registered.
Then each "begin" starts the load, and each "end" stops it, waits for what is under way, and prints as
JSON what became of each REGISTER and INVITE since: its method, seconds from the first request to the 200,
through the challenge, and the final status, 0 for none.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import typing as t

from long.talking import converse, plug_in
from phones.agent import Agent
from phones.line import AgentError

#: How long a call that was answered lasts, in seconds.
TALK = 0.2
#: For how long a registration is asked; no measurement takes longer. In seconds.
EXPIRES = 3600


class Load:
    """The telephones at their work. Nobody begins again before the one before is answered."""

    def __init__(self, agent: Agent, told: t.Mapping[str, t.Any]) -> None:
        self._agent = agent
        self._pairs = [(caller[0], callee[0]) for caller, callee in told["pairs"]]
        self._numbers = [number for pair in self._pairs for number in pair]
        self._pauses = {"REGISTER": 1 / told["registers"], "INVITE": 1 / told["calls"]}
        self._on = threading.Event()
        self._busy: set[tuple[str, str]] = set()
        self._begun: list[threading.Thread] = []
        self._done: list[tuple[str, float, int]] = []

    def begin(self) -> None:
        self._done = []
        self._on.set()
        self._begun = [
            threading.Thread(target=self._keep_on, args=(method,), daemon=True) for method in self._pauses
        ]
        for thread in self._begun:
            thread.start()

    def end(self) -> list[tuple[str, float, int]]:
        self._on.clear()
        for thread in self._begun:
            thread.join()
        while self._busy:
            time.sleep(0.01)
        for line in self._agent.lines.values():
            line.dialogs.clear()
            line.answers.clear()
            line.requests.clear()
        self._agent.dialogs.clear()
        return self._done

    def _keep_on(self, method: str) -> None:
        due, turn = time.monotonic(), 0
        while self._on.is_set():
            turn, due = turn + 1, due + self._pauses[method]
            who = self._numbers[turn % len(self._numbers)]
            if method == "INVITE":
                who = self._pairs[turn % len(self._pairs)][0]
            if (method, who) not in self._busy:
                self._busy.add((method, who))
                threading.Thread(target=self._once, args=(method, who, turn), daemon=True).start()
            time.sleep(max(0.0, due - time.monotonic()))

    def _once(self, method: str, who: str, turn: int) -> None:
        began, status = time.monotonic(), 0
        ended = 0.0
        try:
            if method == "REGISTER":
                status = self._agent.do_register(who, EXPIRES)
            else:
                shown = converse(self._agent, who, self._pairs[turn % len(self._pairs)][1], TALK)
                # A call that was cut off, or whose BYE was not answered, has failed.
                well = shown.get("goodbye") == 200 and not shown.get("cut_off")
                status = shown["status"] if well or shown["status"] != 200 else 0
                ended = shown.get("up", 0.0)
        except AgentError:
            pass  # no answer: status 0
        self._done.append((method, (ended or time.monotonic()) - began, status))
        self._busy.discard((method, who))


def main() -> None:
    # As Asterisk in Debian: a telephone has a processor of its own.
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    told = json.loads(sys.stdin.readline())
    agent = Agent()
    for pair in told["pairs"]:
        for number, password in pair:
            plug_in(agent, told, number, password, 0)
            status = agent.do_register(number, EXPIRES)
            assert status == 200, f"{number} is not registered: {status}"
    load = Load(agent, told)
    print(json.dumps("ready"), flush=True)
    for word in sys.stdin:
        if json.loads(word) == "begin":
            load.begin()
        else:
            print(json.dumps(load.end()), flush=True)


if __name__ == "__main__":
    main()
