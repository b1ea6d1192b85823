# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What ansible-test runs to get pip into an environment, in place of a script that it would download.

Its own comes from a host that not every machine reaches. Python brings a pip along, which gets the one that
is asked for.
"""

from __future__ import annotations

import ensurepip
import subprocess
import sys

if __name__ == "__main__":
    ensurepip.bootstrap(upgrade=True, default_pip=True)
    wanted = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
    sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *wanted]))
