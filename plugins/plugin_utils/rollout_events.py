# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the results of a rollout's tasks mean, as the events of its story."""

from __future__ import annotations

import typing as t

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import look, story
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout.words import LANGUAGES, said
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.planned import counts

Result = t.Mapping[str, t.Any]

_DIRECTORY = "voiceops.asterisk.pbx_directory"


class Keeper(t.Protocol):
    """Keeps a story: rollout_files.Keeper."""

    story: story.Story

    def take(self, event: str, **values: t.Any) -> None:
        """Take the next event."""


class Events:
    """Makes events of results."""

    def __init__(self, keeper: Keeper, now: t.Callable[[], float]) -> None:
        self._keeper = keeper
        self._now = now
        #: Whether the hosts are changed by now, and not only looked at.
        self._is_changing = False
        #: Of the hosts that are being changed.
        self._changed: set[str] = set()
        #: Those of which there is an outcome in this run.
        self._tried: set[str] = set()
        self._why: dict[str, str] = {}
        self._is_back: set[str] = set()
        self._why_not: dict[str, str] = {}
        self._stopped, self._refused = "", ""
        self._words = LANGUAGES["en"]

    def begin(self, begun: Result) -> None:
        """Take what the step begin has returned."""
        self._words = LANGUAGES[begun["language"]]
        kept = {name: begun[name] for name in ("digest", "salt", "batches", "settings")}
        self._take("begin", **kept)

    def ok(self, host: str, step: str, action: str, result: Result) -> None:
        """Take a task that has succeeded."""
        if step == "preflight":
            for name, plan in result["plans"].items():
                self._take("plan", host=name, plan=plan)
                if plan["trouble"]:
                    self._tried.add(name)
            self._refused = result["refusal"]
            self._is_changing = not self._refused
        elif step == "batch" and result["stop"]:
            self._stopped = result["why"]
        elif step == "mark":
            self._mark(host, result)
        elif step == "gate":
            self._take("judged", host=host, gate=result["gate"])
            self._take("done", host=host, changed=host in self._changed or bool(result["changes"]))
        elif step == "back":
            self._is_back.add(host)
        elif step == "gate_after_back":
            self._went_back(host, result)
        elif self._is_changing and not step:
            if result.get("changed"):
                self._changed.add(host)
            if action == _DIRECTORY and "directory" in result and result.get("changed"):
                self._take("applied", host=host, directory=counts(result["directory"]))

    def _mark(self, host: str, result: Result) -> None:
        """Take how a host was; where it was left in the middle, how it was before that counts."""
        mark = self._keeper.story.hosts[host].mark or result["mark"]
        phones = len(look.read(wire.unpacked(mark)).phones)
        self._changed.discard(host)
        self._tried.add(host)
        self._take("mark", host=host, mark=mark, phones=phones)

    def _went_back(self, host: str, result: Result) -> None:
        # Where there has never been a change there is nothing that could be taken back.
        whole = host in self._is_back or result.get("newest_change") == 0
        self._take(
            "back",
            host=host,
            whole=whole,
            why=self._why.get(host, ""),
            why_not=self._why_not.get(host, ""),
            gate=result.get("gate") or {},
        )

    def failed(self, host: str, step: str, result: Result) -> None:
        """Take a task that has failed."""
        if not self._is_changing:
            return  # the preflight tells it
        if step == "gate" and "gate" in result:
            self._take("judged", host=host, gate=result["gate"])
            self._why[host] = _said(result)
        elif step == "back":
            self._why_not[host] = _said(result)
        elif step == "gate_after_back":
            self._went_back(host, result)
        elif step == "mark":
            self._tried.add(host)
            self._take("failed", host=host, why=_said(result), unreachable=False)
        else:
            # The first is the cause.
            self._why.setdefault(host, _said(result))

    def unreachable(self, host: str, result: Result) -> None:
        """Take a host that could not be reached."""
        if self._is_changing:
            self._tried.add(host)
            self._take("failed", host=host, why=_said(result), unreachable=True)
        else:
            self._why[host] = _said(result)

    def end(self) -> None:
        """Take the end of the run."""
        whole = self._keeper.story
        # What an earlier attempt has left undone has to have been tried again.
        is_through = whole.hosts.keys() <= whole.settled | self._tried
        has_failed = any(not whole.settled & set(batch) for batch in whole.batches)
        if is_through and not has_failed and not self._stopped and not self._refused:
            self._take("end", state=story.FINISHED)
        elif self._is_changing:
            self._take("end", state=story.STOPPED, why=self._stopped or self._why_ansible_stopped())
        else:
            # Without a host that could be asked there was no preflight.
            self._all_unreachable()
            self._take("end", state=story.REFUSED, why=self._refused or "no host could be reached")

    def _why_ansible_stopped(self) -> str:
        """Say that all of a batch has failed, after which Ansible runs no task that could say so."""
        whole = self._keeper.story
        for number, batch in reversed(list(enumerate(whole.batches, 1))):
            if any(whole.hosts[host].state != story.WAITING for host in batch):
                return said(self._words, "line all failed", {"number": number, "names": batch})
        return ""

    def _all_unreachable(self) -> None:
        if not self._refused:
            for host, why in self._why.items():
                self._take("plan", host=host, plan={"trouble": why, "unreachable": True})

    def _take(self, event: str, **values: t.Any) -> None:
        self._keeper.take(event, at=self._now(), **values)


def _said(result: Result) -> str:
    return " ".join(str(result.get("msg") or "no reason is given").split())
