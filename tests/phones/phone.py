# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Desk phones for the lab: real SIP agents (SIPp) in the phones' own network namespace.

A phone has one UDP port. ``on_the_desk`` it registers from there and waits,
answering Asterisk's OPTIONS and every call, until it is switched off.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LAB = Path(__file__).resolve().parent.parent / "lab" / "lab"
SCENARIOS = Path(__file__).resolve().parent / "scenarios"

#: Longest time for one registration or call set-up, in seconds.
DEADLINE = 40
OK = 200

# Elsewhere in each run: to Asterisk a contact that comes back is the phone that it found dead
# before, until it asks it again (qualify_frequency).
_ports = itertools.count(random.randrange(20000, 60000, 2), 2)


class PhoneError(Exception):
    """The phone itself did not work, which says nothing about the telephone system."""


@functools.cache
def where_phones_are() -> tuple[str, ...]:
    """Return the words before a command that is to run where phones are in the lab.

    They are what `lab phones` becomes. It takes 0.13 s of processor time to know them, and the tests run a
    thousand such commands for each host.
    """
    command = [str(LAB), "phones", "ip", "netns", "identify"]
    namespace = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return ("ip", "netns", "exec", namespace)


def phones_addresses() -> list[str]:
    """Return the addresses that phones have in the lab."""
    command = [*where_phones_are(), "ip", "-json", "-4", "address", "show", "dev", "eth0"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [str(info["local"]) for info in json.loads(shown)[0]["addr_info"]]


@dataclass
class Phone:
    """A phone with its credentials. ``server`` is the address of the telephone system."""

    number: str
    password: str
    server: str
    server_port: int = 5060
    port: int = field(default_factory=lambda: next(_ports))
    #: The user part of its contact, where that is not the number.
    contact_user: str = ""
    #: The user name of its credentials, where that is not the number.
    username: str = ""

    def register(self, expires: int = 300) -> int:
        """Register for ``expires`` seconds and switch the phone off; return the final SIP status."""
        return self._final_status("register", self._registration(expires), self.port)

    def unregister(self) -> int:
        return self.register(expires=0)

    def call(self, dialled: str, seconds: float = 0.5) -> int:
        """Call, talk for ``seconds`` if it is answered, hang up; return the final SIP status."""
        return self._final_status("call", [dialled], next(_ports), seconds)

    def call_and_hold(self, dialled: str, seconds: float) -> int:
        """Call, put who answers on hold for ``seconds``, hang up; return the final SIP status."""
        return self._final_status("hold", [dialled], next(_ports), seconds)

    @contextlib.contextmanager
    def on_the_desk(self, expires: int = 3600, somebody_there: bool = True) -> Iterator[Display]:
        """Register, answer every call as long as the block lasts, unregister; yields the display.

        Without ``somebody_there`` it only rings.
        """
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder, "log")
            habit = SCENARIOS / ("answer.xml" if somebody_there else "ring.xml")
            stay = ["-d", str(expires * 1000), "-oocsf", str(habit)]
            command = [*self._sipp("register", self._registration(expires), self.port, Path(folder)), *stay]
            with subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as sipp:
                try:
                    self._wait_until_registered(sipp, log)
                    yield Display(log)
                finally:
                    sipp.kill()
            self.unregister()

    def _registration(self, expires: int) -> list[str]:
        return [str(expires), self.contact_user or self.number]

    def _wait_until_registered(self, sipp: subprocess.Popen[bytes], log: Path) -> None:
        give_up = time.monotonic() + DEADLINE
        while (status := _logged_status(log)) is None:
            if sipp.poll() is not None or time.monotonic() > give_up:
                raise PhoneError(f"{self.number}: no answer to the registration")
            time.sleep(0.02)
        if status != OK:
            raise PhoneError(f"{self.number}: registration refused with {status}")

    def _sipp(self, scenario: str, fields: Sequence[str], port: int, folder: Path) -> list[str]:
        """Return the command of one SIPp call with what it says injected from a file.

        In a file, because the arguments of a process are anybody's to read.
        """
        username = self.username or self.number
        authentication = f"[authentication username={username} password={self.password}]"
        injected = folder / "fields"
        injected.write_text(
            "SEQUENTIAL\n" + ";".join([self.number, authentication, *fields]) + "\n", encoding="utf-8"
        )
        return [
            *where_phones_are(),
            *("sipp", f"{self.server}:{self.server_port}"),
            *("-sf", str(SCENARIOS / f"{scenario}.xml"), "-inf", str(injected), "-m", "1"),
            *("-i", phones_addresses()[0], "-p", str(port)),
            *("-trace_logs", "-log_file", str(folder / "log"), "-nostdin"),
        ]

    def _final_status(self, scenario: str, fields: Sequence[str], port: int, talk: float = 0) -> int:
        with tempfile.TemporaryDirectory() as folder:
            command = [*self._sipp(scenario, fields, port, Path(folder)), "-d", str(int(talk * 1000))]
            try:
                run = subprocess.run(
                    command,
                    check=False,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=DEADLINE + talk,
                )
            except subprocess.TimeoutExpired as error:
                raise PhoneError(f"{self.number}: no final answer within {DEADLINE} s") from error
            status = _logged_status(Path(folder, "log"))
        if status is None or run.returncode != 0:
            raise PhoneError(f"{self.number}: {scenario} ended with {run.returncode}: {run.stderr[-2000:]}")
        return status


def _logged_status(log: Path) -> int | None:
    final = re.search(r"final (\d{3})", log.read_text(encoding="utf-8")) if log.exists() else None
    return int(final.group(1)) if final else None


@dataclass(frozen=True)
class Display:
    """What a phone on the desk has shown."""

    log: Path

    def callers(self) -> list[str]:
        """Return the From header of every call so far."""
        if not self.log.exists():
            return []
        return [
            caller.strip() for caller in re.findall(r"called by (.*)", self.log.read_text(encoding="utf-8"))
        ]
