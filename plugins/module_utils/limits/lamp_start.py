# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run before Asterisk starts: which lamps it goes on with that phones watched before.

Asterisk keeps each subscription in its own database, with the time until which the phone wants it, and makes
it again when it starts (res_pjsip_pubsub.c, subscription_persistence_load). Where a phone has filled its
memory with them until the system ended it, they would fill it again at once, and again after that. So an
extension with more lamps than it may have gets none of them back, and none lasts longer than an hour until it
is refreshed, which is what Asterisk grants at most from pjproject 2.14 on (evsub.c). A phone that misses a
lamp asks again when it refreshes it. While Asterisk runs, lamp_watch.py does this.

It runs as Asterisk's own user: the database and its folder are that user's.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import sys
import time
import typing as t
from collections import Counter

DATABASE = "/var/lib/asterisk/astdb.sqlite3"
FAMILY = "/subscription_persistence/"

#: Where the role writes how many lamps the phones of one extension may have, and how many where it has not.
SETTINGS = "/etc/voiceops/lamps.conf"
MOST = 500
#: Seconds.
LONGEST = 3600


def most(path: str = SETTINGS) -> int:
    """Return how many lamps the phones of one extension may have."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            found = re.search(r"^max_lamps = ([0-9]{1,9})$", file.read(), re.MULTILINE)
    except OSError:
        found = None
    return int(found.group(1)) if found else MOST


def changes(entries: t.Mapping[str, str], now: float, most: int) -> dict[str, str | None]:
    """Return what of the entries is to be changed: to what, or None where it goes."""
    kept = {key: value for key, text in entries.items() if (value := _read(text)) is not None}
    count = Counter(value["endpoint"] for value in kept.values())
    latest = int(now) + LONGEST
    found: dict[str, str | None] = {key: None for key in entries if key not in kept}
    for key, value in kept.items():
        if count[value["endpoint"]] > most:
            found[key] = None
        elif int(value["expires"]) > latest:
            found[key] = json.dumps({**value, "expires": str(latest)})
    return found


def _read(text: str) -> dict[str, str] | None:
    """Return a subscription as it was kept; None where it is none."""
    try:
        value = json.loads(text)
        int(value["expires"])
        return value if isinstance(value["endpoint"], str) else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def tidy(path: str, now: float, most: int) -> int:
    """Tidy the database up; return how many entries were changed. Raises sqlite3.Error."""
    if not os.path.exists(path):
        return 0  # it has never been started
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        like = (FAMILY + "%",)
        entries = dict(connection.execute("SELECT key, value FROM astdb WHERE key LIKE ?", like).fetchall())
        found = changes(entries, now, most)
        for key, value in found.items():
            if value is None:
                connection.execute("DELETE FROM astdb WHERE key = ?", (key,))
            else:
                connection.execute("UPDATE astdb SET value = ? WHERE key = ?", (value, key))
        connection.execute("COMMIT")
    return len(found)


def main(path: str = DATABASE) -> int:
    """Tidy up; whatever is wrong is Asterisk's to find out, which has to start in any case."""
    try:
        changed = tidy(path, time.time(), most())
    except sqlite3.Error as error:
        sys.stderr.write(f"{path}: {error}; lamps stay as they are\n")
        return 0
    if changed:
        sys.stderr.write(f"{path}: {changed} lamps were too many or lasted too long\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
