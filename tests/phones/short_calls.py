# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Many telephones: short calls, in which one SIPp calls and another one answers, and registrations."""

from __future__ import annotations

import random
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .phone import SCENARIOS, phones_addresses, where_phones_are

#: How long who has called talks, in milliseconds.
TALK = 1000
#: The port of those who register again and again: from another one they would be new phones.
REGISTERING_PORT = 60000
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


@dataclass(frozen=True)
class Registration:
    """One registration: its final status (0 = none); and seconds from the first REGISTER to that."""

    status: int
    took: float

    @property
    def succeeded(self) -> bool:
        return self.status == 200


@dataclass(frozen=True)
class ShortCalls:
    """Calls on one host; ``folder`` is for what SIPp reads and writes."""

    server: str
    password: Callable[[str], str]
    folder: Path

    @contextmanager
    def desks(self, numbers: Sequence[str]) -> Iterator[None]:
        """These are registered and answer, as long as the block lasts."""
        fields = self._injected("desks", [(number, "3600", number) for number in numbers])
        log = self.folder / "desks.log"
        steps = ["-sf", str(SCENARIOS / "register.xml"), "-inf", fields]
        load = ["-r", "20", "-m", str(len(numbers))]
        stay = ["-d", "3600000", "-oocsf", str(SCENARIOS / "answer.xml")]
        command = self._sipp("desks", random.randrange(20000, 40000, 2), *steps, *load, *stay)
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as sipp:
            try:
                give_up = time.monotonic() + DEADLINE
                while len(re.findall("final 200", _text(log))) < len(numbers):
                    assert sipp.poll() is None, _text(self.folder / "desks.errors")
                    assert time.monotonic() < give_up, _text(log)
                    time.sleep(0.2)
                yield
            finally:
                sipp.kill()

    def place(self, pairs: Sequence[tuple[str, str]], rate: int) -> tuple[list[ShortCall], str]:
        """Place a call for each pair of caller and callee, so many a second.

        Returns the calls, and what SIPp complains of.
        """
        fields = self._injected("callers", pairs)
        steps = ["-sf", str(SCENARIOS / "call.xml"), "-inf", fields, "-d", str(TALK), "-l", "1000"]
        self._run("callers", random.randrange(40000, 60000, 2), steps, len(pairs), rate)
        return _calls(_text(self.folder / "callers.log"), pairs), _text(self.folder / "callers.errors")

    def register(self, numbers: Sequence[str], count: int, rate: int) -> list[Registration]:
        """Register so many times, so often a second, each number in its turn, always from the same place."""
        fields = self._injected("registering", [(number, "3600", number) for number in numbers])
        steps = ["-sf", str(SCENARIOS / "register.xml"), "-inf", fields, "-d", "1", "-l", str(count)]
        # Asterisk asks those who are registered whether they are there.
        steps += ["-oocsf", str(SCENARIOS / "answer.xml")]
        self._run("registering", REGISTERING_PORT, steps, count, rate)
        return _registrations(_text(self.folder / "registering.log"), count)

    def _run(self, name: str, port: int, steps: Sequence[str], count: int, rate: int) -> None:
        seconds = count // rate
        load = ["-r", str(rate), "-m", str(count), "-timeout", f"{seconds + DEADLINE}"]
        subprocess.run(
            self._sipp(name, port, *steps, *load),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds + 2 * DEADLINE,
        )

    def _sipp(self, name: str, port: int, *options: str) -> list[str]:
        return [
            # In real time, as the telephones of the load proof's conversations (talking.py).
            *where_phones_are(),
            *("chrt", "--rr", "1", "sipp", f"{self.server}:5060", "-nostdin"),
            # A phone answers an UPDATE, which Asterisk sends where it could not say in a 180 who is called.
            # Without this option SIPp ends the call.
            "-aa",
            *("-i", phones_addresses()[0], "-p", str(port), *options),
            *("-trace_logs", "-log_file", str(self.folder / f"{name}.log")),
            *("-trace_err", "-error_file", str(self.folder / f"{name}.errors")),
        ]

    def _injected(self, name: str, rows: Sequence[tuple[str, ...]]) -> str:
        """Write what is said in each call: number, its authentication, and the rest."""
        lines = [
            ";".join([number, f"[authentication username={number} password={self.password(number)}]", *rest])
            for number, *rest in rows
        ]
        (self.folder / name).write_text("\n".join(["SEQUENTIAL", *lines, ""]), encoding="utf-8")
        return str(self.folder / name)


def _calls(log: str, pairs: Sequence[tuple[str, str]]) -> list[ShortCall]:
    """Read SIPp's log; its calls are numbered from 1 in the order of the pairs."""
    dialled, final = _times(log)
    hung_up = {int(n) for n in re.findall(r"call (\d+) has hung up", log)}
    calls = []
    for number, (caller, callee) in enumerate(pairs, 1):
        status, answered = final.get(number, (0, 0))
        at = dialled.get(number, 0)
        took = (answered - at) / 1000
        calls.append(ShortCall(caller, callee, at / 1000, status, took, number in hung_up))
    return calls


def _registrations(log: str, count: int) -> list[Registration]:
    asked, final = _times(log)
    answers = [(asked.get(number, 0), *final.get(number, (0, 0))) for number in range(1, count + 1)]
    return [Registration(status, (answered - at) / 1000) for at, status, answered in answers]


def _times(log: str) -> tuple[dict[int, int], dict[int, tuple[int, int]]]:
    """Return when each of SIPp's calls began, and its final status with when that came, in milliseconds."""
    began = {int(n): int(at) for n, at in re.findall(r"call (\d+) (?:dials|asks) at (\d+)", log)}
    final = {
        int(n): (int(s), int(at)) for s, n, at in re.findall(r"final (\d{3}) to call (\d+) at (\d+)", log)
    }
    return began, final


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
