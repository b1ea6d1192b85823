# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is wrong under load would be noticed: one fault at a time in an outcome that is made up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from .conversations import Conversation, fewest_at_once
from .outcome import Changes, Outcome
from .population import LISTENERS, TALKERS, recorded, tones
from .witness import FAILED_LOOK_UP, Heard, Mark

MARK = Mark(0.0, {}, 0.0, 0.0)
#: Three conversations of 24 s, each a second after the one before.
CALLS = [
    Conversation(TALKERS[i], LISTENERS[i], 200, dialled=i, up=1.0 + i, ended=25.0 + i, goodbye=200)
    for i in range(3)
]
NAMES = [f"{recorded(i)}-{recorded(i)}.wav" for i in range(3)]
HEARD = {name: Heard(24.0, [[*tones(i)]] * 24) for i, name in enumerate(NAMES)}
RECORDS = [
    {
        "caller": call.caller,
        "callee": call.callee,
        "disposition": "ANSWERED",
        "caller_recording": "",
        "callee_recording": name,
    }
    for call, name in zip(CALLS, NAMES, strict=True)
]
SOUND = Outcome(
    asterisk="Asterisk 22",
    begin=MARK,
    end=MARK,
    load_average=0.0,
    short=[],
    conversations=CALLS,
    telephones_late=0.0,
    changes=Changes(1, 0, [], [], [], 0.0, 1.0),
    recordings=HEARD,
    records=RECORDS,
    failed_look_ups=[],
    warnings=[],
    refusal=[],
)

FAULTS: dict[str, dict[str, Any]] = {
    "a recording is too short": {"recordings": {**HEARD, NAMES[0]: Heard(23.4, [[*tones(0)]] * 23)}},
    "a voice is missing for a second": {
        "recordings": {**HEARD, NAMES[0]: Heard(24.0, [[*tones(0)]] * 23 + [[tones(0)[0]]])}
    },
    "a recording is missing": {"recordings": {name: HEARD[name] for name in NAMES[1:]}},
    "a recording is nobody's": {"recordings": {**HEARD, "other.wav": Heard(24.0, [])}},
    "two recordings are swapped": {
        "recordings": {**HEARD, NAMES[0]: HEARD[NAMES[1]], NAMES[1]: HEARD[NAMES[0]]}
    },
    "a call has no record": {"records": RECORDS[1:]},
    "a call was cut off": {"conversations": [replace(CALLS[0], cut_off=True), *CALLS[1:]]},
    "a call was refused": {"conversations": [replace(CALLS[0], status=480), *CALLS[1:]]},
}


def test_nothing_is_wrong_with_what_is_sound() -> None:
    assert SOUND.problems() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_noticed(fault: str) -> None:
    assert replace(SOUND, **FAULTS[fault]).problems() != []


def test_the_worst_moment_is_found() -> None:
    assert fewest_at_once(CALLS, 3.5, 20) == 3
    assert fewest_at_once(CALLS, 3.5, 25.5) == 2
    assert fewest_at_once(CALLS, 0, 20) == 0


@pytest.mark.parametrize(
    "line",
    [
        "WARNING[1] res_config_sqlite3.c: Could not execute 'SELECT': database is locked",
        "NOTICE[1] Request 'INVITE' from '<sip:1@h>' failed for '192.0.2.1:50' - No matching endpoint found",
        "NOTICE[1] Ext. 2: Extension 1 called 2: there is no such extension",
        "NOTICE[1] Ext. 2: Extension 1 called 2: no rule of its outbound profile allows it",
        "NOTICE[1] Ext. 2: Extension 1 called 2: it may not call any of its groups",
        "NOTICE[1] Ext. 2: Extension 1 called 2: no phone of it answers",
        "WARNING[1] Ext. 2: Extension 1 is not recorded: /var/spool/x cannot be written",
    ],
)
def test_a_line_about_a_failed_look_up_is_noticed(line: str) -> None:
    assert FAILED_LOOK_UP.search(line)
