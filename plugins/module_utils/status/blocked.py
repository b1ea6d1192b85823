# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of addresses that are blocked, and whose phones are there.

fail2ban keeps lines of the log with each block. What a caller calls itself stands in them, so nothing but a
number is taken from there, and it says what was tried, not who it was.
"""

from __future__ import annotations

import json
import re
import typing as t

from ..database.history import utc
from ..host import fail2ban

Facts = dict[str, t.Any]

#: So many numbers are told that an address has tried.
MOST_TRIED = 5

_ADDRESS = re.compile(r"[0-9a-fA-F.:]{2,45}(?:/[0-9]{1,3})?")
#: As in fail2ban_filter.conf.j2. A method has no spaces; From may hold anything.
_FROM = re.compile(r"Request '[^ ]*' from '(.*)' failed for '")
#: The URI in From comes last and has no "<" in it; before its "@" there may be a password.
_NUMBER = re.compile(r"sips?:([0-9]{1,15})(?::[^@]*)?@")
#: Asterisk puts the sender's address into a contact (rewrite_contact); Via is what the phone says.
_HOST = re.compile(r"sips?:[^@]*@(?:\[([^\]]*)\]|([^:;?>]*))")


def told(rows: t.Iterable[t.Sequence[t.Any]]) -> list[Facts]:
    """Return what is told of blocks, given as rows of fail2ban.bans; a row of another shape is left out."""
    return [one for row in rows for one in _one(*row)]


def _one(address: t.Any, since: t.Any, seconds: t.Any, data: t.Any) -> t.Iterator[Facts]:
    known = isinstance(since, int) and isinstance(seconds, int)
    if not known or not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        return
    failures, lines = _data(data)
    yield {
        "address": address,
        "since": utc(since),
        "until": utc(since + seconds) if seconds >= 0 else None,
        "failures": failures,
        "tried": tried(lines),
        "registered": None,
        "jail": fail2ban.JAIL,
    }


def _data(data: t.Any) -> tuple[int | None, list[str]]:
    """Return how many wrong passwords there were, and lines of the log about them, the oldest first."""
    try:
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data)
        read = json.loads(text)
        failures, matches = read.get("failures"), read.get("matches") or []
        # A line is a text, or has been cut into three around its time.
        lines = [match if isinstance(match, str) else "".join(match) for match in matches]
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None, []
    return (failures if isinstance(failures, int) else None), lines


def tried(lines: t.Sequence[str]) -> list[str]:
    """Return the numbers that callers have given for themselves, the newest first, each once."""
    numbers: dict[str, None] = {}
    for line in reversed(lines):
        # A line that can be read in two ways: see fail2ban_filter.conf.j2.
        found = _FROM.search(line) if line.count(" failed for '") == 1 else None
        number = _NUMBER.match(found[1].rpartition("<")[2]) if found else None
        if number:
            numbers[number[1]] = None
    return list(numbers)[:MOST_TRIED]


def with_phones(blocked: t.Sequence[Facts], contacts: t.Mapping[str, t.Sequence[Facts]]) -> list[Facts]:
    """Add the extensions that have registered from these addresses; ``contacts`` are theirs by number."""
    there: dict[str, list[str]] = {}
    for number, its_contacts in sorted(contacts.items()):
        for address in {_host(contact["uri"]) for contact in its_contacts}:
            there.setdefault(address, []).append(number)
    return [
        # Somebody may have blocked a whole network by hand: whose phones are in it is not looked for.
        {**one, "registered": None if "/" in one["address"] else there.get(one["address"], [])}
        for one in blocked
    ]


def _host(uri: str) -> str:
    found = _HOST.match(uri)
    return (found[1] or found[2]) if found else ""
