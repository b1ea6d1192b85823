# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts packed into one compressed text, in which they go from a host to the controller.

Ansible takes every value of a result into its hand several times: on the host to look for secrets and to
write it, on the controller to read it. With 10,000 extensions, whose facts hold no secret by construction,
that takes longer than to gather them; and the text is a twentieth as long.
"""

from __future__ import annotations

import base64
import json
import typing as t
import zlib

#: The fact that is the text.
FACT = "pbx_packed_facts"


class NotPackedError(Exception):
    """A text is not one into which facts were packed, or not all of it."""


def packed(facts: t.Mapping[str, t.Any]) -> str:
    text = json.dumps(facts, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("ascii"), 1)).decode("ascii")


def unpacked(text: str) -> dict[str, t.Any]:
    """Make the facts of a text again. Raises NotPackedError."""
    try:
        facts: dict[str, t.Any] = json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
    except (ValueError, zlib.error) as error:
        raise NotPackedError(f"no text into which facts were packed, or not all of it: {error}") from error
    return facts
