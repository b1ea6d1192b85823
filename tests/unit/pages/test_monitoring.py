# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The alert rules and the dashboard are ones that Prometheus and Grafana can read.

Whether Asterisk tells what they ask for is for a real one to say: tests/integration/test_metrics.py.
"""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.tests.pages import monitoring


def test_every_expression_is_promql_about_asterisk():
    asked = list(monitoring.questions())
    assert len(asked) > 20
    for question in asked:
        assert question.metrics, question
        for metric in question.metrics:
            assert metric == "up" or metric.startswith("asterisk_"), question


def test_what_is_no_promql_is_noticed():
    with pytest.raises(ValueError, match="unclosed left parenthesis"):
        monitoring.Question("a place", "sum by (instance (up)")


def test_the_labels_that_an_expression_needs_are_those_it_selects_groups_and_shows_by():
    question = monitoring.Question(
        "a place", 'sum by (tech) (a{b="c"} offset 5m) / on (eid) d', "{{resource}}"
    )
    assert question.metrics == {
        "a": {"b", "tech", "eid", "resource"},
        "d": {"tech", "eid", "resource"},
    }


def test_every_alert_says_what_it_means_and_how_bad_it_is():
    for rule in monitoring.rules():
        assert rule["labels"]["severity"] in ("critical", "warning", "info"), rule
        assert set(rule["annotations"]) == {"summary", "description"}, rule
    names = [rule["alert"] for rule in monitoring.rules()]
    assert len(set(names)) == len(names)


def test_the_panels_have_identifiers_of_their_own_and_do_not_overlap():
    panels = monitoring.dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = [
        (x, y)
        for at in (panel["gridPos"] for panel in panels)
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _y in taken) < 24


def test_a_scrape_is_read_line_by_line():
    text = '# HELP a Text\n# TYPE a gauge\na 1\nb{c="d",e="f\\"g, h=\\"i"} 2.5\n'
    assert monitoring.told(text) == {"a": [({}, 1.0)], "b": [({"c": "d", "e": 'f\\"g, h=\\"i'}, 2.5)]}
