# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Puts an item from standard input into the last list of a file, as a reader does in an editor."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pages.manual import with_item

if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(with_item(file.read_text(encoding="utf-8"), sys.stdin.read()), encoding="utf-8")
