# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is seen at a glance: a phone that is gone is louder than one that is there, and nothing is cut."""

from __future__ import annotations

import re
import time
import typing as t

import pytest
from ansible_collections.voiceops.asterisk.tests.browser.example import (
    answer,
    blocked,
    company,
    company_before,
    extension,
)
from playwright.sync_api import Page, expect

from .conftest import PHONE, Open

WIDTHS = (390, 768, 1280, 1920)
LANGUAGES = ("en", "tr")
#: The texts of these that their boxes do not show in full.
CUT = """(selector) => [...document.querySelectorAll(selector)].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1
        || box.right > document.documentElement.clientWidth + 1);
}).map((one) => one.textContent.trim() || one.id)"""


def cut(page: Page, selector: str) -> list[str]:
    return page.evaluate(CUT, selector)


def wide(width: int) -> dict[str, int]:
    return {"width": width, "height": 900}


def colours(page: Page, selector: str, what: str) -> list[float]:
    """Return red, green and blue of an element's colour."""
    colour = page.locator(selector).first.evaluate(f"(one) => getComputedStyle(one).{what}")
    return [float(part) for part in re.findall(r"[\d.]+", colour)[:3]]


def is_red(page: Page, selector: str, what: str = "color") -> bool:
    red, green, blue = colours(page, selector, what)
    return red > 1.3 * green and red > 1.3 * blue


def is_green(page: Page, selector: str, what: str = "color") -> bool:
    red, green, blue = colours(page, selector, what)
    return green > 1.3 * red and green > blue


# --- full, loud --------------------------------------------------------------------------------


def meter(page: Page) -> dict[str, float]:
    """Return how much of a host's meter is of each kind."""
    return page.evaluate(
        """() => {
        const width = (selector) => document.querySelector(selector).getBoundingClientRect().width;
        const part = (kind) => Math.round((100 * width(`.meter .${kind}`)) / width(".meter"));
        return { there: part("there"), gone: part("gone") };
    }"""
    )


def test_where_all_is_well_the_meter_is_full_and_green(show: Open) -> None:
    forwards = extension("1900", "Kapı", "no phone", forward_to="1001")
    page = show({"pbx": answer(extension("1001", ""), forwards, extension("1003", "", "disabled"))})
    expect(page.locator(".pbx .of")).to_have_text("1 / 1 registered")
    assert page.locator(".totals div", has_text="Registered").locator("dd").inner_text() == "1 / 1"
    assert meter(page) == {"there": 100, "gone": 0}
    assert is_green(page, ".pbx .is")
    assert is_green(page, ".meter .there", "fill")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_that_is_gone_is_louder_than_one_that_is_there(show: Open, scheme: str) -> None:
    ones = [extension(str(number), "", "unregistered") for number in (1, 2, 3)]
    before = {"pbx": {"1": time.time() - 3600}}
    page = show({"pbx": answer(*ones, extension("4", ""))}, before=before, scheme=scheme)
    gone = '.row:has([data-state="gone"])'
    expect(page.locator(f"{gone} .number")).to_have_text("1")
    expect(page.locator(f"{gone} .device")).to_contain_text("last seen")
    assert is_red(page, f"#rows {gone} .mark")
    red, green, blue = colours(page, f"#rows {gone}", "backgroundColor")
    assert red > max(green, blue) + 5
    assert is_red(page, ".pbx .lost")
    assert is_red(page, ".pbx", "borderLeftColor")
    assert not is_green(page, ".pbx .is")
    assert meter(page) == {"there": 25, "gone": 25}
    expect(page.locator(".attention")).to_contain_text("no longer registered (1): 1")
    assert (
        int(page.locator(f"#rows {gone} .mark").evaluate("(one) => getComputedStyle(one).fontWeight")) >= 600
    )
    page.locator("#states button", has_text="gone").click()
    assert page.locator("#rows button").all_inner_texts() == ["1"]
    page.locator("#rows button").click()
    expect(page.get_by_role("dialog")).to_contain_text("Last seen")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_of_a_blocked_address_is_cut(show: Open, width: int, language: str) -> None:
    numbers = [str(number) for number in range(123456789012340, 123456789012350)]
    address = "2001:db8:1111:2222:3333:4444:5555:6666"
    one = blocked(address, tried=numbers[:5], registered=numbers)
    page = show({"p" * 60: answer(pbx_blocked_addresses=[one])}, viewport=wide(width), language=language)
    assert cut(page, ".blocked li, .blocked li *, .blocked p") == []


def test_a_host_without_a_single_phone_is_not_green(show: Open) -> None:
    page = show({"pbx": answer(extension("1", "", "unregistered"), extension("2", "", "unregistered"))})
    expect(page.locator(".pbx .of")).to_have_text("0 / 2 registered")
    assert not is_green(page, ".pbx .is")
    assert meter(page) == {"there": 0, "gone": 0}


def test_an_unreachable_phone_is_missed_too(show: Open) -> None:
    page = show({"pbx": answer(extension("1", "", "unreachable"), extension("2", ""))})
    assert meter(page) == {"there": 50, "gone": 50}
    expect(page.locator(".pbx .lost")).to_have_text("1 unreachable")


