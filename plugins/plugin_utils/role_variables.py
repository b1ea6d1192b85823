# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the role pbx: which there are, what they are by default, and the rules between them."""

from __future__ import annotations

import functools
import json
import typing as t
from pathlib import Path

from ansible.template import Templar, trust_as_template

ROLE = Path(__file__).resolve().parents[2] / "roles" / "pbx"
#: What no rule is about but those of the lists themselves: with them no two hosts would be alike.
_NOT_IN_RULES: dict[str, t.Any] = {
    "pbx_extensions": [],
    "pbx_extension_groups": [],
    "pbx_trunks": [],
    "pbx_outbound_profiles": [],
    "pbx_extension_defaults": {},
    "pbx_number_ranges": [],
}


class RoleVariables:
    """What the role's files say, read once by Ansible's loader of files."""

    def __init__(self, loader: t.Any) -> None:
        self._loader = loader
        load = functools.partial(loader.load_from_file, trusted_as_template=True)
        self.defaults = _all_of(ROLE / "defaults" / "main", load)
        self.internal = {
            **_all_of(ROLE / "vars" / "main", load),
            "role_path": str(ROLE),
            "ansible_run_tags": ["all"],
        }
        specs = load(str(ROLE / "meta" / "argument_specs.yml"))
        self.options: dict[str, t.Any] = specs["argument_specs"]["main"]["options"]
        self.known = frozenset([*self.options, *self.internal["__pbx_variables_of_playbooks"]])
        self._said: dict[str, list[tuple[str, str]]] = {}

    def wrong_together(
        self, variables: t.Mapping[str, t.Any], values: t.Mapping[str, t.Any]
    ) -> list[tuple[str, str]]:
        """Return what the role's own rules find wrong with the variables of a host, with its place.

        ``variables`` are all of the host's, ``values`` those of the role that are given and of the right
        type. Hosts with the same values are judged once.
        """
        judged = {name: value for name, value in values.items() if name not in _NOT_IN_RULES}
        key = json.dumps(judged, sort_keys=True, default=repr)
        if key not in self._said:
            known = {**variables, **self.defaults, **judged, **_NOT_IN_RULES, **self.internal}
            rules = Templar(self._loader, known).template(_RULES)
            self._said[key] = [(rule["path"], rule["say"]) for rule in rules]
        return self._said[key]


_RULES = trust_as_template(
    "{{ (__pbx_rules_install + __pbx_rules_recording + __pbx_rules_metrics + __pbx_rules_hardening)"
    " | selectattr('wrong') | list }}"
)


def _all_of(folder: Path, load: t.Callable[[str], t.Any]) -> dict[str, t.Any]:
    return {name: value for file in sorted(folder.glob("*.yml")) for name, value in load(str(file)).items()}
