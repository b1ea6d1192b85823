# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the preflight of a rollout makes of what the role has found at a host."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout.preflight import DUE, YES, HostPlan
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.planned import (
    DIRECTORY,
    FILES,
    HOST,
    LOOK,
    TROUBLE,
    plan_of,
)

NOTHING = {"created": [], "updated": [], "deleted": [], "unchanged": 2}


def directory(**result: Any) -> dict[str, Any]:
    return {DIRECTORY: {"changed": True, "directory": {"extensions": NOTHING}, **result}}


@pytest.mark.parametrize(
    ("registered", "plan"),
    [
        ({}, HostPlan()),
        (directory(changed=False), HostPlan()),
        # A media timeout has no name, and is a change anyway.
        (directory(), HostPlan(updated=1)),
        (directory(directory={"extensions": {**NOTHING, "created": ["1", "2"]}}), HostPlan(created=2)),
        (directory(changed=False, restart_required=True), HostPlan(restart=DUE)),
        (directory(changed=False, restarted=True), HostPlan(restart=YES)),
        ({FILES: {"written": ["/etc/asterisk/rtp.conf"]}}, HostPlan(files=1)),
        (
            {**directory(register_anew=["1001", "1009"]), LOOK: {"registered": ["1001", "1002"]}},
            HostPlan(updated=1, anew=1, registered=2),
        ),
        ({TROUBLE: "no\n  Python"}, HostPlan(trouble="no Python")),
    ],
    ids=repr,
)
def test_what_the_role_has_found_is_a_plan(registered: dict[str, Any], plan: HostPlan) -> None:
    assert plan_of(registered, is_active=True) == plan


def test_a_host_that_is_gone_cannot_be_changed() -> None:
    registered = {HOST: {"unreachable": True, "msg": "No route\n to host"}}
    assert plan_of(registered, is_active=False) == HostPlan(trouble="No route to host", unreachable=True)
