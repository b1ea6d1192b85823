# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on the controller and asks no host: shows what each has answered before."""

from __future__ import annotations

import os
import stat
import time
import typing as t
from pathlib import Path

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import textfile
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.module_utils.status import board, overview, terminal
from ansible_collections.voiceops.asterisk.plugins.module_utils.status.answers import read
from ansible_collections.voiceops.asterisk.plugins.module_utils.status.words import LANGUAGES

SPEC: dict[str, dict[str, t.Any]] = {
    "answers": {"type": "str", "required": True},
    "page": {"type": "path"},
    "language": {"type": "str", "choices": sorted(LANGUAGES), "default": "en"},
    "refresh": {"type": "int", "default": 0},
    "show": {"type": "bool", "default": True},
    "most": {"type": "int", "default": 0},
}
COLOURS = {"bad": constants.COLOR_ERROR, "warning": constants.COLOR_WARN, "good": constants.COLOR_OK}


class ActionModule(ActionBase):
    """Renders the answers of all hosts of the play, also of those that could not be reached."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        variables = task_vars or {}
        hosts = variables.get("ansible_play_hosts_all", [])
        path = os.path.abspath(options["page"]) if options["page"] else None
        # Also of hosts that this run does not ask (--limit), but not of those that the inventory has lost.
        known = variables.get("groups", {}).get("all", hosts)
        before = {host: seen for host, seen in self._last_seen(path).items() if host in known}
        answers = {host: _answer(variables, host, options["answers"]) for host in hosts}
        seen = read(answers, before)
        lines = terminal.table(seen, options["language"], options["most"])
        if path:
            if not self._task.check_mode:
                _write(path, board.page(seen, time.time(), options["language"], options["refresh"]))
                words = LANGUAGES[options["language"]]
                lines.append(
                    terminal.Line(words["line page"].format(page=terminal.clean(Path(path).as_uri())))
                )
            result["page"] = path
        if options["show"]:
            for line in lines:
                self._display.display(line.text, color=COLOURS.get(line.kind))
        result.update(
            changed=False,
            lines=[line.text for line in lines],
            not_running=[host.name for host in seen.hosts if host.state != overview.RUNNING],
        )
        return result

    def _last_seen(self, path: str | None) -> overview.LastSeen:
        """Return what the page that is there says about the past; nothing where there is none."""
        try:
            return board.last_seen((path and textfile.current(path)) or "")
        except OSError as error:
            self._display.warning(
                f"the page {path} cannot be read ({error.strerror}): phones that are gone are not shown"
            )
            return {}


def _answer(variables: dict[str, t.Any], host: str, name: str) -> t.Any:
    """Return what the host answered; as it is, because no answer is a template, and to look takes long.

    Measured with 20,000 extensions: the task takes 11 s if one looks, and 4 s if not.
    """
    answer = variables["hostvars"].raw_get(host).get(name)
    facts = answer.get("ansible_facts") if isinstance(answer, dict) else None
    if not isinstance(facts, dict):
        return answer
    try:
        facts = wire.unpacked(facts[wire.FACT]) if wire.FACT in facts else wire.bare(facts)
        return {**answer, "ansible_facts": facts}
    except wire.NotPackedError as error:
        return {"failed": True, "msg": f"its answer is {error}"}


def _write(path: str, text: str) -> None:
    """Replace the page; a browser may be reading it. Its permissions stay; a new one is its owner's."""
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode) if os.path.exists(path) else 0o600
        textfile.write(path, text, mode=mode)
    except OSError as error:
        raise AnsibleActionFail(f"the page {path} cannot be written: {error.strerror}") from error
