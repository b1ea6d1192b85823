# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules do that change what Asterisk has to be told to read: ports, trunks, a whole directory.

Private to this collection's modules.
"""

from __future__ import annotations

import dataclasses
import functools
import grp
import os
import secrets
import shutil
import time
import typing as t

from ..asterisk import ami, contact, port_certificate, registration, transport
from ..asterisk.configuration import Configuration, Outcome
from ..asterisk.console import Console, ConsoleError, release
from ..database import files as database_files
from ..database import schema, store
from ..definition.model import MediaTimeouts
from ..definition.problem import DirectoryError
from ..host import occupied
from ..planning import deadline
from ..planning.decide import plan_directory, plan_kind, unlisted
from ..planning.defaults import ask_defaults, filled
from ..planning.judgement import listed
from ..planning.plan import EXTENSION_DEFAULTS, Directory, Kind, Plan
from ..planning.registering import register_anew
from ..planning.request import ASK, Asked
from . import options, phone_settings
from .ansible_module import end, failed, log_in, start
from .population import asked_of, called, carry_out, done, kind_module, policy_of, report, tell_of_phones

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

    from ..confirming import arming


def run_infrastructure(kind: Kind) -> None:
    """Run the module of a kind of things that Asterisk has to be told to read."""
    module = kind_module(kind, options.INFRASTRUCTURE)
    asked = asked_of(module, kind)
    policy = policy_of(module)
    settled = Settling(module)
    plan = carry_out(module, lambda have, _store: plan_kind(kind, have, asked, policy), settled)
    report(module, plan, bool(plan) or settled.changed, **done(kind, plan), **settled.result())


def run_directory() -> None:
    """Run the module of the whole directory."""
    spec: options.Spec = {
        "emergency_numbers": {"type": "list", "elements": "str"},
        EXTENSION_DEFAULTS: {"type": "dict"},
        **options.BESIDE,
    }
    for kind in options.ITEM:
        spec.update(options.list_of(kind))
    for part in (options.PASSWORDS, options.INFRASTRUCTURE, options.PURGE, options.AMI, options.HANDED_OVER):
        spec.update(part)
    for part in (options.MEDIA, options.HISTORY, options.COMMENT, options.CONFIRM, options.NOTIFY):
        spec.update(part)
    for part in (options.DATABASE, options.FORCE, options.BY_ROLE):
        spec.update(part)
    module = start(spec)
    _refuse_wrong_timeouts(module)
    _refuse_wrong_limits(module)
    _refuse_wrong_wait(module)
    if module.params["notify_event"]:
        phone_settings.refuse_wrong_event(module)
    asked = {
        kind.option: ask(module.params[kind.option], called(module, kind.option))
        for kind, ask in ASK.items()
        if module.params[kind.option] is not None
    }
    written = module.params[EXTENSION_DEFAULTS]
    asked = filled(asked, ask_defaults(written, called(module, EXTENSION_DEFAULTS)))
    began = time.time_ns()
    if module.params["files"] is None:
        made = _make(module, asked)
        report(module, made.plan, made.changed, **made.result)
    elif _has_nothing_to_do(module, asked):
        # For real: what a run has left behind that ended early is made good.
        made = _make(module, asked)
        told = {"nothing_to_do": True, **_phones(module, made.numbers)}
        if module.params.get("settled") and not made.changed and "phones" in told:
            from . import settled  # noqa: PLC0415 - once after each change

            settled.keep(module, made.plan, made.numbers, made.result["directory"], began)
        report(module, made.plan, made.changed, **made.result, **told)
    else:
        end(module, changed=False, nothing_to_do=False)


class _Made(t.NamedTuple):
    """What was done with a directory, or in check mode would be; ``numbers`` are its extensions before."""

    plan: Plan
    changed: bool
    numbers: t.Sequence[str]
    result: dict[str, t.Any]


def _make(module: AnsibleModule, asked: t.Mapping[Kind, Asked]) -> _Made:
    """Make the directory what is asked for; ends the module where that cannot be."""
    created = _created(module)
    policy = policy_of(module)
    settled = Settling(module, whole=True)
    left: dict[Kind, list[str]] = {}
    numbers: list[str] = []
    anew: set[str] = set()

    def decide(have: Directory, _store: store.Store | None) -> Plan:
        plan = _with_media_timeouts(module, have, plan_directory(have, asked, policy))
        after = have.after(plan)
        left.update(unlisted(after, asked, policy))
        numbers.extend(have.extensions)
        anew.update(*register_anew(plan, after.extensions).values())
        return plan

    plan = carry_out(module, decide, settled, wish=_wish(module))
    earlier = phone_settings.ask_phones(module, plan) if module.params["notify_event"] else None
    tell_of_phones(module, plan, earlier)
    for kind, names in left.items():
        if names:
            there = f"{len(names)} on this host and not in the list, left as they are: {listed(names)}"
            purge = called(module, "purge")
            module.warn(f"{called(module, kind.option)}: {there}. {purge} deletes what a list leaves out")
    by_kind = {kind.option: {**done(kind, plan), "unlisted": left[kind]} for kind in left}
    result = {"directory": by_kind, "register_anew": sorted(anew), **settled.result()}
    return _Made(plan, bool(plan) or settled.changed or created, numbers, result)


def _wish(module: AnsibleModule) -> arming.Wish | None:
    """Return how the change is to wait to be confirmed; has what takes it back on the host."""
    params = module.params
    within = params["confirm_within"]
    if not within and not params["confirm_files"]:
        return None
    from ..confirming import arming, command  # noqa: PLC0415 - few changes wait
    from ..database import unconfirmed  # noqa: PLC0415
    from . import files  # noqa: PLC0415

    database, folder = params["database"], params["configuration_folder"]
    if within and (database, folder) != (command.DATABASE, command.FOLDER):
        wrong = f"a change is taken back in {command.DATABASE} and {command.FOLDER}, and nowhere else"
        raise failed(module, f"{called(module, 'confirm_within')}: {wrong}")
    programs = functools.partial(files.put, module, params["confirm_files"])
    try:
        # What is there may be of an older release than the run, which brings the database up to date.
        if not module.check_mode and unconfirmed.read(database) is not None:
            programs()
    except DirectoryError as error:
        raise failed(module, str(error)) from error
    except OSError as error:
        raise failed(module, f"{error.filename}: {error.strerror or error}") from error
    return arming.Wish(within, params["restart"] == "if_needed", folder, programs) if within else None


def _has_nothing_to_do(module: AnsibleModule, asked: t.Mapping[Kind, Asked]) -> bool:
    """Tell whether a run would change nothing, neither here nor in the files beside; change nothing."""
    from . import files  # noqa: PLC0415 - the other modules of this file have none

    is_check, module.check_mode = module.check_mode, True
    # First what a run refuses of the directory, also where it has to be told of files anyway.
    would_change = _make(module, asked).changed
    would_change = files.are_outstanding(module) or would_change
    module.check_mode = is_check
    return not would_change


def _phones(module: AnsibleModule, numbers: t.Collection[str]) -> dict[str, t.Any]:
    """Return how many phones are registered, as in pbx_extension_summary; nothing if Asterisk is silent."""
    try:
        with log_in(module) as client:
            return {"phones": registration.counted(client, numbers, time.time())}
    except ami.AmiError:
        return {}


def _refuse_wrong_timeouts(module: AnsibleModule) -> None:
    for option in options.MEDIA:
        seconds = module.params[option]
        if seconds is not None and not (seconds == 0 or 5 <= seconds <= 86400):
            wrong = f"{seconds} is neither 0 nor a number of seconds from 5 to 86400"
            raise failed(module, f"{called(module, option)}: {wrong}")


def _refuse_wrong_limits(module: AnsibleModule) -> None:
    for option, least in (("history_changes", 0), ("history_days", 1)):
        most = module.params[option]
        if most is not None and not least <= most <= 100_000:
            raise failed(module, f"{called(module, option)}: {most} is not a number from {least} to 100000")


def _refuse_wrong_wait(module: AnsibleModule) -> None:
    seconds, (least, most) = module.params["confirm_within"], (deadline.SHORTEST, deadline.LONGEST)
    if seconds and not least <= seconds <= most:
        wrong = f"{seconds} is neither 0 nor a number of seconds from {least} to {most}"
        raise failed(module, f"{called(module, 'confirm_within')}: {wrong}")


def _with_media_timeouts(module: AnsibleModule, have: Directory, plan: Plan) -> Plan:
    """Return the plan with the timeouts that are asked for; what is not given stays."""
    asked = [module.params[option] for option in options.MEDIA]
    wanted = MediaTimeouts(*(now if new is None else new for new, now in zip(asked, have.media_timeouts)))
    if wanted == have.media_timeouts:
        return plan
    return dataclasses.replace(plan, media_timeouts=(have.media_timeouts, wanted))


def _created(module: AnsibleModule) -> bool:
    """Have a database that others cannot write; tell whether there was none (or would be)."""
    path = module.params["database"]
    try:
        if store.exists(path):
            return not database_files.are_closed(path) if module.check_mode else database_files.close(path)
        if not module.check_mode:
            store.create(path, _gid(module), release())
    except (DirectoryError, ConsoleError) as error:
        raise failed(module, str(error)) from error
    except OSError as error:
        raise failed(module, f"{error.filename}: {error.strerror or error}") from error
    return True


class Settling:
    """Makes Asterisk fit the directory: its text, and with ``whole`` what the database tells it."""

    def __init__(self, module: AnsibleModule, whole: bool = False) -> None:
        self._module = module
        self._whole = whole
        self._outcome = Outcome(changed=False)
        self.changed = False

    def settle(self, directory: store.Store, after: Directory, plan: Plan) -> None:
        """Make Asterisk fit; what is raised takes the transaction back."""
        self._look_at_ports(plan)
        if self._whole:
            installed = release()
            if not directory.has_views_for(installed):
                directory.make_views_for(installed)
                self.changed = True
            for option, value in self._history_limits(directory):
                directory.note(option, value)
                self.changed = True
        if self._whole and self._has_phones_of_others():
            directory.note("earlier_contacts", schema.UNMARKED)
        self._outcome = self._configuration().put_in_force(directory, after, plan)
        self.changed = self.changed or self._outcome.changed
        if self._whole and directory.setting("earlier_contacts") == schema.UNMARKED:
            self._mark_earlier_contacts(directory, after)

    def _has_phones_of_others(self) -> bool:
        """Tell whether phones are registered with an Asterisk that has none of our ports until now."""
        if os.path.lexists(os.path.join(self._module.params["configuration_folder"], transport.FILE)):
            return False
        console = Console()
        return console.running() is not None and next(contact.kept(console), None) is not None

    def _mark_earlier_contacts(self, directory: store.Store, after: Directory) -> None:
        """Have phones called that registered before ports had marks, until each has registered again."""
        console = Console()
        mark = f"until-{secrets.token_hex(16)}"
        try:
            if console.running() is None:
                return  # the next run finds it running
            with log_in(self._module) as client:
                marked = contact.mark(client, console, mark, after.extensions)
        except (ami.AmiError, ConsoleError) as error:
            self._module.warn(
                f"the contacts of the phones that are registered are looked at by the next run: {error}"
            )
            return
        directory.note("earlier_contacts", mark)
        directory.note("earlier_contacts_until", str(contact.counts_until(marked, int(time.time()))))

    def foretell(self, directory: store.Store, have: Directory, plan: Plan) -> None:
        """Find out what ``settle`` would do, and change nothing."""
        self._look_at_ports(plan)
        if self._whole and shutil.which("asterisk") is None:
            # As where it was taken away and its directory stayed: what tells the release is yet to come.
            self.changed = True
            return
        if self._whole:
            self.changed = not directory.has_views_for(release())
            self.changed = self.changed or any(self._history_limits(directory))
        # The text of trunks holds the timeouts.
        have = dataclasses.replace(have, media_timeouts=have.after(plan).media_timeouts)
        self._outcome = self._configuration().foretell(directory, have, plan)
        self.changed = self.changed or self._outcome.changed

    def _history_limits(self, directory: store.Store) -> t.Iterator[tuple[str, str]]:
        """Give the settings of the history that are to be others than they are."""
        for option, usual in schema.KEPT_HISTORY.items():
            wanted = self._module.params[option]
            if wanted is not None and str(wanted) != (directory.setting(option) or str(usual)):
                yield option, str(wanted)

    def result(self) -> dict[str, t.Any]:
        """Return what a module reports about restarts; warns of one that is due."""
        due = self._outcome.restart_due
        if due:
            self._module.warn(
                f"Asterisk has to be restarted, which ends calls, for {'; '.join(due)}. Restart it when that"
                f" is convenient, or set {called(self._module, 'restart')}: if_needed"
            )
        return {"restart_required": bool(due), "restarted": self._outcome.restarted}

    def _configuration(self) -> Configuration:
        params = self._module.params
        return Configuration(
            folder=params["configuration_folder"],
            gid=0 if self._module.check_mode else _gid(self._module),
            console=Console(),
            read_at_start=params["read_at_start"],
            to_be_written=params.get("to_be_written", ()) if self._module.check_mode else (),
            may_restart=params["restart"] == "if_needed",
            restart_option=called(self._module, "restart"),
        )

    def _look_at_ports(self, plan: Plan) -> None:
        written = plan.ports.written()
        wrong = occupied.wrong_with_ports(written)
        if wrong and self._module.check_mode and not self._module.params.get("trial"):
            # An earlier task may put it right.
            for each in wrong:
                self._module.warn(f"{each} (the run refuses this)")
        elif wrong:
            raise occupied.taken(wrong)
        for each in port_certificate.warnings_of([*plan.ports.written(), *plan.ports.keep], time.time()):
            self._module.warn(each)


def _gid(module: AnsibleModule) -> int:
    name = module.params["group"]
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError as error:
        raise failed(module, f"there is no group {name!r} on this host; is Asterisk installed?") from error
