# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run has done to each host of a fleet, as a table for its end.

What is true of several hosts is said once. A check of several hosts ends in the table of a rollout's
preflight.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.plain_text import clean
from ansible_collections.voiceops.asterisk.plugins.module_utils.status.columns import Line, aligned, cut

Values = t.Mapping[str, t.Any]

#: How much of what went wrong is shown; Ansible has shown all of it where it happened.
_MOST = 400
_COUNTED = ("created", "updated", "deleted", "unchanged", "unlisted")
_HEADINGS = ("host", "created", "changed", "deleted", "unchanged", "not listed", "phones")
#: Those of _COUNTED and _HEADINGS that are done to things.
_DONE = slice(0, 3)
_NOT_LISTED = _HEADINGS.index("not listed")
_REMOVED = "what the role had made is taken away"
_WOULD_GO = "would be taken away"
_NOT_REACHED = "not reached, because the run ended before it"


@dataclass
class HostRun:
    """What has become of one host."""

    #: How many things of all kinds are as _COUNTED says; None before there was a result.
    counts: tuple[int, ...] | None = None
    #: How many of these are extensions.
    extensions: tuple[int, ...] = ()
    #: What pbx_directory has returned, how many files were written, and whose phones are registered.
    result: Values = field(default_factory=dict)
    files: int = 0
    registered: t.Collection[str] = ()
    phones: str = ""
    removed: bool = False
    #: What is taken away, or in a check would be: paths and packages.
    gone: dict[str, None] = field(default_factory=dict)
    trouble: str = ""
    unreachable: bool = False


@dataclass
class Rollout:
    """What has become of all hosts, in the order in which they are named."""

    hosts: dict[str, HostRun] = field(default_factory=dict)

    def expect(self, hosts: t.Iterable[str]) -> None:
        """Take the hosts of a play, of each of which a word is said in the end."""
        for host in hosts:
            self.hosts.setdefault(host, HostRun())

    def directory(self, host: str, result: Values) -> None:
        """Take what pbx_directory returns: in ``directory`` for each kind the names that were created, …"""
        each = {kind: _counts(done) for kind, done in result["directory"].items()}
        run = self._of(host)
        run.counts = tuple(map(sum, zip(*each.values()))) or _counts({})
        run.extensions, run.result = each.get("extensions", _counts({})), result

    def written(self, host: str, files: t.Sized) -> None:
        """Take files that were written."""
        self._of(host).files += len(files)

    def summary(self, host: str, summary: Values, extensions: Values | None = None) -> None:
        """Take the facts pbx_extension_summary and, where they are there, pbx_extensions."""
        run = self._of(host)
        if summary.get("asterisk") == "running":
            run.phones = f"{summary['registered']:,} of {summary['extensions']:,} registered"
        else:
            run.phones = f"Asterisk is {summary.get('asterisk')}"
        run.registered = [number for number, each in (extensions or {}).items() if each.get("registered")]

    def trouble(self, host: str, what: t.Any, unreachable: bool = False) -> None:
        """Take what went wrong; the first of it is the cause."""
        run = self._of(host)
        run.trouble = run.trouble or " ".join(str(what or "no reason is given").split())
        run.unreachable = run.unreachable or unreachable

    def removed(self, host: str) -> None:
        """Note that all that the role has made is gone from this host."""
        self._of(host).removed = True

    def gone(self, host: str, what: t.Iterable[str]) -> None:
        """Take paths and packages that are taken away."""
        self._of(host).gone.update(dict.fromkeys(what))

    def lines(self, check_mode: bool = False) -> list[Line]:
        """Return the table; nothing where no directory was asked for."""
        if not any(run.counts or run.removed or run.trouble for run in self.hosts.values()):
            return []
        lines = self._planned() if check_mode and len(self.hosts) > 1 else self._done()
        lines += self._others(check_mode)
        if check_mode:
            failed = sum(bool(run.trouble) for run in self.hosts.values())
            promise = "nothing was changed: this is what a run would do"
            of = f"{failed} of {len(self.hosts)} hosts"
            doubt = f"nothing was changed; what a run would do to {of} is not known"
            lines.append(Line(doubt, "bad") if failed else Line(promise))
        return lines

    def _planned(self) -> list[Line]:
        """Return what would be done to several hosts, as a rollout shows it before it begins."""
        # Not before there are several: a run loads no more than it needs.
        from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import preflight  # noqa: PLC0415
        from ansible_collections.voiceops.asterisk.plugins.plugin_utils.planned import (  # noqa: PLC0415
            plan_of_results,
        )

        plans = {}
        for host, run in self.hosts.items():
            if run.trouble:
                plans[host] = preflight.HostPlan(trouble=run.trouble, unreachable=run.unreachable)
            elif run.counts is not None:
                plans[host] = plan_of_results(run.result, run.files, run.registered)
        return preflight.table(plans) if plans else []

    def _done(self) -> list[Line]:
        """Return what was done, those to which the same was done as one line, and what went wrong."""
        alike: dict[tuple[str, ...], list[str]] = {}
        for host, run in self.hosts.items():
            if run.counts is not None and not run.trouble:
                alike.setdefault((*(f"{count:,}" for count in run.counts), run.phones), []).append(host)
        rows: list[tuple[str, ...]] = [
            _HEADINGS,
            *((_named(hosts), *cells) for cells, hosts in alike.items()),
        ]
        if all(row[_NOT_LISTED] == "0" for row in rows[1:]):
            rows = [row[:_NOT_LISTED] + row[_NOT_LISTED + 1 :] for row in rows]
        lines = [Line(line) for line in aligned(rows)] if len(rows) > 1 else []
        lines += self._extensions()
        troubles = [(host, run.trouble) for host, run in self.hosts.items() if run.trouble]
        for hosts, why in _said_once(troubles):
            lines.append(Line(clean(f"{_who(hosts)}: failed: {cut(why, _MOST)}"), "bad"))
        return lines

    def _extensions(self) -> t.Iterator[Line]:
        """Say how many of what was counted are extensions, unless all are."""
        runs = [run for run in self.hosts.values() if run.counts is not None and not run.trouble]
        counted = [sum(each) for each in zip(*((run.counts or ())[_DONE] for run in runs))]
        extensions = [sum(each) for each in zip(*(run.extensions[_DONE] for run in runs))]
        if counted != extensions:
            told = ", ".join(f"{n:,} {word}" for n, word in zip(extensions, _HEADINGS[1:]))
            yield Line(f"extensions among these: {told}")

    def _others(self, check_mode: bool) -> list[Line]:
        """Return the hosts to which neither anything was done nor anything happened."""
        others = [(host, run) for host, run in self.hosts.items() if run.counts is None and not run.trouble]
        # Single files go where there is a directory, too.
        removed = [host for host, run in others if run.removed]
        not_reached = [host for host, run in others if not run.removed]
        told = ((removed, _REMOVED), (not_reached, _NOT_REACHED))
        lines = [] if not check_mode else list(self._would_go(removed))
        said = told[1:] if check_mode else told
        return lines + [Line(clean(f"{_who(hosts)}: {what}"), "warning") for hosts, what in said if hosts]

    def _would_go(self, hosts: t.Sequence[str]) -> t.Iterator[Line]:
        """Give what would be taken away from these hosts, one a line; once for those that lose the same."""
        alike: dict[tuple[str, ...], list[str]] = {}
        for host in hosts:
            alike.setdefault(_whole(self._of(host).gone), []).append(host)
        for gone, those in alike.items():
            yield Line(clean(f"{_who(those)}: {_WOULD_GO}{':' if gone else ''}"), "warning")
            yield from (Line(clean(f"  {each}")) for each in gone)

    def _of(self, host: str) -> HostRun:
        return self.hosts.setdefault(host, HostRun())


