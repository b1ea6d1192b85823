# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps each extension to so many lamps: who has more gets no more, until it has far fewer.

A program of the host that systemd keeps running. Asterisk counts no subscriptions, and no option bounds them
(res_pjsip_pubsub.c). But it looks up at each new one whether the endpoint may have any, and the view of
endpoints says no for the extensions in the table ``lamp_refusal`` of the directory.

A subscription costs Asterisk a millisecond of processor time or more, and to tell of one 5 microseconds. So
this looks at how much Asterisk has worked, which costs next to nothing, and asks it after so much work that
there may be many new ones. On a quiet host it never asks.

It also tells Asterisk of each change of the directory (directory_watch.py).
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import sys
import time
import typing as t
from collections import Counter

from ..asterisk import ami, sorcery_cache
from ..database import files as database_files
from ..definition.problem import DirectoryError
from ..host import beneath
from . import lamp_start
from .directory_watch import DirectoryWatch

DATABASE = "/var/lib/voiceops/directory.sqlite3"
PID_FILE = "/run/asterisk/asterisk.pid"

#: Seconds between two looks at how much Asterisk has worked.
LOOK = 0.2
#: After how many seconds of work Asterisk is asked: that of some 200 new lamps more than the extension with
#: most may still get, and that of half as many as there were. So the question costs a few parts in a hundred
#: of what Asterisk does.
WORK, NEW_LAMP, WORK_PER_LAMP = 0.2, 0.001, 0.0005
#: After how many seconds it is asked in any case while somebody is refused: the lamps may have ended.
REFUSING = 5.0
#: For how many seconds somebody is refused who is not refused again: a watch that has died refuses nobody.
REFUSED_FOR = 300
#: Longest wait for the answer, and for another run that writes the directory, in seconds.
PATIENCE, LOCK_TIMEOUT = 30.0, 5.0
#: After how many seconds without success it is said, and how long it waits before it tries again.
TROUBLE, AGAIN = 30.0, 0.5
#: For how many seconds it stays where it could not write from the beginning, before it ends.
NEVER_WRITTEN = 5.0

_LAMPS = ami.Listing(
    "PJSIPShowSubscriptionsInbound", "InboundSubscriptionDetail", "InboundSubscriptionDetailComplete"
)
#: What an extension is called. Trunks have no lamps.
_NUMBER = re.compile(r"[0-9]{1,15}")
_TICKS = os.sysconf("SC_CLK_TCK")


def refused(counts: t.Mapping[str, int], before: t.Container[str], most: int) -> frozenset[str]:
    """Return who gets no more lamps: who has more than it may have, and who was refused until it has half."""
    return frozenset(
        number for number, count in counts.items() if count > most or (number in before and count > most // 2)
    )


def is_due(worked: float, quiet: float, lamps: int, room: int, *, refusing: bool) -> bool:
    """Tell whether Asterisk is to be asked.

    It has ``worked`` for so many seconds and was not asked for ``quiet`` seconds. Then there were so many
    ``lamps``, and each extension could get ``room`` more at least.
    """
    enough = max(WORK + NEW_LAMP * room, WORK_PER_LAMP * lamps)
    return worked >= enough or (refusing and quiet >= max(REFUSING, enough))


class FolderReplacedError(DirectoryError):
    """The folder of the directory is not the one that this process may write in."""


class Work(t.NamedTuple):
    """What a process has done: when it began, which tells it from another of its number, and how long."""

    began: int
    seconds: float


def work(stat: str) -> Work:
    """Read ``/proc/PID/stat`` (proc(5)); the name of the process may hold anything."""
    fields = stat.rpartition(")")[2].split()
    return Work(int(fields[19]), (int(fields[11]) + int(fields[12])) / _TICKS)


class Asterisk:
    """The Asterisk of this host: how much it has worked, and how many lamps each extension has."""

    def __init__(self, pid_file: str, log_in: t.Callable[[], ami.Client]) -> None:
        self._pid_file, self._log_in = pid_file, log_in
        self._pid = 0
        self._client: ami.Client | None = None

    def work(self) -> Work | None:
        """Return how much it has worked; None where it is stopped."""
        for _attempt in range(2):
            try:
                with open(f"/proc/{self._pid}/stat", encoding="utf-8", errors="replace") as file:
                    return work(file.read())
            except OSError:
                self._pid = self._written_pid()
        return None

    def _written_pid(self) -> int:
        try:
            return int(beneath.read(self._pid_file, 20))
        except (OSError, ValueError):
            return 0

    def lamps(self) -> dict[str, int]:
        """Return how many lamps each extension has. Raises AmiError."""
        with self._conversation() as client:
            named = (entry.get("Endpoint", "") for entry in client.each(_LAMPS))
            return Counter(number for number in named if _NUMBER.fullmatch(number))

    def expire(self) -> None:
        """Have it read the directory again. Raises AmiError."""
        with self._conversation() as client:
            sorcery_cache.expire(client)

    @contextlib.contextmanager
    def _conversation(self) -> t.Iterator[ami.Client]:
        try:
            if self._client is None:
                self._client = self._log_in()
            self._client.go_on_for(PATIENCE)
            yield self._client
        except ami.AmiError:
            self.forget()
            raise

    def forget(self) -> None:
        """Close the connection, and look for the process again."""
        self._pid = 0
        self.leave()

    def leave(self) -> None:
        """Close the connection.

        As long as anybody is logged in, Asterisk writes each event down for them, wanted or not (manager.c,
        any_manager_listeners): a tenth of its work for a call.
        """
        if self._client is not None:
            self._client.close()
            self._client = None


def write(path: str, numbers: t.Collection[str], until: int) -> None:
    """Have these extensions refused until then, and no others. Raises DirectoryError, OSError, sqlite3.Error.

    The directory's tables and views stay as they are: a run of the role brings them up to date.
    """
    if not database_files.are_closed(path):
        raise DirectoryError(f"users other than root may write {path}; apply the role again")
    try:
        with contextlib.closing(
            sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=LOCK_TIMEOUT, isolation_level=None)
        ) as connection:
            # Without waiting for the disk: what a power cut takes is written again when the host is up again.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM lamp_refusal")
            connection.executemany(
                "INSERT INTO lamp_refusal VALUES (?, ?)", ((number, until) for number in sorted(numbers))
            )
            connection.execute("COMMIT")
    finally:
        database_files.keep_log(path)


