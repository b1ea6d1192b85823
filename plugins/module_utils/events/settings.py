# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rulebook says of the source, read and judged.

Pure.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..definition.problem import InvalidInputError, Problem
from . import record

#: Waits between two tries to reach a host, in seconds: the first, and the longest.
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0

#: As ssh takes it; never an option.
_HOST = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9_[][A-Za-z0-9._:%\]-]{0,252}")
_KNOWN = (
    *("hosts", "events", "connection", "ssh_options", "become", "python_interpreter"),
    *("settle", "interval", "rollout_report"),
)
#: Never a question to somebody who is not there; and a host that is gone silently is noticed.
_SSH = ("ssh", "-T", "-x", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=15")
_TRUE, _FALSE = (True, "true", "yes"), (False, "false", "no", None)


@dataclass(frozen=True)
class Settings:
    """How events are had."""

    hosts: tuple[str, ...]
    events: tuple[str, ...] = record.KINDS
    #: ssh, or local for the host on which this runs.
    connection: str = "ssh"
    ssh_options: tuple[str, ...] = ()
    become: bool = False
    python_interpreter: str = "/usr/bin/python3"
    settle: float = 5.0
    interval: float = 10.0
    rollout_report: str = ""

    def before(self, host: str) -> list[str]:
        """Return the words before a command on a host."""
        return [] if self.connection == "local" else [*_SSH, *self.ssh_options, "--", host]


def read(given: t.Mapping[str, t.Any]) -> Settings:
    """Read the arguments of a rulebook. Raises InvalidInputError with all that is wrong."""
    problems: list[Problem] = []
    # ansible-rulebook adds arguments of its own (eda_feedback_queue).
    for name in given:
        if name not in _KNOWN and not name.startswith("eda_"):
            problems.append(Problem(name, f"there is no such option; there are {', '.join(_KNOWN)}"))
    hosts = _texts(given, "hosts", problems)
    for index, host in enumerate(hosts):
        if not _HOST.fullmatch(host):
            problems.append(
                Problem(f"hosts[{index}]", f"{host!r} is not the name of a host that ssh accepts")
            )
    events = _texts(given, "events", problems) or record.KINDS
    for index, name in enumerate(events):
        if name not in record.KINDS:
            problems.append(Problem(f"events[{index}]", f"{name!r} is not one of {', '.join(record.KINDS)}"))
    settings = Settings(
        hosts=tuple(dict.fromkeys(hosts)),
        events=tuple(kind for kind in record.KINDS if kind in events),
        connection=_text(given, "connection", "ssh", problems),
        ssh_options=_texts(given, "ssh_options", problems),
        become=_flag(given, "become", problems),
        python_interpreter=_text(given, "python_interpreter", "/usr/bin/python3", problems),
        settle=_seconds(given, "settle", 5.0, problems),
        interval=_seconds(given, "interval", 10.0, problems),
        rollout_report=_text(given, "rollout_report", "", problems),
    )
    if settings.connection not in ("ssh", "local"):
        problems.append(Problem("connection", f"{settings.connection!r} is neither ssh nor local"))
    if settings.connection == "local" and len(settings.hosts) > 1:
        problems.append(
            Problem("hosts", "with connection: local there is one host, the one on which this runs")
        )
    if not settings.hosts and not settings.rollout_report and not problems:
        problems.append(
            Problem("hosts", "is missing: list the telephone systems by the names that ssh accepts")
        )
    if problems:
        raise InvalidInputError(problems)
    return settings


def wait(tries: int, chance: float) -> float:
    """Return how long to wait before the next try, in seconds; ``chance`` is from 0 to 1.

    So that a fleet whose network comes back is not asked by all at once.
    """
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(tries, 10))
    return longest * (0.5 + chance / 2)


def _texts(given: t.Mapping[str, t.Any], name: str, problems: list[Problem]) -> tuple[str, ...]:
    value = given.get(name)
    values = [value] if isinstance(value, str) else value
    if values is None:
        return ()
    if not isinstance(values, (list, tuple)) or not all(isinstance(each, str) and each for each in values):
        problems.append(Problem(name, "has to be a list of texts"))
        return ()
    return tuple(values)


def _text(given: t.Mapping[str, t.Any], name: str, default: str, problems: list[Problem]) -> str:
    value = given.get(name, default)
    if not isinstance(value, str) or "\0" in value:
        problems.append(Problem(name, "has to be a text"))
        return default
    return value


def _flag(given: t.Mapping[str, t.Any], name: str, problems: list[Problem]) -> bool:
    value = given.get(name)
    if value not in (*_TRUE, *_FALSE):
        problems.append(Problem(name, f"{value!r} is neither true nor false"))
    return value in _TRUE


def _seconds(given: t.Mapping[str, t.Any], name: str, default: float, problems: list[Problem]) -> float:
    value = given.get(name, default)
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if isinstance(value, bool) or not 1 <= seconds <= 3600:
        problems.append(Problem(name, f"{value!r} is not a number of seconds from 1 to 3600"))
        return default
    return seconds
