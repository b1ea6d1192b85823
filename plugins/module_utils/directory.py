# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The library in a few functions: read a host's directory, plan a change, apply it, see the phones.

It runs on the host itself, as a user who may read or write the directory's database. For a script; no module
of the collection needs it.

What is wanted is a mapping of lists, in the words of the module ``voiceops.asterisk.pbx_directory``::

    {"extension_groups": [{"name": "Sales"}], "extensions": [{"number": "1001", "groups": ["Sales"]}]}

An option that an item leaves out keeps its value, and what no list names stays, unless the policy purges.
Connection ports and trunks cannot be changed here: they are also text that Asterisk has to be told to read,
which is the work of their modules. ``go_back`` does that work too.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t

from .asterisk import ami, contact, going_back, lamps, sorcery_cache
from .asterisk.configuration import Configuration
from .asterisk.console import Console
from .asterisk.going_back import GoneBack
from .database import store
from .database.history import Origin
from .definition.problem import DirectoryError, InvalidInputError, Problem
from .definition.redaction import Redaction, secrets_of
from .planning.decide import AS_IT_COMES, plan_directory
from .planning.history import Change
from .planning.judgement import Policy
from .planning.plan import EMERGENCY_NUMBERS, EXTENSIONS, GROUPS, PROFILES, Directory, Plan
from .planning.request import ASK, Asked
from .status import facts as status

__all__ = [
    "Change",
    "Directory",
    "DirectoryError",
    "GoneBack",
    "InvalidInputError",
    "Origin",
    "Plan",
    "Policy",
    "Wanted",
    "apply",
    "create",
    "end_registrations",
    "go_back",
    "history",
    "newest_change",
    "plan",
    "plan_back",
    "read",
    "see",
    "show_lamps",
    "tell_asterisk",
]

#: Lists of items as a user writes them, by the name of the list.
Wanted = t.Mapping[str, t.Sequence[t.Any]]

#: Asterisk finds things of these kinds in the database by itself.
CHANGEABLE = {kind.option: kind for kind in (EMERGENCY_NUMBERS, PROFILES, GROUPS, EXTENSIONS)}


def create(path: str, gid: int, asterisk: tuple[int, int] = store.OLDEST_ASTERISK) -> bool:
    """Create an empty directory database unless there is one; tell whether there was none.

    ``gid`` is the group that may read and write it besides root (Asterisk's own), ``asterisk`` the release
    that will read it, as (branch, minor), such as (22, 10). Raises DirectoryError.
    """
    if store.exists(path):
        return False
    store.create(path, gid, asterisk)
    return True


def read(path: str = store.DEFAULT_PATH) -> Directory:
    """Return one consistent state of a directory: mappings of things by number or name, without passwords.

    Of a password there is only its SIP digest (HA1: RFC 2617, 3.2.2.2). Raises DirectoryError.
    """
    with store.reading(path) as directory:
        return directory.read()


def plan(wanted: Wanted, path: str = store.DEFAULT_PATH, policy: Policy = AS_IT_COMES) -> Plan:
    """Return what ``apply`` would do now, and write nothing at all.

    The plan is true where there is something to do; ``plan.diff_text()`` shows it without any secret, and
    ``plan.warnings`` are worth reading. Raises DirectoryError, and InvalidInputError with everything that is
    wrong in any item, each with its place (``extensions[57].number``).
    """
    asked = _asked(wanted)
    with store.reading(path) as directory:
        return _planned(directory.read(), wanted, asked, policy)


def apply(
    wanted: Wanted,
    path: str = store.DEFAULT_PATH,
    policy: Policy = AS_IT_COMES,
    origin: Origin | None = None,
) -> Plan:
    """Make the directory what is wanted, in one transaction, and return what was done.

    The lock is taken before anything is read, so two at once lose no update. Asterisk acts by it within a
    second, and from the next call or REGISTER on where it is told at once: see ``tell_asterisk``. Phones that
    may not be registered any more stay so until their registration expires: see ``end_registrations``. Lamps
    of new extensions: see ``show_lamps``. What was done is kept in the history as a change of ``origin``, or
    of this process's user. Raises as ``plan`` does, and DirectoryError where an earlier change waits to be
    confirmed, and then nothing was changed.
    """
    asked = _asked(wanted)
    with store.writing(path) as directory:
        planned = _planned(directory.read(), wanted, asked, policy)
        if planned:
            directory.apply(planned, origin)
    return planned


def newest_change(path: str = store.DEFAULT_PATH) -> int:
    """Return the number of the newest change; 0 where there was none.

    To come back later to what is now, go back to before the change after it. Raises DirectoryError.
    """
    with store.reading(path) as directory:
        return directory.history.newest()


def history(path: str = store.DEFAULT_PATH, most: int = -1) -> list[Change]:
    """Return the changes that are kept, newest first, at most ``most`` of them (-1: all).

    Digests are in them: ``planning.history.done`` tells a change without. Raises DirectoryError.
    """
    with store.reading(path) as directory:
        return list(directory.history.changes(most=most))


def plan_back(before: int, path: str = store.DEFAULT_PATH) -> Plan:
    """Return what ``go_back`` would do to the directory, and write nothing at all.

    Raises DirectoryError, also where the history does not go back so far, and InvalidInputError.
    """
    with store.reading(path) as directory:
        return directory.history.way_back(before, directory.read())


