# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on the controller and asks no host: looks at what the inventory says of each."""

from __future__ import annotations

import typing as t

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible import constants
from ansible.plugins.action import ActionBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.plain_text import clean
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.findings import Finding, gathered, shown
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.one_host import Outcome, examine
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.origin import Place
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.passed_over import PassedOver
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.role_variables import RoleVariables
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.unread import unknown, unread

SPEC: dict[str, dict[str, t.Any]] = {
    "without_vault": {"type": "bool", "default": False},
    "show": {"type": "bool", "default": True},
}


class ActionModule(ActionBase):
    """Looks at the variables of all hosts of the play."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        variables = task_vars or {}
        hosts: list[str] = variables.get("ansible_play_hosts_all", [])
        role = RoleVariables(self._loader)
        passed_over = PassedOver(self._loader, variables["hostvars"])
        outcomes = {}
        names: dict[str, list[str]] = {}
        for host in hosts:
            known = passed_over.variables(host)
            names[host] = unknown(known, role.known)
            outcomes[host] = examine(host, known, role, sealed=passed_over.is_sealed(host))
        mistakes = [mistake for outcome in outcomes.values() for mistake in outcome.mistakes]
        remarks = [remark for outcome in outcomes.values() for remark in outcome.remarks]
        remarks += unread(names, passed_over.variables)
        mistakes += _given_twice(outcomes)
        sealed, broken = passed_over.findings(hosts)
        mistakes += broken
        sealed += [value for outcome in outcomes.values() for value in outcome.locked]
        (remarks if options["without_vault"] else mistakes).extend(sealed)
        said, noted = gathered(mistakes), gathered(remarks)
        lines = [clean(line) for one in said for line in str(one).split("\n")]
        notes = [clean(line) for one in noted for line in str(one).split("\n")]
        unjudged = sum(outcome.sealed for outcome in outcomes.values())
        extensions = sum(outcome.extensions for outcome in outcomes.values())
        summary = ", ".join([_counted(len(hosts), "host"), _counted(extensions, "extension")])
        summary = f"{summary}: {_counted(len(said), 'mistake')}"
        if unjudged:
            values = "1 value was" if unjudged == 1 else f"{unjudged:,} values were"
            summary += f"; {values} not judged, because a vault cannot be opened"
        if broken:
            summary += "; the extensions of files that cannot be read are not counted"
        if options["show"]:
            self._show(lines, constants.COLOR_ERROR)
            self._show(notes, constants.COLOR_WARN)
            self._show([summary], constants.COLOR_ERROR if said else constants.COLOR_OK)
        result.update(
            changed=False,
            summary=summary,
            mistakes=[one.as_result() for one in said],
            remarks=[one.as_result() for one in noted],
            lines=lines,
        )
        return result

    def _show(self, lines: t.Iterable[str], colour: str) -> None:
        for line in lines:
            self._display.display(line, color=colour)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _given_twice(outcomes: t.Mapping[str, Outcome]) -> t.Iterator[Finding]:
    """Report each number that more than one host has of those that share their numbers."""
    places: dict[str, dict[str, Place]] = {}
    for host, outcome in outcomes.items():
        for number, place in outcome.unique_numbers.items():
            places.setdefault(number, {})[host] = place
    for number, by_host in places.items():
        if len(by_host) > 1:
            first, *others = by_host
            elsewhere = ", ".join(f"{host} ({shown(by_host[host])})" for host in others[:3])
            more = f" and {len(others) - 3:,} more" if len(others) > 3 else ""
            message = (
                f"{number} is also an extension of {elsewhere}{more}; pbx_numbers_unique: fleet has it once"
            )
            yield Finding(first, "pbx_extensions", message, by_host[first])
