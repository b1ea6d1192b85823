# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes a plan into the tables of a directory, within an open transaction.

Foreign keys are checked when the transaction commits, so the order of writing does not matter.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import typing as t

from ..definition import number_form
from ..definition.model import ConnectionPort, Extension, OutboundProfile, Trunk
from ..definition.outbound import expression
from ..planning.plan import Changes, Plan
from .rows import EXTENSION_VALUES, PORT_VALUES, TRUNK_FLAGS, TRUNK_VALUES, read_trunks

#: What of a name Asterisk can hold, in bytes (char cid_name[80], res/res_pjsip/pjsip_configuration.c).
CALLER_ID_MAX_BYTES = 79


def write(connection: sqlite3.Connection, plan: Plan) -> None:
    """Write what the plan says."""
    connection.execute("PRAGMA defer_foreign_keys = ON")
    many = connection.executemany
    many("UPDATE connection_port SET name = ? WHERE name = ?", _by_two_steps(plan.renamed_ports()))
    for table, key, changes in (
        ("extension", "number", plan.extensions),
        ("extension_group", "name", plan.groups),
        ("outbound_profile", "name", plan.profiles),
        ("trunk", "name", plan.trunks),
        ("connection_port", "name", plan.ports),
        ("emergency_number", "number", plan.emergency_numbers),
    ):
        things: tuple[t.Any, ...] = changes.delete
        many(f"DELETE FROM {table} WHERE {key} = ?", ((getattr(thing, key),) for thing in things))
    many("INSERT INTO emergency_number VALUES (?)", ((n.number,) for n in plan.emergency_numbers.create))
    many("INSERT INTO extension_group (name) VALUES (?)", ((g.name,) for g in plan.groups.create))
    _write_ports(connection, plan.ports, {becomes.name for _was, becomes in plan.renamed_ports()})
    _write_trunks(connection, plan.trunks)
    _write_profiles(connection, plan.profiles)
    _write_extensions(connection, plan.extensions)
    if plan.media_timeouts is not None:
        _was, timeouts = plan.media_timeouts
        values = (("media_timeout", timeouts.talking), ("media_timeout_hold", timeouts.on_hold))
        many("REPLACE INTO setting VALUES (?, ?)", ((key, str(seconds)) for key, seconds in values))


def _by_two_steps(renamed: t.Sequence[tuple[ConnectionPort, ConnectionPort]]) -> list[tuple[str, str]]:
    # A name may become free in the same plan; no name begins with a blank.
    there = [(f" {was.name}", was.name) for was, _becomes in renamed]
    return there + [(becomes.name, f" {was.name}") for was, becomes in renamed]


