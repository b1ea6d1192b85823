# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet as lines of text for a terminal, aligned also where names are Arabic or Chinese.

Names and user agents may hold control characters, which a terminal would obey, so none is let through.
"""

from __future__ import annotations

import time
import typing as t

from ..definition.plain_text import clean
from . import notices
from .columns import Line, cut, padded, width
from .overview import FAILED, MISSING, RUNNING, STOPPED, UNREACHABLE, Blocked, Extension, Host, Overview
from .words import LANGUAGES, fill, plain_state

#: Notices that are the headline of their host.
_HEADLINES = frozenset(f"notice {state}" for state in (STOPPED, UNREACHABLE, FAILED))


def table(overview: Overview, language: str = "en", most: int = 0) -> list[Line]:
    """Return a fleet host by host, ``most`` extensions of each (0 = all), and the totals in the end.

    A phone that is missing stands out in its row, in its host's headline, and by its number in the end.
    """
    words = LANGUAGES[language]
    # The hosts that answered first: what needs attention is to stand where one looks, at the end.
    lines: list[Line] = []
    for host in sorted(overview.hosts, key=lambda host: not host.answered):
        lines.append(_headline(host, words))
        lines += _extensions(host, words, most)
        lines.append(Line(""))
    lines += _blocked(overview, words)
    for notice in notices.of(overview):
        if notice.word not in _HEADLINES:
            text = fill(words[notice.word], notice.values)
            lines.append(Line(clean(f"{notice.host}: {text}"), "bad" if notice.serious else "warning"))
    return [*lines, _total(overview, words)]


def _headline(host: Host, words: t.Mapping[str, str]) -> Line:
    values: dict[str, str | int] = {
        "host": host.name,
        "registered": host.registered,
        "can_register": host.can_register,
        "extensions": len(host.extensions),
        "reason": host.message or words["no reason"],
    }
    text = fill(words[f"line {host.state}"], values)
    if host.state == RUNNING:
        text += _beside([host], words)
    return Line(clean(text), "bad" if host.state != RUNNING or host.missing() else "plain")


def _beside(hosts: t.Sequence[Host], words: t.Mapping[str, str]) -> str:
    """Return how many extensions are missing among those that can register, and how many cannot."""
    counts = {f"count {state}": sum(len(host.missing(state)) for host in hosts) for state in MISSING}
    counts["count cannot register"] = sum(len(host.extensions) - host.can_register for host in hosts)
    return "".join(f", {fill(words[word], {'count': count})}" for word, count in counts.items() if count)


def _total(overview: Overview, words: t.Mapping[str, str]) -> Line:
    values = {
        "running": sum(1 for host in overview.hosts if host.state == RUNNING),
        "hosts": len(overview.hosts),
        "registered": sum(host.registered for host in overview.hosts),
        "can_register": sum(host.can_register for host in overview.hosts),
    }
    text = fill(words["line total"], values)
    states = ", ".join(f"{clean(plain_state(words, state))} {count}" for state, count in overview.states())
    well = all(host.well for host in overview.hosts)
    return Line(f"{text}: {states}" if states else text, "good" if well else "plain")


def _extensions(host: Host, words: t.Mapping[str, str], most: int) -> list[Line]:
    shown = host.extensions[:most] if most else host.extensions
    columns = [column for column in zip(*(_row(extension, words) for extension in shown)) if any(column)]
    widths = [max(map(width, column)) for column in columns]
    lines = [
        Line("  " + "  ".join(map(padded, row, widths)).rstrip(), "bad" if one.state in MISSING else "plain")
        for one, row in zip(shown, zip(*columns))
    ]
    left_out = len(host.extensions) - len(shown)
    if left_out:
        lines.append(Line("  " + fill(words["line left out"], {"count": left_out})))
    return lines


def _blocked(overview: Overview, words: t.Mapping[str, str]) -> list[Line]:
    """Return the addresses that are blocked, and how a block is lifted; nothing where none is."""
    rows = [_blocked_row(host, one, words) for host in overview.hosts for one in host.blocked]
    if not rows:
        return []
    widths = [max(map(width, column)) for column in zip(*rows)]
    lines = [Line(f"{words['blocked']} ({overview.blocked_count}):")]
    lines += [Line("  " + "  ".join(map(padded, row, widths)).rstrip(), "warning") for row in rows]
    left_out = overview.blocked_count - len(rows)
    if left_out > 0:
        lines.append(Line("  " + fill(words["line left out"], {"count": left_out})))
    return [*lines, Line("  " + fill(words["blocked hint"], {"command": notices.UNBLOCK})), Line("")]


def _blocked_row(host: Host, one: Blocked, words: t.Mapping[str, str]) -> list[str]:
    phones, tried = notices.named(one.registered), ", ".join(one.tried)
    return [
        clean(text)
        for text in (
            host.name,
            one.address,
            fill(words["since"], {"time": one.since}),
            fill(words["until"], {"time": one.until}) if one.until else words["permanently"],
            tried and fill(words["tried"], {"numbers": tried}),
            phones and fill(words["phones there"], {"numbers": phones}),
        )
    ]


def _row(extension: Extension, words: t.Mapping[str, str]) -> list[str]:
    newest = extension.contacts[0] if extension.contacts else None
    round_trip = newest.round_trip_ms if newest else None
    calls = (
        " ".join(part for part in (words.get(call.direction, call.direction), call.number) if part)
        for call in extension.calls
    )
    addresses = ", ".join(contact.address for contact in extension.contacts)
    if extension.last_seen is not None:
        moment = time.strftime("%Y-%m-%d %H:%M %Z", time.localtime(extension.last_seen))
        addresses = fill(words["last seen at"], {"time": moment})
    forward = extension.forward_to and fill(words["forwards"], {"number": extension.forward_to})
    return [
        cut(clean(text))
        for text in (
            extension.number,
            extension.name,
            plain_state(words, extension.state),
            forward,
            addresses,
            "" if round_trip is None else f"{round_trip:.1f} ms",
            newest.user_agent if newest else "",
            ", ".join(extension.groups),
            ", ".join(calls),
        )
    ]
