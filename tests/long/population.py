# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The extensions in the directory of the load proof, and who calls whom."""

from __future__ import annotations

import itertools
from typing import Any

from phones.sound import TONES

#: How many conversations are recorded at once, and how many pairs of telephones hold them: while one
#: pair hangs up and dials again, the others are still enough.
CONVERSATIONS, PAIRS = 50, 55
#: How long each conversation is, in seconds, and how many of them a pair has one after the other.
TALK, TURNS = 24.0, 7
#: Short calls and changes of the directory per second, and for how many seconds.
SET_UPS, CHANGES, SECONDS = 20, 10, 120

TALKERS, LISTENERS = ([str(first + i) for i in range(PAIRS)] for first in (2000, 2100))
CALLERS, DESKS = ([str(first + i) for i in range(100)] for first in (3000, 3200))
#: Nobody calls them. Those that are created and deleted again are not in here.
UNINVOLVED = [str(number) for number in range(4000, 4900)]
#: A caller that may call none of the desks: what a refused call looks like in the log.
STRANGER = "3999"

#: Every caller of a short call but each third one may call this group alone, and what else it is given.
DESK_GROUP, TALK_GROUP = "Desks", "Talkers"
#: Groups that come and go with those who are called and those who call.
ROTA = [f"Rota {n}" for n in range(1, 7)]


def password(number: str) -> str:
    """Return a password that does not contain the number."""
    return f"a-strong-horse-{number.translate(str.maketrans('0123456789', 'abcdefghij'))}"


def tones(pair: int) -> tuple[int, int]:
    """Return what the two of a pair sound like, which is never the same."""
    choices = list(itertools.combinations(TONES, 2))
    return choices[pair % len(choices)]


def recorded(pair: int) -> str:
    """Return who of a pair is recorded: by turns who is called and who calls."""
    return (LISTENERS, TALKERS)[pair % 2][pair]


def directory() -> dict[str, Any]:
    """Return the options of pbx_directory."""
    people: list[dict[str, Any]] = []
    for pair in range(PAIRS):
        people += [
            {
                "number": number,
                "groups": [TALK_GROUP],
                "callable_groups": [TALK_GROUP],
                "record": number == recorded(pair),
            }
            for number in (TALKERS[pair], LISTENERS[pair])
        ]
    people += [
        {"number": number, "callable_groups": [DESK_GROUP] if index % 3 else ["*"]}
        for index, number in enumerate(CALLERS)
    ]
    people += [{"number": number, "groups": [DESK_GROUP]} for number in DESKS]
    people += [{"number": STRANGER, "callable_groups": [TALK_GROUP]}]
    people += [{"number": number, "groups": [ROTA[int(number) % len(ROTA)]]} for number in UNINVOLVED]
    return {
        "connection_ports": [{"name": "Masa telefonları"}],
        "extension_groups": [{"name": name} for name in (DESK_GROUP, TALK_GROUP, *ROTA)],
        "extensions": [
            {"name": f"Person {person['number']}", "password": password(person["number"]), **person}
            for person in people
        ],
        "purge": True,
        "purge_limit": 100,
        "restart": "if_needed",
    }


def for_changing() -> dict[str, Any]:
    """Return what changing.py is told: who is there, and what each must keep so that calls stay allowed."""
    restricted = [number for index, number in enumerate(CALLERS) if index % 3]
    return {
        "members": {
            **dict.fromkeys(DESKS, DESK_GROUP),
            **dict.fromkeys((*TALKERS, *LISTENERS), TALK_GROUP),
        },
        "restricted": {**dict.fromkeys(restricted, DESK_GROUP), **dict.fromkeys(TALKERS, TALK_GROUP)},
        "involved": [*TALKERS, *LISTENERS, *CALLERS, *DESKS],
        "called": [*DESKS, *LISTENERS],
        "uninvolved": UNINVOLVED,
        "rota": ROTA,
        "per_second": CHANGES,
        "seconds": SECONDS,
    }
