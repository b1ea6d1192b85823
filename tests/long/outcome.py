# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What became of the load: what was seen, and what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from phones.short_calls import ShortCall

from .conversations import Conversation, fewest_at_once
from .population import PAIRS, TALKERS, TURNS, recorded, tones
from .witness import Heard, Mark

#: By how much a recording may differ from its call, in seconds.
TOLERANCE = 0.5


@dataclass(frozen=True)
class Changes:
    """What changing.py says."""

    made: int
    without_effect: int
    kinds: list[str]
    #: Seconds that each transaction, and its commit, took; shortest first.
    transactions: list[float]
    commits: list[float]
    #: By how many seconds the latest one began too late.
    latest: float
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """Everything that was seen."""

    asterisk: str
    begin: Mark
    end: Mark
    load_average: float
    short: list[ShortCall]
    conversations: list[Conversation]
    #: By how many seconds the telephones of the conversations came too late, at the worst.
    telephones_late: float
    changes: Changes
    recordings: dict[str, Heard]
    records: list[dict[str, str]]
    #: What the logs say of look-ups; and every warning and error in them, whatever it is about.
    failed_look_ups: list[str]
    warnings: list[str]
    #: What the log said of a call that was refused on purpose, before the load.
    refusal: list[str]
    complaints: str = field(repr=False, default="")

    def set_ups_a_second(self) -> float:
        dialled = [call.dialled for call in self.short]
        return (len(dialled) - 1) / (max(dialled) - min(dialled))

    def failed_short_calls(self) -> list[str]:
        return [str(call) for call in self.short if not call.succeeded]

    def failed_conversations(self) -> list[str]:
        return [str(call) for call in self.conversations if not call.succeeded]

    def fewest_conversations(self) -> int:
        return fewest_at_once(self.conversations, self.begin.at, self.end.at)

    def wrong_records(self) -> list[str]:
        """Return what is not as it should be in the call detail records: one for each call, answered."""
        wrong = [str(record) for record in self.records if record["disposition"] != "ANSWERED"]
        kinds: list[tuple[str, Sequence[ShortCall | Conversation]]] = [
            ("short", self.short),
            ("recorded", self.conversations),
        ]
        for what, calls in kinds:
            asked = _count(calls)
            told = _count_records(self.records, asked)
            wrong += [
                f"{what} calls {pair}: {told[pair]} records of {asked[pair]}"
                for pair in asked
                if told[pair] != asked[pair]
            ]
        return wrong

    def recording_of(self) -> list[tuple[Conversation, str]]:
        """Return each conversation with the name of its recording, out of the call detail records."""
        named: dict[tuple[str, str], list[str]] = defaultdict(list)
        for record in self.records:
            one = record["caller_recording"] or record["callee_recording"]
            named[record["caller"], record["callee"]].append(one)
        found = []
        for conversation in sorted(self.conversations, key=lambda c: c.dialled):
            names = named[conversation.caller, conversation.callee]
            found.append((conversation, names.pop(0) if names else ""))
        return found

    def wrong_recordings(self) -> list[str]:
        """Return what is not as it should be: each recording is one call's, whole, with both voices."""
        wrong = []
        left = set(self.recordings)
        for conversation, name in self.recording_of():
            pair = TALKERS.index(conversation.caller)
            heard = self.recordings.get(name)
            left.discard(name)
            if heard is None:
                wrong.append(f"{conversation}: no recording {name!r}")
                continue
            if not name.endswith(f"-{recorded(pair)}.wav"):
                wrong.append(f"{name} is not one of {recorded(pair)}")
            if abs(heard.seconds - conversation.length) > TOLERANCE:
                wrong.append(f"{name}: {heard.seconds:.2f} s of {conversation.length:.2f} s")
            silent = [second for second, tones_then in enumerate(heard.tones) if tones_then != [*tones(pair)]]
            if silent or not heard.tones:
                wrong.append(f"{name}: not both voices in seconds {silent}")
        return wrong + [f"{name} belongs to no call" for name in sorted(left)]

    def differences(self) -> list[float]:
        """Return by how much each recording is shorter than its call, in seconds."""
        return [
            conversation.length - self.recordings[name].seconds
            for conversation, name in self.recording_of()
            if name in self.recordings
        ]

    def problems(self) -> list[str]:
        """Return everything that should not have been."""
        return [
            *self.failed_short_calls(),
            *self.failed_conversations(),
            *self.wrong_records(),
            *self.wrong_recordings(),
            *self.failed_look_ups,
        ]


def expected_conversations() -> int:
    return PAIRS * TURNS


def _count(calls: Sequence[ShortCall | Conversation]) -> dict[tuple[str, str], int]:
    counted: dict[tuple[str, str], int] = defaultdict(int)
    for call in calls:
        counted[call.caller, call.callee] += 1
    return counted


def _count_records(
    records: list[dict[str, str]], pairs: dict[tuple[str, str], int]
) -> dict[tuple[str, str], int]:
    counted = dict.fromkeys(pairs, 0)
    for record in records:
        pair = (record["caller"], record["callee"])
        if pair in counted:
            counted[pair] += 1
    return counted


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed (0.99: of a hundred, 99)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