# --- nothing is cut that has room ----------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut(show: Open, width: int, language: str) -> None:
    before = company_before(time.time())
    page = show(company(), before=before, viewport=wide(width), language=language)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert cut(page, "#states button, #states bdi, .pbx .pick, .head button") == []
    cells = ", ".join(
        f"#rows .{cell}, #rows .{cell} bdi"
        for cell in ("name", "state", "forward", "host", "address", "round-trip", "groups", "calls")
    )
    for choice in ("", "#sort=groups-", "#sort=calls-", "#sort=state", "#sort=state-", "#sort=host-"):
        page.evaluate("(hash) => { location.hash = hash; }", choice)
        page.wait_for_timeout(100)
        assert cut(page, cells) == [], choice
        assert cut(page, "#rows .device") == [], choice


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_what_one_chooses_with_is_whole(show: Open, language: str) -> None:
    page = show(company(), viewport=PHONE, language=language)
    for chooser in ("host", "group", "sort", "search"):
        missing = page.evaluate(
            """(id) => {
            const field = document.getElementById(id);
            const style = getComputedStyle(field);
            const pen = document.createElement("canvas").getContext("2d");
            pen.font = style.font;
            const text = field.placeholder ?? field.options[field.selectedIndex].text;
            const arrow = field.placeholder === undefined ? 20 : 0;
            const around = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight) + arrow;
            return pen.measureText(text).width + around - field.clientWidth;
        }""",
            chooser,
        )
        assert missing <= 0, chooser


def test_on_a_phone_groups_and_forwards_are_there_and_the_search_stays(show: Open) -> None:
    page = show(company(), viewport=PHONE)
    row = page.get_by_role("row").filter(has_text="Ayşe Yılmaz").first
    expect(row.locator(".groups")).to_be_visible()
    expect(row.locator(".forward")).to_have_text("1002")
    page.evaluate("scrollTo(0, 4000)")
    page.wait_for_timeout(100)
    box = page.locator("#search").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 60


def overlapping(page: Page) -> list[str]:
    """Return the cells of a row whose texts lie on each other."""
    return page.evaluate(
        """() => [...document.querySelectorAll("#rows .row")].slice(0, 20).flatMap((row) => {
        const texts = [...row.querySelectorAll("bdi, button")]
            .map((one) => [one, one.getBoundingClientRect()]);
        const covered = row.querySelector(".calls:not(:empty)") ? ["address"] : [];
        return texts.flatMap(([one, a], index) => texts.slice(index + 1).filter(([other, b]) =>
            ![one, other].some((each) => covered.includes(each.closest("[role=cell]").className))
            && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 5 && b.top < a.bottom - 5
        ).map(([other]) => `${one.textContent} / ${other.textContent}`));
    })"""
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_no_text_lies_on_another(show: Open, width: int) -> None:
    page = show(company(), before=company_before(time.time()), viewport=wide(width), language="tr")
    for choice in ("", "#sort=groups-", "#sort=calls-", "#sort=state-"):
        page.evaluate("(hash) => { location.hash = hash; }", choice)
        page.wait_for_timeout(100)
        assert overlapping(page) == [], choice


@pytest.mark.parametrize("hosts", [1, 2, 5])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_name_of_a_host_is_on_one_line(show: Open, width: int, hosts: int) -> None:
    names = [
        "pbx-merkez-santral.istanbul.example",
        *(f"pbx-bursa-fabrika-{index}" for index in range(1, hosts)),
    ]
    page = show({name: answer(extension("1", "")) for name in names}, viewport=wide(width))
    lines = page.locator(".pbx .pick bdi").evaluate_all(
        "all => all.map((one) => one.getClientRects().length)"
    )
    assert lines == [1] * hosts


def test_columns_that_nobody_needs_take_no_room(show: Open) -> None:
    page = show({"pbx": answer(extension("1", "Ayşe"))})
    heads = page.get_by_role("columnheader").all_inner_texts()
    assert heads == ["Number", "Name", "State", "Host", "Device", "Address", "Round trip", "Calls"]
    assert page.get_by_role("table").get_attribute("aria-colcount") == "8"


def test_where_an_extension_forwards_to_is_in_its_row(show: Open) -> None:
    page = show({"pbx": answer(extension("1", "Kapı", "no phone", forward_to="1001"), extension("2", ""))})
    assert page.get_by_role("columnheader", name="Forward").is_visible()
    expect(page.locator("#rows .row").first.locator(".forward")).to_have_text("1001")


def test_another_width_is_another_layout(show: Open) -> None:
    page = show(company(), viewport=wide(1280))
    assert page.locator("#head").is_visible()
    page.set_viewport_size(wide(390))
    page.wait_for_timeout(300)
    assert not page.locator("#head").is_visible()
    rows = page.locator("#rows .row").evaluate_all(
        "all => all.slice(0, 3).map((one) => one.getBoundingClientRect().y)"
    )
    assert rows[1] - rows[0] == pytest.approx(rows[2] - rows[1]) == pytest.approx(97.5)
    page.set_viewport_size(wide(1280))
    page.wait_for_timeout(300)
    assert page.locator("#head").is_visible()


# --- when that was -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "zone", "said"),
    [
        ("en", "Europe/Istanbul", "as of 15 Nov 2023, 01:13:20 GMT+3"),
        ("tr", "Europe/Istanbul", "15 Kas 2023 01:13:20 GMT+3 itibarıyla"),
        ("en", "UTC", "as of 14 Nov 2023, 22:13:20 UTC"),
    ],
)
def test_the_moment_has_its_date_and_zone(show: Open, language: t.Any, zone: str, said: str) -> None:
    page = show({"a": answer()}, now=1_700_000_000, language=language, zone=zone)
    expect(page.locator("#moment")).to_have_text(said)


def test_also_today(show: Open) -> None:
    text = show({"a": answer()}, zone="UTC").locator("#moment").inner_text()
    assert time.strftime("%Y", time.gmtime()) in text
    assert text.endswith("UTC")
