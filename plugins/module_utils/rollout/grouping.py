# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of many hosts, once."""

from __future__ import annotations

import re
import typing as t
from collections import Counter


def said_once(sayings: t.Iterable[tuple[str, str]]) -> list[tuple[list[str], str]]:
    """Return of pairs of a host and what is said of it each saying once, with its hosts.

    It is the same saying although each has its own host's name in it; then it has ``HOST`` in its place.
    """
    pairs = list(sayings)
    often = Counter(text for _host, text in pairs)
    found: dict[str, list[tuple[str, str]]] = {}
    for host, text in pairs:
        # What is said of several in the same words is the same; a host may be called like one of these words.
        said = text if often[text] > 1 else _without_name(host, text)
        found.setdefault(said, []).append((host, text))
    result = []
    for said, alike in found.items():
        texts = {text for _host, text in alike}
        result.append(([host for host, _text in alike], texts.pop() if len(texts) == 1 else said))
    return result


def _without_name(host: str, text: str) -> str:
    return re.sub(rf"(?<![\w.-]){re.escape(host)}(?![\w-]|\.\w)", "HOST", text)
