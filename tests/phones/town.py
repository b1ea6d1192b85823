# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Thousands of telephones that are registered for a while: `with registered(...)`.

It is the half of crowd.py that runs where the test does.
"""

from __future__ import annotations

import contextlib
import json
import selectors
import subprocess
import sys
from collections.abc import Iterator, Sequence

from .exchange import TESTS
from .phone import LAB, OK, PhoneError, phones_addresses

#: Longest time until all are registered, in seconds; 10,000 take about 20.
DEADLINE = 180


@contextlib.contextmanager
def registered(server: str, phones: Sequence[tuple[str, str]]) -> Iterator[None]:
    """Register these phones, each a number with its password, and keep them there during the block."""
    crowd = subprocess.Popen(
        [str(LAB), "phones", sys.executable, "-m", "phones.crowd"],
        cwd=TESTS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert crowd.stdin
    assert crowd.stdout
    try:
        asked = {"server": server, "addresses": phones_addresses(), "phones": phones}
        print(json.dumps(asked), file=crowd.stdin, flush=True)
        with selectors.DefaultSelector() as selector:
            selector.register(crowd.stdout, selectors.EVENT_READ)
            if not selector.select(DEADLINE):
                raise PhoneError(f"{len(phones)} phones are not registered after {DEADLINE} s")
        text = crowd.stdout.readline()
        if not text:
            raise PhoneError("the crowd of phones has died")
        refused = {number: status for number, status in json.loads(text).items() if status != OK}
        if refused:
            raise PhoneError(
                f"{len(refused)} phones are not registered, such as {dict([*refused.items()][:5])}"
            )
        yield
    finally:
        crowd.stdin.close()
        try:
            crowd.wait(10)
        except subprocess.TimeoutExpired:
            crowd.kill()
            crowd.wait()
