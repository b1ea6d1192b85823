# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the host itself says of the load: its logs, its call detail records, its recordings, its CPU."""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from integration.company import RECORDINGS, until
from integration.fleet import REPOSITORY, Host

LOGS = {name: f"/var/log/asterisk/{name}.log" for name in ("messages", "security")}
#: What Asterisk, its SQLite driver and our dialplan say when something was not found, not read or refused.
FAILED_LOOK_UP = re.compile(
    r"locked|could not|couldn't|cannot|unable|malformed|sqlite|realtime|sorcery|no such|no matching endpoint"
    r"|may not call|no rule of|no phone of it answers|failed|refused|not recorded",
    re.IGNORECASE,
)
#: What the security log says of a request in which all is well: others are about who is not known.
ALL_WELL = ("ChallengeSent", "SuccessfulAuth")
HERE = Path(__file__).resolve().parent


def put(host: Host, path: str, text: str) -> None:
    """Put a file on the host."""
    host.shell(f"mkdir -p {os.path.dirname(path)}; cat > {path}", text)


def put_programs(host: Host) -> None:
    """Put on the host what runs there: the library, and what listens to recordings."""
    host.put_library("/opt/voiceops_asterisk")
    sound = (REPOSITORY / "tests" / "phones" / "sound.py").read_text(encoding="utf-8")
    put(host, "/opt/load_proof/sound.py", sound)
    put(host, "/opt/load_proof/__init__.py", "")


def run(host: Host, program: str, *arguments: str) -> str:
    """Run one of the programs beside this file on the host."""
    return host.python((HERE / f"{program}.py").read_text(encoding="utf-8"), *arguments)


@dataclass(frozen=True)
class Mark:
    """A moment, from which on logs and CPU time count."""

    at: float
    log_sizes: dict[str, int]
    #: Seconds of CPU that Asterisk, and all of the machine, have used so far.
    asterisk: float
    machine: float

    @classmethod
    def now(cls, host: Host) -> Mark:
        sizes = host.shell(f"stat -c %s {' '.join(LOGS.values())}").split()
        ticks = host.shell("cut -d')' -f2- /proc/$(pidof asterisk)/stat").split()
        used = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
        second = os.sysconf("SC_CLK_TCK")
        return cls(
            time.monotonic(),
            dict(zip(LOGS, map(int, sizes), strict=True)),
            # Fields 14 and 15 of stat (proc(5)): user and system time; 3 is the first after the name.
            sum(map(int, ticks[11:13])) / second,
            # user, nice, system, then idle and waiting, then interrupts and what was stolen
            (sum(map(int, used[1:4])) + sum(map(int, used[6:9]))) / second,
        )


def said_since(host: Host, mark: Mark, log: str) -> list[str]:
    """Return the lines of a log since then."""
    return host.shell(f"tail -c +{mark.log_sizes[log] + 1} {LOGS[log]}").splitlines()


def failed_look_ups(host: Host, mark: Mark) -> list[str]:
    """Return every line of Asterisk's logs that speaks of something not found, not read or not let in."""
    messages = [line for line in said_since(host, mark, "messages") if FAILED_LOOK_UP.search(line)]
    events = said_since(host, mark, "security")
    return messages + [line for line in events if not any(f'"{well}"' in line for well in ALL_WELL)]


@dataclass(frozen=True)
class Heard:
    """A recording: its seconds, and the tones in each of them."""

    seconds: float
    tones: list[list[int]]


def recordings(host: Host) -> dict[str, Heard]:
    """Return every recording by its name, as call detail records name it."""
    return {path: Heard(*shown) for path, shown in json.loads(run(host, "listening", RECORDINGS)).items()}


def records(host: Host) -> list[dict[str, str]]:
    """Return the call detail records, oldest first, once nobody talks any more."""
    until(lambda: "0 active channels" in host.shell("asterisk -rx 'core show channels count'"))
    script = (
        "import json, sqlite3; c = sqlite3.connect('/var/log/asterisk/master.db');"
        "c.row_factory = sqlite3.Row;"
        "print(json.dumps([dict(r) for r in c.execute('SELECT * FROM calls ORDER BY started, AcctId')]))"
    )
    return list(json.loads(host.python(script)))


def forget(host: Host) -> None:
    """Begin with no recordings and no records."""
    host.shell(f"rm -rf {RECORDINGS}/2*")
    host.python(
        "import sqlite3; c = sqlite3.connect('/var/log/asterisk/master.db');"
        "c.execute('DELETE FROM calls'); c.commit()"
    )
