# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Skips the files of variables that cannot be read, so that all others can be looked at.

Ansible ends a run where a vault cannot be opened or a file is not YAML. Here such a file is taken as empty by
Ansible's own cache of files, and is kept in mind.
"""

from __future__ import annotations

import functools
import os
import typing as t

from ansible.errors import AnsibleError
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.findings import Finding
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.inventory_files import (
    Unreadable,
    unreadable_files,
)
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.origin import Place

#: By their paths, those of this process: a task is run in a fork of the one that began the play.
_passed_over: dict[str, Unreadable] = {}


class PassedOver:
    """Reads the variables of hosts without the files that cannot be read."""

    def __init__(self, loader: t.Any, hostvars: t.Any) -> None:
        self._loader, self._hostvars = loader, hostvars
        self._inventory = hostvars._inventory

    def variables(self, host: str) -> dict[str, t.Any]:
        """Return the variables of a host as they stand in the inventory."""
        try:
            return self._as_they_stand(host)
        except AnsibleError:
            sources = self._inventory._sources
            folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in sources]
            # As Ansible reads them, for what is read here stays in the cache.
            load = functools.partial(self._loader.load_from_file, trusted_as_template=True)
            found = unreadable_files([*folders, self._loader.get_basedir()], load, self._names(host))
            if not found:
                raise
            for each in found:
                _passed_over[each.file] = each
                self._loader._FILE_CACHE[self._loader.path_dwim(each.file)] = {}
            return self._as_they_stand(host)

    def is_sealed(self, host: str) -> bool:
        """Whether a vault of this host was skipped."""
        names = self._names(host)
        return any(each.name in names and each.is_vault for each in _passed_over.values())

    def findings(self, hosts: t.Collection[str]) -> tuple[list[Finding], list[Finding]]:
        """Return what to say of the vaults, and of the other files, that were skipped for these hosts."""
        vaults, others = [], []
        for host in hosts if _passed_over else ():
            names = self._names(host)
            for each in _passed_over.values():
                if each.name in names:
                    message = f"cannot be read: {each.cause}"
                    found = Finding(host, "", message, Place(each.file))
                    (vaults if each.is_vault else others).append(found)
        return vaults, others

    def _as_they_stand(self, host: str) -> dict[str, t.Any]:
        known = self._hostvars.raw_get(host)
        return known if isinstance(known, dict) else {}

    def _names(self, host: str) -> set[str]:
        """Return the host's name and those of its groups."""
        known = self._inventory.get_host(host)
        return {host, "all", *(group.name for group in known.get_groups())}
