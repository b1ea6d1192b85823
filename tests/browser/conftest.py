# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The page in a real Chromium; whatever a test does, no error and no request may come of it."""

from __future__ import annotations

import shutil
import sys
import time
import typing as t
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[2]
try:
    find_spec("ansible_collections.voiceops.asterisk")
except ModuleNotFoundError:
    sys.path.insert(0, str(REPOSITORY / ".venv" / "collections"))

from ansible_collections.voiceops.asterisk.plugins.module_utils.status import board, overview  # noqa: E402
from ansible_collections.voiceops.asterisk.plugins.module_utils.status.answers import read  # noqa: E402

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def write(
    path: Path,
    answers: t.Mapping[str, t.Any],
    now: float | None = None,
    before: overview.LastSeen | None = None,
    **options: t.Any,
) -> None:
    """Render the page as the playbook does."""
    seen = read(answers, before)
    path.write_text(board.page(seen, now or time.time(), **options), encoding="utf-8")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("chromium is not there; `make machine` installs it")
    with sync_playwright() as playwright:
        # Tests run as root, where Chromium has no sandbox; all that it opens is made here.
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


Open = t.Callable[..., Page]


def until(page: Page, expression: str, seconds: float = 15) -> None:
    """Wait until this is true. Playwright's way evaluates text in the page, which its policy forbids."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if page.evaluate(expression):
                return
        except Error as error:  # the page is being read again at this very moment
            if "context was destroyed" not in str(error) and "navigation" not in str(error):
                raise
        page.wait_for_timeout(50)
    pytest.fail(f"not within {seconds} s: {expression}")


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console shows; a test that has provoked something takes it out."""
    return []


@pytest.fixture
def show(chromium: Browser, tmp_path: Path, complaints: list[str]) -> Iterator[Open]:
    """A function that renders answers and opens the page: ``show(answers, viewport=PHONE)``."""
    contexts: list[BrowserContext] = []
    requests: list[str] = []

    def open_page(
        answers: t.Mapping[str, t.Any],
        *,
        viewport: t.Any = None,
        scheme: t.Any = "light",
        script: bool = True,
        choice: str = "",
        zone: str | None = None,
        **options: t.Any,
    ) -> Page:
        path = tmp_path / "pbx-status.html"
        write(path, answers, **options)
        context = chromium.new_context(
            viewport=viewport or DESKTOP,
            color_scheme=scheme,
            java_script_enabled=script,
            locale="en-GB",
            timezone_id=zone,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri() + choice)
        if script:
            page.locator("html[data-ready]").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert {url.partition("#")[0] for url in requests} == {(tmp_path / "pbx-status.html").as_uri()}
