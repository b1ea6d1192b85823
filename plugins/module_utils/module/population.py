# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules do that change a directory: read options, run the plan, report.

On the host each file is compiled again in every run, so what only ports and trunks need is in
``_infrastructure``.

Private to this collection's modules.
"""

from __future__ import annotations

import contextlib
import typing as t

from ..asterisk import committed
from ..asterisk.console import Console, ConsoleError
from ..database import store
from ..definition.problem import DirectoryError, InvalidInputError
from ..planning.decide import plan_kind, what_extensions_need
from ..planning.judgement import Policy
from ..planning.plan import EXTENSIONS, Changes, Directory, Kind, Part, Plan
from ..planning.request import ASK, Asked
from . import options
from .ansible_module import end, failed, log_in, refused, start

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

    from ..confirming import arming
    from ..database.history import Origin

#: Makes a plan of what there is; in check mode there may be no database yet.
Decide = t.Callable[[Directory, "store.Store | None"], Plan]


class Settled(t.Protocol):
    """What has to fit a directory besides its database."""

    def settle(self, directory: store.Store, after: Directory, plan: Plan) -> None:
        """Make it fit; what is raised takes the transaction back."""

    def foretell(self, directory: store.Store, have: Directory, plan: Plan) -> None:
        """Find out what ``settle`` would do, and change nothing."""


def run_population(kind: Kind, more: options.Spec) -> None:
    """Run the module of a kind of things that Asterisk finds in the database."""
    module = kind_module(kind, more)
    asked = asked_of(module, kind)
    policy = policy_of(module)
    part = what_extensions_need(asked, policy) if kind is EXTENSIONS else None
    plan = carry_out(module, lambda have, _store: plan_kind(kind, have, asked, policy), part=part)
    result = {}
    if kind is EXTENSIONS:
        tell_of_phones(module, plan)
        result["created_groups"] = [group.name for group in plan.groups.create]
    report(module, plan, bool(plan), **done(kind, plan), **result)


# --- what is asked ---------------------------------------------------------------------------


def kind_module(kind: Kind, more: options.Spec) -> AnsibleModule:
    """Build a module that takes one thing by its options, or a list of such things."""
    item = options.ITEM[kind]
    spec = {
        **item,
        **options.list_of(kind),
        **options.PURGE,
        **options.DATABASE,
        **options.AMI,
        **options.HANDED_OVER,
        **options.COMMENT,
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


def asked_of(module: AnsibleModule, kind: Kind) -> Asked:
    """Return what the user asks for, by the options of one item or by the list."""
    items = module.params[kind.option]
    if items is not None:
        return ASK[kind](items, kind.option)
    return ASK[kind]([{option: module.params[option] for option in options.ITEM[kind]}], "")


def called(module: AnsibleModule, option: str) -> str:
    """Return the name by which the user knows an option of this module."""
    return Policy(by_role=module.params.get("by_role", False)).called(option)


def policy_of(module: AnsibleModule) -> Policy:
    """Return what the run may do, as the options say. Ends the module where they make no sense."""
    params = module.params
    if not 0 <= params["purge_limit"] <= 100:
        wrong = f"{params['purge_limit']} is not a percentage from 0 to 100"
        raise failed(module, f"{called(module, 'purge_limit')}: {wrong}")
    return Policy(
        create_groups=params.get("create_groups", False),
        update_password=params.get("update_password") != "on_create",
        allow_weak_password=params.get("allow_weak_password", False),
        purge=params["purge"],
        purge_limit=params["purge_limit"],
        force=params.get("force", False),
        by_role=params.get("by_role", False),
        check_mode=module.check_mode,
    )


# --- what is done ----------------------------------------------------------------------------


def carry_out(
    module: AnsibleModule,
    decide: Decide,
    settled: Settled | None = None,
    part: Part | None = None,
    *,
    back_to: t.Callable[[], int | None] = lambda: None,
    wish: arming.Wish | None = None,
) -> Plan:
    """Plan, and apply the plan unless in check mode; ends the module where that cannot be done.

    ``part`` is what the decision needs of the directory, where that is not all of it; ``back_to`` tells
    where a plan leads back to that has been decided; ``wish`` is how the change waits to be confirmed.
    """
    path = module.params["database"]
    _refuse_long_comment(module)
    has_changed = False
    try:
        if not module.check_mode:
            with store.writing(path) as directory:
                have = directory.read(part)
                plan = decide(have, directory)
                origin = origin_of(module) if plan else None
                directory.apply(plan, origin, back_to(), to_confirm=wish is not None)
                with _armed(directory, path, origin, wish):
                    if settled is not None:
                        # Read again, because new ports and trunks have got their identifiers only now.
                        anew = bool(plan.ports or plan.trunks or plan.media_timeouts)
                        settled.settle(directory, directory.read() if anew else have, plan)
                has_changed = directory.has_changed
        elif store.exists(path):
            with store.reading(path) as directory:
                have = directory.read(part)
                plan = decide(have, directory)
                if plan and wish is None and back_to() is None:
                    directory.unconfirmed.refuse()
                if settled is not None:
                    settled.foretell(directory, have, plan)
        else:
            module.warn(f"there is no directory database {path} yet: taken as empty in check mode")
            plan = decide(Directory(realm=""), None)
    except InvalidInputError as error:
        raise refused(module, error) from error
    except (DirectoryError, ConsoleError) as error:
        raise failed(module, str(error)) from error
    except OSError as error:
        raise failed(module, f"{error.filename}: {error.strerror or error}") from error
    told = committed.tell_of_change(lambda: log_in(module)) if has_changed else []
    for warning in (*told, *plan.warnings):
        module.warn(warning)
    return plan


def _armed(
    directory: store.Store, path: str, origin: Origin | None, wish: arming.Wish | None
) -> t.ContextManager[None]:
    """Have a change that is applied wait, if it is to; one without an origin changes nothing."""
    if wish is None or origin is None:
        return contextlib.nullcontext()
    from ..confirming import arming  # noqa: PLC0415 - few changes wait

    return arming.armed(directory, path, origin, wish)


def tell_of_phones(
    module: AnsibleModule, plan: Plan, earlier: frozenset[tuple[str, str]] | None = None
) -> None:
    """Tell Asterisk whose phones may not be registered any more, whose are to come, and of lamps.

    ``earlier`` is what phone_settings.ask_phones has returned.
    """
    if module.check_mode:
        return
    for warning in committed.tell_of_phones(
        module.params["database"], plan, lambda: log_in(module), Console(), earlier
    ):
        module.warn(warning)


def _refuse_long_comment(module: AnsibleModule) -> None:
    length, most = len(module.params["change_comment"] or ""), options.LONGEST_COMMENT
    if length > most:
        message = f"it has {length} characters, and {most} are kept; say it in fewer"
        raise failed(module, f"{called(module, 'change_comment')}: {message}")


def origin_of(module: AnsibleModule) -> Origin:
    """Return who changes the directory and why, as the action plugin tells; else it is this host's user."""
    from ..database import history  # noqa: PLC0415 - most runs change nothing

    here = history.of_this_process()
    told: dict[str, str] = module.params.get("origin") or {}
    comment = module.params["change_comment"] or told.get("comment", "")
    return history.Origin(told.get("user", here.user), told.get("controller", here.controller), comment)


# --- what is told ----------------------------------------------------------------------------


def done(kind: Kind, plan: Plan) -> dict[str, t.Any]:
    """Return what the plan does to this kind of things, for the result."""
    changes: Changes[t.Any] = getattr(plan, kind.attribute)
    return {
        "created": [getattr(thing, kind.key) for thing in changes.create],
        "updated": [getattr(becomes, kind.key) for was, becomes in changes.change],
        "deleted": [getattr(thing, kind.key) for thing in changes.delete],
        "unchanged": len(changes.keep),
    }


def report(module: AnsibleModule, plan: Plan, changed: bool, **result: t.Any) -> None:
    """End the module with what the plan did, or would do."""
    if module._diff:
        result["diff"] = plan.diff_text()
    end(module, changed=changed, **result)
