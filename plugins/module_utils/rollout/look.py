# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host is like at one moment, as far as a change could spoil it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

#: What the console says of a trunk that is registered with its provider, in small letters.
REGISTERED = "registered"


class Phone(t.NamedTuple):
    """The registration of an extension: the one of its phones that lasts longest."""

    #: In seconds since 1970.
    until: int
    #: Whether a phone has answered when Asterisk asked it last; None where it has not been asked yet, and
    #: where it holds a connection, for without that Asterisk takes its registration away.
    answers: bool | None = None


class TrunkState(t.NamedTuple):
    """How the far end of a trunk is."""

    #: What Asterisk says of its registration there; None where it does not register.
    registration: str | None = None
    #: Whether it has answered when Asterisk asked it last; None where it is not asked.
    answers: bool | None = None


@dataclass(frozen=True)
class Look:
    """A host at one moment."""

    #: In seconds since 1970, by the host's clock.
    at: int
    #: The number of the newest change of its directory; 0 where there was none.
    newest_change: int = 0
    #: Whether there is a directory.
    has_directory: bool = False
    running: bool = False
    phones: t.Mapping[str, Phone] = field(default_factory=dict)
    trunks: t.Mapping[str, TrunkState] = field(default_factory=dict)

    def written(self) -> dict[str, t.Any]:
        """Return it as JSON knows it, without secrets."""
        return {
            "at": self.at,
            "newest_change": self.newest_change,
            "has_directory": self.has_directory,
            "running": self.running,
            "phones": {number: list(phone) for number, phone in self.phones.items()},
            "trunks": {name: list(state) for name, state in self.trunks.items()},
        }


def read(written: t.Any) -> Look:
    """Make a look of what ``Look.written`` returns. Raises ValueError."""
    try:
        return Look(
            at=int(written["at"]),
            newest_change=int(written["newest_change"]),
            has_directory=bool(written["has_directory"]),
            running=bool(written["running"]),
            phones={
                str(number): Phone(int(until), answers)
                for number, (until, answers) in written["phones"].items()
            },
            trunks={str(name): TrunkState(*state) for name, state in written["trunks"].items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is not a mark of a host: {error!r}") from error
