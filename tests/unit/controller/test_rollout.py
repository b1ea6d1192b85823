# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The table at the end of a run: every host is in it, whatever has become of it."""

from __future__ import annotations

from ansible_collections.voiceops.asterisk.plugins.plugin_utils.rollout import Rollout
from hypothesis import given
from hypothesis import strategies as st

LISTS = {
    "extensions": {"created": ["1001", "1002"], "updated": ["1003"], "deleted": [], "unchanged": 1200},
    "extension_groups": {"created": ["Satış"], "updated": [], "deleted": ["Alt"], "unchanged": 3},
}
DONE = {"changed": True, "directory": LISTS}
NOTHING = {"changed": False, "directory": {}}


def shown(rollout, check_mode=False):
    return [line.text for line in rollout.lines(check_mode)]


def test_each_host_with_what_was_done_and_its_phones():
    rollout = Rollout()
    rollout.expect(["pbx-istanbul", "pbx-ankara"])
    rollout.directory("pbx-istanbul", DONE)
    rollout.summary("pbx-istanbul", {"asterisk": "running", "extensions": 1203, "registered": 1100})
    rollout.directory("pbx-ankara", NOTHING)
    rollout.summary("pbx-ankara", {"asterisk": "stopped", "extensions": 0, "registered": None})
    assert shown(rollout) == [
        "host          created  changed  deleted  unchanged  phones",
        "pbx-istanbul        3        1        1      1,203  1,100 of 1,203 registered",
        "pbx-ankara          0        0        0          0  Asterisk is stopped",
        "extensions among these: 2 created, 1 changed, 0 deleted",
    ]


def test_what_is_on_a_host_and_in_no_list_is_counted():
    rollout = Rollout()
    done = {"extensions": {**LISTS["extensions"], "unlisted": ["1004", "1005"]}}
    rollout.directory("pbx-istanbul", {"directory": done})
    rollout.directory("a", DONE)
    assert shown(rollout) == [
        "host          created  changed  deleted  unchanged  not listed  phones",
        "pbx-istanbul        2        1        0      1,200           2",
        "a                   3        1        1      1,203           0",
        "extensions among these: 4 created, 2 changed, 0 deleted",
    ]


def test_where_all_that_is_counted_are_extensions_they_are_not_counted_again():
    rollout = Rollout()
    rollout.directory("a", {"directory": {"extensions": LISTS["extensions"]}})
    assert shown(rollout)[1:] == ["a           2        1        0      1,200"]


def test_a_host_that_failed_and_one_that_was_not_reached():
    rollout = Rollout()
    rollout.expect(["a", "b", "c"])
    rollout.directory("a", DONE)
    # It got its directory, and failed after that.
    rollout.directory("b", DONE)
    rollout.trouble("b", "nothing was changed, because 1 thing is wrong:\npbx_metrics_port: 0 is not a port")
    rollout.trouble("b", "a later one")
    assert shown(rollout)[1:] == [
        "a           3        1        1      1,203",
        "extensions among these: 2 created, 1 changed, 0 deleted",
        "b: failed: nothing was changed, because 1 thing is wrong: pbx_metrics_port: 0 is not a port",
        "c: not reached, because the run ended before it",
    ]


def test_a_host_whose_asterisk_went():
    rollout = Rollout()
    rollout.expect(["a"])
    rollout.removed("a")
    assert shown(rollout) == ["a: what the role had made is taken away"]


def test_a_check_names_what_would_go_one_a_line():
    rollout = Rollout()
    rollout.expect("abc")
    for host in "ab":
        rollout.removed(host)
        rollout.gone(host, ["package asterisk", "/etc/voiceops"])
        rollout.gone(host, ["/etc/asterisk/pjsip.conf", "/etc/voiceops/lamps.conf", "/etc/voiceops-x"])
    rollout.removed("c")
    assert shown(rollout, check_mode=True) == [
        "2: a, b: would be taken away:",
        "  /etc/asterisk/pjsip.conf",
        "  /etc/voiceops",
        "  /etc/voiceops-x",
        "  package asterisk",
        "c: would be taken away",
        "nothing was changed: this is what a run would do",
    ]


