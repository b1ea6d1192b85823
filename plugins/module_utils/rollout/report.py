# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a rollout: as JSON for programs, and as one page that needs nothing else, not even a network.

The page is as harmless as the status board's: the template escapes, there is no script, and its policy lets
nothing be loaded.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
import typing as t
from pathlib import Path

from ..status import board
from . import story, summary
from .story import HostStory, Story
from .words import LANGUAGES, said

_FILES = Path(__file__).with_name("page")
_BOARDS_STYLE = Path(board.__file__).with_name("page") / "page.css"


def as_json(whole: Story) -> str:
    """Return the report for programs."""
    return json.dumps(facts(whole), ensure_ascii=False, indent=1) + "\n"


def facts(whole: Story) -> dict[str, t.Any]:
    """Return the report as values, without secrets."""
    words = LANGUAGES["en"]
    return {
        "state": whole.state,
        "why": whole.why,
        "began": moment(whole.began),
        "ended": moment(whole.ended),
        "resumed": whole.resumed,
        "settings": whole.settings,
        "batches": whole.batches,
        "hosts": {
            name: {
                "batch": host.batch,
                "state": host.state,
                "reasons": summary.reasons(host, words),
                "remarks": summary.remarks(host, words),
                "plan": host.plan,
                "directory": host.directory,
                "registered_before": host.before,
                "gate": host.gate,
                "gate_after_back": host.gate_after_back,
                "began": moment(host.began),
                "seconds": host.seconds,
            }
            for name, host in whole.hosts.items()
        },
    }


def moment(seconds: float | None) -> str | None:
    """Return a time as people and programs read it (ISO 8601)."""
    return None if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Row(t.NamedTuple):
    """A host on the page."""

    name: str
    host: HostStory
    counts: t.Mapping[str, t.Any]
    phones: str
    reasons: list[str]
    remarks: list[str]


def page(whole: Story, language: str = "en") -> str:
    """Return the page."""
    words = LANGUAGES[language]
    environment = board.templates(_FILES)
    style = "".join(path.read_text(encoding="utf-8") for path in (_BOARDS_STYLE, _FILES / "report.css"))
    rows = {name: _row(name, host, words) for name, host in whole.hosts.items()}
    text = environment.get_template("report.html.j2").render(
        language=language,
        words=words,
        said=lambda word, **values: said(words, word, values),
        whole=whole,
        outcome=summary.outcome(whole, words),
        batches=[[rows[name] for name in batch] for batch in whole.batches],
        troubled=[row for row in rows.values() if row.reasons],
        counts={state: sum(host.state == state for host in whole.hosts.values()) for state in story.STATES},
        trouble=story.TROUBLE,
        began=moment(whole.began),
        ended=moment(whole.ended),
        style=style,
        style_digest=_digest(style),
    )
    # A name may hold half a surrogate pair, which no file can.
    return text.encode("utf-8", "replace").decode("utf-8")


def _row(name: str, host: HostStory, words: t.Mapping[str, str]) -> Row:
    # What was done where something was, and what was going to be elsewhere.
    counts = {**host.plan, **host.directory}
    return Row(
        name, host, counts, summary.phones(host), summary.reasons(host, words), summary.remarks(host, words)
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
