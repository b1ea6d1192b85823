# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""For tests: the modules, and what each tells Ansible of its options."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from ansible.module_utils.basic import AnsibleModule

PLUGINS = "ansible_collections.voiceops.asterisk.plugins"
FOLDER = Path(__file__).parents[2] / "plugins"
MODULES = sorted(path.stem for path in (FOLDER / "modules").glob("*.py"))


#: Modules that are an action on the controller and nothing else: only their documentation is a module.
ON_THE_CONTROLLER = {
    *("pbx_export", "pbx_import", "pbx_look", "pbx_rollout", "pbx_status_board", "pbx_validate"),
}


class ToldError(Exception):
    """Raised in the place of the module's work."""


def told(module):
    """Return the options of a module as Ansible is told of them when it starts."""

    if module in ON_THE_CONTROLLER:
        return importlib.import_module(f"{PLUGINS}.action.{module}").SPEC

    def ansible_module(_module, argument_spec, **_rules):
        raise ToldError(argument_spec)

    main = importlib.import_module(f"{PLUGINS}.modules.{module}").main
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AnsibleModule, "__init__", ansible_module)
        with pytest.raises(ToldError) as raised:
            main()
    return raised.value.args[0]
