# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Extensions and trunks out of the tables in which res_pjsip keeps its objects (realtime).

Each table as a CSV file named after it, or all of them in a dump of the database.
"""

from __future__ import annotations

import csv
import io
import posixpath
import typing as t

from .adopted import read_objects, refuse_twice
from .asterisk_line import shown
from .asterisk_sections import Option, Place
from .findings import Findings
from .imported import Imported
from .pjsip_extensions import Surroundings
from .pjsip_objects import AOR_OPTIONS, AUTH_OPTIONS, PjsipObject
from .sql_dump import DUMP_MAX_CHARACTERS, ROWS_MAX, VALUES_MAX, DumpError, Row, rows_of

#: The tables that are read (contrib/ast-db-manage/config), and the type of their objects.
TABLES = {
    "ps_endpoints": "endpoint",
    "ps_auths": "auth",
    "ps_aors": "aor",
    "ps_endpoint_id_ips": "identify",
    "ps_registrations": "registration",
    "ps_globals": "global",
}
#: Most files that are read.
FILES_MAX = 100

_TABLE_ENDINGS = (".csv", ".tsv", ".txt")
_SEPARATORS = (",", ";", "\t", "|")
#: How tools write that there is no value.
_NOTHING = ("", "\\N", "NULL", "<null>")


def realtime(files: t.Mapping[str, str], connection_ports: t.Mapping[str, str] | None = None) -> Imported:
    """Return the extensions and trunks of the tables in files.

    ``files`` has the text of each by its name: ``ps_auths.csv`` is one table with its header, ``pbx.sql`` a
    dump. ``connection_ports`` tells which connection port a transport is, by its name. It raises nothing:
    what cannot be read is among the problems.
    """
    findings = Findings()
    if len(files) > FILES_MAX:
        findings.problem("", f"there are more than {FILES_MAX} files, which is more than is read here")
        return findings.outcome()
    objects: list[PjsipObject] = []
    for name, text in files.items():
        rows = (
            _table(name, text, findings)
            if name.lower().endswith(_TABLE_ENDINGS)
            else _dump(name, text, findings)
        )
        objects += [found for row in rows if (found := _object(name, row, findings))]
    if not any(each.type == "endpoint" for each in objects):
        findings.problem(
            shown(", ".join(files)), "there is no row of ps_endpoints; name each file after its table"
        )
    read_objects(objects, Surroundings(connection_ports or {}), findings)
    refuse_twice(findings)
    return findings.outcome()


def _dump(name: str, text: str, findings: Findings) -> list[Row]:
    try:
        return list(rows_of(text, TABLES.keys()))
    except DumpError as error:
        findings.problem(shown(name), f"cannot be read: {error}")
        return []


def _table(name: str, text: str, findings: Findings) -> list[Row]:
    table = posixpath.splitext(posixpath.basename(name))[0].lower()
    if table not in TABLES:
        if table != "ps_contacts":
            findings.not_carried(shown(name), f"is not one of the tables {', '.join(TABLES)}: it is not read")
        return []
    if len(text) > DUMP_MAX_CHARACTERS:
        findings.problem(shown(name), f"is longer than {DUMP_MAX_CHARACTERS:,} characters")
        return []
    text = text.removeprefix("\ufeff")
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    rows: list[Row] = []
    count = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        if "id" not in header:
            findings.problem(
                shown(name), "has no column id in its first row: export the table with its header"
            )
            return []
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) != len(header):
                findings.problem(
                    f"{shown(name)}, line {reader.line_num}",
                    f"has {len(cells)} cells for {len(header)} columns; export the table again",
                )
                continue
            values = {column: cell for column, cell in zip(header, cells) if cell not in _NOTHING}
            rows.append(Row(table, reader.line_num, values))
            count += len(values)
            if len(rows) > ROWS_MAX or count > VALUES_MAX:
                findings.problem(shown(name), f"has more than {ROWS_MAX:,} rows or {VALUES_MAX:,} values")
                return []
    except csv.Error as error:
        findings.problem(f"{shown(name)}, line {reader.line_num}", f"cannot be read: {error}")
        return []
    return rows


def _object(name: str, row: Row, findings: Findings) -> PjsipObject | None:
    place = Place(name, row.line)
    id_ = row.values.get("id", "")
    if not id_:
        findings.problem(place, f"a row of {row.table} has no id")
        return None
    # Columns of other releases, and of others' own, are fine, unlike a foreign option of a section.
    type_ = TABLES[row.table]
    own = {"auth": AUTH_OPTIONS, "aor": AOR_OPTIONS}.get(type_)
    options = tuple(
        Option(column, value, place)
        for column, value in row.values.items()
        if column != "id" and value and (own is None or column in own)
    )
    return PjsipObject(type_, id_, f"{place}, {row.table} {shown(id_)}", options)
