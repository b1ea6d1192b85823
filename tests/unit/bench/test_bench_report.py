# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the bench makes of its figures: ratios, verdicts, a page and a drawing. No host is asked."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bench import paper, plot
from bench.calls import CALL
from bench.contenders import OURS, USUAL
from bench.results import Results, Sample, growth, ratio
from bench.sizes import FIRST, NOTHING, ONE_BY_TASK, PING, PING_WITH
from bench.targets import verdicts


def measured(*walls, who=OURS, what=FIRST, size=10_000, **more):
    return [Sample(who, what, size, wall, **more) for wall in walls]


@pytest.fixture
def results():
    return Results(
        {"machine": "2 cores"},
        [
            *measured(3.0, 5.0, 4.0),
            *measured(10.0, 20.0, 30.0, who=USUAL),
            *measured(2.0, who=OURS, what=NOTHING),
            *measured(1.0, who=PING_WITH, what=NOTHING),
        ],
    )


def judged(results, beginning):
    (verdict,) = (each for each in verdicts(results) if each.what.startswith(beginning))
    return verdict


def test_a_ratio_is_that_of_the_medians_with_what_the_spreads_allow_for():
    assert ratio([3.0, 5.0, 4.0], [10.0, 20.0, 30.0]) == (0.2, 0.1, 0.5)
    assert ratio([], [1.0]) is None
    assert ratio([1.0], []) is None


def test_growth_is_the_factor_between_medians():
    assert growth([1.0, 2.0, 9.0], [6.0]) == 3.0
    assert growth([], [6.0]) is None


@pytest.mark.parametrize(
    ("seen", "stalled"),
    [
        pytest.param({"register": (0.004, 0.5), "invite": (0.02,)}, 0, id="in time"),
        pytest.param({"register": (0.501,)}, 1, id="a late REGISTER"),
        pytest.param({"invite": (31.0, 0.6)}, 2, id="late INVITEs"),
        pytest.param({"invite": (0.6,), "failed": 3}, 4, id="failed ones too"),
    ],
)
def test_a_request_has_stalled_that_waits_for_more_than_half_a_second_or_fails(seen, stalled):
    (sample,) = measured(1.0, **seen)
    assert sample.stalled == stalled


def test_what_is_written_down_is_read_again(results, tmp_path):
    results.samples += measured(1.0, register=(0.004,), invite=(0.02, 0.7), failed=1, loaded=True)
    results.write(tmp_path / "figures.json")
    assert Results.read(tmp_path / "figures.json") == results


def test_a_target_holds_or_not_by_its_median(results):
    first = judged(results, "10,000 extensions, first apply")
    assert (first.measured, first.holds) == ("0.20 (0.10–0.50)", True)
    assert judged(results, "10,000, nothing to do").holds is False


def test_a_target_that_was_not_measured_is_neither_held_nor_missed():
    for verdict in verdicts(Results()):
        assert (verdict.measured, verdict.holds) == ("not measured", None)


def test_one_request_that_stalls_is_one_too_many(results):
    results.samples += measured(1.0, register=(0.004, 0.7), loaded=True)
    stalls = judged(results, "SIP requests")
    assert (stalls.measured, stalls.holds) == ("1 of 2", False)


def test_a_call_is_measured_beside_a_dialplan_that_was_written_by_hand(results, tmp_path):
    results.samples += measured(0.02, 0.024, what=CALL, size=1_000, cpu=0.03, invite=(0.02, 0.024))
    results.samples += measured(0.012, 0.02, who=USUAL, what=CALL, size=1_000, cpu=0.02, invite=(0.012, 0.02))
    seen = {part: judged(results, f"a call, {part}") for part in ("processor time", "from INVITE")}
    assert {part: (each.measured, each.holds) for part, each in seen.items()} == {
        "processor time": ("1.50 (1.50–1.50)", False),
        "from INVITE": ("1.38 (1.00–2.00)", False),
    }
    text = paper.page(results, Path("picture.svg"), 10, 4)
    assert "| 1,000 | ours | 30.0 |  | 24 / 24 / 24 | 0 of 4 |" in text
    assert "| 1,000 | usual | 20.0 | 1.50 × (1.50–1.50) | 20 / 20 / 20 | 0 of 4 |" in text


def test_the_single_change_may_not_grow(results):
    results.samples += measured(1.0, what=ONE_BY_TASK, size=1_000) + measured(1.1, what=ONE_BY_TASK)
    results.samples += measured(1.0, who=PING, what=ONE_BY_TASK)
    assert judged(results, f"growth from 1,000 to 10,000: {ONE_BY_TASK}").holds
    assert judged(results, "one extension by its own task").holds


def test_the_page_is_written_anew_and_what_a_person_wrote_stays(results, tmp_path):
    page, picture = tmp_path / "performance.md", tmp_path / "performance.svg"
    paper.write(results, page, picture, 10, 4)
    page.write_text(page.read_text("utf-8") + "\nBy hand.\n", encoding="utf-8")
    results.samples[0] = dataclasses.replace(results.samples[0], wall=77.7)
    paper.write(results, page, picture, 10, 4)
    text = page.read_text("utf-8")
    assert text.endswith(f"{paper.BY_HAND}\nBy hand.\n")
    assert text.count(paper.BY_HAND) == 1
    assert "77.70" in text
    assert f"![Cost against size]({picture.name})" in text
    for line in text.splitlines():
        assert not line.startswith("|") or line.count("|") >= 5


def test_the_drawing_has_a_line_for_each_contender_within_its_frame():
    lines = {"ours <1>": [(100, 1.0), (10_000, 4.0)], "(a)": [(100, 2.0), (10_000, 60.0)]}
    root = ElementTree.fromstring(plot.drawing("Costs", lines))  # noqa: S314 - our own
    drawn = [each for each in root.iter() if each.tag.endswith("polyline")]
    assert len(drawn) == len(lines)
    for line in drawn:
        for point in line.get("points").split():
            across, down = map(float, point.split(","))
            assert plot.LEFT <= across <= plot.WIDTH - plot.RIGHT
            assert plot.TOP <= down <= plot.HEIGHT - plot.BOTTOM
    assert "ours <1>" in [each.text for each in root.iter()]


def test_one_size_alone_is_drawn_too():
    ElementTree.fromstring(plot.drawing("Costs", {"ours": [(100, 1.0)]}))  # noqa: S314


def test_every_playbook_of_the_bench_is_there():
    folder = Path(paper.__file__).parent
    for name in ("ping", "ours_list", "ours_one", "ours_loop", "rivals/usual", "rivals/wizard"):
        assert (folder / f"{name}.yml").is_file()
