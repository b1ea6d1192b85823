# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The systemd timer that has the host look every few seconds whether a change is to be taken back.

Not one that waits for the deadline: a clock may be set, the next run may take the deadline over, and what
could not be done is tried again. Only a process with the write lock of the directory starts and stops it,
so none is stopped that another run has just started.
"""

from __future__ import annotations

# This library does without Ansible, so there is no run_command.  pylint: disable=ansible-bad-function
import subprocess

from ..definition.problem import DirectoryError

TIMER = "voiceops-confirm.timer"

#: Longest time for one command, in seconds.
_TIMEOUT = 60.0


def start() -> None:
    """Have the host look, also after it is booted. Raises DirectoryError."""
    # A run may have died between writing the unit and having systemd read it.
    for words in (("daemon-reload",), ("enable", "--quiet", TIMER), ("restart", TIMER)):
        _systemctl(*words)


def stop() -> None:
    """Have the host look no more. Raises DirectoryError."""
    _systemctl("disable", "--quiet", "--now", TIMER)


def _systemctl(*words: str) -> None:
    try:
        subprocess.run(
            ["systemctl", *words],
            check=True,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT,
        )
    except subprocess.CalledProcessError as error:
        raise DirectoryError(f"systemctl {' '.join(words)}: {error.stderr.strip() or error}") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise DirectoryError(f"systemctl {' '.join(words)}: {error}") from error
