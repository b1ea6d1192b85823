# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on the controller and asks no host: divides hosts into batches, and decides whether to go on."""

from __future__ import annotations

import dataclasses
import os
import secrets
import typing as t

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import batches, look, preflight, story
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout.words import LANGUAGES, said
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import rollout_files
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.inventory_digest import digest
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.planned import plan_of

Values = dict[str, t.Any]

BEGIN, PREFLIGHT, BATCH = STEPS = ("begin", "preflight", "batch")
SPEC: dict[str, dict[str, t.Any]] = {
    "step": {"type": "str", "choices": list(STEPS), "required": True},
    "batches": {"type": "raw", "default": list(batches.USUAL_SIZES)},
    "max_fail_percentage": {"type": "float", "default": 0.0},
    "min_registered": {"type": "float", "default": 95.0},
    "settle": {"type": "int", "default": 60},
    "wait": {"type": "bool", "default": False},
    "resume": {"type": "bool", "default": False},
    "folder": {"type": "path", "default": "."},
    "language": {"type": "str", "choices": sorted(LANGUAGES), "default": "en"},
    "begun": {"type": "dict"},
}
_COLOURS = {"bad": constants.COLOR_ERROR, "warning": constants.COLOR_WARN, "good": constants.COLOR_OK}


class ActionModule(ActionBase):
    """Takes one step of a rollout, for all hosts of the play at once."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        result: Values = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        step = {BEGIN: self._begin, PREFLIGHT: self._preflight, BATCH: self._batch}[options["step"]]
        result.update(changed=False, **step(options, task_vars or {}))
        return result

    # --- the beginning ---

    def _begin(self, options: Values, variables: Values) -> Values:
        sizes, wrong = batches.read_sizes(options["batches"])
        wrong = [f"pbx_rollout_batches: {each}" for each in wrong]
        for name in ("max_fail_percentage", "min_registered"):
            if not 0 <= options[name] <= 100:
                wrong.append(f"pbx_rollout_{name}: {options[name]:g} is not a percentage from 0 to 100")
        if options["settle"] < 0:
            wrong.append(f"pbx_rollout_settle: {options['settle']} is not a number of seconds")
        folder = os.path.abspath(options["folder"])
        if not os.path.isdir(folder) or not os.access(folder, os.W_OK | os.X_OK):
            wrong.append(f"pbx_rollout_folder: {folder} is not a folder in which you may write")
        if wrong:
            raise AnsibleActionFail("nothing was done:\n" + "\n".join(wrong))
        hosts: list[str] = variables["ansible_play_hosts_all"]
        raw = variables["hostvars"].raw_get
        before = self._before(folder, options["resume"])
        salt = before.salt if before else secrets.token_hex(16)
        made = digest(raw, hosts, salt)
        if before and before.digest != made:
            raise AnsibleActionFail(_other_inventory(hosts, list(before.hosts)))
        divided = batches.batches(hosts, sizes)
        done = sorted(before.settled) if before else []
        if done:
            # Where all are, this is the last step that is taken.
            self._say(said(LANGUAGES[options["language"]], "line already", {"count": len(done)}))
        names = ("max_fail_percentage", "min_registered", "settle", "wait")
        return {
            "folder": folder,
            "language": options["language"],
            "resumed": before is not None,
            "salt": salt,
            "digest": made,
            "batches": divided,
            "sizes": [len(batch) for batch in divided],
            "done": done,
            "marks": _marks(before) if before else {},
            "settings": {"batches": sizes, **{name: options[name] for name in names}},
        }

    def _before(self, folder: str, resume: bool) -> story.Story | None:
        """Return the rollout that is resumed; None where a new one is begun."""
        path = os.path.join(folder, rollout_files.STATE)
        try:
            before = rollout_files.told(folder)
        except (OSError, rollout_files.RolloutFileError) as error:
            raise AnsibleActionFail(f"nothing was done: {error}") from error
        if not resume:
            if before and before.state in (story.RUNNING, story.STOPPED) and not self._task.check_mode:
                self._display.warning(
                    f"the rollout of {path} was not finished. This one starts from the"
                    " beginning; pbx_rollout_resume would have resumed it"
                )
            return None
        if before is None or not before.batches:
            raise AnsibleActionFail(
                f"pbx_rollout_resume: there is no rollout to continue, because there is no {path}. Begin one"
                " without pbx_rollout_resume, or set pbx_rollout_folder to where its files are"
            )
        return before

    # --- the preflight ---

    def _preflight(self, options: Values, variables: Values) -> Values:
        begun = options["begun"]
        words = LANGUAGES[begun["language"]]
        raw = variables["hostvars"].raw_get
        active = set(variables["ansible_play_hosts"])
        plans = {
            host: plan_of(raw(host), host in active)
            for batch in begun["batches"]
            for host in batch
            if host not in begun["done"]
        }
        self._show(preflight.table(plans, begun["language"]))
        self._say(said(words, "line batches", {"sizes": ", ".join(map(str, begun["sizes"]))}))
        stop = preflight.foreseen_stop(
            plans, begun["batches"], options["max_fail_percentage"], set(begun["done"])
        )
        values = {**stop._asdict(), "percentage": options["max_fail_percentage"]} if stop else {}
        return {
            "plans": {host: dataclasses.asdict(plan) for host, plan in plans.items()},
            "totals": preflight.totals(plans),
            # Ansible shows all of a result that is a failure, and of hosts there may be many.
            "refusal": said(words, "line would stop", values) if stop else "",
        }

    # --- a batch ---

    def _batch(self, options: Values, variables: Values) -> Values:
        begun = options["begun"]
        words = LANGUAGES[begun["language"]]
        here = variables["inventory_hostname"]
        number, batch = next(
            (number, batch) for number, batch in enumerate(begun["batches"], 1) if here in batch
        )
        active = {*variables["ansible_play_hosts"], *begun["done"]}
        failed = [host for host in batch if host not in active]
        percentage = options["max_fail_percentage"]
        stop = batches.too_many(len(failed), len(batch), percentage)
        values = {
            "number": number,
            "failed": len(failed),
            "hosts": len(batch),
            "percentage": percentage,
            "names": failed,
        }
        why = said(words, "line stop", values) if stop else ""
        return {"stop": stop, "why": why, "failed_hosts": failed}

    # --- what is shown ---

    def _show(self, lines: t.Iterable[t.Any]) -> None:
        for line in lines:
            self._display.display(line.text, color=_COLOURS.get(line.kind))

    def _say(self, text: str) -> None:
        self._display.display(text)


def _marks(before: story.Story) -> dict[str, Values]:
    """Return the marks of the hosts that were left in the middle, as pbx_gate told them."""
    found = {}
    for name, host in before.hosts.items():
        if host.mark:
            newest = look.read(wire.unpacked(host.mark)).newest_change
            found[name] = {"mark": host.mark, "newest_change": newest}
    return found


def _other_inventory(hosts: t.Sequence[str], before: t.Sequence[str]) -> str:
    new = [host for host in hosts if host not in set(before)]
    gone = [host for host in before if host not in set(hosts)]
    parts = [f"{word}: {', '.join(names[:5])}" for word, names in (("new", new), ("gone", gone)) if names]
    which = f" ({'; '.join(parts)})" if parts else ""
    return (
        f"pbx_rollout_resume: the inventory is not what it was when this rollout began{which}, so the rest"
        " would get another plan than the first. Nothing was done. Take the change of the inventory back, or"
        " begin again without pbx_rollout_resume: hosts that are right already are left alone"
    )
