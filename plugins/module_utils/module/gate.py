# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module does that looks at a host before a change, and judges it afterwards.

Private to this collection's modules.
"""

from __future__ import annotations

import dataclasses
import os
import re
import time
import typing as t

from ..asterisk import ami, trunk
from ..asterisk.console import Console, ConsoleError, release
from ..database import store
from ..definition.problem import DirectoryError
from ..planning.history import between
from ..planning.plan import Directory
from ..rollout import gate, look, words
from . import options, wire
from .ansible_module import end, failed, log_in, start

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

#: How many extensions Asterisk is asked for, of those that have to be there and of those that must not.
_ASKED_FOR = 5
#: Between two looks, in seconds; and how many times longer than a look, which takes a second on a large host.
_PAUSE, _PAUSE_BY_LOOK = 1.0, 4.0
_CONTACTS = ami.Listing("PJSIPShowContacts", "ContactList", "ContactListComplete", empty="No Contacts found")
_ANSWERS = {"Reachable": True, "Unreachable": False}
#: The URI of a contact that goes with its connection (res_pjsip_registrar.c, transport monitors).
_CONNECTED = re.compile(r";transport=(tcp|tls|ws)", re.IGNORECASE)


def run() -> None:
    """Run the module."""
    module = start({**options.GATE, **options.DATABASE, **options.AMI})
    if not 0 <= module.params["min_registered"] <= 100:
        raise failed(
            module, f"min_registered: {module.params['min_registered']:g} is not a percentage from 0 to 100"
        )
    if module.params["settle"] < 0:
        raise failed(module, f"settle: {module.params['settle']} is not a number of seconds")
    try:
        if module.params["mark"] is None:
            _tell(module)
        else:
            _judge(module, look.read(wire.unpacked(module.params["mark"])))
    except (wire.NotPackedError, ValueError) as error:
        raise failed(module, f"mark: {error}") from error
    except (DirectoryError, ami.AmiError, ConsoleError, OSError) as error:
        raise failed(module, str(error)) from error


def _tell(module: AnsibleModule) -> None:
    path = module.params["database"]
    directory, newest, keeps = Directory(realm=""), 0, True
    has_directory = store.exists(path)
    if has_directory:
        with store.reading(path) as opened:
            directory, newest = opened.read(), opened.history.newest()
            keeps = opened.history.keeping().changes > 0
    seen = _look(module, directory, newest, has_directory)
    end(
        module,
        changed=False,
        mark=wire.packed(seen.written()),
        newest_change=newest,
        keeps_history=keeps,
        running=seen.running,
        registered=sorted(seen.phones),
        free_megabytes=_free_megabytes(path),
        asterisk=_release(),
    )


def _release() -> str:
    try:
        return ".".join(map(str, release()))
    except ConsoleError:
        return ""  # the role is going to install it


def _free_megabytes(path: str) -> int:
    """Return how much room there is for the directory; its folder may be yet to come."""
    folder = os.path.dirname(path)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize // 10**6


def _look(module: AnsibleModule, directory: Directory, newest: int, has_directory: bool = True) -> look.Look:
    """Look at the host as it is now. Raises AmiError, ConsoleError."""
    now = time.time()
    try:
        with log_in(module) as client:
            contacts = client.lists([_CONTACTS])[0]
    except (ami.AsteriskStoppedError, FileNotFoundError):
        # Without Asterisk, or before the role has made it its own.
        return look.Look(int(now), newest, has_directory)
    except ami.AmiError:
        if has_directory:
            raise
        return look.Look(int(now), newest, has_directory)
    phones: dict[str, look.Phone] = {}
    answers: dict[str, bool | None] = {}
    for contact in contacts:
        name = contact.get("ObjectName", "").partition(";@")[0]
        answer = _ANSWERS.get(contact.get("Status", ""))
        if _CONNECTED.search(contact.get("Uri", "")):
            answer = None
        if name not in directory.extensions:
            answers[name] = answer
            continue
        until = contact.get("ExpirationTime", "")
        if until.isdigit() and int(until) > now:
            phones[name] = _better(look.Phone(int(until), answer), phones.get(name))
    registrations = {}
    if any(each.register for each in directory.trunks.values()):
        registrations = Console().registrations()
    trunks = {
        name: look.TrunkState(
            registrations.get(trunk.name(each)) if each.register else None, answers.get(trunk.name(each))
        )
        for name, each in directory.trunks.items()
    }
    return look.Look(int(now), newest, has_directory, True, phones, trunks)


def _better(one: look.Phone, other: look.Phone | None) -> look.Phone:
    """Return what is said of two phones of one extension: it has a phone as long as either is there."""
    if other is None:
        return one
    answers = True if True in (one.answers, other.answers) else None if None in (one[1], other[1]) else False
    return look.Phone(max(one.until, other.until), answers)


def _judge(module: AnsibleModule, before: look.Look) -> None:
    params = module.params
    change, directory, newest = _change(params["database"], before)
    asked = _asked_for(change, directory)
    give_up = time.monotonic() + (0 if module.check_mode else params["settle"])
    while True:
        began = time.monotonic()
        after = _look(module, directory, newest)
        known = gate.Change(change.plan, change.at, change.extensions, _unread(after, asked))
        judged = gate.judge(before, after, known, params["min_registered"], params["wait"])
        pause = max(_PAUSE, _PAUSE_BY_LOOK * (time.monotonic() - began))
        if judged.passed or time.monotonic() + pause > give_up:
            break
        time.sleep(pause)
    if judged.passed and newest != before.newest_change and not module.check_mode:
        judged = dataclasses.replace(judged, reasons=_called(module, directory, after.running))
    told = {"gate": judged.written(), "changes": newest - before.newest_change, "newest_change": newest}
    if judged.passed:
        end(module, changed=False, **told)
    said = "; ".join(words.said(words.ENGLISH, each.word, each.values) for each in judged.reasons)
    raise failed(module, f"the host is not as well as it was before: {said}", **told)


def _called(module: AnsibleModule, directory: Directory, runs: bool) -> tuple[gate.Reason, ...]:
    """Ring the phone that the test call is for, if it is for one; return why it did not ring."""
    number = module.params["test_call"]
    if not number:
        return ()
    if number not in directory.extensions:
        why = "there is no such extension"
    elif not runs:
        why = "Asterisk does not run"
    else:
        from ..asterisk import test_call  # noqa: PLC0415 - few gates call

        with log_in(module) as client:
            why = test_call.ring(Console(), client, number)
    return (gate.Reason("gate call", {"number": number, "why": why}),) if why else ()


def _change(path: str, before: look.Look) -> tuple[gate.Change, Directory, int]:
    """Return what has been done to the directory since, and the directory as it is. Raises DirectoryError."""
    if not store.exists(path):
        return gate.Change(), Directory(realm=""), 0
    with store.reading(path) as opened:
        directory, newest = opened.read(), opened.history.newest()
        if newest < before.newest_change:
            raise DirectoryError(
                f"the directory has {newest} changes, and had {before.newest_change} before: somebody has put"
                " another in its place"
            )
        if newest == before.newest_change:
            return gate.Change(extensions=directory.extensions), directory, newest
        since = before.newest_change + 1
        was = opened.history.before(since, directory)
        *_later, first = opened.history.changes(since)
        return gate.Change(between(was, directory), first.at, directory.extensions), directory, newest


def _asked_for(change: gate.Change, directory: Directory) -> dict[str, bool]:
    """Return some extensions, and whether Asterisk has to have each; those that the change is about first."""
    written = [each.number for each in change.plan.extensions.written() if each.can_register]
    there = written or [number for number, each in directory.extensions.items() if each.can_register]
    gone = [each.number for each in change.plan.extensions.delete if each.can_register]
    gone += [
        new.number for was, new in change.plan.extensions.change if was.can_register and not new.can_register
    ]
    return {**dict.fromkeys(there[:_ASKED_FOR], True), **dict.fromkeys(gone[:_ASKED_FOR], False)}


def _unread(after: look.Look, asked: t.Mapping[str, bool]) -> tuple[str, ...]:
    if not after.running:
        return ()
    console = Console()
    return tuple(
        number
        for number, there in asked.items()
        if (console.show("endpoint", number) is not None) is not there
    )
