# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which commit of git an inventory is, for the history of hosts: ``4c1d2e7a90b3``, changed ``…-dirty``.

Asked once in a run: it takes 10 ms, and each host's task would ask again in a process of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
from pathlib import Path

from ansible import constants

#: So many digits of a commit are told.
_DIGITS = 12
#: What git may take at most, in seconds: an inventory may be on a disk that does not answer.
_TIMEOUT = 5.0
#: Nothing that a repository names is run, and nothing is written.
_ASKED = (
    *("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks"),
    *("status", "--porcelain=v2", "--branch", "--ignore-submodules=all", "--", "."),
)
#: What git is told of the environment: not which repository somebody else has in mind.
_ENVIRONMENT = ("PATH", "HOME", "XDG_CONFIG_HOME")


def commit_of(folder: str | None) -> str:
    """Return the commit of the folder of an inventory, empty where that cannot be told."""
    if not folder or not os.path.isdir(folder):
        return ""
    # This folder is there as long as Ansible runs, and only its user's.
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    noted = Path(constants.DEFAULT_LOCAL_TMP) / f"voiceops-commit-{name}"
    with contextlib.suppress(OSError):
        return noted.read_text(encoding="ascii")
    found = _ask(folder)
    with contextlib.suppress(OSError):
        partial = noted.with_name(f"{noted.name}.{os.getpid()}")
        partial.write_text(found, encoding="ascii")
        partial.replace(noted)
    return found


def _ask(folder: str) -> str:
    if not _is_of_this_user(Path(folder)):
        return ""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        told = subprocess.run(
            _ASKED,
            cwd=folder,
            env={**environment, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=True,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return ""
    lines = told.splitlines()
    commits = [line.split()[-1] for line in lines if line.startswith("# branch.oid ")]
    if not commits or not commits[0].isalnum():
        return ""  # there is no commit yet: (initial)
    return commits[0][:_DIGITS] + ("" if all(line.startswith("#") for line in lines) else "-dirty")


def _is_of_this_user(folder: Path) -> bool:
    """Tell whether the repository of a folder is this user's: its configuration may name programs.

    Git itself looks since 2.35.2 only.
    """
    for above in (folder, *folder.resolve().parents):
        repository = above / ".git"
        if not repository.exists():
            continue
        places = [above, repository]
        with contextlib.suppress(OSError):
            if repository.is_file():  # of a working tree besides the first, or of a submodule
                places.append(above / repository.read_text(encoding="utf-8").partition(":")[2].strip())
            return all(place.stat().st_uid == os.geteuid() for place in places)
        return False
    return False
