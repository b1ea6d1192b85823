# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What travels between a host and the controller: names of facts, and texts into which much is packed.

Ansible takes every value into its hand several times. Of a result: on the host to look for secrets and to
write it, on the controller to read it. With 10,000 extensions, whose facts hold no secret by construction,
that takes longer than to gather them; and the text is a twentieth as long. Of what a module is given: to
put it into JSON, that into the text of a program, and that into the connection.
"""

from __future__ import annotations

import base64
import json
import typing as t
import zlib

#: The fact that is the text.
FACT = "pbx_packed_facts"

#: Ansible reads ``ansible_facts.pbx_extensions`` from a fact whose name begins with this, and makes each fact
#: also a variable of its whole name, which outranks the inventory's (ansible/vars/manager.py, get_vars).
#: Without it facts of one run would be the next one's ``pbx_extensions``, whatever the inventory says.
PREFIX = "ansible_"


class NotPackedError(Exception):
    """A text is not one into which something was packed, or not all of it."""


def named(facts: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the facts under the names that Ansible is told."""
    return {PREFIX + name: value for name, value in facts.items()}


def bare(facts: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the facts of a result under the names by which ``ansible_facts`` is read."""
    return {str(name).removeprefix(PREFIX): value for name, value in facts.items()}


def packed(facts: t.Mapping[str, t.Any]) -> str:
    """Return facts as one text: JSON in ASCII, compressed (zlib), in base64."""
    return _squeezed(json.dumps(facts, separators=(",", ":")))


def unpacked(text: str) -> dict[str, t.Any]:
    """Make the facts of a text again. Raises NotPackedError."""
    facts: dict[str, t.Any] = _read(text, "facts were packed")
    return facts


def packed_list(things: t.Sequence[t.Any]) -> str:
    """Pack a list as a user wrote it; what JSON does not know is packed as its text."""
    return _squeezed(json.dumps(things, separators=(",", ":"), default=str))


def unpacked_list(text: str) -> list[t.Any]:
    """Make the list of a text again. Raises NotPackedError."""
    things: list[t.Any] = _read(text, "a list was packed")
    return things


def _squeezed(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode("ascii"), 1)).decode("ascii")


def _read(text: str, what: str) -> t.Any:
    try:
        return json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
    except (ValueError, zlib.error) as error:
        raise NotPackedError(f"not a text into which {what}, or not all of it: {error}") from error
