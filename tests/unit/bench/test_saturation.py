# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The search for the highest rate: whatever a host takes, it is found to within a tenth."""

from __future__ import annotations

from bench.saturation import CALLS, FIRST, NEAR, PATIENCE, RECORDED, REGISTERS, Limit, Step, highest, judged
from bench.saturation_page import Found, joined, page, read, write
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
    held, did_not = highest(host_that_takes(most, tried), FIRST[CALLS])
    assert held <= most < did_not.rate
    assert did_not.rate - held <= max(1, NEAR * did_not.rate)
    assert len(set(tried)) <= 15
    # What holds is tried once, and what does not, once more.
    assert all(tried.count(rate) == (1 if rate <= most else 2) for rate in tried)


def test_a_rate_that_a_busy_moment_of_the_machine_has_met_is_tried_once_more():
    tried: list[int] = []
    steady = host_that_takes(100, tried)

    def with_a_busy_moment(rate: int) -> Step:
        step = steady(rate)
        return step if tried.count(64) != 1 or rate != 64 else Step(rate, failed=0, slow=1.5)

    assert highest(with_a_busy_moment, 8)[0] > 64


@given(st.integers(0, 300))
def test_no_rate_above_the_greatest_one_is_tried(most):
    tried = []
    held, did_not = highest(host_that_takes(most, tried), 8, most=100)
    assert max(tried) <= 100
    assert (held, did_not) == (64, None) if most >= 64 else held <= most < did_not.rate


def test_a_rate_holds_only_if_nothing_fails_and_nobody_waits():
    assert Step(8, failed=0, slow=PATIENCE).holds
    assert not Step(8, failed=1, slow=0.01).holds
    assert not Step(8, failed=0, slow=PATIENCE + 0.001).holds


def test_one_of_a_hundred_may_wait_and_none_may_fail():
    assert judged(100, [0.01] * 99 + [7.0]) == Step(100, failed=0, slow=7.0)
    assert judged(200, [0.01] * 198 + [7.0]) == Step(200, failed=0, slow=0.01)
    assert judged(2, [None, 0.01]) == Step(2, failed=1, slow=0.01)
    assert judged(2, [None, None]) == Step(2, failed=2, slow=0.0)


FOUND = [
    Found(Limit("ours", 1000, CALLS, 44, None), "1 May 2026", "2 cores", "0.1"),
    Found(Limit("ours", 1000, RECORDED, 40, Step(44, failed=2, slow=0.1)), "1 May 2026", "2 cores", "0.1"),
    Found(
        Limit("usual", 10_000, REGISTERS, 600, Step(660, failed=0, slow=0.3)), "2 May 2026", "4 cores", "0.2"
    ),
]


def test_the_page_says_why_a_rate_did_not_hold():
    text = page(FOUND)
    assert "| 1,000 | calls | ours | 44 | no higher one was tried | 1 May 2026: 2 cores, load 0.1 |" in text
    assert "| 1,000 | calls, both sides recorded | ours | 40 | 44 (2 failed) | 1 May" in text
    assert "| 10,000 | REGISTERs | usual | 600 | 660 (300 ms) | 2 May 2026: 4 cores, load 0.2 |" in text


def test_what_is_measured_anew_takes_the_place_of_what_was_there_and_the_rest_stays(tmp_path):
    assert read(tmp_path / "saturation.json") == []
    for each in reversed(FOUND):
        write(joined(read(tmp_path / "saturation.json"), each), tmp_path)
    assert read(tmp_path / "saturation.json") == FOUND
    better = Found(Limit("ours", 1000, CALLS, 99, Step(100, 1, 0.0)), "3 May 2026", "2 cores", "0.0")
    write(joined(FOUND, better), tmp_path)
    assert read(tmp_path / "saturation.json") == [better, *FOUND[1:]]
    assert (tmp_path / "saturation.md").read_text(encoding="utf-8") == page([better, *FOUND[1:]])