def _whole(names: t.Iterable[str]) -> tuple[str, ...]:
    """Return names in order, without the paths in a folder that goes as a whole."""
    kept: list[str] = []
    for name in sorted(names):
        if not any(name.startswith(f"{folder}/") for folder in kept):
            kept.append(name)
    return tuple(kept)


def _counts(done: Values) -> tuple[int, ...]:
    """Return how many things of a kind are as _COUNTED says."""
    found = (done.get(word, 0) for word in _COUNTED)
    return tuple(each if isinstance(each, int) else len(each) for each in found)


def _named(hosts: t.Sequence[str]) -> str:
    return cut(clean(hosts[0])) if len(hosts) == 1 else clean(_who(hosts))


def _who(hosts: t.Sequence[str]) -> str:
    """Return one host's name, or how many there are and the first of them."""
    if len(hosts) == 1:
        return hosts[0]
    from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import words  # noqa: PLC0415

    return words.who(words.ENGLISH, hosts)


def _said_once(sayings: t.Sequence[tuple[str, str]]) -> list[tuple[list[str], str]]:
    if len(sayings) < 2:
        return [([host], text) for host, text in sayings]
    from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import grouping  # noqa: PLC0415

    return grouping.said_once(sayings)


def is_fleet_rollout(play: t.Any) -> bool:
    """Tell whether a play is one of the playbook rollout, which reports its hosts itself."""
    # What stands there may be a block itself, as a role that is imported is.
    tasks = [task for block in play.tasks for task in block.block]
    return any(getattr(task, "action", "") == "voiceops.asterisk.pbx_rollout" for task in tasks)
