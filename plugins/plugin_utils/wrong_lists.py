# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the items of a directory's lists, for whoever ends a run before the module sees them."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import (
    InvalidInputError,
    Problem,
    gathered,
    whose,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.credentials import weak_password
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.defaults import ask_defaults
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.judgement import Policy
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    EXTENSION_DEFAULTS,
    EXTENSIONS,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.request import ASK


def wrong_with(lists: t.Mapping[str, t.Any], policy: Policy) -> list[Problem]:
    """Return the mistakes in lists as the module says them; ``lists`` by the names of its options.

    What is no list is left out. Beside the lists there may be the defaults of extensions. A weak password is
    one of the mistakes; the module takes one that the host has already.
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
