# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Takes the pictures of the status page that the README shows, of an example company.

Run by `make screenshots`. Where there is the font Inter it stands for the
system's own; where there is pngquant the pictures are a third of the size.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / ".venv" / "collections"))

from ansible_collections.voiceops.asterisk.plugins.module_utils.status import board  # noqa: E402
from ansible_collections.voiceops.asterisk.plugins.module_utils.status.answers import read  # noqa: E402
from ansible_collections.voiceops.asterisk.tests.browser.example import company, company_before  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

IMAGES = REPOSITORY / "docs" / "images"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include><match target="pattern">
<edit name="family" mode="prepend_first"><string>Inter</string></edit></match></fontconfig>
"""


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    smaller = shutil.which("pngquant")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        fonts = Path(folder) / "fonts.conf"
        fonts.write_text(FONTS, encoding="utf-8")
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"],
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
        )
        for scheme in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                language = "tr" if (scheme, size) == ("dark", "phone") else "en"
                page_file = Path(folder) / "pbx-status.html"
                seen = read(company(), company_before(time.time()))
                page_file.write_text(board.page(seen, time.time(), language), encoding="utf-8")
                context = chromium.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB"
                )
                page = context.new_page()
                page.goto(page_file.as_uri())
                page.locator("html[data-ready]").wait_for()
                if size == "phone" and scheme == "dark":
                    page.evaluate("document.getElementById('list').scrollIntoView()")
                page.wait_for_timeout(200)
                picture = IMAGES / f"status-{size}-{scheme}.png"
                page.screenshot(path=picture)
                if smaller:
                    subprocess.run([smaller, "--force", "--ext", ".png", "64", str(picture)], check=True)
                print(f"{picture.relative_to(REPOSITORY)}: {picture.stat().st_size // 1024} KiB")
                context.close()
        chromium.close()


if __name__ == "__main__":
    main()
