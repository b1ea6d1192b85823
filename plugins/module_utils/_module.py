# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only file that knows AnsibleModule: reads options, runs the plan, reports.

Private to this collection's modules.
"""

from __future__ import annotations

import grp
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule

from . import ami, contact, status, store, transport
from .decide import Policy
from .model import Asked, Request
from .plan import Changes, Directory, Plan
from .problem import DirectoryError, InvalidInputError
from .reading import Item

STATE = {"type": "str", "choices": ["present", "absent"], "default": "present"}
DATABASE = {"database": {"type": "path", "default": store.DEFAULT_PATH}}
PURGE = {"purge": {"type": "bool", "default": False}, "purge_limit": {"type": "int", "default": 20}}
AMI = {
    "ami_port": {"type": "int", "default": ami.DEFAULT_PORT},
    "ami_secret_file": {"type": "path", "default": ami.DEFAULT_SECRET_FILE},
    "ami_timeout": {"type": "float", "default": 30.0},
}


def directory_module(
    one: dict[str, t.Any], key: str, list_option: str, extra: t.Mapping[str, t.Any] | None = None
) -> AnsibleModule:
    """Build a module that takes one item by its options, or a list of such items.

    ``one`` is the option set of an item. In the list nothing is required by Ansible, because
    our own check names the index of the item that is wrong, and Ansible's does not.
    """
    return AnsibleModule(
        argument_spec={
            **one,
            list_option: {"type": "list", "elements": "dict", "options": one},
            **PURGE,
            **DATABASE,
            **(extra or {}),
        },
        supports_check_mode=True,
        mutually_exclusive=[(option, list_option) for option in one if "default" not in one[option]],
        required_one_of=[(key, list_option)],
        required_if=[("purge", True, [list_option])],
    )


def policy(module: AnsibleModule, **more: bool) -> Policy:
    """Return how the requests of this module are to be understood."""
    if not 0 <= module.params["purge_limit"] <= 100:
        raise _failed(
            module, f"purge_limit: {module.params['purge_limit']} is not a share from 0 to 100 percent"
        )
    return Policy(
        purge=module.params["purge"],
        purge_limit=module.params["purge_limit"],
        check_mode=module.check_mode,
        **more,
    )


def plain_module(options: t.Mapping[str, t.Any]) -> AnsibleModule:
    """Build a module about the directory as a whole."""
    return AnsibleModule(argument_spec={**DATABASE, **options}, supports_check_mode=True)


def create_directory(module: AnsibleModule) -> bool:
    """Create the database unless it exists; tell whether it was (or would be) created."""
    path = module.params["database"]
    try:
        if store.exists(path):
            with store.reading(path):
                return False
        if not module.check_mode:
            store.create(path, _gid(module))
    except DirectoryError as error:
        raise _failed(module, str(error)) from error
    return True


def write_transports(module: AnsibleModule, plan: Plan) -> bool:
    """Write the ports as Asterisk's transports; tell whether the file was (or would be) changed."""
    path = module.params["transports_file"]
    if module.check_mode and plan:
        return True  # identifiers of new ports are given only when they are stored
    try:
        with store.reading(module.params["database"]) as directory:
            text = transport.render(directory.read().ports.values())
    except DirectoryError as error:
        raise _failed(module, str(error)) from error
    try:
        if transport.current(path) == text:
            return False
        if not module.check_mode:
            transport.write(path, text, _gid(module))
    except OSError as error:
        raise _failed(module, f"transports file {path}: {error.strerror or error}") from error
    return True


def _gid(module: AnsibleModule) -> int:
    name = module.params["group"]
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError as error:
        raise _failed(module, f"there is no group {name!r} on this host; is Asterisk installed?") from error


def asked(module: AnsibleModule, read: t.Callable[[t.Sequence[Item], str], Asked], list_option: str) -> Asked:
    """Return what the user asks for, by the options of one item or by the list."""
    items = module.params[list_option]
    return read([module.params], "") if items is None else read(items, list_option)


