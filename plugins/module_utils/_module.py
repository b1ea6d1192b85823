# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules do that change a directory: read options, run the plan, report.

Private to this collection's modules.
"""

from __future__ import annotations

import contextlib
import grp
import time
import typing as t

from . import _options as options
from . import ami, contact, port_certificate, store
from ._ansible import end, failed, log_in, refused, start
from .configuration import Configuration, Outcome
from .console import Console, ConsoleError, release
from .decide import plan_directory, plan_kind
from .judgement import Policy
from .listener import wrong_with_files
from .plan import EXTENSIONS, KINDS, Changes, Directory, Kind, Plan
from .problem import DirectoryError, InvalidInputError
from .request import ASK, Asked

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

Decide = t.Callable[[Directory], Plan]


def run_population(kind: Kind, more: options.Spec) -> None:
    """Run the module of a kind of things that Asterisk finds in the database."""
    module = _kind_module(kind, more)
    asked = _asked_of(module, kind)
    policy = _policy(module)
    plan = _carry_out(module, lambda have: plan_kind(kind, have, asked, policy))
    result = {}
    if kind is EXTENSIONS:
        _tell_of_phones(module, plan)
        result["created_groups"] = [group.name for group in plan.groups.create]
    _report(module, plan, bool(plan), **_done(kind, plan), **result)


def run_infrastructure(kind: Kind) -> None:
    """Run the module of a kind of things that Asterisk has to be told to read."""
    module = _kind_module(kind, options.INFRASTRUCTURE)
    asked = _asked_of(module, kind)
    policy = _policy(module)
    settled = _Settled(module)
    plan = _carry_out(module, lambda have: plan_kind(kind, have, asked, policy), settled)
    _report(module, plan, bool(plan) or settled.changed, **_done(kind, plan), **settled.result())


def run_directory() -> None:
    """Run the module of the whole directory."""
    spec: options.Spec = {"emergency_numbers": {"type": "list", "elements": "str"}}
    for kind in options.ITEM:
        spec.update(options.list_of(kind))
    for part in (options.PASSWORDS, options.INFRASTRUCTURE, options.PURGE, options.AMI, options.HANDED_OVER):
        spec.update(part)
    module = start({**spec, **options.DATABASE})
    created = _created(module)
    asked = {
        kind.option: ask(module.params[kind.option], kind.option)
        for kind, ask in ASK.items()
        if module.params[kind.option] is not None
    }
    policy = _policy(module)
    settled = _Settled(module, views=True)
    plan = _carry_out(module, lambda have: plan_directory(have, asked, policy), settled)
    _tell_of_phones(module, plan)
    done = {kind.option: _done(kind, plan) for kind in KINDS if kind.option in asked}
    _report(module, plan, bool(plan) or settled.changed or created, directory=done, **settled.result())


# --- what is asked ---------------------------------------------------------------------------


def _kind_module(kind: Kind, more: options.Spec) -> AnsibleModule:
    """Build a module that takes one thing by its options, or a list of such things."""
    item = options.ITEM[kind]
    spec = {
        **item,
        **options.list_of(kind),
        **options.PURGE,
        **options.DATABASE,
        **options.HANDED_OVER,
        **more,
    }
    module = start(spec)
    params = module.params
    single = [option for option in item if "default" not in item[option] and params[option] is not None]
    if params[kind.option] is not None and single:
        raise failed(module, f"give either {kind.option} or a single one by its options: {', '.join(single)}")
    if params[kind.option] is None and params[kind.key] is None:
        raise failed(module, f"{kind.key} is missing; give it, or several in {kind.option}")
    if params["purge"] and params[kind.option] is None:
        raise failed(module, f"purge deletes what a list does not name; give the list in {kind.option}")
    return module


def _asked_of(module: AnsibleModule, kind: Kind) -> Asked:
    """Return what the user asks for, by the options of one item or by the list."""
    items = module.params[kind.option]
    if items is not None:
        return ASK[kind](items, kind.option)
    return ASK[kind]([{option: module.params[option] for option in options.ITEM[kind]}], "")


def _policy(module: AnsibleModule) -> Policy:
    params = module.params
    if not 0 <= params["purge_limit"] <= 100:
        raise failed(module, f"purge_limit: {params['purge_limit']} is not a share from 0 to 100 percent")
    return Policy(
        create_groups=params.get("create_groups", False),
        update_password=params.get("update_password") != "on_create",
        allow_weak_password=params.get("allow_weak_password", False),
        purge=params["purge"],
        purge_limit=params["purge_limit"],
        force=params.get("force", False),
        check_mode=module.check_mode,
    )


# --- what is done ----------------------------------------------------------------------------


def _created(module: AnsibleModule) -> bool:
    """Create the database unless it exists; tell whether it was (or would be) created."""
    path = module.params["database"]
    try:
        if store.exists(path):
            return False
        if not module.check_mode:
            store.create(path, _gid(module), release())
    except (DirectoryError, ConsoleError) as error:
        raise failed(module, str(error)) from error
    return True


def _carry_out(module: AnsibleModule, decide: Decide, settled: _Settled | None = None) -> Plan:
    """Plan, and apply the plan unless in check mode; ends the module where that cannot be done."""
    path = module.params["database"]
    try:
        if not module.check_mode:
            with store.writing(path) as directory:
                have = directory.read()
                plan = decide(have)
                if plan:
                    directory.apply(plan)
                if settled is not None:
                    # Read anew, for new ports and trunks have got their identifiers only now.
                    anew = bool(plan.ports or plan.trunks)
                    settled.settle(directory, directory.read() if anew else have, plan)
        elif store.exists(path):
            with store.reading(path) as directory:
                have = directory.read()
                plan = decide(have)
                if settled is not None:
                    settled.foretell(directory, have, plan)
        else:
            module.warn(f"there is no directory database {path} yet: taken as empty in check mode")
            plan = decide(Directory(realm=""))
    except InvalidInputError as error:
        raise refused(module, error) from error
    except (DirectoryError, ConsoleError) as error:
        raise failed(module, str(error)) from error
    except OSError as error:
        raise failed(module, f"{error.filename}: {error.strerror or error}") from error
    for warning in plan.warnings:
        module.warn(warning)
    return plan


class _Settled:
    """Makes Asterisk fit the directory: its text, and with ``views`` the views of the database."""

    def __init__(self, module: AnsibleModule, views: bool = False) -> None:
        self._module = module
        self._views = views
        self._outcome = Outcome(changed=False)
        self.changed = False

    def settle(self, directory: store.Store, after: Directory, plan: Plan) -> None:
        self._look_at_certificates(plan)
        if self._views:
            installed = release()
            if not directory.has_views_for(installed):
                directory.make_views_for(installed)
                self.changed = True
        self._outcome = self._configuration().put_in_force(directory, after, plan)
        self.changed = self.changed or self._outcome.changed

    def foretell(self, directory: store.Store, have: Directory, plan: Plan) -> None:
        self._look_at_certificates(plan)
        self.changed = self._views and not directory.has_views_for(release())
        self._outcome = self._configuration().foretell(directory, have, plan)
        self.changed = self.changed or self._outcome.changed

    def result(self) -> dict[str, t.Any]:
        due = self._outcome.restart_due
        if due:
            self._module.warn(
                f"Asterisk has to be restarted, which ends calls, for {'; '.join(due)}. Restart it when that"
                " is convenient, or set restart: if_needed"
            )
        return {"restart_required": bool(due)}

    def _configuration(self) -> Configuration:
        params = self._module.params
        return Configuration(
            folder=params["configuration_folder"],
            gid=0 if self._module.check_mode else _gid(self._module),
            console=Console(),
            read_at_start=params["read_at_start"],
            may_restart=params["restart"] == "if_needed",
        )

    def _look_at_certificates(self, plan: Plan) -> None:
        wrong = [f"port {p.name!r}: {what}" for p in plan.ports.written() for what in wrong_with_files(p)]
        if wrong and self._module.check_mode:
            # An earlier task may put them there.
            for each in wrong:
                self._module.warn(f"{each} (the run refuses this)")
        elif wrong:
            raise DirectoryError("nothing was changed, for certificates are wrong:\n" + "\n".join(wrong))
        for each in port_certificate.warnings_of([*plan.ports.written(), *plan.ports.keep], time.time()):
            self._module.warn(each)


def _gid(module: AnsibleModule) -> int:
    name = module.params["group"]
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError as error:
        raise failed(module, f"there is no group {name!r} on this host; is Asterisk installed?") from error


def _tell_of_phones(module: AnsibleModule, plan: Plan) -> None:
    """Tell Asterisk whose phones may not be registered any more, and whose are to come."""
    if module.check_mode:
        return
    orphaned = contact.orphaned_numbers(plan)
    if orphaned:
        try:
            with log_in(module) as client:
                contact.remove(client, orphaned)
        except ami.AmiError as error:
            module.warn(
                f"the phones of {', '.join(sorted(orphaned))} stay registered until their registration"
                f" expires, for Asterisk could not be asked to forget them: {error}"
            )
    # Without it lamps and facts are late, once; so it is no matter where it fails.
    with contextlib.suppress(ConsoleError):
        contact.expect(Console(), contact.created_numbers(plan))


# --- what is told ----------------------------------------------------------------------------


def _done(kind: Kind, plan: Plan) -> dict[str, t.Any]:
    changes: Changes[t.Any] = getattr(plan, kind.attribute)
    return {
        "created": [getattr(thing, kind.key) for thing in changes.create],
        "updated": [getattr(becomes, kind.key) for was, becomes in changes.change],
        "deleted": [getattr(thing, kind.key) for thing in changes.delete],
        "unchanged": len(changes.keep),
    }


def _report(module: AnsibleModule, plan: Plan, changed: bool, **result: t.Any) -> None:
    """End the module with what the plan did, or would do."""
    if module._diff:
        result["diff"] = plan.diff_text()
    end(module, changed=changed, **result)
