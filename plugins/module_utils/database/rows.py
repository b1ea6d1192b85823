# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a directory out of its tables, within an open transaction; writing.py writes into them."""

from __future__ import annotations

import json
import sqlite3
import typing as t

from ..definition.model import (
    ConnectionPort,
    EmergencyNumber,
    Extension,
    ExtensionGroup,
    InboundNumber,
    MediaTimeouts,
    OutboundProfile,
    OutboundRule,
    Trunk,
)
from ..planning.plan import Directory, Part

#: Columns that hold a value of the model as it is.
PORT_VALUES = ("protocol", "address", "port", "certificate", "private_key", "external_address")
TRUNK_VALUES = (
    *("host", "port", "username", "realm", "digest", "caller_id"),
    *("country_code", "area_code", "called_number_header"),
)
#: Columns that hold true or false.
TRUNK_FLAGS = ("register", "emergency", "trust_identity", "qualify")
EXTENSION_VALUES = (
    *("name", "outbound_caller_id", "max_devices", "max_calls", "ring_timeout", "forward_to", "language"),
    *("email", "digest"),
)
# What else is read of an extension, by field, with the SQL of each; the table has a user name for all.
_EXTENSION_FIELDS = {
    "username": "nullif(extension.username, number)",
    **{value: f"extension.{value}" for value in EXTENSION_VALUES},
}


def read(connection: sqlite3.Connection, part: Part | None = None) -> Directory:
    """Read everything, or all but the extensions that are not of the part.

    Digests are in it, so it is for planning and never for showing.
    """
    settings = dict(connection.execute("SELECT key, value FROM setting"))
    names = [name for (name,) in connection.execute("SELECT name FROM extension_group")]
    numbers = [number for (number,) in connection.execute("SELECT number FROM emergency_number")]
    return Directory(
        realm=settings["realm"],
        ports=_read_ports(connection),
        groups={name: ExtensionGroup(name) for name in names},
        extensions=_read_extensions(connection, part),
        trunks=read_trunks(connection),
        profiles=_read_profiles(connection),
        emergency_numbers={number: EmergencyNumber(number) for number in numbers},
        media_timeouts=MediaTimeouts(int(settings["media_timeout"]), int(settings["media_timeout_hold"])),
    )


def _read_ports(connection: sqlite3.Connection) -> dict[str, ConnectionPort]:
    return {
        name: ConnectionPort(
            name,
            local_networks=tuple(json.loads(networks)),
            id=port_id,
            mark=mark,
            **dict(zip(PORT_VALUES, values)),
        )
        for port_id, name, networks, mark, *values in connection.execute(
            f"SELECT id, name, local_networks, mark, {', '.join(PORT_VALUES)} FROM connection_port"
        )
    }


def read_trunks(connection: sqlite3.Connection) -> dict[str, Trunk]:
    """Read all trunks, by name."""
    inbound: dict[int, list[InboundNumber]] = {}
    for trunk_id, number, extension in connection.execute(
        "SELECT trunk_id, number, extension FROM trunk_inbound_number ORDER BY number"
    ):
        inbound.setdefault(trunk_id, []).append(InboundNumber(number, extension))
    found = connection.execute(
        "SELECT trunk.id, trunk.name, connection_port.name, codecs, inbound_addresses,"
        f" {', '.join((*TRUNK_FLAGS, *(f'trunk.{v}' for v in TRUNK_VALUES)))} FROM trunk"
        " LEFT JOIN connection_port ON connection_port.id = connection_port_id"
    )
    return {
        name: Trunk(
            name=name,
            connection_port=connection_port,
            codecs=tuple(json.loads(codecs)),
            inbound_addresses=tuple(json.loads(addresses)),
            inbound_numbers=tuple(inbound.get(trunk_id, ())),
            id=trunk_id,
            **_trunk_columns(values),
        )
        for trunk_id, name, connection_port, codecs, addresses, *values in found
    }