def test_files_that_go_are_not_all_that_the_role_has_made():
    rollout = Rollout()
    rollout.directory("a", DONE)
    rollout.removed("a")
    assert shown(rollout)[1:2] == ["a           3        1        1      1,203"]


def test_what_is_true_of_several_hosts_is_said_once():
    rollout = Rollout()
    rollout.expect("abcdefghi")
    for host in "abcd":
        rollout.directory(host, DONE)
        rollout.summary(host, {"asterisk": "running", "extensions": 1203, "registered": 1100})
    rollout.directory("e", NOTHING)
    for host in "fg":
        rollout.trouble(host, f"{host}: pbx_metrics_port: 0 is not a port")
    assert shown(rollout) == [
        "host                   created  changed  deleted  unchanged  phones",
        "4: a, b, c and 1 more        3        1        1      1,203  1,100 of 1,203 registered",
        "e                            0        0        0          0",
        "extensions among these: 8 created, 4 changed, 0 deleted",
        "2: f, g: failed: HOST: pbx_metrics_port: 0 is not a port",
        "2: h, i: not reached, because the run ended before it",
    ]


def test_a_check_of_several_hosts_ends_in_the_table_of_a_preflight():
    rollout = Rollout()
    rollout.expect("abcdef")
    anew = {**DONE, "register_anew": ["1001", "1002"], "restart_required": True}
    for host in "ab":
        rollout.directory(host, anew)
        rollout.written(host, ["/etc/asterisk/rtp.conf"])
        phones = {"1001": {"registered": True}, "1002": {"registered": False}, "1003": {"registered": True}}
        rollout.summary(host, {"asterisk": "running", "extensions": 3, "registered": 2}, phones)
    rollout.directory("c", NOTHING)
    for host in "de":
        rollout.trouble(host, "No route to host", unreachable=True)
    assert shown(rollout, check_mode=True) == [
        "host     created  changed  deleted  files  re-register  restart",
        "2: a, b        3        1        1      1            1  due, not done",
        "c              0        0        0      0            0",
        "2: d, e: No route to host",
        "5 hosts: 2 to be changed, 1 with nothing to do, 2 that cannot be; 6 created, 2 changed, 2 deleted;"
        " 2 of 4 registered phones re-register; 0 restarts",
        "f: not reached, because the run ended before it",
        "nothing was changed; what a run would do to 2 of 6 hosts is not known",
    ]


def test_a_check_of_one_host_ends_as_a_run_does():
    rollout = Rollout()
    rollout.expect(["a"])
    rollout.directory("a", {**DONE, "register_anew": ["1001"]})
    rollout.written("a", ["/etc/asterisk/rtp.conf"])
    assert shown(rollout, check_mode=True) == [
        "host  created  changed  deleted  unchanged  phones",
        "a           3        1        1      1,203",
        "extensions among these: 2 created, 1 changed, 0 deleted",
        "nothing was changed: this is what a run would do",
    ]


@given(
    st.dictionaries(
        st.text("abcdefghij-.", min_size=1, max_size=12),
        st.sampled_from(["done", "nothing", "failed", "removed", "not reached"]),
        min_size=1,
    ),
    st.booleans(),
)
def test_no_host_is_left_out(hosts, check_mode):
    rollout = Rollout()
    rollout.expect(hosts)
    for host, outcome in hosts.items():
        if outcome in ("done", "nothing"):
            rollout.directory(host, DONE if outcome == "done" else NOTHING)
        elif outcome == "failed":
            rollout.trouble(host, "Permission denied")
        elif outcome == "removed":
            rollout.removed(host)
    counted = 0
    for line in shown(rollout, check_mode):
        number, colon, _rest = line.partition(": ")
        if line.startswith(("nothing was changed", "host ", "extensions among ")) or " hosts: " in line:
            continue
        counted += int(number) if colon and number.isdecimal() else 1
    assert counted == (0 if set(hosts.values()) == {"not reached"} else len(hosts))


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
