# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has become of a rollout, in a terminal: what is true of many hosts is said once."""

from __future__ import annotations

import typing as t

from ..definition.plain_text import clean
from ..planning.registering import REASONS
from ..status.columns import Line, cut
from . import story
from .gate import APART
from .grouping import said_once
from .story import HostStory, Story
from .words import LANGUAGES, said, who

_MOST = 400


def reasons(host: HostStory, words: t.Mapping[str, str]) -> list[str]:
    """Return why a host is not well, a sentence each."""
    told = [said(words, each["word"], each["values"]) for each in host.gate.get("reasons", ())]
    if host.state in (story.SAME, story.DONE, story.WAITING):
        return []
    # Before the gate it is the run that has failed.
    told = told or ([host.why] if host.why else [])
    if host.state == story.BACK:
        return [*(told or [words["no reason"]]), said(words, "put back", {"phones": phones(host)})]
    if host.state == story.STUCK:
        return [*told, said(words, "not put back", {"why": host.why_not_back or words["no reason"]})]
    return told or ([] if host.state == story.WORKING else [words["no reason"]])


def phones(host: HostStory) -> str:
    """Return how many phones are registered of those that should be, as last seen."""
    gate = host.gate_after_back or host.gate
    return f"{gate['registered']:,} / {gate['expected']:,}" if gate else ""


def remarks(host: HostStory, words: t.Mapping[str, str]) -> list[str]:
    """Return what the gate has not seen or not counted on a host, a sentence each."""
    gate = host.gate if host.state in story.SETTLED else {}
    told = [
        said(words, f"apart {why}", {"numbers": gate["apart"][why]})
        for why in APART
        if gate.get("apart", {}).get(why)
    ]
    told += [
        said(words, f"unseen {why}", {"numbers": gate["not_seen"][why]})
        for why in REASONS
        if gate.get("not_seen", {}).get(why)
    ]
    return told


def outcome(whole: Story, words: t.Mapping[str, str]) -> str:
    """Return in a sentence what has become of a rollout."""
    return said(words, whole.state, {"why": whole.why})


def lines(whole: Story, language: str = "en") -> list[Line]:
    """Return the story as lines."""
    words = LANGUAGES[language]
    result = []
    for number, batch in enumerate(whole.batches, 1):
        counts = _counts([whole.hosts[name] for name in batch], words)
        values = {"number": number, "all": len(whole.batches), "counts": counts}
        begun = any(whole.hosts[name].state != story.WAITING for name in batch)
        result.append(Line(said(words, "line batch", values), "plain" if begun else "soft"))
    for kind, of in (("bad", reasons), ("warning", remarks)):
        sayings = ((name, text) for name, host in whole.hosts.items() for text in of(host, words))
        for names, text in said_once(sayings):
            result.append(Line(clean(f"{who(words, names)}: {cut(text, _MOST)}"), kind))
    left = any(host.state not in story.SETTLED for host in whole.hosts.values())
    result.append(Line(clean(outcome(whole, words)), "bad" if left else "good"))
    if left and whole.state != story.REFUSED:
        result.append(Line(words["line resume"], "warning"))
    return result


def _counts(hosts: t.Sequence[HostStory], words: t.Mapping[str, str]) -> str:
    counts = {state: sum(host.state == state for host in hosts) for state in story.STATES}
    shown = [
        said(words, "line counts", {"outcome": words[state], "count": count})
        for state, count in counts.items()
        if count
    ]
    return ", ".join(shown)
