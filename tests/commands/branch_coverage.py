# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Says how many of the library's branches the unit tests take, and fails below 95 %.

pytest-cov's own limit counts lines and branches together. Run by `make unit`, after the tests.
"""

from __future__ import annotations

import json
import subprocess
import sys

LEAST = 95.0


def main() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "coverage", "json", "--quiet", "-o", "-"],
        check=True,
        capture_output=True,
        text=True,
    )
    files = json.loads(said.stdout)["files"]
    counts = {
        name: (file["summary"]["covered_branches"], file["summary"]["num_branches"])
        for name, file in files.items()
    }
    taken, there = (sum(each) for each in zip(*counts.values(), strict=True))
    share = 100 * taken / there
    print(f"{taken} of {there} branches taken: {share:.1f} %")
    for name, (some, most) in sorted(counts.items()):
        if some < most:
            print(f"  {name}: {most - some} of {most} are not")
    if share < LEAST:
        sys.exit(f"error: less than {LEAST} % of the branches are taken by unit tests")


if __name__ == "__main__":
    main()
