# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses fail2ban blocks at this moment, as it has written it down in its own database.

To ask fail2ban would be to start a process. Seen with fail2ban 0.11.2 and 1.1.1: a block that is lifted is
gone from the table ``bips`` at once. One that has expired stays there until fail2ban tidies up, and so do
those of a jail that was stopped, whose ``enabled`` in ``jails`` is then 0. Where fail2ban was killed, its
rows stay as they are, and so do its rules in the kernel.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import typing as t

#: Where all packages of fail2ban have them (fail2ban.conf, dbfile and socket). Only root may write there.
DATABASE = "/var/lib/fail2ban/fail2ban.sqlite3"
SOCKET = "/var/run/fail2ban/fail2ban.sock"
#: The role's jail (fail2ban_jail.conf.j2).
JAIL = "voiceops-asterisk"

#: So many blocks are read, the newest; a host on the internet may have thousands.
MOST = 100
#: Lines of the log are in a row's data, 10 of them (dbmaxmatches) of 1.3 kB each at most. More is not read.
_MOST_DATA = 65536
#: For how many seconds fail2ban may write meanwhile. It takes milliseconds.
_PATIENCE = 2.0

#: A block ends bantime seconds after timeofban; -1 is never (``getCurrentBans``, server/database.py).
_CURRENT = "FROM bips WHERE jail = ? AND (bantime < 0 OR timeofban + bantime > ?)"


class Bans(t.NamedTuple):
    """How many blocks there are, and the rows of the newest: address, since, for how long, data."""

    total: int
    rows: t.Sequence[tuple[t.Any, ...]]


class NotReadableError(Exception):
    """The database is there and cannot be read."""


def bans(now: float, database: str = DATABASE, socket: str = SOCKET) -> Bans | None:
    """Return the blocks at ``now``; None where fail2ban does not run the role's jail.

    Raises NotReadableError.
    """
    if not (os.path.exists(database) and os.path.exists(socket)):
        return None
    try:
        with contextlib.closing(
            sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=_PATIENCE)
        ) as connection:
            return _bans(connection, now)
    except sqlite3.Error as error:
        raise NotReadableError(f"{database}: {error}") from error


def _bans(connection: sqlite3.Connection, now: float) -> Bans | None:
    if not connection.execute("SELECT 1 FROM jails WHERE name = ? AND enabled = 1", (JAIL,)).fetchone():
        return None
    total = int(connection.execute(f"SELECT count(*) {_CURRENT}", (JAIL, now)).fetchone()[0])
    if not total:
        return Bans(0, ())
    return Bans(
        total,
        connection.execute(
            "SELECT ip, timeofban, bantime, CASE WHEN length(data) <= ? THEN data END"
            f" {_CURRENT} ORDER BY timeofban DESC, ip LIMIT ?",
            (_MOST_DATA, JAIL, now, MOST),
        ).fetchall(),
    )
