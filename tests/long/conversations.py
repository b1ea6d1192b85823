# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The recorded conversations, seen from where the test runs."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from phones.phone import phones_addresses
from phones.process import Telephones

from .population import LISTENERS, PAIRS, TALK, TALKERS, TURNS, password, tones


@dataclass(frozen=True)
class Conversation:
    """One call as its caller saw it. Times are in seconds, on the clock of this machine."""

    caller: str
    callee: str
    status: int
    dialled: float
    up: float = 0.0
    ended: float = 0.0
    #: Ended by the other side.
    cut_off: bool = False
    #: What the hanging up was answered with.
    goodbye: int = 0
    trouble: str = ""

    @property
    def succeeded(self) -> bool:
        return (self.status, self.goodbye, self.cut_off, self.trouble) == (200, 200, False, "")

    @property
    def length(self) -> float:
        return self.ended - self.up


def fewest_at_once(conversations: list[Conversation], begin: float, end: float) -> int:
    """Return how many conversations were up at the worst moment between two."""
    up = sum(c.up <= begin < c.ended for c in conversations)
    fewest = up
    moments = [(c.up, 1) for c in conversations] + [(c.ended, -1) for c in conversations]
    for moment, step in sorted(moments):
        if begin < moment <= end:
            up += step
            fewest = min(fewest, up)
    return fewest


class Talkers:
    """The telephones of all pairs, in a process of their own: `with Talkers(server) as talkers`."""

    def __init__(self, server: str) -> None:
        self._told = {
            "server": server,
            "address": phones_addresses()[1],
            "seconds": TALK,
            "turns": TURNS,
            "pairs": [
                [
                    [number, password(number), tone]
                    for number, tone in zip((TALKERS[pair], LISTENERS[pair]), tones(pair), strict=True)
                ]
                for pair in range(PAIRS)
            ],
        }

    def __enter__(self) -> Talkers:
        self._telephones = Telephones("long.talking")
        self._telephones.say(self._told)
        assert self._telephones.hear() == "ready"
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self._telephones.leave()

    def begin(self) -> None:
        """From now on one pair after the other dials; all do once one conversation has gone by."""
        self._telephones.say("go")

    def conversations(self) -> tuple[list[Conversation], float]:
        """Wait for the last of them to end; return them, and by how many seconds a telephone was late."""
        calls, late = self._telephones.hear()
        return [Conversation(**shown) for shown in calls], float(late)
