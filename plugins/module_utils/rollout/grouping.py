# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of many hosts, once."""

from __future__ import annotations

import re
import typing as t


def said_once(sayings: t.Iterable[tuple[str, str]]) -> list[tuple[list[str], str]]:
    """Return of pairs of a host and what is said of it each saying once, with its hosts.

    It is the same saying although each has its own host's name in it; then it has ``HOST`` in its place.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for host, text in sayings:
        named = re.sub(rf"(?<![\w.-]){re.escape(host)}(?![\w-]|\.\w)", "HOST", text)
        found.setdefault(named, []).append((host, text))
    result = []
    for named, pairs in found.items():
        texts = {text for _host, text in pairs}
        result.append(([host for host, _text in pairs], texts.pop() if len(texts) == 1 else named))
    return result
