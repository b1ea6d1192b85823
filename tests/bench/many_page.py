# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The page of what a rollout to many hosts costs the controller, and the figures that it was made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from .many import EXTENSIONS, PREFLIGHT, REPORT, ROLLOUT, STEPS, Found, read

#: With more a size is no longer sensible: minutes until the operator sees what would be done, hours until all
#: is done, and GiB of memory.
MOST_MINUTES, MOST_HOURS, MOST_MEMORY = 15, 2, 4

_SIMULATED = f"""
The hosts are simulated: each has a Debian system and a directory of {EXTENSIONS} extensions of its own, and
Ansible reaches it by a local connection; Asterisk does not run there. One extension of each is renamed, with
`voiceops.asterisk.rollout --tags directory` and 20 forks; the passwords of each host are in a vault. What the
hosts use is counted apart, but they share the machine: *took* is longer than where each host has its own
processor. What ssh would use is not in it. Each is measured once.
"""
_WORDS = """
*Workers* are forks of the main process: how many there were at once, what the largest of them had of its own,
and all of them. *All together* counts what they share once (PSS). *report* is what the end of the rollout
does, done again by itself.
"""


def keep(found: Sequence[Found], about: dict[str, str], folder: Path) -> None:
    """Write the figures and the page."""
    figures = {"about": about, "found": [each.written() for each in found]}
    (folder / "fleet.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (folder / "fleet.md").write_text(page(found, about), encoding="utf-8")


def kept(folder: Path) -> list[Found]:
    """Return the figures that were kept."""
    file = folder / "fleet.json"
    if not file.exists():
        return []
    return [read(each) for each in json.loads(file.read_text(encoding="utf-8"))["found"]]


def joined(before: Sequence[Found], new: Found) -> list[Found]:
    """Return all figures, with those of one step and size in the place of former ones."""
    rest = [each for each in before if (each.hosts, each.step) != (new.hosts, new.step)]
    return sorted([*rest, new], key=lambda each: (each.hosts, STEPS.index(each.step)))


def page(found: Sequence[Found], about: dict[str, str]) -> str:
    """Return what was found as a page."""
    lines = [
        "# What a rollout to many hosts costs the controller\n",
        f"`make bench-fleet` wrote this page, {about['when']}: {about['machine']}, Python {about['Python']},"
        f" ansible-core {about['ansible-core']}, load {about['load when it began']} when it began.\n",
        f"{_flowing(_SIMULATED)}\n",
        "| hosts | what | took | CPU of the controller | a host | CPU of a host | main process | workers"
        " | all together |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *map(_line, found),
        "",
        f"{_flowing(_WORDS)}\n",
        "## Where it ends\n",
        *map(_growth, STEPS, [[each for each in found if each.step == step] for step in STEPS]),
        "",
        f"A size is sensible where the preflight takes less than {MOST_MINUTES} minutes, the rollout less"
        f" than {MOST_HOURS} hours, and both less than {MOST_MEMORY} GiB.\n",
        *(f"* {_verdict(found, size)}" for size in sorted({each.hosts for each in found})),
    ]
    return "\n".join([*lines, ""])


def _line(each: Found) -> str:
    peak = each.peak
    workers = f"{peak.count}: {peak.worker:.0f} and {peak.workers:.0f} MiB" if peak.count else ""
    return (
        f"| {each.hosts} | {each.step} | {_duration(each.wall)} | {_seconds(each.cpu)}"
        f" | {_seconds(each.cpu / each.hosts)} | {_seconds(each.hosts_cpu / each.hosts)}"
        f" | {peak.main:.0f} MiB | {workers} | {peak.together:.0f} MiB |"
    )


def _growth(step: str, found: Sequence[Found]) -> str:
    """Say how the costs of a step grow from the smallest size to the largest."""
    if len(found) < 2:
        return f"* *{step}*: measured with one size only."
    least, most = found[0], found[-1]
    a_host = [each.cpu / each.hosts for each in (least, most)]
    memory = (most.peak.main - least.peak.main) / (most.hosts - least.hosts)
    return (
        f"* *{step}*: from {least.hosts} to {most.hosts} hosts the controller's processor time for a host"
        f" goes from {_seconds(a_host[0])} to {_seconds(a_host[1])}; each host more has the main process take"
        f" {memory:.2f} MiB more."
    )


def _verdict(found: Sequence[Found], size: int) -> str:
    of = {each.step: each for each in found if each.hosts == size}
    if not {PREFLIGHT, ROLLOUT} <= of.keys():
        return f"{size} hosts: not measured whole."
    memory = max(each.peak.together for each in of.values()) / 1024
    wrong = []
    if of[PREFLIGHT].wall > MOST_MINUTES * 60:
        wrong.append(f"the preflight takes {_duration(of[PREFLIGHT].wall)}")
    if of[ROLLOUT].wall > MOST_HOURS * 3600:
        wrong.append(f"the rollout takes {_duration(of[ROLLOUT].wall)}")
    if memory > MOST_MEMORY:
        wrong.append(f"it needs {memory:.1f} GiB")
    if REPORT in of and of[REPORT].wall > 60:
        wrong.append(f"the report takes {_duration(of[REPORT].wall)}")
    return f"{size} hosts: {'**not sensible**, because ' + ' and '.join(wrong) if wrong else 'sensible'}."


def _flowing(text: str) -> str:
    return " ".join(text.split())


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min"


def _seconds(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds < 100 else f"{seconds:.0f} s"
