# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""For tests: a file as a system writes it, and what was understood of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange import importing
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.imported import Imported, Remark
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.row import Choices

DATA = Path(__file__).parents[1] / "data"


def sheet(
    header: Sequence[str],
    rows: Iterable[Mapping[str, object]],
    separator: str = ",",
    end: str = "\n",
    encoding: str = "utf-8",
) -> bytes:
    """Return a file with this header; a row names the columns in which it says something."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, header, restval="", delimiter=separator, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode(encoding)


def understood(source: str, content: bytes, **options: object) -> Imported:
    """Return what was read of a file that is in order."""
    imported = read(source, content, **options)
    assert imported.problems == ()
    return imported


def mistakes(source: str, content: bytes, **options: object) -> list[str]:
    """Return what is wrong with a file, mistake by mistake."""
    return [str(problem) for problem in read(source, content, **options).problems]


def read(source: str, content: bytes, **options: object) -> Imported:
    maps = {name: options.pop(name) for name in ("transports", "profiles", "groups") if name in options}
    return importing.read(source, content, choices=Choices(**maps), **options)


def taken(imported: Imported) -> dict[str, dict[str, object]]:
    """Return options and credentials of each extension, by its number."""
    return {
        str(one.options["number"]): {
            **{option: value for option, value in one.options.items() if option != "number"},
            **one.credentials,
        }
        for one in imported.extensions
    }


def said(remarks: Iterable[Remark]) -> list[str]:
    return [f"{remark.place}: {remark.message}" for remark in remarks]
