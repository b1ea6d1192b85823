# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Runs Molecule with these arguments: `run_molecule.py test --all`. A process has loaded ansible for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests"))
from preloaded.by_name import run  # noqa: E402 - only here its place is known

if __name__ == "__main__":
    os.chdir(REPOSITORY)
    sys.exit(run(["molecule", "-c", "extensions/molecule/config.yml", *sys.argv[1:]]))
