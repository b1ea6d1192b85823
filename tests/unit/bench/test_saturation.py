# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The search for the highest rate: whatever a host takes, it is found to within a tenth."""

from __future__ import annotations

from bench.saturation import NEAR, PATIENCE, Limit, Step, highest, page
from hypothesis import given
from hypothesis import strategies as st


def host_that_takes(most: int, tried: list[int]):
    def place(rate: int) -> Step:
        tried.append(rate)
        return Step(rate, failed=0, slow=0.02) if rate <= most else Step(rate, failed=3, slow=1.0)

    return place


@given(st.integers(0, 3000))
def test_the_limit_is_found_to_within_a_tenth_and_in_few_steps(most):
    tried = []
    held, did_not = highest(host_that_takes(most, tried))
    assert held <= most < did_not.rate
    assert did_not.rate - held <= max(1, NEAR * did_not.rate)
    assert len(tried) == len(set(tried)) <= 15


def test_a_rate_holds_only_if_no_call_fails_and_nobody_waits():
    assert Step(8, failed=0, slow=PATIENCE).holds
    assert not Step(8, failed=1, slow=0.01).holds
    assert not Step(8, failed=0, slow=PATIENCE + 0.001).holds


def test_the_page_says_why_a_rate_did_not_hold():
    about = {"when": "1 May 2026", "machine": "2 cores", "load when it began": "0.1"}
    limits = [
        Limit("ours", 1000, True, 40, Step(44, failed=2, slow=0.1)),
        Limit("usual", 10_000, False, 60, Step(66, failed=0, slow=0.3)),
    ]
    text = page(limits, about)
    assert "| 1,000 | ours | both sides | 40 | 44 (2 failed) |" in text
    assert "| 10,000 | usual | no | 60 | 66 (300 ms) |" in text
