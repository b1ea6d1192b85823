# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory database: our tables, and the views through which Asterisk reads them.

This is the one place that knows the SQL dialect (SQLite). A view has the name
and the columns that Asterisk's realtime engine looks for; an option that an
Asterisk version does not know rejects the whole object, so a view holds only
what every supported version knows (16 to 22).
"""

from __future__ import annotations

#: Version of this schema, kept in the database as ``PRAGMA user_version``.
VERSION = 1

TABLES = """
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
"""

# Who has no password has no endpoint: an endpoint without authentication would let anybody
# register as this extension.
VIEWS = r"""
CREATE VIEW ps_endpoints AS
SELECT number                                   AS id,
       CASE WHEN connection_port_id IS NULL THEN '' ELSE 'port-' || connection_port_id END AS transport,
       number                                   AS aors,
       number                                   AS auth,
       'extensions'                             AS context,
       CASE WHEN caller_id_name = '' THEN ''
            ELSE '"' || replace(replace(caller_id_name, '\', '\\'), '"', '\"') || '" '
       END || '<' || number || '>'              AS callerid,
       'all'                                    AS disallow,
       'g722,alaw,ulaw'                         AS allow,
       'no'                                     AS direct_media,
       'yes'                                    AS rtp_symmetric,
       'yes'                                    AS force_rport,
       'yes'                                    AS rewrite_contact,
       coalesce(language, '')                   AS language
  FROM extension
 WHERE digest IS NOT NULL AND enabled;

CREATE VIEW ps_auths AS
SELECT number                                   AS id,
       'md5'                                    AS auth_type,
       number                                   AS username,
       (SELECT value FROM setting WHERE key = 'realm') AS realm,
       digest                                   AS md5_cred
  FROM extension
 WHERE digest IS NOT NULL AND enabled;

-- The newest phone wins: with remove_existing=no a phone that changes its port is locked out (403)
-- until its old contact expires.
CREATE VIEW ps_aors AS
SELECT number                                   AS id,
       max_devices                              AS max_contacts,
       'yes'                                    AS remove_existing,
       60                                       AS minimum_expiration,
       3600                                     AS maximum_expiration,
       60                                       AS qualify_frequency
  FROM extension
 WHERE digest IS NOT NULL AND enabled;

-- What the dialplan asks of a dialled number: is there such an extension, which endpoint rings and
-- for how many seconds, what then; and its groups as :1:7:, which a caller's pattern is held against.
CREATE VIEW pbx_callee AS
SELECT number,
       CASE WHEN digest IS NOT NULL AND enabled THEN number ELSE '' END AS endpoint,
       ring_timeout,
       coalesce(forward_to, '') AS forward_to,
       ':' || coalesce((SELECT group_concat(group_id, ':') || ':' FROM extension_membership
                         WHERE extension_id = extension.id), '') AS groups
  FROM extension;

-- What the dialplan asks of a caller: * for no restriction, or a regular expression that matches
-- the groups of who may be called. None at all is one that matches nothing, for groups begin with :.
CREATE VIEW pbx_caller AS
SELECT number,
       CASE WHEN NOT restricted THEN '*'
            ELSE coalesce((SELECT ':(' || group_concat(group_id, '|') || '):' FROM extension_callable_group
                            WHERE extension_id = extension.id), '^nobody$')
       END AS callable
  FROM extension;
"""
