# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record that a run leaves on the host where it has found nothing to do."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import typing as t
from dataclasses import asdict, dataclass, fields

from ..host import beneath

#: In the directory's folder, which root alone may write. It can be removed at any time.
PATH = "/var/lib/voiceops/settled.json"
#: Of another form it is as if there were none.
_FORM = 1
#: Longest record that is believed, in bytes: 100,000 numbers are one megabyte.
_MOST_BYTES = 16 << 20


@dataclass(frozen=True)
class Record:
    """What decided that there is nothing to do, and what was found."""

    #: A digest of the variables and of the role, made on the controller.
    key: str
    #: The look at the host, a text for the shell, and a digest of what it said.
    script: str
    said: str
    #: What ``state`` has looked at, and its digest.
    paths: list[str]
    folder: str
    state: str
    #: What the run has told of the directory, what it has warned of, and the numbers of the extensions.
    directory: dict[str, t.Any]
    warnings: list[str]
    numbers: list[str]
    #: Where Asterisk is asked: the file of the secret, and the port of its manager interface.
    secret_file: str
    ami_port: int
    #: Until when it counts, in seconds since 1970; None is without limit.
    until: float | None


def write(record: Record, path: str = PATH) -> None:
    """Keep a record, for root alone. Raises OSError."""
    text = json.dumps({"form": _FORM, **asdict(record)}, separators=(",", ":"))
    beneath.replace(path, text.encode("ascii"), mode=0o600)


def read(path: str = PATH) -> Record | None:
    """Return the record that there is; None where there is none that is sound and this user's alone."""
    with contextlib.suppress(OSError, ValueError, TypeError), beneath.opened(path) as file:
        about = os.fstat(file.fileno())
        if about.st_uid != os.geteuid() or stat.S_IMODE(about.st_mode) != 0o600:
            return None
        told = json.loads(file.read(_MOST_BYTES))
        if not isinstance(told, dict):
            return None
        if told.pop("form", None) == _FORM and told.keys() == {field.name for field in fields(Record)}:
            return Record(**told)
    return None
