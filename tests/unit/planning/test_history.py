# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is kept of a change leads back to what was before, whatever was changed."""

from __future__ import annotations

import json

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import MediaTimeouts
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import DirectoryError
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning import history
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    Changes,
    Plan,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    OTHER_SECRET,
    SALES,
    SECRET,
    allow,
    directory,
    ext,
    line,
    profile,
)
from ansible_collections.voiceops.asterisk.tests.unit.strategies import directories
from hypothesis import given

PHONE = ext("1001", "Anna", SECRET, ["Sales"])
BEFORE = directory(SALES, PHONE, ext("1002", "Ben"))
AFTER = directory(SALES, ext("1001", "Anna B.", OTHER_SECRET, ["Sales"]), ext("1003"))


def change(kept, number=1):
    # As it comes out of the database.
    return history.Change(number, 0, "root", "controller", "", json.loads(json.dumps(kept)))


@given(directories(), directories())
def test_any_change_leads_back_to_what_was_before(have, want):
    plan = history.between(have, want)
    assert have.after(plan) == want
    assert history.before(want, [change(history.kept_of(plan))]) == have


@given(directories(), directories())
def test_between_two_states_is_nothing_but_what_differs(have, want):
    assert not history.between(have, have)
    assert bool(history.between(have, want)) is (have != want)


def test_timeouts_of_media_lead_back_too():
    later = BEFORE.after(Plan(media_timeouts=(MediaTimeouts(), MediaTimeouts(30, 0))))
    plan = history.between(BEFORE, later)
    assert history.before(later, [change(history.kept_of(plan))]) == BEFORE
    assert history.done(change(history.kept_of(plan))) == {
        "media_timeouts": {
            "created": [],
            "updated": ["media_timeout", "media_timeout_hold"],
            "deleted": [],
        }
    }
    assert history.compared(plan) == [
        "  media_timeouts:",
        '    "media_timeout":',
        "-     seconds: 60",
        "+     seconds: 30",
        '    "media_timeout_hold":',
        "-     seconds: 1800",
        "+     seconds: 0",
    ]


def test_of_a_thing_that_was_changed_only_what_differs_is_kept():
    kept = history.kept_of(history.between(BEFORE, AFTER))["extensions"]
    assert kept["created"] == ["1003"]
    assert kept["changed"] == {"1001": {"name": "Anna", "digest": PHONE.digest}}
    assert [each["number"] for each in kept["deleted"]] == ["1002"]


def test_what_was_done_is_told_by_numbers_and_names():
    kept = history.kept_of(history.between(BEFORE, AFTER))
    assert history.done(change(kept)) == {
        "extensions": {"created": ["1003"], "updated": ["1001"], "deleted": ["1002"]}
    }


def test_two_states_are_compared_without_their_secrets():
    lines = history.compared(history.between(BEFORE, AFTER))
    assert lines[:6] == [
        "  extensions:",
        '    "1001":',
        '-     name: "Anna"',
        '+     name: "Anna B."',
        '-     password: "(the one before)"',
        '+     password: "(a new one)"',
    ]
    assert '-   "1002":' in lines
    assert '+   "1003":' in lines
    assert not any(each.digest in line_ for line_ in lines for each in (PHONE, AFTER.extensions["1001"]))


def test_an_option_that_came_later_has_its_default_and_one_that_has_gone_is_passed_over():
    kept = history.kept_of(history.between(BEFORE, directory(SALES)))
    (one, _other) = kept["extensions"]["deleted"]
    del one["max_calls"]
    one["fax"] = True
    assert history.before(directory(SALES), [change(kept)]) == BEFORE


def test_an_option_of_a_rule_that_came_later_has_its_default():
    have = directory(line(), profile("office", allow("0X.", "line", strip=1)))
    kept = history.kept_of(history.between(have, directory(line())))
    (rule,) = kept["outbound_profiles"]["deleted"][0]["rules"]
    del rule["prepend"], rule["caller_id"]
    rule["colour"] = "red"
    assert history.before(directory(line()), [change(kept)]) == have


@pytest.mark.parametrize("kept", [{"created": ["1009"]}, {"changed": {"1009": {"name": "x"}}}], ids=str)
def test_a_directory_that_something_else_has_changed_is_told(kept):
    kept = {"extensions": {"created": [], "changed": {}, "deleted": [], **kept}}
    with pytest.raises(DirectoryError) as refused:
        history.before(BEFORE, [change(kept, 12)])
    assert str(refused.value) == (
        "the history does not fit the directory: change 12 says that there is '1009' among the extensions,"
        " and there is none; the database was written to by something else. What this change did cannot be"
        " taken back"
    )


def test_a_plan_that_does_nothing_keeps_nothing():
    assert history.kept_of(Plan(extensions=Changes(keep=(PHONE,)))) == {}
