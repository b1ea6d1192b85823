# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What becomes of outbound profiles."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    OutboundProfile,
    OutboundRule,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import PROFILES, Changes, Plan
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    allow,
    becomes,
    directory,
    ext,
    line,
    plan_ext,
    plan_profile,
    profile,
    refusal,
)

DENY = OutboundRule(prefix="0900", action="deny")
FULL = profile("office", DENY, allow("0X.", "line"), max_concurrent_calls=4, max_call_time=60)


def test_a_profile_of_a_name_alone_lets_nothing_out():
    assert plan_profile(directory(), {"name": "office"}).profiles == Changes(
        create=(OutboundProfile("office"),)
    )


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        ({}, {}),
        ({"max_concurrent_calls": 0}, {"max_concurrent_calls": 0}),
        ({"max_call_time": 0}, {"max_call_time": 0}),
        ({"rules": []}, {"rules": ()}),
        ({"rules": [{"pattern": "_.", "trunks": ["b", "line"]}]}, {"rules": (allow(".", "b", "line"),)}),
    ],
    ids=["nothing", "no limit of calls", "no limit of time", "no rule", "other rules, and not one more"],
)
def test_what_is_left_out_of_a_profile_is_left_alone(asked, changed):
    plan = plan_profile(directory(line(), line("b"), FULL), {"name": "office", **asked})
    assert vars(becomes(plan, PROFILES)) == {**vars(FULL), **changed}
    assert bool(plan) is bool(changed)


def test_the_order_of_rules_counts():
    rules = [{"pattern": "0X.", "trunks": ["line"]}, {"prefix": "0900", "action": "deny"}]
    have = directory(line(), FULL)
    assert becomes(plan_profile(have, {"name": "office", "rules": rules}), PROFILES).rules == FULL.rules[::-1]
    assert not plan_profile(have, {"name": "office", "rules": rules[::-1]})


def test_a_profile_is_deleted():
    gone = {"name": "office", "state": "absent"}
    assert plan_profile(directory(profile()), gone).profiles == Changes(delete=(profile(),))
    assert plan_profile(directory(), gone) == Plan()


def test_every_trunk_that_is_not_there_is_told_with_its_place():
    rules = [{"prefix": "0", "trunks": ["line", "lime"]}, {"prefix": "1", "trunks": ["LINE"]}]
    found = refusal(plan_profile, directory(line()), {"name": "office", "rules": rules})
    assert found == {
        "outbound_profiles[0].rules[0].trunks[1]": (
            "'lime' does not exist on this host; did you mean 'line'?"
            " The system administrator defines trunks in pbx_trunks"
        ),
        "outbound_profiles[0].rules[1].trunks[0]": "'LINE' does not exist on this host; did you mean 'line'?",
    }


def test_in_check_mode_a_trunk_may_come_from_an_earlier_task():
    rules = [{"prefix": "0", "trunks": ["line"]}]
    plan = plan_profile(directory(), {"name": "office", "rules": rules}, check_mode=True)
    assert len(plan.profiles.create) == 1
    (warning,) = plan.warnings
    assert warning.startswith("rules[0].trunks[0]: 'line' does not exist on this host; there are: none;")


def test_the_trunks_of_a_deletion_do_not_matter():
    gone = {"name": "office", "state": "absent", "rules": [{"prefix": "0", "trunks": ["nowhere"]}]}
    assert plan_profile(directory(profile()), gone).profiles.delete == (profile(),)


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        ({"outbound_profile": "office"}, {"outbound_profile": "office"}),
        ({"outbound_profile": ""}, {"outbound_profile": None}),
        ({"outbound_caller_id": "+4931"}, {"outbound_caller_id": "+4931"}),
        ({"outbound_caller_id": ""}, {"outbound_caller_id": None}),
        ({"record": False}, {"record": False}),
        ({"name": "Ayşe"}, {"name": "Ayşe"}),
    ],
    ids=["another profile", "no profile", "another number", "no number", "no recording", "a rename"],
)
def test_how_an_extension_calls_outside_is_left_alone_unless_told(asked, changed):
    full = ext(outbound_profile="home", outbound_caller_id="+4930", record=True)
    have = directory(profile("home"), profile("office"), full)
    plan = plan_ext(have, {"number": "1001", **asked})
    assert vars(becomes(plan)) == {**vars(full), **changed}