def _upsert(table: str, key: str, *columns: str) -> str:
    """Return the SQL that writes a row whether it is there or not, and keeps its identifier."""
    names, marks = ", ".join([key, *columns]), ", ".join("?" * (len(columns) + 1))
    news = ", ".join(f"{column} = excluded.{column}" for column in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {news}"


def _values(thing: t.Any, columns: t.Iterable[str]) -> t.Iterator[t.Any]:
    return (getattr(thing, column) for column in columns)


def _write_ports(
    connection: sqlite3.Connection, ports: Changes[ConnectionPort], renamed: t.Collection[str]
) -> None:
    many = connection.executemany
    # Two ports may swap their addresses: clear the way first, because UNIQUE is checked row by row.
    many("UPDATE connection_port SET port = -id WHERE name = ?", ((p.name,) for p, _new in ports.change))
    many(
        _upsert("connection_port", "name", *PORT_VALUES, "local_networks"),
        ((p.name, *_values(p, PORT_VALUES), json.dumps(p.local_networks)) for p in ports.written()),
    )
    # One that is UDP already gets its mark where Asterisk can be restarted for it (Store.mark_ports).
    connection.execute("UPDATE connection_port SET mark = '' WHERE protocol != 'udp'")
    others = [becomes for was, becomes in ports.change if was.protocol != "udp"]
    many(
        "UPDATE connection_port SET mark = ? WHERE name = ? AND protocol = 'udp' AND mark = ''",
        ((secrets.token_hex(16), p.name) for p in (*ports.create, *others) if p.name not in renamed),
    )


def _write_trunks(connection: sqlite3.Connection, trunks: Changes[Trunk]) -> None:
    written = trunks.written()
    port_ids = _ids(connection, "connection_port")
    connection.executemany(
        _upsert(
            *(
                "trunk",
                "name",
                *TRUNK_VALUES,
                *TRUNK_FLAGS,
                "connection_port_id",
                "codecs",
                "inbound_addresses",
            ),
        ),
        (
            (
                trunk.name,
                *_values(trunk, (*TRUNK_VALUES, *TRUNK_FLAGS)),
                port_ids.get(trunk.connection_port or ""),
                json.dumps(trunk.codecs),
                json.dumps(trunk.inbound_addresses),
            )
            for trunk in written
        ),
    )
    ids = _ids(connection, "trunk")
    connection.executemany(
        "DELETE FROM trunk_inbound_number WHERE trunk_id = ?", ((ids[trunk.name],) for trunk in written)
    )
    connection.executemany(
        "INSERT INTO trunk_inbound_number VALUES (?, ?, ?)",
        ((ids[trunk.name], i.number, i.extension) for trunk in written for i in trunk.inbound_numbers),
    )
    # All of them: what a trunk is called by depends on those that share its address.
    if trunks:
        connection.execute("DELETE FROM trunk_inbound_form")
        there = sorted(read_trunks(connection).values(), key=lambda trunk: trunk.id)
        connection.executemany("INSERT INTO trunk_inbound_form VALUES (?, ?, ?)", number_form.rows(there))


def _write_profiles(connection: sqlite3.Connection, profiles: Changes[OutboundProfile]) -> None:
    written = profiles.written()
    connection.executemany(
        _upsert("outbound_profile", "name", "max_concurrent_calls", "max_call_time"),
        ((p.name, p.max_concurrent_calls, p.max_call_time) for p in written),
    )
    ids = _ids(connection, "outbound_profile")
    connection.executemany(
        "DELETE FROM outbound_rule WHERE profile_id = ?", ((ids[profile.name],) for profile in written)
    )
    rules = [(ids[p.name], position, rule) for p in written for position, rule in enumerate(p.rules, start=1)]
    connection.executemany(
        "INSERT INTO outbound_rule (profile_id, position, pattern, prefix, expression, action, strip,"
        " prepend, caller_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                *(profile_id, position, rule.pattern, rule.prefix, expression(rule), rule.action, rule.strip),
                *(rule.prepend, rule.caller_id),
            )
            for profile_id, position, rule in rules
        ),
    )
    trunk_ids = _ids(connection, "trunk")
    connection.executemany(
        "INSERT INTO outbound_rule_trunk VALUES (?, ?, ?, ?)",
        (
            (profile_id, position, at, trunk_ids[name])
            for profile_id, position, rule in rules
            for at, name in enumerate(rule.trunks, start=1)
        ),
    )


def _ids(connection: sqlite3.Connection, table: str) -> dict[str, int]:
    return dict(connection.execute(f"SELECT name, id FROM {table}"))


def _write_extensions(connection: sqlite3.Connection, extensions: Changes[Extension]) -> None:
    written = extensions.written()
    if not written:
        return
    port_ids = _ids(connection, "connection_port")
    profile_ids = _ids(connection, "outbound_profile")
    # Two may swap their user names: clear the way first, because UNIQUE is checked row by row. No user
    # name has a space in it.
    connection.executemany(
        "UPDATE extension SET username = ' ' || id WHERE number = ?",
        ((was.number,) for was, new in extensions.change if was.username != new.username),
    )
    connection.executemany(
        _upsert(
            *("extension", "number", "username", *EXTENSION_VALUES, "caller_id_name", "connection_port_id"),
            *("outbound_profile_id", "restricted", "record", "enabled", "labels"),
        ),
        (
            (
                e.number,
                e.authenticates_as,
                *_values(e, EXTENSION_VALUES),
                caller_id_name(e.name),
                port_ids.get(e.connection_port or ""),
                profile_ids.get(e.outbound_profile or ""),
                e.callable_groups is not None,
                e.record,
                e.enabled,
                json.dumps(dict(e.labels), ensure_ascii=False),
            )
            for e in written
        ),
    )
    _write_groups(connection, "extension_membership", extensions, lambda e: e.groups)
    nobody: frozenset[str] = frozenset()
    _write_groups(connection, "extension_callable_group", extensions, lambda e: e.callable_groups or nobody)


def _write_groups(
    connection: sqlite3.Connection,
    table: str,
    extensions: Changes[Extension],
    groups: t.Callable[[Extension], frozenset[str]],
) -> None:
    regrouped = [new for old, new in extensions.change if groups(old) != groups(new)]
    written = [*(e for e in extensions.create if groups(e)), *regrouped]
    if not written:
        return
    group_ids = _ids(connection, "extension_group")
    connection.executemany(
        f"DELETE FROM {table} WHERE extension_id = (SELECT id FROM extension WHERE number = ?)",
        ((e.number,) for e in regrouped),
    )
    connection.executemany(
        f"INSERT INTO {table} SELECT id, ? FROM extension WHERE number = ?",
        ((group_ids[group], e.number) for e in written for group in groups(e)),
    )


def caller_id_name(name: str) -> str:
    """Return as much of a name as Asterisk can show, never half a character."""
    return name.encode("utf-8")[:CALLER_ID_MAX_BYTES].decode("utf-8", "ignore")