def carry_out(
    module: AnsibleModule,
    want: Asked,
    decide: t.Callable[[Directory, t.Sequence[Request], Policy], Plan],
    policy: Policy,
) -> Plan:
    """Plan, and apply the plan unless in check mode; ends the module where that cannot be done."""
    path = module.params["database"]
    try:
        if not module.check_mode:
            with store.writing(path) as directory:
                plan = _decided(directory.read(), want, decide, policy)
                if plan:
                    directory.apply(plan)
        elif store.exists(path):
            with store.reading(path) as directory:
                plan = _decided(directory.read(), want, decide, policy)
        else:
            module.warn(f"there is no directory database {path} yet: taken as empty in check mode")
            plan = _decided(Directory(realm=""), want, decide, policy)
    except InvalidInputError as error:
        raise _refused(module, error) from error
    except DirectoryError as error:
        raise _failed(module, str(error)) from error
    for warning in plan.warnings:
        module.warn(warning)
    return plan


def _decided(
    have: Directory,
    want: Asked,
    decide: t.Callable[[Directory, t.Sequence[Request], Policy], Plan],
    policy: Policy,
) -> Plan:
    """Return the plan. Raises InvalidInputError with what is wrong in itself and what is wrong here."""
    problems = list(want.problems)
    try:
        plan = decide(have, want.requests, policy)
    except InvalidInputError as error:
        problems += [problem for problem in error.problems if not want.is_consequence(problem)]
    if problems:
        raise InvalidInputError(problems)
    return plan


def report(module: AnsibleModule, plan: Plan, changes: Changes[t.Any], key: str, **more: t.Any) -> None:
    """End the module with what the plan did, or would do."""
    result: dict[str, t.Any] = {
        "changed": bool(plan),
        "created": [getattr(thing, key) for thing in changes.create],
        "updated": [getattr(becomes, key) for was, becomes in changes.change],
        "deleted": [getattr(thing, key) for thing in changes.delete],
        "unchanged": len(changes.keep),
    }
    result.update(more)
    if module._diff:
        result["diff"] = plan.diff_text()
    module.exit_json(**result)


def log_in(module: AnsibleModule) -> ami.Client:
    """Connect to the manager interface of this host's Asterisk. Raises AmiError."""
    secret = ami.read_secret(module.params["ami_secret_file"])
    return ami.Client(secret, module.params["ami_port"], module.params["ami_timeout"])


def drop_contacts(module: AnsibleModule, plan: Plan) -> None:
    """Unregister the phones that the plan took the right from; a warning where that is not possible."""
    numbers = contact.orphaned_numbers(plan)
    if not numbers or module.check_mode:
        return
    try:
        with log_in(module) as client:
            contact.remove(client, numbers)
    except ami.AmiError as error:
        module.warn(
            f"the phones of {', '.join(sorted(numbers))} stay registered until their registration"
            f" expires, for Asterisk could not be asked to forget them: {error}"
        )


def gather(module: AnsibleModule) -> status.Facts:
    """Return the facts of this host; ends the module where they cannot be had."""
    try:
        with store.reading(module.params["database"]) as directory:
            defined = directory.read()
        try:
            with log_in(module) as client:
                live: status.Live | None = status.ask(client)
        except ami.AsteriskStoppedError:
            live = None
    except (DirectoryError, ami.AmiError) as error:
        raise _failed(module, str(error)) from error
    facts = status.facts(defined, live, time.time())
    if module.params["gather_directory"]:
        facts["pbx_directory"] = status.directory_as_written(defined)
    return facts


def _refused(module: AnsibleModule, error: InvalidInputError) -> SystemExit:
    problems = [{"path": problem.path, "message": problem.message} for problem in error.problems]
    return _failed(
        module, f"nothing was changed, for {len(problems)} thing(s) are wrong:\n{error}", problems=problems
    )


def _failed(module: AnsibleModule, message: str, **more: t.Any) -> SystemExit:
    module.fail_json(msg=message, **more)
    return SystemExit(1)  # fail_json has left already; this tells the type checker so
