# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program on the host: answers whether there is anything to do, or else looks as the role wants it.

It writes nothing. What it is asked comes on the second line of its standard input, for it is nobody else's.
"""

from __future__ import annotations

import hashlib
import json

# This library does without Ansible, so there is no run_command.  pylint: disable=ansible-bad-function
import subprocess
import sys
import time
import typing as t

from ..asterisk import ami, console, registration
from . import record, state

#: How long Asterisk may take to say how many phones are registered, in seconds.
_ASTERISK_TIMEOUT = 10.0


class Said(t.NamedTuple):
    """What a look has said."""

    rc: int
    stdout: str
    stderr: str

    @property
    def digest(self) -> str:
        """What tells it from another one; spaces at the ends of lines do not count."""
        lines = [line.strip() for line in self.stdout.splitlines()]
        return hashlib.sha256(json.dumps([self.rc, lines]).encode("ascii")).hexdigest()


def run(mark: str, path: str = record.PATH) -> None:
    """Answer one question, after a mark: the key of the run, and the look that it wants."""
    asked = json.loads(sys.stdin.buffer.readline())
    answer = answered(asked["key"], asked["script"], path)
    sys.stdout.write(f"{mark}{json.dumps(answer)}\n")


def answered(key: str, script: str, path: str = record.PATH) -> dict[str, t.Any]:
    """Return what was found, with ``settled`` where nothing is different from what the record says."""
    kept = record.read(path) if key else None
    said = None
    if kept is not None and kept.key == key and (kept.until is None or time.time() < kept.until):
        said = look(kept.script)
        phones = _phones(kept) if said.digest == kept.said and _is_same(kept) else None
        if phones is not None:
            return {"settled": True, "directory": kept.directory, "phones": phones, **_told(said)}
    if said is None or kept is None or kept.script != script:
        said = look(script)
    return {"settled": False, **_told(said)}


def _told(said: Said) -> dict[str, t.Any]:
    return {**said._asdict(), "said": said.digest}


def look(script: str) -> Said:
    """Look at the host as the role does."""
    ran = subprocess.run(
        ["/bin/sh", "-c", script],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    return Said(ran.returncode, ran.stdout, ran.stderr)


def _is_same(kept: record.Record) -> bool:
    try:
        # It has to answer, and not only to have been started.
        if console.Console().running() is None:
            return False
        return state.look(kept.paths, kept.folder).digest == kept.state
    except (OSError, console.ConsoleError):
        return False


def _phones(kept: record.Record) -> dict[str, t.Any] | None:
    """Return how many phones are registered, as in pbx_extension_summary; None if Asterisk is silent."""
    try:
        with ami.Client(ami.read_secret(kept.secret_file), kept.ami_port, _ASTERISK_TIMEOUT) as client:
            registered = registration.registered_numbers(client, time.time())
    except ami.AmiError:
        return None
    counts = {"extensions": len(kept.numbers), "registered": len(registered.intersection(kept.numbers))}
    return {"asterisk": "running", **counts}
