# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Fifty recorded calls at once, twenty set-ups a second, and the directory changed ten times a second."""

from __future__ import annotations

import json
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from integration.company import until
from integration.fleet import Host
from phones.phone import Phone
from phones.short_calls import ShortCall, ShortCalls

from . import report, witness
from .conversations import Talkers
from .outcome import Changes, Outcome, expected_conversations
from .population import (
    CALLERS,
    CHANGES,
    CONVERSATIONS,
    DESKS,
    SECONDS,
    SET_UPS,
    STRANGER,
    TALK,
    directory,
    for_changing,
    password,
)

TOLD = "/opt/load_proof/population.json"


@pytest.fixture(scope="module")
def outcome(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The load, once, and what became of it; it is written down whatever it is."""
    result = host.module_with_file("pbx_directory", **directory())
    assert not result["failed"], result
    witness.put_programs(host)
    witness.put(host, TOLD, json.dumps(for_changing()))
    seen = put_under_load(host, tmp_path_factory.mktemp("load"))
    report.write(seen)
    return seen


def put_under_load(host: Host, folder: Path) -> Outcome:
    load_average = os.getloadavg()[0]
    exchange = ShortCalls(host.address, password, folder)
    with exchange.desks(DESKS), Talkers(host.address) as talkers:
        refusal = refuse_one(host)
        becomes_quiet(host)
        witness.forget(host)
        talkers.begin()
        time.sleep(TALK + 1)
        begin = witness.Mark.now(host)
        with ThreadPoolExecutor() as both:
            changing = both.submit(witness.run, host, "changing", TOLD)
            calls, complaints = place(exchange)
            changes = Changes(**json.loads(changing.result()))
        end = witness.Mark.now(host)
        conversations, late = talkers.conversations()
    said = witness.said_since(host, begin, "messages")
    failed = witness.failed_look_ups(host, begin)
    return Outcome(
        asterisk=host.shell("asterisk -V").strip().split("+")[0].split("~")[0],
        begin=begin,
        end=end,
        load_average=load_average,
        short=calls,
        conversations=conversations,
        telephones_late=late,
        changes=changes,
        records=witness.records(host),
        recordings=witness.recordings(host),
        failed_look_ups=failed,
        warnings=[line for line in said if line not in failed and ("WARNING" in line or "ERROR" in line)],
        refusal=refusal,
        complaints=complaints,
    )


def place(exchange: ShortCalls) -> tuple[list[ShortCall], str]:
    """Place all short calls, each to any of the desks."""
    dice = random.Random(7)
    pairs = [(CALLERS[at % len(CALLERS)], dice.choice(DESKS)) for at in range(SET_UPS * SECONDS)]
    return exchange.place(pairs, SET_UPS)


def refuse_one(host: Host) -> list[str]:
    """Have a call refused; return what the log says of it."""
    before = witness.Mark.now(host)
    assert Phone(STRANGER, password(STRANGER), host.address).call(DESKS[0]) == 403
    return witness.failed_look_ups(host, before)


def becomes_quiet(host: Host) -> None:
    """Wait until Asterisk has done what the first registration of each extension gives it to do."""

    def is_quiet() -> bool:
        before = witness.Mark.now(host)
        time.sleep(2)
        return witness.Mark.now(host).asterisk - before.asterisk < 0.1

    until(is_quiet, 120)


def test_no_short_call_failed(outcome: Outcome) -> None:
    assert len(outcome.short) == SET_UPS * SECONDS
    assert outcome.failed_short_calls() == [], outcome.complaints[-5000:]


def test_the_short_calls_came_as_fast_as_they_were_to(outcome: Outcome) -> None:
    assert outcome.set_ups_a_second() > SET_UPS * 0.99


def test_no_recorded_call_failed(outcome: Outcome) -> None:
    assert len(outcome.conversations) == expected_conversations()
    assert outcome.failed_conversations() == []


def test_fifty_recorded_calls_were_up_at_every_moment(outcome: Outcome) -> None:
    assert outcome.fewest_conversations() >= CONVERSATIONS


def test_every_recording_is_as_long_as_its_call_and_holds_both_voices(outcome: Outcome) -> None:
    assert len(outcome.recordings) == expected_conversations()
    assert outcome.wrong_recordings() == []


def test_every_call_has_its_record(outcome: Outcome) -> None:
    assert len(outcome.records) == SET_UPS * SECONDS + expected_conversations()
    assert outcome.wrong_records() == []


def test_the_directory_was_changed_ten_times_a_second(outcome: Outcome) -> None:
    changes = outcome.changes
    assert (changes.made, changes.without_effect) == (CHANGES * SECONDS, 0)
    assert changes.seconds < SECONDS + 1
    assert len(changes.kinds) == 7
    # Asterisk would wait for 5 s (busy_timeout).
    assert max(changes.transactions) < 5


def test_no_look_up_failed(outcome: Outcome) -> None:
    # What is looked for would be seen.
    assert any(f"Extension {STRANGER} called {DESKS[0]}: it may not call" in line for line in outcome.refusal)
    assert outcome.failed_look_ups == []
