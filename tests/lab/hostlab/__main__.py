# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Boots real Debian hosts for the tests of this collection; see `lab --help`."""

from __future__ import annotations

import sys
from pathlib import Path

# Run from anywhere, and through a symbolic link too.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hostlab.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
