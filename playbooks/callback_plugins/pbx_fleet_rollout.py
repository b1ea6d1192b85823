# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps what becomes of each host of a rollout, event by event, and writes its report in the end.

A play of its own could not do it: where a whole batch has failed, no further play is run. And what has become
of a host is on the disk at once, so that a rollout can be resumed whatever becomes of this process.
"""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

from ansible import constants, context
from ansible.plugins.callback import CallbackBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.plain_text import clean

# Ansible loads this file with every playbook beside it, and most of them are not a rollout: what one needs is
# loaded where one begins.
if t.TYPE_CHECKING:
    from ansible_collections.voiceops.asterisk.plugins.plugin_utils.rollout_events import Events
    from ansible_collections.voiceops.asterisk.plugins.plugin_utils.rollout_files import Keeper

DOCUMENTATION = r"""
name: pbx_fleet_rollout
type: aggregate
short_description: Keep what becomes of each host of a rollout, and report it
version_added: "1.0.0"
description:
  - Writes the state and the report of the playbook voiceops.asterisk.rollout, and shows the outcome.
author:
  - voiceops.asterisk contributors (@voiceops)
"""

_COLOURS = {
    "bad": constants.COLOR_ERROR,
    "warning": constants.COLOR_WARN,
    "good": constants.COLOR_OK,
    "soft": constants.COLOR_SKIP,
}


class CallbackModule(CallbackBase):
    """Listens to the tasks of a rollout."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "voiceops.asterisk.pbx_fleet_rollout"

    def __init__(self) -> None:
        super().__init__()
        self._events: Events | None = None
        self._keeper: Keeper | None = None
        self._language = "en"

    def v2_runner_on_ok(self, result: t.Any) -> None:
        if _step(result) == "begin":
            self._begin(result.result)
        elif self._events:
            self._events.ok(result.host.name, _step(result), result.task.action, result.result)

    def _begin(self, begun: t.Mapping[str, t.Any]) -> None:
        """Open the files; a check has none."""
        if context.CLIARGS["check"]:
            return
        from ansible_collections.voiceops.asterisk.plugins.plugin_utils.rollout_events import Events  # noqa: PLC0415
        from ansible_collections.voiceops.asterisk.plugins.plugin_utils.rollout_files import (  # noqa: PLC0415
            Keeper,
            RolloutFileError,
        )

        self._language = begun["language"]
        try:
            self._keeper = Keeper(begun["folder"], begun["resumed"])
        except (OSError, RolloutFileError) as error:
            self._display.error(f"nothing was done: {error}")
            raise SystemExit(1) from error
        self._events = Events(self._keeper, time.time)
        self._events.begin(begun)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        step = _step(result)
        if self._events and (step or not ignore_errors):
            self._events.failed(result.host.name, step, result.result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        if self._events:
            self._events.unreachable(result.host.name, result.result)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        if not self._events or not self._keeper:
            return
        from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import summary  # noqa: PLC0415
        from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout.words import LANGUAGES, said  # noqa: PLC0415

        self._events.end()
        page = self._keeper.report(self._language)
        for line in summary.lines(self._keeper.story, self._language):
            self._display.display(line.text, color=_COLOURS.get(line.kind))
        address = clean(Path(page).as_uri())
        self._display.display(said(LANGUAGES[self._language], "line report", {"page": address}))
        self._keeper.close()
        self._events = self._keeper = None


def _step(result: t.Any) -> str:
    """Return which step of the playbook a task is; "" for those of the role."""
    return str((result.task.vars or {}).get("__pbx_rollout_step", ""))
