# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a preflight has found of a host, of the results that are registered for it."""

from __future__ import annotations

import typing as t

from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import preflight

#: What is registered: by the playbook, and by the role when it tries what it would do.
LOOK, TROUBLE, HOST, DIRECTORY, FILES = (
    "__pbx_rollout_look",
    "__pbx_rollout_trouble",
    "__pbx_look",
    "__pbx_directory",
    "__pbx_written",
)
_COUNTED = ("created", "updated", "deleted")


def plan_of(registered: t.Mapping[str, t.Any], is_active: bool) -> preflight.HostPlan:
    """Return what a run would do to a host; ``is_active`` is whether it is still there."""
    look = registered.get(LOOK) or {}
    trouble = " ".join(str(registered.get(TROUBLE) or "").split())
    if not is_active:
        # Whichever of them was the first not to reach it.
        results = [registered.get(name) or {} for name in (HOST, DIRECTORY, LOOK)]
        told = [str(result.get("msg") or "") for result in results if result.get("unreachable")]
        why = " ".join(" ".join(told).split())
        return preflight.HostPlan(trouble=why or "it could not be reached", unreachable=True)
    if trouble:
        return preflight.HostPlan(trouble=trouble)
    written = (registered.get(FILES) or {}).get("written") or ()
    return plan_of_results(registered.get(DIRECTORY) or {}, len(written), look.get("registered", ()))


def plan_of_results(
    result: t.Mapping[str, t.Any], files: int, registered: t.Iterable[str]
) -> preflight.HostPlan:
    """Return what a run would do, of what pbx_directory returns in check mode.

    ``files`` is how many files the run would write, ``registered`` whose phones are registered.
    """
    registered_now = set(registered)
    restart = (
        preflight.YES if result.get("restarted") else preflight.DUE if result.get("restart_required") else ""
    )
    counted = counts(result.get("directory") or {})
    if result.get("changed") and not any(counted.values()):
        # What is changed has no name, such as a media timeout.
        counted["updated"] = 1
    return preflight.HostPlan(
        **counted,
        files=files,
        anew=len(registered_now.intersection(result.get("register_anew") or ())),
        registered=len(registered_now),
        restart=restart or preflight.NO,
    )


def counts(directory: t.Mapping[str, t.Any]) -> dict[str, int]:
    """Return how many things of all kinds pbx_directory has created, changed and deleted."""
    return {name: sum(len(done.get(name) or ()) for done in directory.values()) for name in _COUNTED}
