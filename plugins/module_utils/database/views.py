# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The views through which Asterisk reads the directory, for each of its releases.

A view has the name and the columns that Asterisk's realtime engine looks for; but what made_endpoints,
made_auths and made_aors say is written down in the tables that it reads (realtime.py). An option that a
release does not know rejects the whole object, so the views are made for the release of the host.
"""

from __future__ import annotations

import re

from . import schema

#: The options that not every supported Asterisk knows, with the first release of each branch that
#: does. An unknown option rejects the whole object.
_SINCE = {
    # The phone that is gone makes room, and not one that is there (res_pjsip_registrar.c).
    "remove_unavailable": ((16, 22), (18, 8), (20, 0)),
}

# An extension without a password has no endpoint: an endpoint without authentication would let anybody
# register as this extension.
_VIEWS = r"""
CREATE VIEW made_endpoints AS
SELECT number                                   AS id,
       CASE WHEN connection_port_id IS NULL THEN ''
            ELSE 'port-' || connection_port_id || CASE mark WHEN '' THEN '' ELSE '-' || mark END
       END                                      AS transport,
       number                                   AS aors,
       number                                   AS auth,
       -- By the user name of the credentials only where that is the number; it may be another's number.
       CASE username WHEN number THEN 'username,auth_username' ELSE 'username' END AS identify_by,
       -- A phone is told with whom it speaks, after a transfer too, in P-Asserted-Identity; not who withholds
       -- his number (trust_id_outbound). What it asserts itself is not believed (trust_id_inbound).
       'yes'                                    AS send_pai,
       -- Not by INVITE, as below.
       'update'                                 AS connected_line_method,
       'extensions'                             AS context,
       -- What a phone may watch: pbx_lamps.
       'lamps'                                  AS subscribe_context,
       -- Asked for at each SUBSCRIBE that begins one, at no other (pubsub_on_rx_subscribe_request).
       CASE WHEN EXISTS (SELECT 1 FROM lamp_refusal WHERE lamp_refusal.number = extension.number)
            THEN 'no' ELSE 'yes' END            AS allow_subscribe,
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

CREATE VIEW made_auths AS
SELECT number                                   AS id,
       'md5'                                    AS auth_type,
       username,
       (SELECT value FROM setting WHERE key = 'realm') AS realm,
       digest                                   AS md5_cred
  FROM extension
 WHERE digest IS NOT NULL AND enabled;

-- The newest phone wins: with remove_existing=no a phone that changes its port is locked out (403)
-- until its old contact expires.
CREATE VIEW made_aors AS
SELECT number                                   AS id,
       max_devices                              AS max_contacts,
       'yes'                                    AS remove_existing,
       -- {remove_unavailable}
       60                                       AS minimum_expiration,
       3600                                     AS maximum_expiration,
       60                                       AS qualify_frequency,
       -- For the dialplan, which asks them of each call and reads them here sooner than by REALTIME_HASH
       -- (extensions.conf): rows of the views below, field by field, which hold no comma.
       (SELECT number || ',' || callable || ',' || profile || ',' || caller_id || ',' || max_calls || ','
            || record
          FROM pbx_caller WHERE pbx_caller.number = extension.number) AS "@caller",
       (SELECT number || ',' || endpoint || ',' || ring_timeout || ',' || forward_to || ',' || record || ','
            || groups || ',' || contact_proof || ',' || earlier_mark || ',' || earlier_until
          FROM pbx_callee WHERE pbx_callee.number = extension.number
           -- Who dials an emergency number gets nobody else.
           AND NOT EXISTS (SELECT 1 FROM emergency_number WHERE emergency_number.number = extension.number)
       )                                        AS "@callee",
       record                                   AS "@record"
  FROM extension
 WHERE digest IS NOT NULL AND enabled;

-- What the dialplan asks of a dialled number: is there such an extension, which endpoint rings and
-- for how many seconds, what then; and its groups as :1:7:, which a caller's pattern is held against.
-- contact_proof: what a contact over UDP has to hold, as a regular expression, to be one that Asterisk has
-- rewritten to where it came from. Empty where the host's contacts cannot have it yet. earlier_mark: what
-- contacts from before have in its place, which counts until earlier_until.
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
                                               FROM connection_port WHERE protocol = 'udp'), 'none') || ')'
       END AS contact_proof,
       coalesce((SELECT value FROM setting WHERE key = 'earlier_contacts' AND value <> '{UNMARKED}'), '')
                                                AS earlier_mark,
       coalesce((SELECT value FROM setting WHERE key = 'earlier_contacts_until'), '0') AS earlier_until
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


def made_for(asterisk: tuple[int, int]) -> str:
    """Return the SQL that makes the views for a release of Asterisk, as (branch, minor)."""
    text = _VIEWS.replace("{UNMARKED}", schema.UNMARKED)
    for option in _SINCE:
        column = f"'yes' AS {option}," if knows(option, asterisk) else ""
        text = re.sub(rf"-- {{{option}}}", column, text)
    return text
