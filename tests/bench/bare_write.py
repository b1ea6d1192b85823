# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The least that has to be done to store a directory: its rows in one transaction, as they are.

Runs on the host, by its Python, and writes beside the directory, with the same tables and journal; prints
{"seconds", "rows"}.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time

DIRECTORY = "/var/lib/voiceops/directory.sqlite3"
TABLES = ("extension_group", "connection_port", "extension", "extension_membership")


def bare_write() -> dict[str, float]:
    """Copy the rows by way of memory; the time is from the beginning of the transaction to its end."""
    here = sqlite3.connect(DIRECTORY)
    made = here.execute("SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL")
    schema = [sql for (sql,) in made if "sqlite_sequence" not in sql]
    rows = {table: here.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}  # noqa: S608
    here.close()
    path = f"{DIRECTORY}-bench"
    there = sqlite3.connect(path, isolation_level=None)
    there.execute("PRAGMA journal_mode = WAL")
    for sql in schema:
        there.execute(sql)
    began = time.perf_counter()
    there.execute("BEGIN IMMEDIATE")
    for table, values in rows.items():
        marks = ", ".join("?" * len(values[0]))
        there.executemany(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608
    there.execute("COMMIT")
    seconds = time.perf_counter() - began
    there.close()
    os.unlink(path)
    return {"seconds": seconds, "rows": len(rows["extension"])}


if __name__ == "__main__":
    print(json.dumps(bare_write()))
