# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What telephones feel of a change: the half of steady.py that runs where the bench does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from phones.phone import phones_addresses
from phones.process import Telephones

from .town import RESIDENTS, password

#: How many REGISTERs and calls begin in each second.
REGISTERS, CALLS = 10, 4


@dataclass
class Felt:
    """What became of the requests during one change: seconds to the 200, and how many never had it."""

    register: list[float] = field(default_factory=list)
    invite: list[float] = field(default_factory=list)
    failed: int = 0


class Steady:
    """Telephones that are registered with a host and put a load on it when they are told to."""

    def __init__(self, server: str) -> None:
        self._telephones = Telephones("bench.steady")
        pairs = [
            [(number, password(number)) for number in pair] for pair in zip(RESIDENTS[::2], RESIDENTS[1::2])
        ]
        told = {"server": server, "address": phones_addresses()[0], "pairs": pairs}
        self._telephones.say({**told, "registers": REGISTERS, "calls": CALLS})
        assert self._telephones.hear() == "ready"

    @contextlib.contextmanager
    def felt(self) -> Iterator[Felt]:
        """Put the load on during the block; what was felt is there when it is over."""
        felt = Felt()
        self._telephones.say("begin")
        try:
            yield felt
        finally:
            self._telephones.say("end")
            for method, seconds, status in self._telephones.hear():
                if status == 200:
                    (felt.register if method == "REGISTER" else felt.invite).append(seconds)
                else:
                    felt.failed += 1

    def leave(self) -> None:
        self._telephones.leave()
