# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells ansible-rulebook what happens on Asterisk telephone systems."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import logging
import os
import random
import stat
import sys
import time
import typing as t
from pathlib import Path

DOCUMENTATION = r"""
---
short_description: What happens on the telephone systems of voiceops.asterisk
description:
  - An ansible-rulebook event source that reports registrations gained and lost, calls, failed attempts
    to get in, and the end of a rollout.
  - It logs in to each host by ssh, as root or by sudo, and runs a small program there that reads the events
    of Asterisk's manager interface on loopback. Nothing is installed on the host, and nothing new listens.
  - A host that cannot be reached is tried again and again, after 1 second at first and 60 at last. What has
    changed meanwhile is reported then.
  - Events hold no passwords, and no text in them is obeyed by a terminal or by a template.
options:
  hosts:
    description:
      - The telephone systems, by the names that ssh accepts. They have to be managed by the role
        voiceops.asterisk.pbx.
    type: list
    elements: str
    default: []
  events:
    description:
      - What is reported. What is not asked for is not read, and costs the hosts less.
    type: list
    elements: str
    choices: [registrations, calls, security]
    default: [registrations, calls, security]
  connection:
    description:
      - Whether the hosts are reached by V(ssh), or this runs on the one host itself (V(local)).
    type: str
    choices: [ssh, local]
    default: ssh
  ssh_options:
    description:
      - More words for ssh, such as C(["-i", "/etc/rulebook/key"]).
    type: list
    elements: str
    default: []
  become:
    description:
      - Whether to become root by C(sudo -n). Without it the user of the connection has to be root.
    type: bool
    default: false
  python_interpreter:
    description:
      - Python on the hosts, 3.9 or newer.
    type: str
    default: /usr/bin/python3
  settle:
    description:
      - How many seconds an extension may be without a phone before the loss of its registration is reported.
        A phone that registers again from elsewhere is not reported.
    type: float
    default: 5
  interval:
    description:
      - How many seconds failed attempts are counted for before they are told.
    type: float
    default: 10
  rollout_report:
    description:
      - The path of a rollout's C(rollout-report.json) on the machine on which this runs. Its end is told when
        the file comes or changes.
    type: str
    default: ""
"""

EXAMPLES = r"""
- voiceops.asterisk.pbx_events:
    hosts: [root@pbx-istanbul.example.com, root@pbx-ankara.example.com]
    events: [registrations, security]

- voiceops.asterisk.pbx_events:
    hosts: [pbx-izmir.example.com]
    become: true
    settle: 60

- voiceops.asterisk.pbx_events:
    rollout_report: /srv/my-company/rollout-report.json
"""

LOGGER = logging.getLogger("voiceops.asterisk.pbx_events")

_LIBRARY = Path(__file__).resolve().parents[4] / "plugins" / "module_utils"
_NAME = "voiceops_asterisk_of_pbx_events"
#: A host says something every 10 s (reader.py); seconds of silence after which it counts as gone.
_SILENCE = 45.0
#: The longest line of a host that is believed, in bytes.
_LONGEST_LINE = 1 << 16
#: How much of what ssh says is kept, and for how long it may take to end, in seconds.
_LAST_WORDS, _PATIENCE = 2000, 3.0
#: Seconds between two looks: at what has been gone for long enough, and at the report.
_LOOK, _LOOK_AT_REPORT = 0.5, 2.0

Put = t.Callable[[t.Any], t.Awaitable[None]]


def _library(name: str) -> t.Any:
    """Return a module of the collection's library.

    ansible-rulebook runs this file as it is, without Ansible's way to import from collections.
    """
    if _NAME not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            _NAME, _LIBRARY / "__init__.py", submodule_search_locations=[str(_LIBRARY)]
        )
        if spec is None or spec.loader is None:
            raise ImportError(f"{_LIBRARY} is missing: install the whole collection")
        package = importlib.util.module_from_spec(spec)
        sys.modules[_NAME] = package
        spec.loader.exec_module(package)
    return importlib.import_module(f"{_NAME}.{name}")


carried = _library("events.carried")
happening = _library("events.happening")
rollout_end = _library("events.rollout_end")
settings_of = _library("events.settings")


