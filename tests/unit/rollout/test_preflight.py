# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a rollout is going to do: hosts with equal outcomes are one line, and equal mistakes are said once."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import preflight
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout.batches import batches, too_many
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout.preflight import HostPlan
from hypothesis import given
from hypothesis import strategies as st

TO_DO = HostPlan(created=12, updated=3, deleted=1, anew=40, registered=214)


def shown(plans, language="en"):
    return [line.text for line in preflight.table(plans, language)]


def test_hosts_with_equal_outcomes_are_one_line():
    plans = {f"pbx-{n}": TO_DO for n in range(5)}
    plans["pbx-istanbul"] = HostPlan(files=2, registered=7, restart=preflight.YES)
    plans["pbx-izmir"] = HostPlan(registered=3)
    assert shown(plans) == [
        "host                               created  changed  deleted  files  re-register  restart",
        "5: pbx-0, pbx-1, pbx-2 and 2 more       12        3        1      0           40",
        "pbx-istanbul                             0        0        0      2            0  yes",
        "pbx-izmir                                0        0        0      0            0",
        "7 hosts: 6 to be changed, 1 with nothing to do, 0 that cannot be; 60 created, 15 changed, 5 deleted;"
        " 200 of 1,080 registered phones re-register; 1 restarts",
    ]


def test_a_host_may_be_called_like_a_word():
    why = "pbx_rtp_end: 'x' is not a number"
    assert (
        shown({name: HostPlan(trouble=why) for name in ("a", "b", "number")})[0] == f"3: a, b, number: {why}"
    )


def test_equal_mistakes_are_said_once():
    plans = {host: HostPlan(trouble=f"{host}: no Python") for host in ("a1", "b2", "c3", "d4")}
    plans["e5"] = HostPlan(trouble="e5 timed out", unreachable=True)
    *lines, _totals = shown(plans)
    assert lines == ["4: a1, b2, c3 and 1 more: HOST: no Python", "e5: e5 timed out"]


def test_what_a_host_says_is_cut_and_not_obeyed():
    (line, _totals) = shown({"a": HostPlan(trouble="\x1b[31m" + "x" * 500)})
    assert "\x1b" not in line
    assert len(line) < 450


def test_in_turkish():
    first, *_others, last = shown({"a": TO_DO}, "tr")
    assert first.split()[:3] == ["santral", "eklenen", "değişen"]
    assert last.startswith("1 santral: 1 değişecek")


@pytest.mark.parametrize(
    ("trouble", "percentage", "stop"),
    [
        ("", 0, None),
        ("a", 0, (1, 1, 1)),
        # All of a batch is the end, whatever is allowed.
        ("a", 100, (1, 1, 1)),
        ("c", 0, (2, 1, 3)),
        ("c", 33, (2, 1, 3)),
        ("c", 34, None),
        ("cd", 34, (2, 2, 3)),
    ],
)
def test_it_is_not_begun_where_it_would_stop(trouble, percentage, stop):
    plans = {host: HostPlan(trouble="x" if host in trouble else "") for host in "abcd"}
    assert preflight.foreseen_stop(plans, [["a"], ["b", "c", "d"]], percentage) == stop


def test_hosts_that_are_done_with_are_no_reason_to_stop():
    plans = {"b": HostPlan()}
    assert preflight.foreseen_stop(plans, [["a"], ["b"]], 0, {"a"}) is None


HOSTS = [f"pbx-{n}" for n in range(9)]
PLANS = st.fixed_dictionaries(
    dict.fromkeys(HOSTS, st.builds(HostPlan, st.integers(0, 3), trouble=st.sampled_from(["", "", "off"])))
)


@given(PLANS, st.lists(st.integers(1, 4), min_size=1), st.integers(0, 100))
def test_every_host_is_counted_and_a_stop_is_of_a_batch_with_too_many(plans, sizes, percentage):
    divided = batches(HOSTS, sizes)
    counted = preflight.totals(plans)
    assert counted["to_change"] + counted["same"] + counted["trouble"] == len(HOSTS)
    stop = preflight.foreseen_stop(plans, divided, percentage)
    bad = [sum(bool(plans[host].trouble) for host in batch) for batch in divided]
    over = [
        number
        for number, (failed, batch) in enumerate(zip(bad, divided), 1)
        if failed and (too_many(failed, len(batch), percentage) or failed == len(batch))
    ]
    assert (stop and stop.number) == (over[0] if over else None)


def test_a_name_within_a_word_is_no_name():
    plans = {host: HostPlan(trouble=f"{host}.example.net does not answer") for host in ("a", "pbx-1")}
    *lines, _totals = shown(plans)
    assert lines == ["a: a.example.net does not answer", "pbx-1: pbx-1.example.net does not answer"]
