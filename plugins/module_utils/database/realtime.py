# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables that Asterisk reads endpoints, auths and AORs from: what the views say of them, written down.

A call asks for these objects some 26 times, and SQLite takes a view apart again each time. Measured with
1,000 extensions: an endpoint takes 0.57 ms as a view and an AOR 0.94 ms, and 0.1 ms each as a table. A call
took Asterisk 22.10.1 24.4 ms of processor time with the views, and takes 17.4 ms with the tables.

Triggers note whose rows are stale, whoever writes. They are written again before the transaction commits.
"""

from __future__ import annotations

import sqlite3
import time

#: The tables, by the views (views.py) that say what is in them.
TABLES = {"made_endpoints": "ps_endpoints", "made_auths": "ps_auths", "made_aors": "ps_aors"}

# SQLite hands rows out as they lie: the greatest number first. Asterisk 22 sorts all that it reads at once
# into a list, which it walks from the least on for each row (ast_sorcery_retrieve_by_fields in
# main/sorcery.c, hash_ao2_insert_node in main/astobj2_hash.c); in this order the walk ends at its first step.
# From the least to the greatest, 10,000 extensions cost 50 million comparisons, when Asterisk starts and for
# each phone that is new.
_TABLE = "CREATE TABLE {table} (id TEXT, {others}, PRIMARY KEY (id DESC)) WITHOUT ROWID"

#: What stands for every extension in the table ``stale``.
_ALL = "*"


def _note(number: str, among: str = "") -> str:
    # Not OR IGNORE: in a trigger the policy of the statement that fires it counts (CREATE TRIGGER, SQLite).
    unless = f"NOT EXISTS (SELECT 1 FROM stale WHERE stale.number = {number})"
    return f"INSERT INTO stale SELECT {number} {among or 'WHERE'} {unless}"


# The extensions whose rows are stale after a change of a row of the table, as SQL.
_ITSELF = _note("{row}.number")
_ITS_EXTENSION = _note("extension.number", "FROM extension WHERE id = {row}.extension_id AND")
_EVERYBODY = _note(f"'{_ALL}'")
_STALE = {
    "extension": (_ITSELF, ("INSERT", "UPDATE", "DELETE")),
    "extension_membership": (_ITS_EXTENSION, ("INSERT", "DELETE")),
    "extension_callable_group": (_ITS_EXTENSION, ("INSERT", "DELETE")),
    "emergency_number": (_ITSELF, ("INSERT", "DELETE")),
    "connection_port": (_EVERYBODY, ("INSERT", "DELETE")),
}
_SETTINGS = "('realm', 'media_timeout', 'media_timeout_hold', 'earlier_contacts', 'earlier_contacts_until')"
# Settings are replaced, also by what they are already. Before that the row is still there.
_OTHERS = f"""
CREATE TRIGGER stale_by_port_update AFTER UPDATE ON connection_port
  WHEN OLD.mark IS NOT NEW.mark OR OLD.protocol IS NOT NEW.protocol
BEGIN {_EVERYBODY}; END;
CREATE TRIGGER stale_by_setting_insert BEFORE INSERT ON setting
  WHEN NEW.key IN {_SETTINGS}
   AND NOT EXISTS (SELECT 1 FROM setting WHERE key = NEW.key AND value = NEW.value)
BEGIN {_EVERYBODY}; END;
CREATE TRIGGER stale_by_setting_update AFTER UPDATE ON setting WHEN NEW.key IN {_SETTINGS}
BEGIN {_EVERYBODY}; END;
CREATE TRIGGER stale_by_setting_delete AFTER DELETE ON setting
  WHEN OLD.key IN {_SETTINGS}
BEGIN {_EVERYBODY}; END;
-- Written by lamp_watch.py, which knows nothing of these tables.
CREATE TRIGGER lamps_refused AFTER INSERT ON lamp_refusal
BEGIN UPDATE ps_endpoints SET allow_subscribe = 'no' WHERE id = NEW.number; END;
CREATE TRIGGER lamps_allowed AFTER DELETE ON lamp_refusal
BEGIN UPDATE ps_endpoints SET allow_subscribe = 'yes' WHERE id = OLD.number; END;
"""


def text() -> str:
    """Return what tables and triggers are made by: where it has changed, they have to be made again."""
    return _TABLE + triggers()


def triggers() -> str:
    """Return the SQL that makes the triggers; the tables have to be there."""
    made = ""
    for table, (note, events) in _STALE.items():
        for event in events:
            row = "OLD" if event == "DELETE" else "NEW"
            made += (
                f"CREATE TRIGGER stale_by_{table}_{event.lower()} AFTER {event} ON {table}\n"
                f"BEGIN {note.format(row=row)}; END;\n"
            )
    return made + _OTHERS


def remove(connection: sqlite3.Connection) -> None:
    """Remove tables and triggers, as far as they are there."""
    made = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in made:
        connection.execute(f'DROP TRIGGER "{name}"')
    for table in TABLES.values():
        connection.execute(f"DROP TABLE IF EXISTS {table}")


def make(connection: sqlite3.Connection) -> None:
    """Make the tables, empty, with the columns of their views. Every row is stale then."""
    for view, table in TABLES.items():
        columns = [name for _id, name, *_type in connection.execute(f"PRAGMA table_info({view})")]
        others = ", ".join(f'"{name}"' for name in columns if name != "id")
        connection.execute(_TABLE.format(table=table, others=others))
    connection.execute("INSERT OR IGNORE INTO stale VALUES (?)", (_ALL,))


def renew(connection: sqlite3.Connection) -> None:
    """Rewrite what is stale, and allow lamps again to those whose refusal has run out."""
    connection.execute("DELETE FROM lamp_refusal WHERE until <= ?", (int(time.time()),))
    stale = {number for (number,) in connection.execute("SELECT number FROM stale")}
    if not stale:
        return
    which = "" if _ALL in stale else "WHERE id IN (SELECT number FROM stale)"
    for view, table in TABLES.items():
        connection.execute(f"DELETE FROM {table} {which}")
        connection.execute(f"INSERT INTO {table} SELECT * FROM {view} {which}")
    connection.execute("DELETE FROM stale")
