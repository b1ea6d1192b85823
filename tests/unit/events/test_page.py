# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""docs/events.md and the example rulebook say what there is: kinds, what comes with them, options."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
import yaml
from ansible_collections.voiceops.asterisk.plugins.module_utils.events import happening, rollout_end, settings

COLLECTION = Path(__file__).resolve().parents[3]
PAGE = COLLECTION / "docs/events.md"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the artifact has no pages")

CONTACT = {
    "record": "contact",
    "number": "1001",
    "contact": "0" * 16,
    "address": "10.0.0.7:5060",
    "user_agent": "Snom",
}
CALL = {"record": "call", "call": "1.1", "caller": "1001", "called": "112"}


def happened():
    """Return an event of each kind."""
    host = happening.Happening("pbx-istanbul", 1.0)
    told = [
        {"record": "begin"},
        {"record": "ready"},
        *({**CONTACT, "state": state} for state in ("there", "unreachable", "reachable", "gone")),
        CALL,
        {"record": "emergency", "call": "1.1"},
        {"record": "answer", "call": "1.1", "by": "1002"},
        {"record": "hangup", "call": "1.1", "cause": "16"},
        {
            "record": "attempts",
            "problem": "wrong_password",
            "address": "203.0.113.9",
            "account": "1001",
            "count": "21",
        },
    ]
    events = [event for each in told for event in host.take(each, 0)]
    events += [*host.look(2), *host.lost("x")]
    events += [event for each in told[:2] for event in host.take(each, 3)]
    events.append({**rollout_end.event('{"state": "finished", "hosts": {}}'), "host": ""})
    return {event["kind"]: event for event in events}


def blocks(language):
    return re.findall(
        rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def rows():
    """Return the rows of the page's tables, cell by cell."""
    found = re.findall(r"^\| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [[re.findall(r"`(\w+)`", cell) for cell in row.split(" | ")] for row in found]


def test_the_table_has_each_kind_with_what_comes_with_it():
    told = {kind: set(row[2]) for row in rows() for kind in row[0] if len(row) == 3 and kind in happened()}
    assert told == {kind: set(event) - {"kind", "host"} for kind, event in happened().items()}


def test_the_table_has_each_option():
    named = {name for row in rows() for cell in row[:2] for name in cell}
    source = runpy.run_path(str(COLLECTION / "extensions/eda/plugins/event_source/pbx_events.py"))
    assert set(yaml.safe_load(source["DOCUMENTATION"])["options"]) <= named


def rulebooks():
    shown = next(text for text in blocks("yaml") if text.startswith("# watch_telephones.yml"))
    return [shown, (COLLECTION / "extensions/eda/rulebooks/watch_telephones.yml").read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    "text", rulebooks() if PAGE.exists() else [], ids=["of the page", "of the collection"]
)
def test_a_rulebook_asks_for_what_there_is(text):
    (ruleset,) = yaml.safe_load(text)
    (source,) = ruleset["sources"]
    assert settings.read({**source["voiceops.asterisk.pbx_events"], "hosts": ["pbx"]})
    for rule in ruleset["rules"]:
        (kind,) = re.findall(r'event\.kind == "(\w+)"', rule["condition"])
        event = happened()[kind]
        assert set(re.findall(r"event\.(\w+)", str(rule))) <= set(event), rule["name"]


def test_the_playbook_of_the_page_takes_what_the_rulebook_gives():
    (playbook,) = (text for text in blocks("yaml") if text.startswith("# notify.yml"))
    (variables,) = (text for text in blocks("yaml") if text.startswith("# rulebook_vars.yml"))
    assert yaml.safe_load(playbook)[0]["tasks"]
    used = set(re.findall(r"{{ (\w+) }}", playbook))
    given = yaml.safe_load(rulebooks()[0])[0]["rules"][0]["action"]["run_playbook"]["extra_vars"]
    assert used == set(given)
    assert set(re.findall(r"{{ (\w+) }}", rulebooks()[0])) == set(yaml.safe_load(variables))
