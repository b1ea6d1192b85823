# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Many short calls between telephones that are many: one SIPp calls, another one answers."""

from __future__ import annotations

import random
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from phones.phone import LAB, SCENARIOS, phones_addresses

from .population import CALLERS, DESKS, SECONDS, SET_UPS, password

#: How long who has called talks, in milliseconds.
TALK = 1000
#: Longest wait for the registrations, and for the last calls to end, in seconds.
DEADLINE = 60


@dataclass(frozen=True)
class ShortCall:
    """One call: when it was dialled, in seconds on SIPp's clock; its final status (0 = none); seconds from
    the first INVITE to 200; and whether it was hung up."""

    caller: str
    callee: str
    dialled: float
    status: int
    set_up: float
    hung_up: bool

    @property
    def succeeded(self) -> bool:
        return self.status == 200 and self.hung_up


def _sipp(folder: Path, name: str, server: str, port: int, *options: str) -> list[str]:
    return [
        # In real time, as the telephones of the conversations (talking.py).
        *(str(LAB), "phones", "chrt", "--rr", "1", "sipp", f"{server}:5060", "-nostdin"),
        *("-i", phones_addresses()[0], "-p", str(port), *options),
        *("-trace_logs", "-log_file", str(folder / f"{name}.log")),
        *("-trace_err", "-error_file", str(folder / f"{name}.errors")),
    ]


def _injected(folder: Path, name: str, rows: Sequence[tuple[str, ...]]) -> str:
    """Write what is said in each call: number, its authentication, and the rest."""
    lines = [
        ";".join([number, f"[authentication username={number} password={password(number)}]", *rest])
        for number, *rest in rows
    ]
    (folder / name).write_text("\n".join(["SEQUENTIAL", *lines, ""]), encoding="utf-8")
    return str(folder / name)


@contextmanager
def desks(folder: Path, server: str) -> Iterator[None]:
    """Everybody who is called in a short call is registered and answers, as long as the block lasts."""
    fields = _injected(folder, "desks", [(number, "3600", number) for number in DESKS])
    log = folder / "desks.log"
    register = ["-sf", str(SCENARIOS / "register.xml"), "-inf", fields, "-r", "20", "-m", str(len(DESKS))]
    stay = ["-d", "3600000", "-oocsf", str(SCENARIOS / "answer.xml")]
    command = _sipp(folder, "desks", server, random.randrange(20000, 40000, 2), *register, *stay)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as sipp:
        try:
            give_up = time.monotonic() + DEADLINE
            while len(re.findall("final 200", _text(log))) < len(DESKS):
                assert sipp.poll() is None, _text(folder / "desks.errors")
                assert time.monotonic() < give_up, _text(log)
                time.sleep(0.2)
            yield
        finally:
            sipp.kill()


def place(folder: Path, server: str) -> tuple[list[ShortCall], str]:
    """Place all calls; return them, and what SIPp complains of."""
    number_of_calls = SET_UPS * SECONDS
    dice = random.Random(7)
    pairs = [(CALLERS[i % len(CALLERS)], dice.choice(DESKS)) for i in range(number_of_calls)]
    fields = _injected(folder, "callers", pairs)
    steps = ["-sf", str(SCENARIOS / "call.xml"), "-inf", fields, "-d", str(TALK)]
    load = ["-r", str(SET_UPS), "-m", str(number_of_calls), "-l", "1000", "-timeout", f"{SECONDS + DEADLINE}"]
    command = _sipp(folder, "callers", server, random.randrange(40000, 60000, 2), *steps, *load)
    subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        timeout=SECONDS + 2 * DEADLINE,
    )
    return _calls(_text(folder / "callers.log"), pairs), _text(folder / "callers.errors")


def _calls(log: str, pairs: list[tuple[str, str]]) -> list[ShortCall]:
    """Read SIPp's log; its calls are numbered from 1 in the order of the pairs."""
    dialled = {int(n): int(at) for n, at in re.findall(r"call (\d+) dials at (\d+)", log)}
    final = {
        int(n): (int(s), int(at)) for s, n, at in re.findall(r"final (\d{3}) to call (\d+) at (\d+)", log)
    }
    hung_up = {int(n) for n in re.findall(r"call (\d+) has hung up", log)}
    calls = []
    for number, (caller, callee) in enumerate(pairs, 1):
        status, answered = final.get(number, (0, 0))
        at = dialled.get(number, 0)
        took = (answered - at) / 1000
        calls.append(ShortCall(caller, callee, at / 1000, status, took, number in hung_up))
    return calls


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