async def main(queue: t.Any, args: dict[str, t.Any]) -> None:
    """Put events on the queue until this is cancelled. Raises ValueError where the arguments are wrong."""
    settings = settings_of.read(args)
    watched = [_watch_host(queue.put, settings, host) for host in settings.hosts]
    if settings.rollout_report:
        watched.append(_watch_report(queue.put, settings.rollout_report))
    tasks = [asyncio.ensure_future(each) for each in watched]
    try:
        # Not gather: that cancels them too, and a second time would interrupt what the first has them end.
        done, _others = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _watch_host(put: Put, settings: t.Any, host: str) -> None:
    known = happening.Happening(host.rpartition("@")[2], settings.settle)
    tries = 0
    while True:
        why = await _hear(put, settings, host, known)
        # What could be reached is tried again at once.
        tries = 0 if known.ready else tries + 1
        for event in known.lost(why):
            LOGGER.warning("%s: %s", event["host"], event["why"])
            await put(event)
        await asyncio.sleep(settings_of.wait(tries, random.random()))  # noqa: S311 - no secret depends on it


async def _hear(put: Put, settings: t.Any, host: str, known: t.Any) -> str:
    """Tell what a host says, until it says nothing more; return why."""
    command = carried.command(settings.before(host), settings.python_interpreter, become=settings.become)
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
        )
    except OSError as error:
        return f"{command[0]}: {error.strerror or error}"
    if process.stdin is None:
        raise RuntimeError("asyncio has made no pipe")
    last_words: list[bytes] = []
    listening = asyncio.ensure_future(_keep_last_words(process.stderr, last_words))
    looking = asyncio.ensure_future(_look(put, known))
    try:
        with contextlib.suppress(OSError):
            process.stdin.write(carried.program(settings.events, settings.interval))
            await process.stdin.drain()
        why = await _take(put, process.stdout, known)
        if not why:
            # A host that says nothing more has said why, or ssh has.
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.shield(listening), _PATIENCE)
            why = b"".join(last_words).decode("utf-8", "replace").strip()[-300:]
        return why or "the connection was closed"
    finally:
        looking.cancel()
        listening.cancel()
        await _end(process)
        await asyncio.gather(looking, listening, return_exceptions=True)


async def _take(put: Put, lines: t.Any, known: t.Any) -> str:
    """Take lines until there are none; return why, where a line or its absence says so."""
    while True:
        try:
            line = await asyncio.wait_for(lines.readline(), _SILENCE)
        except asyncio.TimeoutError:
            return f"it has said nothing for {_SILENCE:.0f} s"
        except ValueError:
            return "it has said a line without end"
        if not line:
            return ""
        told = happening.understood(line)
        if told is None:
            return "it has sent what is not an event"
        if told["record"] == "trouble":
            return str(told["why"])
        for event in known.take(told, time.monotonic()):
            await put(event)


async def _look(put: Put, known: t.Any) -> None:
    while True:
        await asyncio.sleep(_LOOK)
        for event in known.look(time.monotonic()):
            await put(event)


async def _keep_last_words(stream: t.Any, kept: list[bytes]) -> None:
    while True:
        words = await stream.read(4096)
        if not words:
            return
        kept[:] = [(b"".join(kept) + words)[-_LAST_WORDS:]]


async def _end(process: t.Any) -> None:
    """Have the program on the host end, and ssh; it does so by itself when its standard input is closed."""
    process.stdin.close()
    for end in (None, process.terminate, process.kill):
        if end is not None:
            with contextlib.suppress(ProcessLookupError):
                end()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), _PATIENCE)
            break
    # asyncio closes its ends of the pipes when they are at their end, which another process may put off that
    # ssh has left behind (ControlPersist); it has no public way to have them closed now.
    process._transport.close()


async def _watch_report(put: Put, path: str) -> None:
    # One that is there already was told when it came.
    seen = _state(path)
    while True:
        await asyncio.sleep(_LOOK_AT_REPORT)
        state = _state(path)
        if state is None or state == seen:
            continue
        event = rollout_end.event(_text(path))
        if event is not None:
            await put(event)
        seen = state


def _state(path: str) -> tuple[int, int, int] | None:
    """Return what tells one state of a file from another; None where there is no ordinary one."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def _text(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(rollout_end.LONGEST_REPORT).decode("utf-8", "replace")
    except OSError:
        return ""
