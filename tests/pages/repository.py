# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A git repository with the collection as it is in this checkout, in the place of the one that pages name."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .manual import REPOSITORY

#: Where pages have git look.
ADDRESS = "https://github.com/voiceops/asterisk.git"


def copy_to(target: Path) -> Path:
    """Copy what is, or could be, in git."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(asked, cwd=REPOSITORY, check=True, capture_output=True).stdout
    for name in filter(None, os.fsdecode(listed).split("\0")):
        if (REPOSITORY / name).is_file():  # and not deleted since
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target / name)
    return target


def commit(folder: Path) -> str:
    """Commit all files of a folder on the branch `main`, and return the address for git."""
    author = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "."),
        (*author, "commit", "--quiet", "--message", "As it is here"),
    ):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    return f"file://{folder}"
