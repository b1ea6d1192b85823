# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of others, of which a terminal must obey nothing."""

from __future__ import annotations

import unicodedata

_NEVER_SHOWN = frozenset(["Cc", "Cs", "Zl", "Zp"])
#: Characters that turn round what follows them.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """Return the text with everything that a terminal could obey made visible."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        "\ufffd" if unicodedata.category(character) in _NEVER_SHOWN or character in _DIRECTIONS else character
        for character in text
    )
