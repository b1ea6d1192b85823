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
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.defaults import ask_defaults
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import EXTENSION_DEFAULTS
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.request import ASK


def wrong_with(lists: t.Mapping[str, t.Any], prefix: str = "") -> list[Problem]:
    """Return the mistakes in lists as the module says them; ``lists`` by the names of its options.

    ``prefix`` is what stands before these names where the user writes them. What is no list is left out.
    Beside the lists there may be the defaults of extensions.
    """
    written = ask_defaults(lists.get(EXTENSION_DEFAULTS), f"{prefix}{EXTENSION_DEFAULTS}")
    problems = [*written.problems]
    problems += [
        problem
        for kind, ask in ASK.items()
        if isinstance(items := lists.get(kind.option), list)
        for problem in ask(items, f"{prefix}{kind.option}").problems
    ]
    return gathered(InvalidInputError(problems).problems, functools.partial(whose, lists))
