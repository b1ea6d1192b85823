# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""How long the facts of a host take beside the least that they could: `python -m bench` in tests/.

Boots hosts of its own, registers 1,000 and then 10,000 phones on each, measures, writes
docs/measurements/facts.md and takes the hosts down. Nothing is asserted of times, all of outcomes.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

# Beside the demo's and the tests' hosts.
os.environ.setdefault("VOICEOPS_LAB_INSTANCE", "3")

from integration.fleet import REPOSITORY, Host, lab, site
from phones.town import registered

from . import report, rounds, town

HOSTS = {"asterisk22": "forky", "asterisk16": "bullseye"}
SIZES = (1_000, 10_000)
ROUNDS = 5


def main() -> None:
    words = argparse.ArgumentParser(prog="bench", description=__doc__)
    words.add_argument("--host", choices=HOSTS, action="append", help="this one alone")
    words.add_argument("--size", type=int, action="append", help="so many phones, in place of all sizes")
    words.add_argument("--rounds", type=int, default=ROUNDS)
    words.add_argument("--report", type=Path, default=REPOSITORY / "docs" / "measurements" / "facts.md")
    asked = words.parse_args()
    began, load = time.monotonic(), os.getloadavg()[0]
    measured = []
    for name in asked.host or HOSTS:
        try:
            host = bring_up(name)
            for size in asked.size or SIZES:
                measured.append(measure(host, size, asked.rounds))
                # Each time, so that one that is interrupted has not been for nothing.
                report.write(asked.report, measured, asked.rounds, load)
        finally:
            lab("down", name)
    print(f"\n{asked.report} is written; it took {time.monotonic() - began:.0f} s.")


def bring_up(name: str) -> Host:
    say(f"{name}: boots, and the role is applied")
    lab("up", "--bare", f"{name}={HOSTS[name]}")
    (address,) = (host["address"] for host in json.loads(lab("list", "--json")) if host["name"] == name)
    host = Host(name, address)
    with tempfile.TemporaryDirectory() as folder:
        run = site([host], Path(folder), {"pbx_connection_ports": [{"name": town.PORT}]})
    assert run.status == 0, run.text[-3000:]
    return host


def measure(host: Host, size: int, count: int) -> rounds.Measured:
    say(f"{host.name}: {size:,} extensions, and their phones register")
    town.settle(host, size)
    began = time.monotonic()
    with registered(host.address, town.phones(size)):
        took = time.monotonic() - began
        say(f"{host.name}: {size:,} phones are registered after {took:.0f} s; {count} rounds")
        return rounds.measure(host, size, count)


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


if __name__ == "__main__":
    main()
