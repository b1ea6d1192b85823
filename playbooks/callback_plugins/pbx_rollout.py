# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows at the end of a run what it has done to each host, also to those where it failed.

Ansible loads it with the playbooks beside it, and with no others. A play of its own could not do it: where a
whole batch has failed, no further play is run.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import re
import typing as t

from ansible import constants, context
from ansible.errors import AnsibleError
from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import filter_loader
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.declared import of_the_collection
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.inventory_files import unreadable
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.rollout import Rollout, is_fleet_rollout

DOCUMENTATION = r"""
name: pbx_rollout
type: aggregate
short_description: Tell at the end of a run what it has done to each host
version_added: "1.0.0"
description:
  - How many things each host has got, changed and lost, how many of its phones are registered, and what
    went wrong.
author:
  - voiceops.asterisk contributors (@voiceops)
"""

_OLDEST = "ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible"
_MODULES = "voiceops.asterisk."
#: Tags that the role has, and words for them.
_TAGS = frozenset(["all", "tagged", "untagged", "install", "configure", "recording", "directory"])
#: The modules that tell what was done with a directory.
_TELLING = (f"{_MODULES}pbx_directory", f"{_MODULES}pbx_look")
#: Where the role keeps what apt-get says of the packages that go, and how it says it.
_PACKAGES = "__pbx_packages_to_remove"
_WOULD_GO = re.compile(r"(?:Remv|Purg) (\S+)")
_FOLDERS = "__pbx_empty"
_NEEDLESS = "packages that came with these, and that nothing needs any more"
#: From how many hosts on the memory of forks matters. With fewer, a look for garbage gains nothing.
_MANY_HOSTS = 50
_COLOURS = {"bad": constants.COLOR_ERROR, "warning": constants.COLOR_WARN}


