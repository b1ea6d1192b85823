# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The end of a rollout, from its report."""

from __future__ import annotations

import json

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.events import rollout_end
from hypothesis import given
from hypothesis import strategies as st


def report(state="stopped", **states):
    hosts = {name: {"state": how, "reasons": ["…"]} for name, how in states.items()}
    times = {"began": "2026-03-31T17:00:00Z", "ended": "2026-03-31T17:04:11Z"}
    return json.dumps({"state": state, "why": "too many {{ hosts }}", "hosts": hosts, **times})


def test_it_says_how_many_hosts_are_what_and_names_those_in_trouble():
    event = rollout_end.event(report(a="done", b="same", c="back", d="unreachable", e="waiting"))
    assert event == {
        "kind": "rollout_ended",
        "state": "stopped",
        "why": "too many (( hosts ))",
        "began": "2026-03-31T17:00:00Z",
        "ended": "2026-03-31T17:04:11Z",
        "hosts": 5,
        "changed": 1,
        "unchanged": 1,
        "not_begun": 1,
        "troubled": 2,
        "troubled_hosts": "c, d",
    }


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", '{"state": "finished"}', '{"state": "finished", "hosts": {"a": 1}}']
)
def test_what_is_no_report_is_none(text):
    assert rollout_end.event(text) is None


def test_one_that_goes_on_has_not_ended():
    assert rollout_end.event(report("running", a="working")) is None


@given(st.dictionaries(st.text(max_size=300), st.text(max_size=300), max_size=60))
def test_whatever_hosts_are_called_the_event_is_short_and_flat(states):
    hosts = {name: {"state": how} for name, how in states.items()}
    event = rollout_end.event(json.dumps({"state": "finished", "hosts": hosts}))
    assert event is not None
    assert event["hosts"] == len(states)
    assert len(event["troubled_hosts"]) < 20 * 202
    assert all(isinstance(value, (str, int)) for value in event.values())
