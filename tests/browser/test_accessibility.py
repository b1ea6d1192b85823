# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""axe-core finds nothing, in light and dark, on a desktop and on a phone, whatever the page shows."""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

import axe_playwright_python
import pytest
from ansible_collections.voiceops.asterisk.tests.browser.example import (
    answer,
    blocked,
    company,
    company_before,
    extension,
    unreachable,
)
from playwright.sync_api import Page

from .conftest import DESKTOP, PHONE, Open

AXE = next(Path(axe_playwright_python.__file__).parent.glob("**/axe.min.js")).read_text(encoding="utf-8")


def findings(page: Page) -> list[str]:
    page.evaluate(AXE)  # the page's own policy would not let it in as a script element
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        f"{one['impact']} {one['id']}: {node['html']} {node.get('failureSummary')}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(show: Open, viewport: dict[str, int], scheme: str) -> None:
    before = company_before(time.time())
    page = show(company(), before=before, viewport=viewport, scheme=scheme, refresh=60)
    assert findings(page) == []
    page.locator("#search").fill("yilmaz")
    page.locator("#states button").first.click()
    assert findings(page) == []
    page.locator("#search").fill("nobody")
    page.wait_for_timeout(300)
    assert findings(page) == []
    page.get_by_role("button", name="Clear filters").click()
    page.locator(".pbx summary").last.click()
    page.locator("#rows .row").first.click()
    assert findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_in_a_list_of_blocked_addresses(
    show: Open, viewport: dict[str, int], scheme: str
) -> None:
    many = [blocked(f"2001:db8::{number}", tried=["1001"], registered=["1002"]) for number in range(30)]
    page = show({"a": answer(pbx_blocked_addresses=many)}, viewport=viewport, scheme=scheme)
    assert page.locator(".blocked li").count() == 21
    assert findings(page) == []


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"a": answer()},
        {"a": unreachable("")},
        {f"pbx-{index}": answer(extension("1", "")) for index in range(30)},
        {"a": answer(extension("1", "", None), asterisk="stopped")},
    ],
)
def test_axe_finds_nothing_on_an_odd_board(show: Open, answers: dict[str, t.Any]) -> None:
    assert findings(show(answers, language="tr")) == []