class CallbackModule(CallbackBase):
    """Collects what the tasks of the role return."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "voiceops.asterisk.pbx_rollout"

    def __init__(self) -> None:
        super().__init__()
        self._rollout = Rollout()
        self._variables: t.Any = None
        self._pattern: list[str] = []
        # Ansible tells a callback nothing of an error that ends the run at once.
        atexit.register(self._name_what_cannot_be_read)

    def v2_playbook_on_start(self, playbook: t.Any) -> None:
        """End a run at once whose ansible-core is too old: Ansible would go on as far as it can."""
        try:
            importlib.import_module(_OLDEST)
        except AnsibleError as error:
            self._display.error(str(error))
            raise SystemExit(1) from error

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        self._variables, self._pattern = play.get_variable_manager(), play.hosts
        # Only a play that applies the role is a roll-out.
        roles = [*play.roles, *(block._role for block in play.tasks)]
        is_canary = is_fleet_rollout(play)
        if is_canary or any(role and role.get_name() == "voiceops.asterisk.pbx" for role in roles):
            self._refuse_tags(play.only_tags)
            # Each task of each host is a process that begins as this one: what is loaded here is loaded once.
            filter_loader.get(f"{_MODULES}declared_ports")
            of_the_collection()
            if is_canary:
                return
            variables = play.get_variable_manager().get_vars(play=play)
            self._rollout.expect(variables.get("ansible_play_hosts_all", []))

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        """Have no garbage collection of a fork go through what is loaded by now, where that is much.

        A collection writes to every object that it looks at, so a fork that does one gets a copy of what it
        shared with the main process. With 500 hosts that was 350 MiB in each of 20 forks at once. What is
        garbage now has to go before, because it would stay.
        """
        if self._variables is not None and len(self._variables._inventory.hosts) >= _MANY_HOSTS:
            gc.collect()
            gc.freeze()

    def _refuse_tags(self, tags: t.Collection[str]) -> None:
        """Fail where the tags lead to nothing, because Ansible would end as if all were done.

        Here and not in a task, which would be one more process for each run.
        """
        if not _TAGS & set(tags):
            self._variables = None
            self._display.error(
                f"nothing was done, because nothing here has a tag {' or '.join(sorted(tags))}. "
                "The tags are install, configure, recording and directory"
            )
            raise SystemExit(1)

    def v2_playbook_on_no_hosts_matched(self) -> None:
        """Fail: a run that does nothing would end as one that has done all."""
        groups = sorted(set(self._variables._inventory.groups) - {"all", "ungrouped"})
        self._variables = None
        self._display.error(
            f"nothing was done: no host of the inventory matches {', '.join(self._pattern)}. "
            f"Its groups are: {', '.join(groups) or 'none'}. To take another group: -e target=GROUP"
        )
        raise SystemExit(1)

    def v2_runner_on_ok(self, result: t.Any) -> None:
        host, module, told = result.host.name, result.task.action, result.result
        if host not in self._rollout.hosts:
            return
        if module in _TELLING and "directory" in told:
            is_trial = result.task.check_mode and not context.CLIARGS["check"]
            if not is_trial:
                self._rollout.directory(host, told)
            if "phones" in told:
                self._rollout.summary(host, told["phones"])
        elif module == f"{_MODULES}pbx_extension_facts":
            text = told.get("ansible_facts", {}).get(wire.FACT)
            if text:
                facts = wire.unpacked(text)
                self._rollout.summary(host, facts["pbx_extension_summary"], facts.get("pbx_extensions"))
        elif module == f"{_MODULES}pbx_files":
            self._files(host, told)
        elif context.CLIARGS["check"]:
            self._would_go(host, result.task.register, told.get("stdout_lines", ()))

    def _would_go(self, host: str, registered: t.Any, lines: t.Sequence[str]) -> None:
        """Take the packages and folders that a check of taking the role away finds.

        ``registered`` is the name of a task's outcome; ansible-core 2.21 has a mapping with it.
        """
        names = [registered] if isinstance(registered, str) else list(registered or ())
        if _FOLDERS in names:
            self._rollout.gone(host, lines)
        elif _PACKAGES in names and (packages := list(filter(None, map(_WOULD_GO.match, lines)))):
            self._rollout.gone(host, [*(f"package {found[1]}" for found in packages), _NEEDLESS])

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        """Take the folders that a check finds would be removed."""
        if not context.CLIARGS["check"] or result.host.name not in self._rollout.hosts:
            return
        item, arguments = result.result.get("item"), result.task.args
        path = item.get("path") if isinstance(item, dict) else item
        removes = arguments.get("state") == "absent" or "removes" in arguments
        if removes and result.result.get("changed") and str(path).startswith("/"):
            self._rollout.gone(result.host.name, [str(path)])

    def _files(self, host: str, told: t.Mapping[str, t.Any]) -> None:
        """Take what pbx_files has done, or in a check would do."""
        if told.get("removed"):
            self._rollout.removed(host)
            self._rollout.gone(host, told["removed"])
        # A task of the role that only looks is never changed.
        if told.get("changed"):
            self._rollout.written(host, told.get("written", ()))

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            self._trouble(result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._trouble(result, unreachable=True)

    def _trouble(self, result: t.Any, unreachable: bool = False) -> None:
        if result.host.name in self._rollout.hosts:
            self._rollout.trouble(result.host.name, result.result.get("msg"), unreachable)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        self._variables = None
        lines = self._rollout.lines(bool(context.CLIARGS["check"]))
        for line in lines:
            self._display.display(line.text, color=_COLOURS.get(line.kind))

    def _name_what_cannot_be_read(self) -> None:
        """Name the file where Ansible could not read one, after what Ansible has said of it."""
        if self._variables is None:
            return
        loader, sources = self._variables._loader, self._variables._inventory._sources
        folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in sources]
        for line in unreadable([*folders, loader.get_basedir()], loader.load_from_file):
            self._display.error(f"cannot read {line}")
