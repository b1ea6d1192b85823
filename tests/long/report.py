# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The outcome on paper: one section for each release of Asterisk, each written again by its own run."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from integration.fleet import REPOSITORY

from .outcome import TOLERANCE, Outcome, quantile
from .population import CHANGES, CONVERSATIONS, PAIRS, SECONDS, SET_UPS, directory

REPORT = REPOSITORY / "docs" / "measurements" / "load.md"
#: Most lines of what went wrong.
SHOWN = 20

HEAD = f"""# Calls under load while the directory changes

Written by `make test-long`. For {SECONDS} seconds there are at least {CONVERSATIONS} recorded conversations
at any moment ({PAIRS} pairs of telephones, each with a tone of its own, hang up and dial again in turn),
{SET_UPS} other calls are set up a second, and the directory is changed {CHANGES} times a second, each time in
a transaction of its own through the Python library: names, groups, callable groups, ring timeouts, recording,
new and deleted extensions. Extensions in a call are among those changed. Telephones, Asterisk and what
changes the directory share the machine, on which Asterisk, as Debian starts it, and the telephones run in
real time.

* A call has failed if its final status is not 200, if the other side ends it, or if its BYE is not answered
  with 200.
* Each recording is listened to on the host, in the middle of each of its seconds: both tones of its pair have
  to be there and no others, and its length may differ from its call by {TOLERANCE} s.
* A failed look-up is any line of Asterisk's log, or of its security log, that speaks of something not found,
  not read, locked or refused. Before the load a call is refused on purpose: this has to be seen.
"""


def write(outcome: Outcome, path: Path = REPORT) -> None:
    """Put a release's section in the place of the one before."""
    sections = {}
    if path.exists():
        for text in re.split(r"^(?=## )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            sections[_branch(text)] = text.rstrip("\n")
    mine = _section(outcome)
    sections[_branch(mine)] = mine
    newest_first = [sections[branch] for branch in sorted(sections, reverse=True)]
    path.write_text("\n".join([HEAD, "\n\n".join(newest_first), ""]), encoding="utf-8")


def _branch(section: str) -> int:
    found = re.match(r"## Asterisk (\d+)", section)
    return int(found.group(1)) if found else 0


def _milliseconds(seconds: Sequence[float]) -> str:
    shown = (quantile(seconds, 0.5), quantile(seconds, 0.99), max(seconds, default=float("nan")))
    return " / ".join(f"{1000 * value:.0f}" for value in shown)


def _calls(total: int, failed: int) -> str:
    return f"{total:,} / {total - failed:,} / {failed:,}"


def _section(outcome: Outcome) -> str:
    changes, differences = outcome.changes, outcome.differences()
    window = outcome.end.at - outcome.begin.at
    asterisk, machine = (
        getattr(outcome.end, of) - getattr(outcome.begin, of) for of in ("asterisk", "machine")
    )
    answered = [call for call in outcome.conversations if call.status == 200]
    rows = {
        "short calls attempted / succeeded / failed": _calls(
            len(outcome.short), len(outcome.failed_short_calls())
        ),
        "short calls dialled a second": f"{outcome.set_ups_a_second():.1f}",
        "recorded calls attempted / succeeded / failed": _calls(
            len(outcome.conversations), len(outcome.failed_conversations())
        ),
        "recorded calls at once, at the worst moment": outcome.fewest_conversations(),
        "short calls: INVITE to 200, median / p99 / longest, ms": _milliseconds(
            [call.set_up for call in outcome.short if call.status == 200]
        ),
        "recorded calls: INVITE to 200, median / p99 / longest, ms": _milliseconds(
            [call.up - call.dialled for call in answered]
        ),
        "telephones of the recorded calls speak late by at most, ms": f"{1000 * outcome.telephones_late:.0f}",
        "extensions at the beginning": f"{len(directory()['extensions']):,}",
        "transactions committed / a second": f"{changes.made:,} / {changes.made / changes.seconds:.1f}",
        "whole transaction, median / p99 / longest, ms": _milliseconds(changes.transactions),
        "its commit alone, median / p99 / longest, ms": _milliseconds(changes.commits),
        "recordings found / wrong": f"{len(outcome.recordings):,} / {len(outcome.wrong_recordings()):,}",
        "recording shorter than its call by, least / most, s": (
            f"{min(differences, default=0):+.2f} / {max(differences, default=0):+.2f}"
        ),
        "call detail records / wrong": f"{len(outcome.records):,} / {len(outcome.wrong_records()):,}",
        "log lines of failed look-ups": len(outcome.failed_look_ups),
        "other warnings and errors of Asterisk": len(outcome.warnings),
        "CPU: Asterisk / whole machine, cores": f"{asterisk / window:.2f} / {machine / window:.2f}",
    }
    problems = outcome.problems()
    shown = [f"    {line[:300]}" for line in problems[:SHOWN]]
    warned = sorted({f"    {_anonymous(line)}" for line in outcome.warnings})
    return "\n".join(
        [
            f"## {outcome.asterisk}",
            "",
            _machine(outcome.load_average),
            "",
            "| | |",
            "| --- | --- |",
            *(f"| {what} | {value} |" for what, value in rows.items()),
            *(["", f"What went wrong, {len(problems)} in all:", "", *shown] if problems else []),
            *(
                ["", "What else Asterisk warned of:", "", *(f"    {w}" for w in warned[:SHOWN])]
                if warned
                else []
            ),
        ]
    )


def _anonymous(line: str) -> str:
    """A line of the log without time, thread and channel, so that the same thing is the same text."""
    return re.sub(r"^\[[^]]*\] |\[\d+\]|\[C-[0-9a-f]+\]|-[0-9a-f]{8}\b", "", line)[:200]


def _machine(load_average: float) -> str:
    system = re.search(r'^PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text("utf-8"), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    sipp = subprocess.run(["sipp", "-v"], check=False, capture_output=True, text=True).stdout
    version = re.search(r"SIPp v([\d.]+)", sipp)
    return (
        f"{system.group(1) if system else platform.system()}, kernel {platform.release()},"
        f" {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()},"
        f" SIPp {version.group(1) if version else '?'}; {time.strftime('%Y-%m-%d')},"
        f" load average before it {load_average:.2f}."
    )
