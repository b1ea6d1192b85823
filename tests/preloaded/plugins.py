# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Plugins of Ansible and of the collection that are found once, for all runs and the workers of each.

Ansible looks for a plugin in each process that needs one, and has one for each task: it imports all filters
to find one, and does so again for each name that turns out to be Jinja's own.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from jinja2.defaults import DEFAULT_FILTERS, DEFAULT_TESTS

COLLECTION = "voiceops.asterisk"
#: What each run imports in addition, and each worker of a run again: a fork keeps to itself what it has
#: imported.
IMPORTED = (
    *(f"ansible.plugins.{kind}" for kind in ("action", "callback", "filter")),
    *(f"ansible.plugins.{kind}" for kind in ("lookup", "strategy", "test", "vars")),
    "ansible.module_utils._internal._json._profiles",
)


def find_once() -> None:
    """Have the plugins at hand in this process and its forks, where ansible's commands are imported."""
    for name in IMPORTED:
        package = importlib.import_module(name)
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    commands: Any = importlib.import_module("ansible.cli")
    loader: Any = importlib.import_module("ansible.plugins.loader")
    # A command does it when it has read its arguments; these have none about where collections are.
    commands.init_plugin_loader([])
    commands.init_plugin_loader = lambda _folders: None
    # As ansible.executor.playbook_executor: they are asked for their options.
    for plugins in (loader.connection_loader, loader.shell_loader, loader.become_loader):
        list(plugins.all(class_only=True))
    list(loader.inventory_loader.all(class_only=True))
    for plugins in (loader.action_loader, loader.lookup_loader):
        for name in _of_collection(plugins.type):
            plugins.get(name, class_only=True)
    _find_filters(loader, loader.filter_loader, DEFAULT_FILTERS)
    _find_filters(loader, loader.test_loader, DEFAULT_TESTS)


def _of_collection(kind: str) -> list[str]:
    package = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins")
    return [
        f"{COLLECTION}.{module.name}"
        for module in pkgutil.iter_modules([f"{folder}/{kind}" for folder in package.__path__])
    ]


def _find_filters(loader: Any, plugins: Any, of_jinja: dict[str, Any]) -> None:
    """Remember what is found for the names of the collection and of Jinja; Ansible remembers its own only."""
    found_anew = plugins.get_with_context
    found = {name: found_anew(name) for name in _of_collection(plugins.type)}
    for name in filter(str.isidentifier, of_jinja):
        if (nothing := found_anew(name)).object is None:
            found[name] = nothing

    def get_with_context(name: str, *more: Any, **named: Any) -> Any:
        plugins._ensure_non_collection_wrappers()
        # What lies beside a playbook or in a role comes first.
        if name in found and name not in plugins._cached_non_collection_wrappers:
            return found[name]
        return found_anew(name, *more, **named)

    plugins.get_with_context = get_with_context
