# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Batches are those of Ansible's `serial`, and unreachable hosts count among those that have failed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.executor.playbook_executor import PlaybookExecutor
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout.batches import (
    USUAL_SIZES,
    batches,
    read_sizes,
    too_many,
)
from hypothesis import given
from hypothesis import strategies as st

SHARES = st.integers(1, 100).map(lambda percent: f"{percent}%")


@pytest.mark.parametrize(
    ("hosts", "sizes", "expected"),
    [
        (1, USUAL_SIZES, [1]),
        (4, USUAL_SIZES, [1, 1, 1, 1]),
        (12, USUAL_SIZES, [1, 1, 3, 7]),
        # Shares do not add up: after 1 and 25 the 25 % are 125, and the rest follows.
        (500, USUAL_SIZES, [1, 25, 125, 349]),
        (5, [2], [2, 2, 1]),
        (3, ["100%"], [3]),
        (0, [1], []),
    ],
)
def test_hosts_are_divided(hosts, sizes, expected):
    assert [len(batch) for batch in batches([f"pbx-{n}" for n in range(hosts)], sizes)] == expected


@given(st.lists(st.integers(), unique=True, max_size=60), st.lists(st.integers(1, 9) | SHARES, min_size=1))
def test_they_are_divided_as_ansible_does(numbers, sizes):
    hosts = [f"pbx-{number}" for number in numbers]
    inventory = SimpleNamespace(get_hosts=lambda _pattern, order: list(hosts))
    play = SimpleNamespace(hosts="pbx", order=None, serial=sizes)
    by_ansible = PlaybookExecutor._get_serialized_batches(SimpleNamespace(_inventory=inventory), play)
    divided = batches(hosts, sizes)
    assert divided == by_ansible
    assert [host for batch in divided for host in batch] == hosts


@pytest.mark.parametrize(
    ("written", "sizes"),
    [
        (3, [3]),
        ("3", [3]),
        ("20%", ["20%"]),
        ([1, " 5% ", "2.5%"], [1, "5%", "2.5%"]),
    ],
)
def test_one_size_or_a_list_is_read(written, sizes):
    assert read_sizes(written) == (sizes, [])


@pytest.mark.parametrize("wrong", [0, -1, "0%", "101%", "many", None, True, 1.5, {}, "%"])
def test_what_is_no_size_is_named(wrong):
    assert read_sizes([1, wrong]) == (
        [1],
        [f"{wrong!r} is neither a number of hosts nor a share of them such as '25%'"],
    )


def test_no_size_is_a_mistake():
    assert read_sizes([]) == ([], ["the list is empty: there would be no batch"])


@pytest.mark.parametrize(
    ("failed", "hosts", "percentage", "expected"),
    [(0, 1, 0, False), (1, 100, 0, True), (1, 10, 10, False), (2, 10, 10, True), (10, 10, 100, False)],
)
def test_more_than_the_share_is_too_many(failed, hosts, percentage, expected):
    assert too_many(failed, hosts, percentage) is expected
