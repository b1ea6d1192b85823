# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has become of a rollout, as a list of events: written down one by one, and read again to go on.

An event is a line of JSON that is appended to a file. A controller that is killed leaves a last line that is
not whole, which counts as not written.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

Event = t.Mapping[str, t.Any]
Written = dict[str, t.Any]

#: What can become of a host.
WAITING, WORKING, DONE, SAME, BACK, STUCK, FAILED, UNREACHABLE = STATES = (
    "waiting",
    "working",
    "done",
    "same",
    "back",
    "stuck",
    "failed",
    "unreachable",
)
#: With these the host is not looked at again by a rollout that goes on.
SETTLED = frozenset([DONE, SAME])
TROUBLE = (STUCK, BACK, FAILED, UNREACHABLE, WORKING)
#: What can become of a rollout.
RUNNING, FINISHED, STOPPED, REFUSED = ("running", "finished", "stopped", "refused")


@dataclass
class HostStory:
    """What has become of a host."""

    #: Counted from 1.
    batch: int = 0
    state: str = WAITING
    #: What the preflight has found: HostPlan by its fields.
    plan: Written = field(default_factory=dict)
    #: How many changes there were in the directory, and what was done, by the name of the list.
    directory: Written = field(default_factory=dict)
    #: What it was like before, as pbx_gate packs it; dropped once the host is well.
    mark: str = ""
    #: How many phones were registered before.
    before: int | None = None
    #: What the gate has said, of the change and, where it was taken back, of the way back.
    gate: Written = field(default_factory=dict)
    gate_after_back: Written = field(default_factory=dict)
    why: str = ""
    why_not_back: str = ""
    began: float | None = None
    ended: float | None = None

    @property
    def seconds(self) -> int | None:
        """How long it took."""
        return None if self.began is None or self.ended is None else max(0, round(self.ended - self.began))


@dataclass
class Story:
    """What has become of a rollout."""

    state: str = RUNNING
    why: str = ""
    #: How often it was resumed.
    resumed: int = 0
    began: float = 0.0
    ended: float | None = None
    digest: str = ""
    salt: str = ""
    batches: list[list[str]] = field(default_factory=list)
    settings: Written = field(default_factory=dict)
    hosts: dict[str, HostStory] = field(default_factory=dict)

    @property
    def settled(self) -> set[str]:
        """The hosts that are done with."""
        return {name for name, host in self.hosts.items() if host.state in SETTLED}

    def take(self, event: Event) -> None:
        """Take the next event."""
        kind = event["event"]
        if kind == "begin":
            self._begin(event)
        elif kind == "end":
            self.state, self.why, self.ended = event["state"], event.get("why", ""), event["at"]
        elif kind in _OF_A_HOST and event["host"] in self.hosts:
            _OF_A_HOST[kind](self.hosts[event["host"]], event)

    def _begin(self, event: Event) -> None:
        self.resumed += 1 if self.batches else 0
        self.began = self.began or event["at"]
        self.state, self.why, self.ended = RUNNING, "", None
        self.digest, self.salt = event["digest"], event["salt"]
        self.batches, self.settings = event["batches"], event["settings"]
        for number, batch in enumerate(self.batches, 1):
            for name in batch:
                self.hosts.setdefault(name, HostStory()).batch = number


def _planned(host: HostStory, event: Event) -> None:
    host.plan = event["plan"]
    if host.state in SETTLED:
        return
    if host.plan.get("unreachable"):
        host.state, host.why = UNREACHABLE, host.plan["trouble"]
    elif host.plan.get("trouble"):
        # Of one that was left in the middle it stays known that it was.
        host.state = STUCK if host.state in (WORKING, STUCK) else FAILED
        host.why = host.plan["trouble"]


def _marked(host: HostStory, event: Event) -> None:
    host.state, host.mark, host.before = WORKING, event["mark"], event["phones"]
    host.began, host.ended, host.why, host.why_not_back = event["at"], None, "", ""
    host.gate, host.gate_after_back, host.directory = {}, {}, {}


def _applied(host: HostStory, event: Event) -> None:
    host.directory = event["directory"]


def _judged(host: HostStory, event: Event) -> None:
    host.gate = event["gate"]


def _done(host: HostStory, event: Event) -> None:
    host.state, host.mark, host.ended = (DONE if event["changed"] else SAME), "", event["at"]


def _back(host: HostStory, event: Event) -> None:
    host.state, host.ended = (BACK if event["whole"] else STUCK), event["at"]
    host.why, host.why_not_back = event["why"], event.get("why_not", "")
    host.gate_after_back = event.get("gate", {})
    if event["whole"]:
        host.mark = ""


def _failed(host: HostStory, event: Event) -> None:
    # Of a host that was in the middle nobody knows what has been done to it.
    was_begun = host.state in (WORKING, STUCK)
    host.state = UNREACHABLE if event["unreachable"] else STUCK if was_begun else FAILED
    host.why, host.ended = event["why"], event["at"]


_OF_A_HOST: dict[str, t.Callable[[HostStory, Event], None]] = {
    "plan": _planned,
    "mark": _marked,
    "applied": _applied,
    "judged": _judged,
    "done": _done,
    "back": _back,
    "failed": _failed,
}


def line(event: Event) -> str:
    """Return an event as a line of the file."""
    return json.dumps(event, ensure_ascii=True, separators=(",", ":"), allow_nan=False) + "\n"


def told(text: str) -> Story:
    """Make a story of the lines of a file. Raises ValueError where it is no such file."""
    story = Story()
    for number, each in enumerate(text.splitlines(keepends=True), 1):
        if not each.endswith("\n"):
            break  # the controller was killed while it wrote it
        try:
            event = json.loads(each)
            story.take(event)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"line {number} is not an event of a rollout") from error
    return story
