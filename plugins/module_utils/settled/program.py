# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program on the host: answers whether nothing is different from when a run had nothing to do.

It writes nothing. What it is asked comes on the second line of its standard input, because it is nobody
else's.
"""

from __future__ import annotations

import json

# This library does without Ansible, so there is no run_command.  pylint: disable=ansible-bad-function
import subprocess
import sys
import time
import typing as t

from . import record, said


def run(mark: str, path: str = record.PATH) -> None:
    """Answer one question, after a mark: whether there is nothing to do by the key of the run."""
    asked = json.loads(sys.stdin.buffer.readline())
    sys.stdout.write(f"{mark}{json.dumps(answered(asked['key'], path))}\n")


def answered(key: str, path: str = record.PATH) -> dict[str, t.Any]:
    """Return ``settled`` where nothing is different from what the record says, and what it tells then."""
    kept = record.read(path)
    if kept is None or kept.key != key or (kept.until is not None and kept.until <= time.time()):
        return {"settled": False}
    # A run that has something to do is not to wait until all this is compiled.
    from . import comparing  # noqa: PLC0415

    if look(kept.script) != kept.said or not comparing.is_same(kept):
        return {"settled": False}
    phones = comparing.phones(kept)
    if phones is None:
        return {"settled": False}
    return {"settled": True, "directory": kept.directory, "warnings": kept.warnings, "phones": phones}


def look(script: str) -> str:
    """Look at the host as the role does; return what tells what it says from anything else."""
    ran = subprocess.run(
        ["/bin/sh", "-c", script],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
    )
    return said.digest(ran.returncode, ran.stdout)
