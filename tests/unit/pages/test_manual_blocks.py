# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""An item goes where a page says; the jobs of day two leave a sound inventory."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.voiceops.asterisk.tests.pages import manual

BEFORE = """\
pbx_extension_groups:
  - name: Sales

pbx_extensions:
  - number: "1001"
    name: Ayşe
    groups: [Sales]
  - number: "1002"
    name: Door
"""


@pytest.mark.parametrize(
    ("item", "after"),
    [
        ('  - number: "1003"\n    name: Can\n', BEFORE + '  - number: "1003"\n    name: Can\n'),
        (
            '  - number: "1001"\n    state: absent\n',
            BEFORE.replace("    name: Ayşe\n    groups: [Sales]\n", "    state: absent\n"),
        ),
        ('  - number: "1002"\n    name: Gate\n', BEFORE.replace("Door", "Gate")),
    ],
    ids=["added", "replaced", "the last one"],
)
def test_an_item_replaces_its_former_self_or_is_added(item, after):
    assert manual.with_item(BEFORE, item) == after


def test_each_job_of_day_two_leaves_a_sound_list():
    (text,) = (
        block.text
        for block in manual.blocks("docs/getting-started.md")
        if block.file.endswith("/extensions.yml")
    )
    seen = []
    for block in manual.blocks("docs/day-two.md"):
        if block.kind is manual.Kind.ITEM:
            assert block.file == "inventory/host_vars/pbx-istanbul/extensions.yml"
            text = manual.with_item(text, block.text)
            content = yaml.safe_load(text)
            numbers = [extension["number"] for extension in content["pbx_extensions"]]
            assert numbers == ["1001", "1002", "1003"]
            groups = {group["name"] for group in content["pbx_extension_groups"]}
            for extension in content["pbx_extensions"]:
                assert set(extension.get("groups", ())) <= groups
            seen.append(content["pbx_extensions"][-1])
    joined, moved, renamed, left = seen
    assert moved == {**joined, "groups": ["Depo"]}
    assert renamed == {**moved, "name": "Can Demir"}
    assert left == {"number": "1003", "state": "absent"}


def test_each_job_of_day_two_has_few_lines_and_a_command():
    page = (manual.REPOSITORY / "docs" / "day-two.md").read_text(encoding="utf-8")
    jobs = page.split("\n## ")[1:]
    assert len(jobs) == 11
    for job in jobs:
        prose = [line for line in job.split("```")[0].splitlines()[1:] if line]
        assert len(prose) <= 3, job
        assert "```sh\n" in job, job
