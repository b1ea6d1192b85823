# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The table at the end of a run: every host is in it, whatever has become of it."""

from __future__ import annotations

from ansible_collections.voiceops.asterisk.plugins.plugin_utils.rollout import Rollout

DONE = {
    "extensions": {"created": ["1001", "1002"], "updated": ["1003"], "deleted": [], "unchanged": 1200},
    "extension_groups": {"created": ["Satış"], "updated": [], "deleted": ["Alt"], "unchanged": 3},
}


def shown(rollout, check_mode=False):
    return [line.text for line in rollout.lines(check_mode)]


def test_each_host_with_what_was_done_and_its_phones():
    rollout = Rollout()
    rollout.expect(["pbx-istanbul", "pbx-ankara"])
    rollout.directory("pbx-istanbul", DONE)
    rollout.summary("pbx-istanbul", {"asterisk": "running", "extensions": 1203, "registered": 1100})
    rollout.directory("pbx-ankara", {})
    rollout.summary("pbx-ankara", {"asterisk": "stopped", "extensions": 0, "registered": None})
    assert shown(rollout) == [
        "host          created  changed  deleted  unchanged  phones",
        "pbx-istanbul        3        1        1      1,203  1,100 of 1,203 registered",
        "pbx-ankara          0        0        0          0  Asterisk is stopped",
    ]


def test_what_is_on_a_host_and_in_no_list_is_counted():
    rollout = Rollout()
    done = {"extensions": {**DONE["extensions"], "unlisted": ["1004", "1005"]}}
    rollout.directory("pbx-istanbul", done)
    rollout.directory("a", DONE)
    assert shown(rollout) == [
        "host          created  changed  deleted  unchanged  not listed  phones",
        "pbx-istanbul        2        1        0      1,200           2",
        "a                   3        1        1      1,203           0",
    ]


def test_a_host_that_failed_and_one_that_was_not_reached():
    rollout = Rollout()
    rollout.expect(["a", "b", "c"])
    rollout.directory("a", DONE)
    # It got its directory, and failed after that.
    rollout.directory("b", DONE)
    rollout.trouble("b", "nothing was changed, for 1 thing(s) are wrong:\npbx_metrics_port: 0 is not a port")
    rollout.trouble("b", "a later one")
    assert shown(rollout)[1:] == [
        "a           3        1        1      1,203",
        "b: failed: nothing was changed, for 1 thing(s) are wrong: pbx_metrics_port: 0 is not a port",
        "c: not reached, for the run ended before it",
    ]


def test_a_host_whose_asterisk_went():
    rollout = Rollout()
    rollout.expect(["a"])
    rollout.removed("a")
    assert shown(rollout) == ["a: what the role had made is taken away"]


def test_check_mode_says_that_it_is_a_promise():
    rollout = Rollout()
    rollout.directory("a", DONE)
    assert shown(rollout, check_mode=True)[-1] == "nothing was changed: this is what a run would do"


def test_check_mode_promises_nothing_of_a_host_that_failed():
    rollout = Rollout()
    rollout.directory("a", DONE)
    rollout.trouble("b", "Permission denied")
    last = "nothing was changed; what a run would do to 1 of 2 hosts is not known"
    assert shown(rollout, check_mode=True)[-1] == last


def test_what_a_host_says_is_not_obeyed_by_the_terminal():
    rollout = Rollout()
    rollout.trouble("a", "\x1b[31m" + "x" * 500)
    (line,) = shown(rollout)
    assert "\x1b" not in line
    assert len(line) < 450


def test_nothing_where_no_directory_was_asked_for():
    rollout = Rollout()
    rollout.expect(["a", "b"])
    assert shown(rollout) == []
