# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the items of a directory's lists, for code that ends a run before the module runs."""

from __future__ import annotations

import functools
import typing as t

from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import (
    InvalidInputError,
    Problem,
    gathered,
    whose,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.redaction import (
    Redaction,
    secrets_of,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.credentials import weak_password
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.defaults import ask_defaults
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.judgement import Policy
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    EXTENSION_DEFAULTS,
    EXTENSIONS,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.request import ASK
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.misread import numbers_misread

Rule = dict[str, t.Any]


def wrong_with(lists: t.Mapping[str, t.Any], policy: Policy) -> list[Problem]:
    """Return the mistakes in lists as the module says them; ``lists`` by the names of its options.

    What is not a list is left out. Beside the lists there may be the defaults of extensions. A weak password
    is one of the mistakes; the module takes one that the host has already.
    """
    problems = [*ask_defaults(lists.get(EXTENSION_DEFAULTS), policy.called(EXTENSION_DEFAULTS)).problems]
    for kind, ask in ASK.items():
        if isinstance(items := lists.get(kind.option), list):
            asked = ask(items, policy.called(kind.option))
            problems += asked.problems
            if kind is EXTENSIONS:
                for each in asked.requests:
                    problems += weak_password(each, each.given.get("username") or each.key, policy)
    return gathered(InvalidInputError(problems).problems, functools.partial(whose, lists))


def wrong_variables(variables: t.Mapping[str, t.Any]) -> list[Rule]:
    """Return what is wrong with the lists of a host, in the terms of the role's preflight."""
    options = [*(kind.option for kind in ASK), EXTENSION_DEFAULTS]
    lists = {option: variables.get(f"pbx_{option}") for option in options}
    allow_weak = variables.get("pbx_allow_weak_passwords", False)
    rules = [rule for option, items in lists.items() for rule in _misread(option, items)]
    # The host takes a weak password that it has already, so by itself it is not a mistake here.
    if not rules and not wrong_with(lists, Policy(by_role=True, allow_weak_password=True)):
        return []
    # One that is neither true nor false is reported by the code that looks at types; till then nothing is
    # called weak.
    policy = Policy(by_role=True, allow_weak_password=str(allow_weak).lower() not in BOOLEANS_FALSE)
    return [{"path": wrong.path, "say": wrong.message} for wrong in wrong_with(lists, policy)] + rules


def _misread(option: str, items: t.Any) -> list[Rule]:
    found = numbers_misread(option, items)
    say = f"YAML does not read these as they are written; put them in quotes: {', '.join(found)}"
    return [{"path": f"pbx_{option}", "say": say}] if found else []


def said_besides(packed: t.Mapping[str, str], arguments: t.Mapping[str, t.Any]) -> list[str]:
    """Return the lines that say what a module would find in its lists, without their secrets.

    ``packed`` are the lists on their way to the host, and ``arguments`` the other options of the task.
    """
    # What is neither true nor false the module would say.
    allow_weak = str(arguments.get("allow_weak_password", False)).lower() not in BOOLEANS_FALSE
    policy = Policy(by_role=bool(arguments.get("by_role")), allow_weak_password=allow_weak)
    written = arguments.get(EXTENSION_DEFAULTS)
    lists = {option: wire.unpacked_list(text) for option, text in packed.items()}
    lists[EXTENSION_DEFAULTS] = written
    redaction = Redaction(secret for items in [*lists.values(), [written]] for secret in secrets_of(items))
    lines = [redaction.text(str(wrong)) for wrong in wrong_with(lists, policy)]
    return ["And these are wrong:", *lines] if lines else []
