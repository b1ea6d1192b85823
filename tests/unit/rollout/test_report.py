# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is told of a rollout: in the terminal, as JSON, and as a page that is harmless whatever is on it."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import report, story, summary, words
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout.story import HostStory, Story

MISSING = {
    "word": "gate phones",
    "values": {"registered": 0, "expected": 3, "least": 95.0, "numbers": ["1001", "1002", "1003"]},
}
FAILED = {"passed": False, "reasons": [MISSING], "registered": 0, "expected": 3}
AGAIN = {"passed": True, "reasons": [], "registered": 3, "expected": 3}
WELL = {**AGAIN, "apart": {"silent": ["1007"]}, "not_seen": {"port": ["1001", "1002"]}}


def rollout(**hosts):
    """A rollout of the host a, then of the others."""
    whole = Story(state=story.STOPPED, why="batch 1: 1 of 1 hosts failed", began=0.0, ended=90.0)
    whole.hosts = dict(hosts)
    whole.batches = [list(hosts)[:1], list(hosts)[1:]]
    return whole


def canary():
    back = HostStory(
        1, story.BACK, {"created": 2}, before=3, gate=FAILED, gate_after_back=AGAIN, began=1, ended=9
    )
    return rollout(a=back, b=HostStory(2), c=HostStory(2))


def shown(whole, language="en"):
    return [line.text for line in summary.lines(whole, language)]


def test_a_canary_that_was_put_back():
    assert shown(canary()) == [
        "batch 1 of 2: put back: 1",
        "batch 2 of 2: not begun: 2",
        "a: 0 of 3 phones are registered that were before, less than 95 %; missing: 1001, 1002, 1003",
        "a: it is what it was before: 3 / 3",
        "stopped: batch 1: 1 of 1 hosts failed",
        "go on with -e pbx_rollout_resume=true once this is fixed",
    ]


def test_a_rollout_that_went_well_says_what_was_not_seen_once():
    whole = rollout(**{name: HostStory(1, story.DONE, gate=WELL) for name in "abcde"})
    whole.state, whole.why = story.FINISHED, ""
    assert shown(whole) == [
        "batch 1 of 2: changed: 1",
        "batch 2 of 2: changed: 4",
        "5: a, b, c and 2 more: not counted, because they had not answered before the change either: 1007",
        "5: a, b, c and 2 more: not seen, because another port shows when they re-register: 1001, 1002",
        "done",
    ]


@pytest.mark.parametrize(
    ("host", "reasons"),
    [
        (HostStory(1, story.FAILED, why="no Python"), ["no Python"]),
        (HostStory(1, story.UNREACHABLE), ["no reason was given"]),
        (HostStory(1, story.WORKING), []),
        (
            HostStory(1, story.STUCK, why="the run failed", why_not_back="the disk is full"),
            ["the run failed", "it could NOT be put back: the disk is full"],
        ),
        (HostStory(1, story.BACK, why="the run failed"), ["the run failed", "it is what it was before: "]),
    ],
)
def test_why_a_host_is_not_well(host, reasons):
    assert summary.reasons(host, words.ENGLISH) == reasons


def test_the_report_for_programs_has_it_all():
    facts = json.loads(report.as_json(canary()))
    assert facts["state"] == "stopped"
    assert facts["began"] == "1970-01-01T00:00:00Z"
    assert facts["batches"] == [["a"], ["b", "c"]]
    first = facts["hosts"]["a"]
    assert (first["state"], first["seconds"], first["registered_before"]) == ("back", 8, 3)
    assert first["gate_after_back"]["registered"] == 3
    assert first["reasons"][1] == "it is what it was before: 3 / 3"


@pytest.mark.parametrize("language", sorted(words.LANGUAGES))
def test_the_page_has_it_all_in_each_language(language):
    text = report.page(canary(), language)
    assert f'<html lang="{language}">' in text
    assert "1001, 1002, 1003" in text
    assert words.LANGUAGES[language]["back"] in text
    assert "3 / 3" in text


def test_the_page_runs_and_loads_nothing_whatever_a_host_says():
    whole = canary()
    whole.hosts["<script>alert(1)</script>"] = HostStory(
        2, story.FAILED, why='"><img src=x onerror=alert(1)>\ud800'
    )
    whole.batches[1].append("<script>alert(1)</script>")
    text = report.page(whole)
    assert "<script" not in text
    assert "<img" not in text
    assert "default-src 'none'; style-src 'sha256-" in text
    assert not re.search(r"<[^>]*(?:src|href)=", text)
    text.encode()


def test_both_languages_have_the_same_words_and_gaps():
    def gaps(text):
        return sorted(re.findall(r"\{\w+\}", text))

    assert words.ENGLISH.keys() == words.TURKISH.keys()
    for word, text in words.ENGLISH.items():
        assert gaps(text) == gaps(words.TURKISH[word]), word


def test_of_many_names_the_first_are_named():
    assert words.said(words.ENGLISH, "gate unread", {"numbers": [str(n) for n in range(7)]}).endswith(
        "of 0, 1, 2, 3, 4 and 2 more"
    )
