# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module does that tells what there is, and changes nothing.

It imports what it needs and nothing more: on the host each file is compiled again in every run.

Private to this collection's modules.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ..asterisk import ami
from ..database import store
from ..definition.problem import DirectoryError
from ..definition.protocol import ENCRYPTED
from ..planning.plan import Directory
from ..recording import storage
from ..status import facts as status
from . import options, wire
from .ansible_module import end, failed, log_in, start

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def run() -> None:
    """Run the module."""
    module = start({**options.FACTS, **options.DATABASE, **options.AMI})
    facts = _gather(module)
    told = {wire.FACT: wire.packed(facts)} if module.params["packed"] else wire.named(facts)
    end(module, changed=False, ansible_facts=told)


def _gather(module: AnsibleModule) -> status.Facts:
    """Return the facts of this host; ends the module where they are not available."""
    params = module.params
    question = status.Question(params["numbers"], params["groups"], params["gather"])
    try:
        with store.reading(params["database"]) as directory:
            defined = directory.read()
            refused_lamps = directory.refused_lamps(time.time())
            past = {**_past(module, directory, defined), **_confirmation(module, directory)}
        live = _live(module, defined, refused_lamps)
    except (DirectoryError, ami.AmiError) as error:
        raise failed(module, str(error)) from error
    for problem in status.not_here(defined, question):
        module.warn(str(problem))
    now = time.time()
    wanted = status.CERTIFICATES in question.gather
    certificates = _certificates(defined, live is not None, now) if wanted else None
    wanted = status.RECORDING in question.gather
    recordings = storage.look_at(live.storage if live else None) if wanted else None
    facts = status.facts(
        defined, live, now, question, certificates=certificates, recording_storage=recordings
    )
    if status.BLOCKED in question.gather:
        total, facts["pbx_blocked_addresses"] = _blocked(module, defined, live, now)
        facts["pbx_extension_summary"]["blocked_addresses"] = total
    return {**facts, **past}


def _past(module: AnsibleModule, directory: store.Store, defined: Directory) -> status.Facts:
    """Return the history, where it is asked for. Raises DirectoryError."""
    numbers = module.params["compare"]
    if status.HISTORY not in module.params["gather"]:
        return {}
    from ..status import history  # noqa: PLC0415 - few ask for it

    facts: status.Facts = {"pbx_history": history.told(directory.history, module.params["history_limit"])}
    if numbers:
        facts["pbx_history_diff"] = history.comparison(directory.history, defined, numbers)
    return facts


def _confirmation(module: AnsibleModule, directory: store.Store) -> status.Facts:
    """Return what waits to be confirmed, where it is asked for. Raises DirectoryError."""
    if status.CONFIRMATION not in module.params["gather"]:
        return {}
    from ..confirming import command  # noqa: PLC0415 - some ask for little
    from ..status import confirmation  # noqa: PLC0415

    return {"pbx_confirmation": confirmation.told(directory, command.failed_before())}


def _blocked(
    module: AnsibleModule, defined: Directory, live: status.Live | None, now: float
) -> tuple[int | None, list[status.Facts] | None]:
    """Return how many addresses are blocked, and what is told of them; None twice where it is not known."""
    from ..host import fail2ban  # noqa: PLC0415 - some ask for little

    try:
        bans = fail2ban.bans(now)
    except fail2ban.NotReadableError as error:
        module.warn(f"which addresses are blocked cannot be told: {error}")
        return None, None
    if bans is None:
        return None, None
    if not bans.rows:
        return bans.total, []
    from ..status import blocked  # noqa: PLC0415 - mostly none is

    told = blocked.told(bans.rows)
    if live is not None and live.contacts is not None:
        contacts = status.contacts_by_number(live.contacts, now)
        may_register = {
            number: its_contacts
            for number, its_contacts in contacts.items()
            if number in defined.extensions and defined.extensions[number].can_register
        }
        told = blocked.with_phones(told, may_register)
    return bans.total, told


def _live(module: AnsibleModule, defined: Directory, refused_lamps: frozenset[str]) -> status.Live | None:
    """Ask Asterisk; None where it is stopped, or has nothing to tell. Raises AmiError."""
    gather = module.params["gather"]
    if not status.asks_asterisk(gather):
        return None
    try:
        with log_in(module) as client:
            live = dataclasses.replace(status.ask(client, gather), refused_lamps=refused_lamps)
    except ami.AsteriskStoppedError:
        return None
    if status.REGISTRATION in gather and any(trunk.register for trunk in defined.trunks.values()):
        return dataclasses.replace(live, registrations=_registrations(module))
    return live


def _registrations(module: AnsibleModule) -> dict[str, str]:
    """Return the states of the trunks' registrations; ends the module where they are not available."""
    from ..asterisk.console import Console, ConsoleError  # noqa: PLC0415 - few hosts have such a trunk

    try:
        return Console().registrations()
    except ConsoleError as error:
        raise failed(module, str(error)) from error


def _certificates(defined: Directory, running: bool, now: float) -> dict[str, status.Facts]:
    """Return the certificates of the ports that have one."""
    if not any(port.protocol in ENCRYPTED for port in defined.ports.values()):
        return {}
    from ..asterisk import port_certificate  # noqa: PLC0415 - what reads certificates is large

    return port_certificate.look_at(defined.ports.values(), running, now)
