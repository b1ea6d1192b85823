# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A sheet of one's own: the names of columns are the options of an extension."""

from __future__ import annotations

import json
import re
import typing as t

from ...definition.problem import quoted
from .. import cells
from ..row import RowReader
from ..source import Source

#: Between names of groups; a name that has one in it is written in a list of JSON.
_BETWEEN = re.compile(r"[,;\r\n]+")
_LABEL = "labels."


def _json(row: RowReader, column: str, kind: type) -> t.Any:
    try:
        read = json.loads(row.text(column))
    except (ValueError, RecursionError):  # cut off, digits without end, brackets without end
        read = None
    if not isinstance(read, kind):
        row.wrong(column, f"{quoted(row.text(column))} begins as JSON does, and is none")
        return None
    return read


def _names(row: RowReader, column: str) -> None:
    written = row.text(column)
    if written.startswith("["):
        names = _json(row, column, list)
    else:
        names = [name for name in map(str.strip, _BETWEEN.split(written)) if name]
    if names is not None:
        row.give(column, [_group(row, name) for name in names], column)


def _group(row: RowReader, name: t.Any) -> t.Any:
    return row.choices.groups.get(name, name) if isinstance(name, str) else name


def _labels(row: RowReader, column: str) -> None:
    labels = _json(row, column, dict)
    for key, value in (labels or {}).items():
        row.label(key, value, column)


def _label_column(name: str) -> cells.TakeCell | None:
    """Return what takes a column such as ``labels.room``; a label's name keeps its letters."""
    return cells.label(name[len(_LABEL) :]) if name.lower().startswith(_LABEL) else None


SOURCE = Source(
    name="csv",
    number="number",
    needed=frozenset(("number",)),
    columns={
        "name": cells.text("name"),
        "username": cells.user_name,
        "password": cells.password,
        "password_digest": cells.digest,
        "connection_port": cells.text("connection_port"),
        "outbound_profile": cells.text("outbound_profile"),
        "outbound_caller_id": cells.caller,
        "groups": _names,
        "callable_groups": _names,
        "record": cells.flag("record"),
        "enabled": cells.flag("enabled"),
        "max_devices": cells.whole("max_devices"),
        "max_calls": cells.whole("max_calls"),
        "ring_timeout": cells.whole("ring_timeout"),
        "forward_to": cells.number("forward_to"),
        "language": cells.text("language"),
        "email": cells.text("email"),
        "labels": _labels,
    },
    secrets=frozenset(("password", "password_digest")),
    other_column=_label_column,
)
