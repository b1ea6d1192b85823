# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory database: our tables, and the views through which Asterisk reads them.

This is the one place that knows the SQL dialect (SQLite). A view has the name
and the columns that Asterisk's realtime engine looks for; an option that an
Asterisk version does not know rejects the whole object, so the views are made
for the version of the host.
"""

from __future__ import annotations

import re

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
)
#: What the setting ``earlier_contacts`` is until the contacts have a mark that phones registered before their
#: port had one. Then it is the mark that they have got, and ``earlier_contacts_until`` how long it counts.
UNMARKED = "unmarked"

#: Version of the tables, kept in the database as ``PRAGMA user_version``.
VERSION = len(STEPS)

#: The options that not every supported Asterisk knows, with the first release of each branch that
#: does. An unknown option rejects the whole object.
_SINCE = {
    # The phone that is gone makes room, and not one that is there (res_pjsip_registrar.c).
    "remove_unavailable": ((16, 22), (18, 8), (20, 0)),
}

# Who has no password has no endpoint: an endpoint without authentication would let anybody
# register as this extension.
_VIEWS = r"""
CREATE VIEW ps_endpoints AS
SELECT number                                   AS id,
       CASE WHEN connection_port_id IS NULL THEN ''
            ELSE 'port-' || connection_port_id || CASE mark WHEN '' THEN '' ELSE '-' || mark END
       END                                      AS transport,
       number                                   AS aors,
       number                                   AS auth,
       'username,auth_username'                 AS identify_by,
       -- A phone is told with whom it speaks, after a transfer too, in P-Asserted-Identity; not who withholds
       -- his number (trust_id_outbound). What it asserts itself is not believed (trust_id_inbound).
       'yes'                                    AS send_pai,
       -- Not by INVITE, as below.
       'update'                                 AS connected_line_method,
       'extensions'                             AS context,
       -- What a phone may watch: pbx_lamps.
       'lamps'                                  AS subscribe_context,
       -- Asked for at each SUBSCRIBE that begins one, at no other (pubsub_on_rx_subscribe_request).
       CASE WHEN EXISTS (SELECT 1 FROM lamp_refusal
                          WHERE lamp_refusal.number = extension.number
                            AND until > CAST(strftime('%s', 'now') AS INTEGER)) THEN 'no' ELSE 'yes'
       END                                      AS allow_subscribe,
       CASE WHEN caller_id_name = '' THEN ''
            ELSE '"' || replace(replace(caller_id_name, '\', '\\'), '"', '\"') || '" '
       END || '<' || number || '>'              AS callerid,
       'all'                                    AS disallow,
       'g722,alaw,ulaw'                         AS allow,
       'no'                                     AS direct_media,
       'yes'                                    AS rtp_symmetric,
       'yes'                                    AS force_rport,
       'yes'                                    AS rewrite_contact,
       -- A phone can leave its tag out of a dialog, and name a third party's address (maddr, which
       -- rewrite_contact leaves). A refresh by Asterisk would be a new call there: an INVITE without a tag.
       -- Nothing else makes Asterisk send a phone an INVITE within a call. And before 18.20 and 20.5 a timer
       -- below 90 s got no answer at all (res_pjsip_session.c, new_invite).
       'no'                                     AS timers,
       CASE WHEN protocol IN ('ws', 'wss') THEN 'yes' ELSE 'no' END AS webrtc,
       -- Who dials *8 picks up what rings in a group of theirs, if they may call that group.
       coalesce((SELECT group_concat(group_id) FROM extension_membership
                  WHERE extension_id = extension.id), '') AS named_call_group,
       coalesce((SELECT group_concat(group_id) FROM extension_membership
                  WHERE extension_id = extension.id
                    AND (NOT restricted OR group_id IN (SELECT group_id FROM extension_callable_group
                                                         WHERE extension_id = extension.id))), '')
                                                AS named_pickup_group,
       coalesce(language, '')                   AS language,
       -- A call whose phone says nothing for so many seconds ends. What counts is any packet, RTCP too
       -- (res_pjsip_sdp_rtp.c, rtp_check_timeout).
       (SELECT value FROM setting WHERE key = 'media_timeout') AS rtp_timeout,
       (SELECT value FROM setting WHERE key = 'media_timeout_hold') AS rtp_timeout_hold,
       -- Each channel is counted from its beginning: the dialplan keeps room for emergency calls.
       'GROUP(legs)=all'                        AS set_var
  FROM extension LEFT JOIN connection_port ON connection_port.id = connection_port_id
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
       -- {remove_unavailable}
       60                                       AS minimum_expiration,
       3600                                     AS maximum_expiration,
       60                                       AS qualify_frequency
  FROM extension
 WHERE digest IS NOT NULL AND enabled;

-- What the dialplan asks of a dialled number: is there such an extension, which endpoint rings and
-- for how many seconds, what then; and its groups as :1:7:, which a caller's pattern is held against.
-- contact_proof: what a contact over UDP has to hold, as a regular expression, to be one that Asterisk has
-- rewritten to where it came from. Empty where the host's contacts cannot have it yet.
CREATE VIEW pbx_callee AS
SELECT number,
       CASE WHEN digest IS NOT NULL AND enabled THEN number ELSE '' END AS endpoint,
       ring_timeout,
       coalesce(forward_to, '') AS forward_to,
       record,
       ':' || coalesce((SELECT group_concat(group_id, ':') || ':' FROM extension_membership
                         WHERE extension_id = extension.id), '') AS groups,
       CASE WHEN EXISTS (SELECT 1 FROM connection_port WHERE protocol = 'udp' AND mark = '')
              OR EXISTS (SELECT 1 FROM setting
                          WHERE key = 'earlier_contacts' AND value = '{UNMARKED}') THEN ''
            ELSE ';x-ast-txp=(' || coalesce((SELECT group_concat('port-' || id || '-' || mark, '|')
                                               FROM connection_port WHERE protocol = 'udp'), 'none')
              || coalesce((SELECT '|' || mark.value FROM setting AS mark, setting AS until
                            WHERE mark.key = 'earlier_contacts' AND until.key = 'earlier_contacts_until'
                              AND CAST(until.value AS INTEGER) > CAST(strftime('%s', 'now') AS INTEGER)), '')
              || ')'
       END AS contact_proof
  FROM extension;

-- What the dialplan asks of a caller. callable: * for no restriction, or a regular expression that
-- matches the groups of who may be called. None at all is one that matches nothing, for groups begin
-- with :. profile: whose rules its outside calls follow. max_calls: how many it may have placed at once.
CREATE VIEW pbx_caller AS
SELECT number,
       CASE WHEN NOT restricted THEN '*'
            ELSE coalesce((SELECT ':(' || group_concat(group_id, '|') || '):' FROM extension_callable_group
                            WHERE extension_id = extension.id), '^nobody$')
       END AS callable,
       coalesce(outbound_profile_id, '') AS profile,
       coalesce(outbound_caller_id, '') AS caller_id,
       max_calls,
       record
  FROM extension;

CREATE VIEW pbx_profile AS
SELECT id, max_concurrent_calls, max_call_time FROM outbound_profile;

-- Rule by rule, 7-1, 7-2 …, until one matches. Trunks are written -3-5: the first is field 2.
CREATE VIEW pbx_rule AS
SELECT profile_id || '-' || position AS id,
       expression,
       action,
       coalesce((SELECT group_concat('-' || trunk_id, '') FROM
                        (SELECT trunk_id FROM outbound_rule_trunk
                          WHERE outbound_rule_trunk.profile_id = outbound_rule.profile_id
                            AND rule_position = outbound_rule.position
                          ORDER BY outbound_rule_trunk.position)), '') AS trunks,
       strip,
       prepend,
       coalesce(caller_id, '') AS caller_id
  FROM outbound_rule;

-- address: host and port of the SIP URI that is dialled, as in the trunk's contact.
CREATE VIEW pbx_trunk AS
SELECT trunk.id,
       CASE WHEN instr(host, ':') THEN '[' || host || ']' ELSE host END || ':' || trunk.port
         || CASE WHEN coalesce(protocol, 'udp') = 'udp' THEN '' ELSE ';transport=' || protocol END AS address,
       coalesce(caller_id, '')                  AS caller_id
  FROM trunk LEFT JOIN connection_port ON connection_port.id = connection_port_id;

CREATE VIEW pbx_emergency AS
SELECT number,
       coalesce((SELECT group_concat('-' || id, '') FROM
                        (SELECT id FROM trunk WHERE emergency ORDER BY id)), '') AS trunks
  FROM emergency_number;

-- Whose lamp can be watched, as lines of the dialplan (extconfig.conf; the columns are those that
-- res_config_sqlite3.c asks for). Asterisk reads it when it starts and is told of what changes (lamps.py).
-- Up to ten numbers, which differ in their last digit, are one line, _100[0457;]: Asterisk goes through all
-- hints for each that it adds (main/pbx.c, ast_add_hint). The semicolon, which no phone can ask for
-- (pjsip.conf, ignore_uri_user_options), is there because the name of a pattern matches the pattern
-- (_extension_match_core): such a subscription fails and is never removed. Dashes in what is asked for match
-- anything, so the device is made of the digits.
CREATE VIEW pbx_lamps AS
SELECT min(id)                                  AS id,
       0                                        AS cat_metric,
       min(id)                                  AS var_metric,
       0                                        AS commented,
       'lamps.conf'                             AS filename,
       'lamps'                                  AS category,
       'exten'                                  AS var_name,
       '_' || begins || '[' || group_concat(ends, '') || ';],hint,PJSIP/${FILTER(0-9,${EXTEN})}' AS var_val
  FROM (SELECT id, substr(number, 1, length(number) - 1) AS begins, substr(number, -1) AS ends
          FROM extension ORDER BY number)
 GROUP BY begins;

-- Whom a call through a trunk is for: 3-+902121112201, or 3-* for every other number; and whose number it is.
CREATE VIEW pbx_inbound AS
SELECT form.id AS id, extension, form.trunk_id AS trunk
  FROM trunk_inbound_form AS form
  JOIN trunk_inbound_number AS inbound ON inbound.trunk_id = form.trunk_id AND inbound.number = form.number;
"""


def knows(option: str, asterisk: tuple[int, int]) -> bool:
    """Tell whether a release of Asterisk, as (branch, minor), knows an option of an object."""
    since = dict(_SINCE[option])
    branch, minor = asterisk
    return minor >= since[branch] if branch in since else branch > max(since)


def views(asterisk: tuple[int, int]) -> str:
    """Return the SQL that makes the views for a release of Asterisk, as (branch, minor)."""
    text = _VIEWS.replace("{UNMARKED}", UNMARKED)
    for option in _SINCE:
        column = f"'yes' AS {option}," if knows(option, asterisk) else ""
        text = re.sub(rf"-- {{{option}}}", column, text)
    return text
