# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The alert rules and the dashboard as what they ask of Prometheus, and what a scrape of Asterisk tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import promql_parser
import yaml

DOCS = Path(__file__).resolve().parents[2] / "docs"
RULES = DOCS / "prometheus" / "asterisk-alerts.yml"
DASHBOARD = DOCS / "grafana" / "asterisk.json"

#: What Prometheus adds to each sample that it scrapes, and its own metric of each target.
ADDED = {"job", "instance"}
OF_PROMETHEUS = {"up": set[str]()}

_VARIABLES = {"$__rate_interval": "5m", "$instance": "pbx.example:9876"}
#: `{{resource}}` in a legend, `{{ $labels.resource }}` in an alert.
_SHOWN = re.compile(r"\{\{ *(?:\$labels\.)?([a-z_]+) *\}\}")
_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


@dataclass
class Question:
    """One expression: where it stands, the metrics that it names, each with the labels that it needs."""

    place: str
    expression: str
    shown: str = ""
    metrics: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for variable, value in _VARIABLES.items():
            self.expression = self.expression.replace(variable, value)
        labels = set(_SHOWN.findall(self.shown))

        def visit(node: Any) -> None:
            modifier = getattr(node, "modifier", None)
            labels.update(getattr(modifier, "labels", None) or ())
            labels.update(getattr(getattr(modifier, "matching", None), "labels", None) or ())
            if isinstance(node, promql_parser.VectorSelector):
                needed = {matcher.name for matcher in node.matchers.matchers}
                self.metrics.setdefault(node.name, set()).update(needed)

        promql_parser.walk(promql_parser.parse(self.expression), visit)
        for of_metric in self.metrics.values():
            of_metric.update(labels)


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return list(group["rules"])


def dashboard() -> dict[str, Any]:
    return dict(json.loads(DASHBOARD.read_text(encoding="utf-8")))


def questions() -> Iterator[Question]:
    """Return every expression of both documents. One that is not PromQL raises ValueError."""
    for rule in rules():
        yield Question(rule["alert"], rule["expr"], " ".join(rule["annotations"].values()))
    whole = dashboard()
    for panel in whole["panels"]:
        chosen = [step["options"]["include"]["names"] for step in panel.get("transformations", ())]
        columns = " ".join(f"{{{{{name}}}}}" for names in chosen for name in names)
        for target in panel["targets"]:
            yield Question(panel["title"], target["expr"], target["legendFormat"] + columns)
    for each in whole["annotations"]["list"]:
        yield Question(each["name"], each["expr"], each["textFormat"])
    for variable in whole["templating"]["list"]:
        if variable["type"] == "query":
            asked = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"])
            assert asked, variable
            yield Question(variable["name"], asked[1], f"{{{{{asked[2]}}}}}")


def told(scrape: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Return the samples of a scrape by metric: the labels and the value of each."""
    samples: dict[str, list[tuple[dict[str, str], float]]] = {}
    for line in scrape.splitlines():
        if line and not line.startswith("#"):
            sample = _SAMPLE.fullmatch(line)
            assert sample, f"not a line of Prometheus's text format: {line!r}"
            name, labels, value = sample.groups()
            samples.setdefault(name, []).append((dict(_LABEL.findall(labels or "")), float(value)))
    return samples
