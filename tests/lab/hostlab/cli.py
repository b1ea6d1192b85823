# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The lab's command line."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
import time
from collections.abc import Sequence

from . import interruption, ssh
from . import settings as settings_module
from .errors import Interrupted, LabError
from .fleet import Fleet
from .processes import check_programs, requirements
from .settings import Settings
from .specs import DEFAULT_RELEASE, RELEASES, check_name, parse_specs
from .state import Record, State


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="lab", description="Boots real Debian hosts for tests.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="boot hosts; those that are up already stay as they are")
    up.add_argument("hosts", nargs="+", metavar="NAME[=RELEASE]")
    known = ", ".join(f"{name} has {what}" for name, what in RELEASES.items())
    up.add_argument("--release", default=DEFAULT_RELEASE, help=f"for names without their own ({known})")
    up.add_argument("--bare", action="store_true", help="without Asterisk")
    up.add_argument(
        "--virtual",
        action="store_true",
        help="virtual machines, with their own kernel; without Asterisk",
    )
    down = commands.add_parser("down", help="remove hosts (all if none is named)")
    down.add_argument("hosts", nargs="*", metavar="NAME")
    listing = commands.add_parser("list", help="the hosts that are there")
    listing.add_argument("--json", action="store_true", help="for programs")
    login = commands.add_parser("ssh", help="log in to a host, or run a command there")
    login.add_argument("host", metavar="NAME")
    login.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND")
    phones = commands.add_parser("phones", help="run a command where the SIP phones are")
    phones.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND")
    commands.add_parser("ssh-config", help="the path of what ssh -F needs to reach the hosts by name")
    commands.add_parser("inventory", help="the path of an Ansible inventory (group pbx)")
    commands.add_parser("clean", help="down, then delete the system trees and all state")
    needed = commands.add_parser("requirements", help="the Debian packages that this machine needs")
    needed.add_argument("--virtual", action="store_true", help="for virtual machines too")
    return top


def main(words: Sequence[str]) -> int:
    arguments = parser().parse_args(words)
    if arguments.command == "requirements":
        print(" ".join(requirements(arguments.virtual)))
        return 0
    interruption.heed()
    try:
        return _run(arguments)
    except LabError as error:
        return _fail(str(error), error.status)
    except Interrupted as interrupted:
        return _fail("interrupted; the hosts that were being made are removed", interrupted.status)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return _fail(f"no disk space: {error.filename or 'a file'} could not be written", 1)
        return _fail(str(error), 1)


def _fail(message: str, status: int) -> int:
    print(f"lab: {message}", file=sys.stderr)
    return status


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_module.from_environment(os.environ)
    command: str = arguments.command
    # What is wrong with the words comes first: it needs no root to see.
    specs = (
        parse_specs(arguments.hosts, arguments.release, arguments.bare, arguments.virtual)
        if command == "up"
        else []
    )
    if os.geteuid() != 0:
        raise LabError("the lab makes namespaces and mounts: run it as root")
    check_programs(virtual=any(spec.virtual for spec in specs))
    state = State(settings)
    if command in ("up", "down", "clean"):
        with state.locked():
            fleet = Fleet(settings, state)
            if command == "up":
                fleet.up(specs)
            elif command == "down":
                fleet.down([check_name(name) for name in arguments.hosts])
            else:
                fleet.clean()
    elif command == "inventory":
        if not settings.inventory.exists():
            raise LabError("no inventory yet: bring a host up first")
        print(settings.inventory)
    elif command == "ssh-config":
        if not settings.ssh_config.exists():
            raise LabError("no hosts yet: bring one up first")
        print(settings.ssh_config)
    elif command == "list":
        _list(settings, state, arguments.json)
    elif command == "ssh":
        ssh.login(settings, _up(state, check_name(arguments.host)).name, _after_dashes(arguments.words))
    elif command == "phones":
        _phones(settings, _after_dashes(arguments.words))
    return 0


def _after_dashes(words: list[str]) -> list[str]:
    return words[1:] if words[:1] == ["--"] else words


def _up(state: State, name: str) -> Record:
    for record in state.records():
        if record.name == name and record.ready and state.alive(record):
            return record
    raise LabError(f"{name} is not up")


def _phones(settings: Settings, words: list[str]) -> None:
    if not words:
        raise LabError("lab phones: give a command", status=2)
    if not os.path.exists(f"/run/netns/{settings.phones_netns}"):
        raise LabError("the phones' network is not there: bring a host up first")
    argv = ["ip", "netns", "exec", settings.phones_netns, *words]
    os.execvp(argv[0], argv)  # noqa: S606  # the command takes the lab's place


def _list(settings: Settings, state: State, as_json: bool) -> None:
    rows = [
        {
            "name": record.name,
            "release": record.release,
            "kind": record.spec.kind,
            "address": settings.address(record.index),
            "state": _state(state, record),
            "since": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(record.since)),
        }
        for record in state.records()
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        print(
            f"{row['name']:{width}}  {row['release']:8}  {row['kind']:8}  "
            f"{row['address']:15}  {row['state']} since {row['since']}"
        )


def _state(state: State, record: Record) -> str:
    if not state.alive(record):
        return "dead" if record.ready else "unfinished"
    return "up" if record.ready else "booting"
