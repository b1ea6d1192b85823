# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory database: our tables, and how they came to be.

This and the views beside it (views.py) are the places that know the SQL dialect (SQLite).
"""

from __future__ import annotations

#: How the tables came to be, version by version. A new database takes every step, an older one
#: those that it lacks, so that both end up the same. A step that was released is never changed.
STEPS = (
    """
CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- AUTOINCREMENT: an identifier is never given twice, for a removed transport listens on
-- until Asterisk restarts.
CREATE TABLE connection_port (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT NOT NULL UNIQUE,
    protocol TEXT NOT NULL,
    address  TEXT NOT NULL,
    port     INTEGER NOT NULL,
    UNIQUE (protocol, address, port)
);

CREATE TABLE extension_group (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE extension (
    id                 INTEGER PRIMARY KEY,
    number             TEXT NOT NULL UNIQUE,
    name               TEXT NOT NULL,
    -- the name as far as Asterisk can show it: 79 bytes (res_pjsip caller_id_handler)
    caller_id_name     TEXT NOT NULL,
    connection_port_id INTEGER REFERENCES connection_port (id),
    -- whether it may call only the groups in extension_callable_group
    restricted         INTEGER NOT NULL,
    enabled            INTEGER NOT NULL,
    max_devices        INTEGER NOT NULL,
    ring_timeout       INTEGER NOT NULL,
    -- a number rather than a reference: who is deleted takes nobody's forward along
    forward_to         TEXT,
    language           TEXT,
    email              TEXT,
    -- a JSON object
    labels             TEXT NOT NULL,
    digest             TEXT
);
CREATE INDEX extension_by_port ON extension (connection_port_id);

CREATE TABLE extension_membership (
    extension_id INTEGER NOT NULL REFERENCES extension (id) ON DELETE CASCADE,
    group_id     INTEGER NOT NULL REFERENCES extension_group (id),
    PRIMARY KEY (extension_id, group_id)
) WITHOUT ROWID;
CREATE INDEX extension_membership_by_group ON extension_membership (group_id);

CREATE TABLE extension_callable_group (
    extension_id INTEGER NOT NULL REFERENCES extension (id) ON DELETE CASCADE,
    group_id     INTEGER NOT NULL REFERENCES extension_group (id),
    PRIMARY KEY (extension_id, group_id)
) WITHOUT ROWID;
CREATE INDEX extension_callable_group_by_group ON extension_callable_group (group_id);
""",
    """
ALTER TABLE connection_port ADD COLUMN certificate TEXT;
ALTER TABLE connection_port ADD COLUMN private_key TEXT;
ALTER TABLE connection_port ADD COLUMN external_address TEXT;
-- a JSON list
ALTER TABLE connection_port ADD COLUMN local_networks TEXT NOT NULL DEFAULT '[]';

CREATE TABLE trunk (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT NOT NULL UNIQUE,
    host     TEXT NOT NULL,
    port     INTEGER NOT NULL,
    connection_port_id INTEGER REFERENCES connection_port (id),
    register INTEGER NOT NULL,
    username TEXT,
    realm    TEXT NOT NULL,
    digest   TEXT,
    -- JSON lists
    codecs   TEXT NOT NULL,
    inbound_addresses TEXT NOT NULL,
    caller_id TEXT,
    emergency INTEGER NOT NULL
);

CREATE TABLE trunk_inbound_number (
    trunk_id  INTEGER NOT NULL REFERENCES trunk (id) ON DELETE CASCADE,
    number    TEXT NOT NULL,
    -- a number rather than a reference, as extension.forward_to
    extension TEXT NOT NULL,
    PRIMARY KEY (trunk_id, number)
) WITHOUT ROWID;

CREATE TABLE outbound_profile (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    max_concurrent_calls INTEGER NOT NULL,
    max_call_time        INTEGER NOT NULL
);

CREATE TABLE outbound_rule (
    profile_id INTEGER NOT NULL REFERENCES outbound_profile (id) ON DELETE CASCADE,
    -- 1, 2, 3: the order in which the rules are tried
    position   INTEGER NOT NULL,
    pattern    TEXT NOT NULL,
    prefix     TEXT NOT NULL,
    -- what the number is matched against: a regular expression (POSIX, extended)
    expression TEXT NOT NULL,
    action     TEXT NOT NULL,
    strip      INTEGER NOT NULL,
    prepend    TEXT NOT NULL,
    caller_id  TEXT,
    PRIMARY KEY (profile_id, position)
) WITHOUT ROWID;

CREATE TABLE outbound_rule_trunk (
    profile_id    INTEGER NOT NULL,
    rule_position INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    trunk_id      INTEGER NOT NULL REFERENCES trunk (id),
    PRIMARY KEY (profile_id, rule_position, position),
    FOREIGN KEY (profile_id, rule_position) REFERENCES outbound_rule (profile_id, position) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX outbound_rule_trunk_by_trunk ON outbound_rule_trunk (trunk_id);

CREATE TABLE emergency_number (
    number TEXT PRIMARY KEY
) WITHOUT ROWID;

ALTER TABLE extension ADD COLUMN outbound_profile_id INTEGER REFERENCES outbound_profile (id);
ALTER TABLE extension ADD COLUMN outbound_caller_id TEXT;
ALTER TABLE extension ADD COLUMN record INTEGER NOT NULL DEFAULT 0;
CREATE INDEX extension_by_profile ON extension (outbound_profile_id);
""",
    """
ALTER TABLE extension ADD COLUMN max_calls INTEGER NOT NULL DEFAULT 10;

-- in seconds
INSERT INTO setting VALUES ('media_timeout', '60');
INSERT INTO setting VALUES ('media_timeout_hold', '1800');
""",
    """
-- a secret, part of the transport's name in Asterisk
ALTER TABLE connection_port ADD COLUMN mark TEXT NOT NULL DEFAULT '';
""",
    """
-- extensions that get no more lamps (lamp_watch.py), and until when at most: in seconds since 1970
CREATE TABLE lamp_refusal (
    number TEXT PRIMARY KEY,
    until  INTEGER NOT NULL
) WITHOUT ROWID;
""",
    """
ALTER TABLE trunk ADD COLUMN country_code TEXT;
ALTER TABLE trunk ADD COLUMN area_code TEXT;
ALTER TABLE trunk ADD COLUMN called_number_header TEXT;
ALTER TABLE trunk ADD COLUMN trust_identity INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trunk ADD COLUMN qualify INTEGER NOT NULL DEFAULT 1;

CREATE TABLE trunk_inbound_form (
    -- the identifier of the trunk that is called, and a form of the number (number_form.py): 3-902121112201
    id       TEXT PRIMARY KEY,
    -- whose number it is: that trunk's, or that of one with an address in common
    trunk_id INTEGER NOT NULL,
    number   TEXT NOT NULL,
    FOREIGN KEY (trunk_id, number) REFERENCES trunk_inbound_number (trunk_id, number) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX trunk_inbound_form_by_number ON trunk_inbound_form (trunk_id, number);
INSERT INTO trunk_inbound_form SELECT trunk_id || '-' || number, trunk_id, number FROM trunk_inbound_number;
INSERT OR IGNORE INTO trunk_inbound_form
    SELECT trunk_id || '-' || form, trunk_id, number
      FROM (SELECT trunk_id, number, substr(number, 2) AS form FROM trunk_inbound_number
             WHERE number LIKE '+%'
             UNION ALL
            SELECT trunk_id, number, '00' || substr(number, 2) FROM trunk_inbound_number
             WHERE number LIKE '+%'
             UNION ALL
            SELECT trunk_id, number, substr(number, 3) FROM trunk_inbound_number WHERE number LIKE '00_%'
             UNION ALL
            SELECT trunk_id, number, '+' || substr(number, 3) FROM trunk_inbound_number
             WHERE number LIKE '00_%'
             UNION ALL
            SELECT trunk_id, number, '+' || number FROM trunk_inbound_number WHERE number GLOB '[1-9]*');
INSERT OR IGNORE INTO trunk_inbound_form
    WITH source AS (SELECT trunk.id, value AS address
                      FROM trunk, json_each(CASE inbound_addresses WHEN '[]' THEN json_array(host)
                                                                   ELSE inbound_addresses END))
    SELECT one.id || substr(form.id, instr(form.id, '-')), form.trunk_id, form.number
      FROM source AS one JOIN source AS other ON other.address = one.address AND other.id != one.id
      JOIN trunk_inbound_form AS form ON form.trunk_id = other.id
     ORDER BY other.id;
""",
    """
-- what its phones authenticate as: the number, unless they have another user name
ALTER TABLE extension ADD COLUMN username TEXT NOT NULL DEFAULT '';
UPDATE extension SET username = number;
CREATE UNIQUE INDEX extension_by_username ON extension (username);
""",
    """
-- the numbers of extensions whose rows in Asterisk's tables are to be written anew (realtime.py)
CREATE TABLE stale (
    number TEXT PRIMARY KEY
) WITHOUT ROWID;
""",
    """
-- what was changed, newest last (history.py). AUTOINCREMENT: a number is never given twice.
CREATE TABLE history (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    -- in seconds since 1970
    at         INTEGER NOT NULL,
    user       TEXT NOT NULL,
    controller TEXT NOT NULL,
    comment    TEXT NOT NULL,
    -- what was before, digests among it: JSON (planning/history.py), compressed (zlib)
    kept       BLOB NOT NULL,
    -- where it was a way back: before which change things were as they are after it
    back_to    INTEGER
);
""",
)
#: What the setting ``earlier_contacts`` is until the contacts have a mark that phones registered before their
#: port had one. Then it is the mark that they have got, and ``earlier_contacts_until`` how long it counts.
UNMARKED = "unmarked"

#: How much of the history is kept unless the settings of these names say otherwise: how many changes (0 is
#: none), and those of how many days.
KEPT_HISTORY = {"history_changes": 1000, "history_days": 400}
#: The longest comment of a change, in characters.
LONGEST_COMMENT = 500

#: Version of the tables, kept in the database as ``PRAGMA user_version``.
VERSION = len(STEPS)
