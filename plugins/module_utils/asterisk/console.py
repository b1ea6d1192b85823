# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asterisk's console, for what its manager interface does not tell without telling secrets.

The manager's answers about trunks hold their digests (AuthDetail, Md5Cred), and it lists no
transports. The console shows an object of any type without them, unless it is asked for an
``auth``, which is never done here. Measured: 8 ms a command.
"""

from __future__ import annotations

# This library does without Ansible, so there is no run_command.  pylint: disable=ansible-bad-function
import os
import re
import subprocess
import time
import typing as t

#: What an object shows of itself: each option with its values.
Table = dict[str, list[str]]

#: Written again whenever Asterisk starts, also by its own `core restart`, which keeps the process.
PID_FILE = "/run/asterisk/asterisk.pid"


class Start(t.NamedTuple):
    """A start of Asterisk."""

    #: What tells it from any other.
    identity: str
    #: When it was, in nanoseconds since 1970.
    at: int


class ConsoleError(Exception):
    """Asterisk could not be asked on its console."""


class StoppedError(ConsoleError):
    """Nobody is at the console: Asterisk is stopped."""


class Console:
    """The console of the Asterisk that runs on this host. ``timeout`` is for each command, in seconds."""

    def __init__(
        self,
        program: str = "asterisk",
        unit: str = "asterisk",
        timeout: float = 60.0,
        pid_file: str = PID_FILE,
    ) -> None:
        self._program = program
        self._unit = unit
        self._timeout = timeout
        self._pid_file = pid_file

    def running(self) -> Start | None:
        """Tell when Asterisk was started; None where it is stopped. Raises ConsoleError."""
        try:
            self.ask("core waitfullybooted")
            status = os.stat(self._pid_file)
        except (StoppedError, FileNotFoundError):
            return None
        return Start(f"{status.st_ino}-{status.st_mtime_ns}", status.st_mtime_ns)

    def restart(self) -> None:
        """Restart Asterisk, which ends its calls, and wait until it is there. Raises ConsoleError."""
        # What has been added to its unit counts only then.
        self._run("systemctl", "daemon-reload")
        self._run("systemctl", "restart", self._unit)
        give_up = time.monotonic() + self._timeout
        while self.running() is None:
            if time.monotonic() > give_up:
                raise ConsoleError(
                    f"{self._unit} did not come up within {self._timeout:.0f} s of its restart"
                )
            time.sleep(0.1)

    def ask(self, command: str) -> str:
        """Return what a command prints. Raises ConsoleError; a command that fails only says so."""
        return self._run(self._program, "-rx", command)

    def _run(self, *command: str) -> str:
        try:
            run = subprocess.run(
                command,
                check=True,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=self._timeout,
            )
        except subprocess.CalledProcessError as error:
            raise StoppedError(f"{' '.join(command)}: {error.stderr.strip() or error}") from error
        except (OSError, subprocess.SubprocessError) as error:
            raise ConsoleError(f"{' '.join(command)}: {error}") from error
        return run.stdout

    def show(self, kind: str, name: str) -> Table | None:
        """Return the options of an object of PJSIP, or None where there is no such object."""
        return parsed_table(self.ask(f"pjsip show {kind} {name}"))

    def registrations(self) -> dict[str, str]:
        """Return the state of each outbound registration, like ``registered``, by its name."""
        return parsed_registrations(self.ask("pjsip show registrations"))


def parsed_registrations(text: str) -> dict[str, str]:
    """Read the list of registrations; the addresses in it are cut to a width, names and states are not."""
    #  trunk-3/sip:sip.example.net:5060      trunk-3           Registered        (exp. 285s)
    found = re.findall(r"^ *([\w-]+)/\S* +\S+ +(\w+)", text, re.MULTILINE)
    return {name: state.lower() for name, state in found if name.startswith("trunk-")}


def parsed_table(text: str) -> Table | None:
    """Read the list of options below its heading; the summary above it is cut to a width."""
    _summary, heading, options = text.partition(" ParameterName ")
    if not heading:
        return None
    table: Table = {}
    for line in options.splitlines()[1:]:
        name, separator, value = line.partition(" : ")
        if separator:
            table.setdefault(name.strip(), []).append(value.strip())
        elif line.endswith(" :"):
            table.setdefault(line[:-2].strip(), []).append("")
    return table


def release(program: str = "asterisk") -> tuple[int, int]:
    """Return the release that is installed, as (branch, minor). Raises ConsoleError."""
    try:
        run = subprocess.run([program, "-V"], check=True, capture_output=True, text=True, timeout=30)
        # Asterisk 22.10.1~dfsg+~cs6.17.60671433-1; Asterisk certified/20.7-cert3
        version = run.stdout.split()[1].rpartition("/")[2].split(".")
        return int(version[0]), int(_leading_digits(version[1]))
    except (OSError, subprocess.SubprocessError, IndexError, ValueError) as error:
        raise ConsoleError(
            f"{program} -V does not tell a version ({error}); is Asterisk installed?"
        ) from error


def _leading_digits(text: str) -> str:
    return text[: len(text) - len(text.lstrip("0123456789"))]
