# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run has done to each host of a fleet, as a table for its end."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.plain_text import clean
from ansible_collections.voiceops.asterisk.plugins.module_utils.status.columns import Line, cut, padded, width

Values = t.Mapping[str, t.Any]

#: How much of what went wrong is shown; Ansible has shown all of it where it happened.
_MOST = 400
_COUNTED = ("created", "updated", "deleted", "unchanged", "unlisted")
_HEADINGS = ("host", "created", "changed", "deleted", "unchanged", "not listed", "phones")
_NOT_LISTED = _HEADINGS.index("not listed")


@dataclass
class HostRun:
    """What has become of one host."""

    #: How many things of all kinds are as _COUNTED says; None before there was a result.
    counts: tuple[int, ...] | None = None
    phones: str = ""
    removed: bool = False
    trouble: str = ""


@dataclass
class Rollout:
    """What has become of all hosts, in the order in which they are named."""

    hosts: dict[str, HostRun] = field(default_factory=dict)

    def expect(self, hosts: t.Iterable[str]) -> None:
        """Take the hosts of a play, of each of which a word is said in the end."""
        for host in hosts:
            self.hosts.setdefault(host, HostRun())

    def directory(self, host: str, directory: Values) -> None:
        """Take what pbx_directory returns: for each kind the names that were created, …"""
        counts = [0] * len(_COUNTED)
        for done in directory.values():
            for place, word in enumerate(_COUNTED):
                number = done.get(word, 0)
                counts[place] += number if isinstance(number, int) else len(number)
        self._of(host).counts = tuple(counts)

    def summary(self, host: str, summary: Values) -> None:
        """Take the fact pbx_extension_summary."""
        if summary.get("asterisk") == "running":
            told = f"{summary['registered']:,} of {summary['extensions']:,} registered"
        else:
            told = f"Asterisk is {summary.get('asterisk')}"
        self._of(host).phones = told

    def trouble(self, host: str, what: t.Any) -> None:
        """Take what went wrong; the first of it is the cause."""
        run = self._of(host)
        run.trouble = run.trouble or " ".join(str(what or "no reason is given").split())

    def removed(self, host: str) -> None:
        """Note that all that the role has made is gone from this host."""
        self._of(host).removed = True

    def lines(self, check_mode: bool = False) -> list[Line]:
        """Return the table; nothing where no directory was asked for."""
        if not any(run.counts or run.removed or run.trouble for run in self.hosts.values()):
            return []
        rows = [_HEADINGS, *(_row(host, run) for host, run in self.hosts.items() if _is_done(run))]
        if all(row[_NOT_LISTED] == "0" for row in rows[1:]):
            rows = [row[:_NOT_LISTED] + row[_NOT_LISTED + 1 :] for row in rows]
        widths = [max(map(width, column)) for column in zip(*rows)]
        lines = [Line(_line(row, widths)) for row in rows]
        if len(rows) == 1:
            lines = []
        for host, run in self.hosts.items():
            if run.trouble:
                lines.append(Line(clean(f"{host}: failed: {cut(run.trouble, _MOST)}"), "bad"))
            elif run.removed:
                lines.append(Line(clean(f"{host}: what the role had made is taken away"), "warning"))
            elif run.counts is None:
                lines.append(Line(clean(f"{host}: not reached, for the run ended before it"), "warning"))
        if check_mode:
            failed = sum(bool(run.trouble) for run in self.hosts.values())
            promise = "nothing was changed: this is what a run would do"
            of = f"{failed} of {len(self.hosts)} hosts"
            doubt = f"nothing was changed; what a run would do to {of} is not known"
            lines.append(Line(doubt, "bad") if failed else Line(promise))
        return lines

    def _of(self, host: str) -> HostRun:
        return self.hosts.setdefault(host, HostRun())


def _is_done(run: HostRun) -> bool:
    return run.counts is not None and not run.trouble


def _row(host: str, run: HostRun) -> tuple[str, ...]:
    return (cut(clean(host)), *(f"{count:,}" for count in run.counts or ()), run.phones)


def _line(row: t.Sequence[str], widths: t.Sequence[int]) -> str:
    """Names to the left, numbers to the right: all columns but the first and the last."""
    host, *numbers, phones = map(padded, row, widths)
    numbers = [" " * (len(number) - len(number.rstrip())) + number.rstrip() for number in numbers]
    return "  ".join([host, *numbers, phones]).rstrip()


def is_fleet_rollout(play: t.Any) -> bool:
    """Tell whether a play is one of the playbook rollout, which tells of its hosts itself."""
    # What stands there may be a block itself, as a role that is imported is.
    tasks = [task for block in play.tasks for task in block.block]
    return any(getattr(task, "action", "") == "voiceops.asterisk.pbx_rollout" for task in tasks)
