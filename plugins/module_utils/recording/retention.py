# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which recordings go, and why: pure decisions over a list of files.

What is done about it is in recordings.py, which runs on the host; the rules about the variables of the role
are the same, so a mistake is named before it gets there.
"""

from __future__ import annotations

import fnmatch
import re
import typing as t
from calendar import timegm
from collections import Counter, abc
from dataclasses import dataclass
from datetime import date, datetime, timezone

from ..definition.problem import InvalidInputError, Problem

#: Seconds.
DAY = 86400
#: A file that was written to within this time, in seconds, may be that of a call that goes on. A call outside
#: lasts four hours at most unless somebody says otherwise (max_call_time).
IN_USE = DAY
#: The present rate is that of so many days.
RATE_DAYS = 7
#: Further than this nobody looks ahead, in days.
HORIZON = 3650

_NAME = re.compile(r"(\d{4})/(\d\d)/(\d\d)/(\d\d)(\d\d)(\d\d)-[0-9.]+-([0-9]{1,15})\.wav")
_ROOM = re.compile(r"(\d+(?:\.\d+)?) ?(%|KiB|MiB|GiB|TiB)")
_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_HOLD = ("name", "number", "from", "to", "file")


class Recording(t.NamedTuple):
    """A file of the storage. Times are seconds since 1970."""

    #: Below the folder of recordings: 2026/11/23/081530-1795422556.176-1002.wav.
    path: str
    #: When the call began and whose entry asked for the recording, both by the file's name.
    began: float
    number: str
    #: The length in bytes, and how many bytes become free when it goes.
    size: int
    room: int
    #: When it was last written to.
    changed: float


@dataclass(frozen=True)
class Hold:
    """Recordings that stay whatever the policy says. What is given has to be true all together."""

    name: str
    number: str = ""
    #: The first and the last day, in UTC as file names are.
    first: date | None = None
    last: date | None = None
    #: A pattern of the shell for the path below the folder, whose * matches / too.
    file: str = ""

    def covers(self, recording: Recording) -> bool:
        """Tell whether this recording stays because of it."""
        if self.number and recording.number != self.number:
            return False
        # By the name's letters: it begins with the day.
        day = recording.path[:10].replace("/", "-")
        if self.first and day < self.first.isoformat():
            return False
        if self.last and day > self.last.isoformat():
            return False
        return not self.file or fnmatch.fnmatchcase(recording.path, self.file)


@dataclass(frozen=True)
class Policy:
    """What stays for how long. ``keep_days`` 0 has no limit; room of 0 is none that has to be kept free."""

    keep_days: int = 0
    keep_free_percent: float = 0.0
    keep_free_bytes: int = 0
    holds: tuple[Hold, ...] = ()

    @property
    def makes_room(self) -> bool:
        """Tell whether recordings may go before their time for want of room."""
        return bool(self.keep_free_percent or self.keep_free_bytes)

    def to_keep_free(self, total: int) -> int:
        """Return how many bytes of ``total`` have to stay free."""
        return max(self.keep_free_bytes, int(total * self.keep_free_percent / 100))


class Removal(t.NamedTuple):
    """A file that is to go."""

    recording: Recording
    why: str


@dataclass(frozen=True)
class Decision:
    """What becomes of the files."""

    #: The oldest first.
    remove: tuple[Removal, ...] = ()
    #: How many files are on hold, and how many of them would have to go otherwise.
    held: int = 0
    held_back: int = 0
    #: How many bytes are still missing to what has to be free once all of these are gone.
    missing: int = 0


def recording(path: str, size: int, room: int, changed: float) -> Recording | None:
    """Return the recording that a path below the folder is; None for what is none."""
    named = _NAME.fullmatch(path)
    if not named:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in named.groups()[:6])
        began = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:  # the 31st of February
        return None
    return Recording(path, timegm(began.utctimetuple()), named.group(7), size, room, changed)


def decide(recordings: t.Iterable[Recording], policy: Policy, now: float, free: int, total: int) -> Decision:
    """Return what is to go at ``now``, with so many bytes ``free`` of ``total``."""
    remove: list[Removal] = []
    young: list[Recording] = []
    held = held_back = 0
    oldest_kept = now - policy.keep_days * DAY
    for each in sorted(recordings, key=lambda one: (one.began, one.path)):
        due = policy.keep_days > 0 and each.began < oldest_kept
        if any(hold.covers(each) for hold in policy.holds):
            held += 1
            held_back += due
        elif each.changed > now - IN_USE or each.began > now:
            continue
        elif due:
            remove.append(Removal(each, f"older than {policy.keep_days} days"))
        else:
            young.append(each)
    missing = policy.to_keep_free(total) - free - sum(removal.recording.room for removal in remove)
    for each in young:
        if missing <= 0:
            break
        if each.room:
            remove.append(Removal(each, "room is needed"))
            missing -= each.room
    return Decision(tuple(remove), held, held_back, max(0, missing))


def bytes_per_day(recordings: t.Collection[Recording], now: float) -> float:
    """Return the present rate: how much of the last days there is, for each of them."""
    first = min((each.began for each in recordings), default=now)
    days = min(RATE_DAYS, max(1.0, (now - first) / DAY))
    return sum(each.room for each in recordings if each.began > now - days * DAY) / days


def days_left(
    recordings: t.Collection[Recording], policy: Policy, now: float, free: int, total: int
) -> int | None:
    """Return after how many days there is no more room than what has to be free; None: not within ten years.

    Each day brings as much as the present rate says, and takes what is then older than ``keep_days``.
    """
    rate = bytes_per_day(recordings, now)
    room = float(free - policy.to_keep_free(total))
    leaves: Counter[int] = Counter()
    if policy.keep_days:
        for each in recordings:
            if not any(hold.covers(each) for hold in policy.holds):
                leaves[max(1, 1 + int(policy.keep_days - (now - each.began) / DAY))] += each.room
    for day in range(HORIZON):
        room += leaves[day]
        if room < 0:
            return day
        room -= rate
        # From then on as much leaves as comes.
        if policy.keep_days and day >= policy.keep_days:
            return None
    return None


def policy_of(given: t.Mapping[str, t.Any]) -> Policy:
    """Return the policy that ``keep_days``, ``keep_free`` and ``holds`` make. Raises InvalidInputError with
    everything that is wrong in them."""
    problems: list[Problem] = []
    days = given.get("keep_days", 0)
    if isinstance(days, bool) or not isinstance(days, int) or days < 0:
        problems.append(Problem("keep_days", f"{days!r} is not a number of days; 0 keeps them without limit"))
        days = 0
    percent, room = _keep_free(given.get("keep_free", "0"), problems)
    holds = given.get("holds", [])
    if not isinstance(holds, (list, tuple)):
        problems.append(Problem("holds", "has to be a list of holds"))
        holds = []
    read = tuple(_hold(f"holds[{at}]", hold, problems) for at, hold in enumerate(holds))
    if problems:
        raise InvalidInputError(problems)
    return Policy(days, percent, room, read)


def _keep_free(given: t.Any, problems: list[Problem]) -> tuple[float, int]:
    text = str(given).strip()
    if text in ("0", ""):
        return 0.0, 0
    parts = _ROOM.fullmatch(text)
    if not parts or (parts.group(2) == "%" and float(parts.group(1)) >= 100):
        problems.append(Problem("keep_free", f"{given!r} is not a room such as 10% or 50GiB; 0 is none"))
        return 0.0, 0
    amount = float(parts.group(1))
    return (amount, 0) if parts.group(2) == "%" else (0.0, int(amount * _UNITS[parts.group(2)]))


def _hold(place: str, given: t.Any, problems: list[Problem]) -> Hold:
    """Return the hold; what is wrong in it joins ``problems``."""
    before = len(problems)
    if not isinstance(given, abc.Mapping):
        problems.append(Problem(place, f"has to have a name and one or more of {', '.join(_HOLD[1:])}"))
        return Hold("")
    texts = {str(key): "" if value is None else str(value).strip() for key, value in given.items()}
    for key in sorted(texts.keys() - set(_HOLD)):
        problems.append(Problem(f"{place}.{key}", f"is not known; a hold has {', '.join(_HOLD)}"))
    if not texts.get("name"):
        problems.append(Problem(f"{place}.name", "is missing: say what these recordings are kept for"))
    number = texts.get("number", "")
    if number and not re.fullmatch(r"[0-9]{1,15}", number):
        problems.append(Problem(f"{place}.number", f"{number!r} is not a number of 1 to 15 digits"))
    first, last = (_day(f"{place}.{key}", texts.get(key, ""), problems) for key in ("from", "to"))
    if first and last and first > last:
        problems.append(Problem(f"{place}.to", f"{last} is before {first}"))
    if len(problems) == before and not any(texts.get(key) for key in _HOLD[1:]):
        problems.append(
            Problem(place, "would hold everything: give number, from, to or file ('*' is every file)")
        )
    return Hold(texts.get("name", ""), number, first, last, texts.get("file", ""))


def _day(place: str, text: str, problems: list[Problem]) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        problems.append(Problem(place, f"{text!r} is not a day such as 2026-11-23"))
        return None
