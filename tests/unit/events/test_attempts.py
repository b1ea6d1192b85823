# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A flood of strangers is a few records."""

from __future__ import annotations

from collections import Counter

from ansible_collections.voiceops.asterisk.plugins.module_utils.events import attempts, record
from ansible_collections.voiceops.asterisk.plugins.module_utils.events.record import Attempt
from hypothesis import given
from hypothesis import strategies as st

ATTEMPTS = st.builds(
    Attempt,
    st.sampled_from(["wrong_password", "no_such_account"]),
    st.sampled_from([f"203.0.113.{last}" for last in range(30)]),
    st.sampled_from(["1001", "1002", ""]),
)


@given(st.lists(ATTEMPTS, max_size=200))
def test_none_is_lost_and_those_made_most_often_are_told_one_by_one(made):
    counting = attempts.Attempts()
    for each in made:
        counting.take(each)
    told = counting.told()
    assert sum(int(each["count"]) for each in told) == len(made)
    assert len(told) <= attempts.MOST_TOLD + 2
    for each, count in Counter(made).most_common(1):
        assert max(int(one["count"]) for one in told[: attempts.MOST_TOLD]) == count, each
    assert counting.told() == []


def test_who_tries_a_hundred_thousand_names_takes_no_more_memory_than_who_tries_a_thousand():
    counting = attempts.Attempts()
    for name in range(100_000):
        counting.take(Attempt("no_such_account", "203.0.113.9", str(name)))
    told = counting.told()
    assert len(told) <= attempts.MOST_TOLD + 1
    assert sum(int(each["count"]) for each in told) == 100_000
    assert told[0] == record.attempts(Attempt("no_such_account", "", ""), 100_000 - attempts.MOST_KEPT)