def go_back(
    before: int,
    gid: int,
    path: str = store.DEFAULT_PATH,
    folder: str = "/etc/asterisk",
    *,
    origin: Origin | None = None,
    may_restart: bool = True,
    secret_file: str = ami.DEFAULT_SECRET_FILE,
    port: int = ami.DEFAULT_PORT,
    timeout: float = 30.0,
) -> GoneBack:
    """Make this host what it was before the change of this number, connection ports and trunks included.

    It is one transaction, itself a change of the history, and does nothing where the host is so already; to
    be called again where it was killed. Asterisk may be stopped; where it runs it is told, and restarted if a
    port asks for that and ``may_restart``. ``gid`` is Asterisk's group, ``folder`` that of its configuration,
    ``timeout`` for each conversation with it, in seconds. Raises DirectoryError, InvalidInputError,
    ConsoleError and OSError, and then everything is as it was.
    """
    configuration = Configuration(folder, gid, Console(), may_restart=may_restart)
    return going_back.go_back(
        before,
        configuration,
        lambda: ami.Client(ami.read_secret(secret_file), port, timeout),
        origin,
        path,
    )


def end_registrations(
    done: Plan,
    secret_file: str = ami.DEFAULT_SECRET_FILE,
    port: int = ami.DEFAULT_PORT,
    timeout: float = 30.0,
) -> int:
    """End the registration of the phones that lost the right to it with this plan; return how many.

    Those of deleted or disabled extensions, and of extensions with another password. ``timeout`` is for the
    whole conversation with Asterisk, in seconds. Raises AmiError; a stopped Asterisk is one
    (AsteriskStoppedError).
    """
    orphaned = contact.orphaned_numbers(done)
    if not orphaned:
        return 0
    with ami.Client(ami.read_secret(secret_file), port, timeout) as client:
        return contact.remove(client, orphaned)


def tell_asterisk(
    secret_file: str = ami.DEFAULT_SECRET_FILE,
    port: int = ami.DEFAULT_PORT,
    timeout: float = 30.0,
) -> None:
    """Have a running Asterisk act by a change from the next call or REGISTER on.

    It keeps what it has read of endpoints, and this tells it to read them again; otherwise the host's watch
    (voiceops-lamps) does so within a second. ``timeout`` is for the whole conversation with Asterisk, in
    seconds. Raises AmiError.
    """
    sorcery_cache.tell(lambda: ami.Client(ami.read_secret(secret_file), port, timeout))


def show_lamps(
    path: str = store.DEFAULT_PATH,
    secret_file: str = ami.DEFAULT_SECRET_FILE,
    port: int = ami.DEFAULT_PORT,
    timeout: float = 30.0,
) -> None:
    """Tell a running Asterisk whose lamps can be watched, after extensions were created or deleted.

    Until then, or until Asterisk starts, a phone that asks for the lamp of a new extension is told that there
    is none. ``timeout`` is for the whole conversation with Asterisk, in seconds. Raises DirectoryError and
    AmiError.
    """
    lamps.tell(path, lambda: ami.Client(ami.read_secret(secret_file), port, timeout))


def see(
    path: str = store.DEFAULT_PATH,
    secret_file: str = ami.DEFAULT_SECRET_FILE,
    port: int = ami.DEFAULT_PORT,
    timeout: float = 30.0,
) -> status.Facts:
    """Return every extension as it is defined, with its phones, state and calls at this moment.

    The keys are those of the module ``voiceops.asterisk.pbx_extension_facts``: ``pbx_extensions`` (by
    number), ``pbx_extension_summary`` and so on, without certificates and recordings. Where Asterisk is
    stopped, what only it knows is None. Times are in seconds, round trips in milliseconds. Raises
    DirectoryError and AmiError.
    """
    gather = (status.DEFINITION, status.REGISTRATION, status.CALLS)
    defined = read(path)
    live: status.Live | None = None
    try:
        with ami.Client(ami.read_secret(secret_file), port, timeout) as client:
            live = status.ask(client, gather)
    except ami.AsteriskStoppedError:
        pass
    return status.facts(defined, live, time.time(), status.Question(gather=gather))


def _planned(have: Directory, wanted: Wanted, asked: t.Mapping[str, Asked], policy: Policy) -> Plan:
    """Plan, and say nothing in which one of the passwords stands."""
    redaction = Redaction(secret for items in wanted.values() for secret in secrets_of(items))
    try:
        planned = plan_directory(have, asked, policy)
    except InvalidInputError as error:
        raise InvalidInputError(
            Problem(redaction.text(problem.path), redaction.text(problem.message))
            for problem in error.problems
        ) from None
    return dataclasses.replace(planned, warnings=tuple(redaction.value(planned.warnings)))


def _asked(wanted: Wanted) -> dict[str, Asked]:
    unknown = [
        Problem(name, f"cannot be changed here; the lists that can: {', '.join(CHANGEABLE)}")
        for name in wanted
        if name not in CHANGEABLE
    ]
    if unknown:
        raise InvalidInputError(unknown)
    return {name: ASK[CHANGEABLE[name]](items, name) for name, items in wanted.items()}