class Watch:
    """Looks, asks and writes."""

    def __init__(self, asterisk: Asterisk, path: str, most: int) -> None:
        self._asterisk, self._path, self._most = asterisk, path, most
        self._directory = DirectoryWatch(path)
        self.refused: frozenset[str] = frozenset()
        #: What Asterisk had done when it was asked last, when that was, how many lamps there were, and how
        #: many more each extension could get at least.
        self._done: Work | None = None
        self._asked, self._lamps, self._room = 0.0, 0, 0
        #: Until when those are refused that are in the directory; None where nothing was written yet.
        self._until: float | None = None
        #: Whether this process has had the directory's folder to write in.
        self._could_write = False
        self._well = time.monotonic()

    def _can_write(self) -> bool:
        return os.access(os.path.dirname(self._path), os.W_OK)

    def look(self) -> None:
        """Look once, and do what is due. Raises AmiError, DirectoryError, OSError, sqlite3.Error."""
        if not self._can_write():
            # Seen now, and not when somebody is to be refused: a phone that asks on would have 2 s for it.
            # Also before anything was written: a backup is put back while Asterisk is stopped.
            raise FolderReplacedError("its folder was replaced")
        self._could_write = True
        done = self._asterisk.work()
        if done is None:
            self._done = None
            self._asterisk.forget()
        else:
            self._directory.look(self._asterisk.expire)
            if self._is_due(done):
                counts = self._asterisk.lamps()
                self._done, self._asked, self._lamps = done, time.monotonic(), sum(counts.values())
                self._room = max(0, self._most - max(counts.values(), default=0))
                self._judge(counts)
            if not self.refused:
                # While somebody is, it stays: nobody else of this host takes its place (authlimit), and there
                # are many questions, each login of which would be a line of the security log.
                self._asterisk.leave()
        self._well = time.monotonic()

    def _is_due(self, done: Work) -> bool:
        if self._done is None or self._done.began != done.began:
            return True
        worked, quiet = done.seconds - self._done.seconds, time.monotonic() - self._asked
        return is_due(worked, quiet, self._lamps, self._room, refusing=bool(self.refused))

    def _judge(self, counts: t.Mapping[str, int]) -> None:
        now, wanted = time.time(), refused(counts, self.refused, self._most)
        is_old = bool(wanted) and (self._until or 0) - now < REFUSED_FOR / 2
        if wanted == self.refused and self._until is not None and not is_old:
            return
        until = int(now) + REFUSED_FOR
        write(self._path, wanted, until)
        # At once, and not at the next look: who fills Asterisk's memory does not wait.
        self._asterisk.expire()
        self._until = until
        for number in sorted(wanted - self.refused):
            _say(
                f"extension {number} has {counts[number]} lamps, and may have {self._most} (pbx_max_lamps):"
                f" it gets no more until it has {self._most // 2}"
            )
        for number in sorted(self.refused - wanted):
            _say(f"extension {number} has {counts.get(number, 0)} lamps: it may have more again")
        self.refused = wanted

    def run(self) -> t.NoReturn:
        """Look again and again, whatever happens; say what is wrong where it goes on being so."""
        said = ""
        while True:
            try:
                self.look()
                said = ""
            except (ami.AmiError, DirectoryError, OSError, sqlite3.Error) as error:
                self._done = None
                could = self._until is not None and not isinstance(error, ami.AmiError)
                if could or isinstance(error, FolderReplacedError):
                    # It could be written, and cannot any more. Where somebody has put another folder in the
                    # place of the directory's, such as a backup, only a new process sees it: what systemd has
                    # mounted for this one went with the old folder (ReadWritePaths). systemd starts it again.
                    # That may have been while this one was starting; or the disk cannot be written at all,
                    # which is not to fill the journal.
                    time.sleep(0 if self._could_write else NEVER_WRITTEN)
                    raise SystemExit(f"the directory cannot be written any more: {error}") from error
                # Asterisk that is starting does not answer yet.
                if time.monotonic() - self._well > TROUBLE and str(error) != said:
                    said = str(error)
                    _say(
                        f"lamps are not counted, and Asterisk is not told of changes of the directory: {said}"
                    )
                time.sleep(AGAIN)
            time.sleep(LOOK)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def main() -> t.NoReturn:
    """Watch without end."""

    def log_in() -> ami.Client:
        return ami.Client(ami.read_secret(ami.DEFAULT_SECRET_FILE), timeout=PATIENCE)

    Watch(Asterisk(PID_FILE, log_in), DATABASE, lamp_start.most()).run()
