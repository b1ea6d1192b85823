# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renders a fleet as one page that needs nothing else, not even a network.

What phones have written about themselves is on it, so it is built to be harmless three times over:
the template escapes, the script writes text and never markup, and the page's own policy lets nothing
run but the two blocks whose digests it names, and lets nothing be loaded.

It is also what the next one is told of the past: which extensions had a phone, and when.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
import typing as t
from pathlib import Path

from . import notices
from .overview import STATES, Call, Contact, Extension, LastSeen, Overview
from .words import LANGUAGES, fill

if t.TYPE_CHECKING:
    import jinja2

_FILES = Path(__file__).with_name("page")
#: As it stands in JSON, none of these can end the element or begin a comment. All others than ASCII
#: are escaped too: line separators (U+2028), and halves of surrogate pairs, which UTF-8 does not have.
_IN_A_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def templates(folder: Path) -> jinja2.Environment:
    """Return the templates of a folder, in which what others have written is text and never markup."""
    import jinja2  # noqa: PLC0415 - on the controller alone; hosts that import this library may lack it

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(folder)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(overview: Overview, now: float, language: str = "en", refresh: int = 0) -> str:
    """Return the page of a fleet as it was at ``now``, seconds since 1970.

    With ``refresh`` the page reads itself again after so many seconds; 0 is for the last one.
    """
    words = LANGUAGES[language]
    environment = templates(_FILES)
    environment.globals["fill"] = fill
    style = (_FILES / "page.css").read_text(encoding="utf-8")
    script = (_FILES / "page.js").read_text(encoding="utf-8")
    text = environment.get_template("page.html.j2").render(
        language=language,
        words=words,
        overview=overview,
        notices=notices.of(overview),
        named=notices.named,
        unblock=notices.UNBLOCK,
        missing=any(host.missing() for host in overview.hosts),
        moment=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        style=style,
        style_digest=_digest(style),
        script=script,
        script_digest=_digest(script),
        facts=embedded(facts(overview, now, language, refresh)),
    )
    # A name may hold half a surrogate pair, which no file can.
    return text.encode("utf-8", "replace").decode("utf-8")


def facts(overview: Overview, now: float, language: str, refresh: int) -> dict[str, t.Any]:
    """Return what the page's script and ``last_seen`` read. Empty values are left out: there are many."""
    return {
        "generated": round(now, 3),
        "refresh": refresh,
        "words": LANGUAGES[language],
        "states": STATES,
        "hosts": [{"name": host.name, "answered": host.answered} for host in overview.hosts],
        "extensions": [
            _extension(index, extension)
            for index, host in enumerate(overview.hosts)
            for extension in host.extensions
        ],
        "not_asked": overview.not_asked,
    }


def last_seen(page: str) -> LastSeen:
    """Return when the extensions of a page last had a phone; nothing where the text is no such page."""
    embedded_facts = re.search(r'<script type="application/json" id="facts">(.*?)</script>', page, re.DOTALL)
    seen: dict[str, dict[str, float]] = {}
    try:
        facts = json.loads(embedded_facts[1] if embedded_facts else "{}")
        for host, numbers in facts.get("not_asked", {}).items():
            seen[host] = {number: _moment(when) for number, when in numbers.items()}
        for one in facts.get("extensions", ()):
            when = facts["generated"] if one.get("contacts") else one.get("seen")
            if when is not None:
                seen.setdefault(facts["hosts"][one["host"]]["name"], {})[one["number"]] = _moment(when)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return {}  # somebody else's page, or a damaged one
    return seen


def _moment(seconds: t.Any) -> float:
    """Return seconds since 1970 that a clock can show. Raises ValueError, TypeError."""
    if not 0 <= seconds < 2**32:
        raise ValueError(seconds)
    return float(seconds)


def _extension(host: int, extension: Extension) -> dict[str, t.Any]:
    shown: dict[str, t.Any] = {
        "host": host,
        "number": extension.number,
        "name": extension.name,
        "state": extension.state,
        "groups": list(extension.groups),
        "contacts": [_contact(contact) for contact in extension.contacts],
        "calls": [_call(call) for call in extension.calls],
        "port": extension.connection_port,
        "profile": extension.outbound_profile,
        "forward": extension.forward_to,
        "email": extension.email,
        "record": extension.record,
        "seen": extension.last_seen,
    }
    return _without_empty(shown, keep=("host", "number", "seen"))


def _contact(contact: Contact) -> dict[str, t.Any]:
    shown = {
        "address": contact.address,
        "agent": contact.user_agent,
        "uri": contact.uri,
        "ms": contact.round_trip_ms,
        "expires": contact.expires_in,
    }
    return _without_empty(shown, keep=("ms", "expires"))


def _call(call: Call) -> dict[str, t.Any]:
    shown = {
        "direction": call.direction,
        "number": call.number,
        "state": call.state,
        "seconds": call.seconds,
    }
    return _without_empty(shown, keep=("seconds",))


def _without_empty(shown: dict[str, t.Any], keep: tuple[str, ...]) -> dict[str, t.Any]:
    return {key: value for key, value in shown.items() if value or (key in keep and value is not None)}


def embedded(value: t.Any) -> str:
    """Return JSON that can stand inside a script element, whatever is in it."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character, escape in _IN_A_SCRIPT.items():
        text = text.replace(character, escape)
    return text


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