def _trunk_columns(values: t.Sequence[t.Any]) -> dict[str, t.Any]:
    flags = dict(zip(TRUNK_FLAGS, map(bool, values)))
    return {**flags, **dict(zip(TRUNK_VALUES, values[len(TRUNK_FLAGS) :]))}


def _read_profiles(connection: sqlite3.Connection) -> dict[str, OutboundProfile]:
    trunks: dict[tuple[int, int], list[str]] = {}
    for profile_id, rule, name in connection.execute(
        "SELECT profile_id, rule_position, name FROM outbound_rule_trunk"
        " JOIN trunk ON trunk.id = trunk_id ORDER BY position"
    ):
        trunks.setdefault((profile_id, rule), []).append(name)
    rules: dict[int, list[OutboundRule]] = {}
    for profile_id, position, pattern, prefix, action, *rest in connection.execute(
        "SELECT profile_id, position, pattern, prefix, action, strip, prepend, caller_id FROM outbound_rule"
        " ORDER BY position"
    ):
        through = tuple(trunks.get((profile_id, position), ()))
        rules.setdefault(profile_id, []).append(OutboundRule(pattern, prefix, action, through, *rest))
    return {
        name: OutboundProfile(name, tuple(rules.get(profile_id, ())), *limits)
        for profile_id, name, *limits in connection.execute(
            "SELECT id, name, max_concurrent_calls, max_call_time FROM outbound_profile"
        )
    }


def _read_extensions(connection: sqlite3.Connection, part: Part | None) -> dict[str, Extension]:
    which, named = ("", ()) if part is None else _only(part)
    groups = _groups_by_extension(connection, "extension_membership", which, named)
    callable_groups = _groups_by_extension(connection, "extension_callable_group", which, named)
    nobody: frozenset[str] = frozenset()
    return {
        number: Extension(
            number=number,
            connection_port=port,
            outbound_profile=profile,
            groups=groups.get(row_id, nobody),
            callable_groups=callable_groups.get(row_id, nobody) if restricted else None,
            record=bool(record),
            enabled=bool(enabled),
            labels=tuple(sorted(json.loads(labels).items())) if labels != "{}" else (),
            **dict(zip(_EXTENSION_FIELDS, values)),
        )
        for row_id, number, port, profile, restricted, record, enabled, labels, *values in connection.execute(
            "SELECT extension.id, number, connection_port.name, outbound_profile.name, restricted, record,"
            f" enabled, labels, {', '.join(_EXTENSION_FIELDS.values())} FROM extension"
            " LEFT JOIN connection_port ON connection_port.id = connection_port_id"
            f" LEFT JOIN outbound_profile ON outbound_profile.id = outbound_profile_id {which}",
            named,
        )
    }


def _only(part: Part) -> tuple[str, tuple[str, ...]]:
    """Return the condition that an extension is of the part, and the values of its question marks."""
    conditions = ["number IN (SELECT number FROM emergency_number)"]
    named: list[str] = []
    for column, values in (
        ("number", part.numbers),
        ("extension.username", part.usernames),
        ("forward_to", part.forwarding_to),
    ):
        if values:
            conditions.append(f"{column} IN ({', '.join('?' * len(values))})")
            named += sorted(values)
    return f"WHERE {' OR '.join(conditions)}", tuple(named)


def _groups_by_extension(
    connection: sqlite3.Connection, table: str, which: str, named: tuple[str, ...]
) -> dict[int, frozenset[str]]:
    found: dict[int, list[str]] = {}
    of_these = f"WHERE extension_id IN (SELECT id FROM extension {which})" if which else ""
    for extension_id, group in connection.execute(
        f"SELECT extension_id, name FROM {table} JOIN extension_group ON extension_group.id = group_id"
        f" {of_these}",
        named,
    ):
        found.setdefault(extension_id, []).append(group)
    return {extension_id: frozenset(names) for extension_id, names in found.items()}
