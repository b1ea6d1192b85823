# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The site as `make docs` builds it, in a real Chromium: on a desk and on a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[2]
SITE = REPOSITORY / "build" / "docs" / "html"
WIDTHS = {"desk": 1440, "phone": 390}
#: No other page leads there: an index and a search that the theme makes, a list of environment variables.
NOT_READ = {"genindex.html", "search.html", "environment_variables.html"}
#: What reaches beyond the window, and is in no table or block of the text that scrolls by itself.
BEYOND_THE_WINDOW = """() => {
  const scrolls = (one) => one.tagName !== "ARTICLE" && (
    /auto|scroll/.test(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
  return [...document.querySelectorAll("article *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !scrolls(one.parentElement))
    .map((one) => one.tagName + ": " + one.textContent.trim().slice(0, 60));
}"""
#: Pictures that have not come.
BROKEN_PICTURES = "[...document.images].filter((one) => !one.naturalWidth).map((one) => one.src)"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Tests run as root, where Chromium has no sandbox; all that it opens is made here.
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


def pages() -> list[Path]:
    found = [page for page in sorted(SITE.rglob("*.html")) if page.name not in NOT_READ]
    assert len(found) > 40, "`make docs` builds the site"
    return found


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    # The site is read from a folder: what it fetches from elsewhere, a reader without internet lacks.
    context.route("http*://**", lambda route: route.abort())
    yield context.new_page()
    context.close()


def test_every_page_fits_its_window_and_has_a_title_and_is_linked(page: Page) -> None:
    wrong = []
    linked: set[str] = set()
    for file in pages():
        page.goto(file.as_uri())
        name = file.relative_to(SITE)
        for where, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": 900})
            wrong += [
                f"{name}, {where}: beyond the window: {each}" for each in page.evaluate(BEYOND_THE_WINDOW)
            ]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                wrong.append(f"{name}, {where}: is wider than its window")
        # A badge of the README comes from elsewhere.
        broken = [source for source in page.evaluate(BROKEN_PICTURES) if source.startswith("file:")]
        wrong += [f"{name}: no picture {source}" for source in broken]
        if page.locator("h1").count() != 1:
            wrong.append(f"{name}: has to have one title")
        links = page.evaluate("[...document.links].map((one) => one.href.split('#')[0])")
        linked |= {link for link in links if link != file.as_uri()}
    wrong += [f"{file}: no page leads there" for file in {page.as_uri() for page in pages()} - linked]
    assert wrong == []
