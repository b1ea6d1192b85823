# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which texts a diff may show: those that this collection has written and that hold no secret.

That a file says in its first lines whose it is proves little: somebody may have added a line with a password
since. So the digest of each such text is noted on the host when it is written. All other text is counted and
not shown: what somebody else has written, what a file with a secret holds, and what comes back when a file is
given up.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import typing as t

from . import textfile
from .hostfile import KEPT, Step, Wanted, kept_at

#: The note, beside the texts of others that are kept; readable by root alone.
_NOTE = "shown"

Digests = dict[str, str]


def digest(text: str) -> str:
    """Return what a text is known by in the note."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def after(digests: Digests, wanted: t.Iterable[Wanted]) -> Digests:
    """Return the note as it has to be when all is as wanted."""
    noted = dict(digests)
    for each in wanted:
        noted.pop(each.path, None)
        if each.text is not None and not each.secret:
            noted[each.path] = digest(each.text)
    return noted


def _diff(step: Step, digests: Digests, kept: str, whole: bool) -> dict[str, str]:
    path, found = step.wanted.path, step.found
    if step.wanted.secret:
        return {"prepared": f"{path}: not shown, because there is a secret in it\n"}
    if not whole and _is_new(step):
        return {"prepared": f"{path}: new, {_lines(step.wanted.text or '')}\n"}
    before = ""
    if found and digests.get(path) == digest(found.text):
        before = found.text
    elif found:
        place = f"; kept as {kept}" if step.place else ""
        before = f"({_lines(found.text)} that may hold a secret: not shown{place})\n"
    becomes = step.wanted.text or ""
    if step.give_back:
        becomes = f"(what was there before, and was kept as {kept}: not shown)\n"
    return {"before_header": path, "after_header": path, "before": before, "after": becomes}


def diffs(steps: t.Sequence[Step], digests: Digests, kept: str, *, whole: bool) -> list[dict[str, str]]:
    """Return what may be shown of these steps, as Ansible wants it.

    Unless ``whole``, a new file is named with its length: those of a bare host have 4,300 lines.
    """
    shown = [_diff(step, digests, kept_at(step.wanted.path, kept, step.place), whole) for step in steps]
    if not whole and any(map(_is_new, steps)):
        shown.append({"prepared": "-v shows what is in new files\n"})
    return shown


def _is_new(step: Step) -> bool:
    return step.found is None and step.wanted.text is not None and not step.wanted.secret


def _lines(text: str) -> str:
    count = len(text.splitlines())
    return f"{count} line{'s' if count != 1 else ''}"


# --- edges -----------------------------------------------------------------------------------


def read(kept: str = KEPT) -> Digests:
    """Return the note of this host; what cannot be read is as if nothing had been noted."""
    with contextlib.suppress(OSError, ValueError):
        noted = json.loads(textfile.current(os.path.join(kept, _NOTE)) or "{}")
        if isinstance(noted, dict):
            return {str(path): str(each) for path, each in noted.items()}
    return {}


def write(digests: Digests, kept: str = KEPT) -> None:
    """Keep the note of the files that are there; one that says nothing goes. Raises OSError."""
    place = os.path.join(kept, _NOTE)
    digests = {path: each for path, each in digests.items() if os.path.lexists(path)}
    if digests:
        os.makedirs(kept, mode=0o700, exist_ok=True)
        textfile.write(place, json.dumps(digests, indent=1, sort_keys=True) + "\n", mode=0o600)
        return
    with contextlib.suppress(FileNotFoundError):
        os.unlink(place)
    # What was made for it alone goes with it.
    with contextlib.suppress(OSError):
        os.rmdir(kept)
