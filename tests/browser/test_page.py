# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The page as somebody uses it: searches, filters, sorts; with a mouse, with keys, on a phone, on paper."""

from __future__ import annotations

import re
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.tests.browser.example import (
    answer,
    blocked,
    certificate,
    company,
    extension,
    large,
    unreachable,
)
from playwright.sync_api import Page, expect

from .conftest import PHONE, Open, until, write


def at(address: str, agent: str = "Desk", ms: float | None = 1.0) -> dict[str, t.Any]:
    return {
        "address": address,
        "user_agent": agent,
        "round_trip_ms": ms,
        "uri": "",
        "expires_in": 60,
        "reachable": True,
    }


def small() -> dict[str, t.Any]:
    call = {"direction": "outgoing", "other": "05321234567", "seconds": 75, "state": "connected"}
    return {
        "pbx-a": answer(
            extension(
                "9",
                "Ayşe Yılmaz",
                "in use",
                groups=["Satış"],
                contacts=[at("10.0.0.9:5060", "Yealink", 20.0)],
                calls=[call],
            ),
            extension(
                "10", "Işıl Çağ", groups=["Satış", "Depo"], contacts=[at("10.0.0.10:5060", "Snom", 3.0)]
            ),
            extension("007", "İbrahim Öz", "unregistered", groups=["Depo"]),
        ),
        "pbx-b": answer(
            extension(
                "1001",
                "محمد علي",
                "ringing",
                groups=[],
                contacts=[at("10.1.0.1:5060"), at("10.1.0.2:5060", "Cisco", 5.0)],
            ),
            extension("1002", "", "no phone"),
        ),
        "pbx-down": unreachable("Connection timed out"),
    }


def numbers(page: Page) -> list[str]:
    """Return the numbers of the rows, from top to bottom."""
    return page.locator("#rows button").all_inner_texts()


def chip(page: Page, state: str) -> t.Any:
    return page.locator("#states button").filter(has=page.get_by_text(state, exact=True))


# --- what is there ---------------------------------------------------------------------------


def test_everything_of_an_extension_is_in_its_row(show: Open) -> None:
    row = show(small()).get_by_role("row").filter(has_text="Ayşe")
    assert row.get_by_role("cell").all_inner_texts() == [
        *("9", "Ayşe Yılmaz", "in a call", "pbx-a", "Yealink", "10.0.0.9:5060", "20.0 ms", "Satış"),
        "→ 05321234567 01:15",
    ]


def test_what_needs_attention_stands_out(show: Open) -> None:
    ports = {
        "Tarayıcı": {"protocol": "wss", "address": "::", "port": 8089, "certificate_facts": certificate(9)}
    }
    trunks = {"Telco": {"host": "sip.example", "registration": "Rejected"}}
    page = show(
        {
            **small(),
            "pbx-c": answer(pbx_connection_ports=ports, pbx_trunks=trunks),
            "pbx-d": answer(asterisk="stopped"),
        }
    )
    items = page.locator(".attention li").all_inner_texts()
    assert [" ".join(item.split()) for item in items] == [
        "pbx-down could not be reached: Connection timed out",
        "pbx-d Asterisk is not running",
        "pbx-c trunk Telco is not registered: Rejected",
        "pbx-c the certificate of Tarayıcı expires in 9 days",
    ]
    assert page.locator(".totals dd").first.inner_text() == "3 / 5"
    page.locator(".pbx", has_text="pbx-c").get_by_text("Details").click()
    expect(page.locator(".pbx", has_text="pbx-c")).to_contain_text("wss [::]:8089")


def test_blocked_addresses_are_listed_with_times_that_a_reader_understands(show: Open) -> None:
    office = blocked("198.51.100.7", tried=["1002"], registered=["1001"])
    stranger = blocked("<b>2001:db8::5</b>", since="<i>long ago</i>", until=None)
    summary = {"asterisk": "running", "blocked_addresses": 1003}
    page = show({"a": answer(pbx_blocked_addresses=[office, stranger], pbx_extension_summary=summary)})
    items = page.locator(".blocked li").all_inner_texts()
    said = [" ".join(item.split()) for item in items]
    assert said == [
        "a 198.51.100.7 since 1 Dec 2026, 10:41:09 UTC until 1 Dec 2026, 11:41:09 UTC"
        " tried 1002 phones of 1001",
        "a <b>2001:db8::5</b> since <i>long ago</i> permanently",
        "a 1001 more",
    ]
    expect(page.locator(".blocked h2")).to_have_text("Blocked addresses 1,003")
    expect(page.locator(".blocked p")).to_contain_text(
        "fail2ban-client set voiceops-asterisk unbanip ADDRESS"
    )
    assert "a 198.51.100.7 is blocked" in " ".join(page.locator(".attention").inner_text().split())


def test_nothing_needs_attention(show: Open) -> None:
    assert show({"a": answer(extension("1", ""))}).locator(".attention").count() == 0


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, "No host has answered"),
        ({"a": unreachable("no route")}, "No host has answered"),
        ({"a": answer()}, "No extensions yet"),
    ],
)
def test_an_empty_board_says_why(show: Open, answers: dict[str, t.Any], words: str) -> None:
    expect(show(answers).locator("#empty")).to_contain_text(words)


def test_without_javascript_hosts_and_totals_are_there(show: Open) -> None:
    page = show(small(), script=False)
    expect(page.locator(".pbx.unreachable")).to_contain_text("pbx-down")
    assert "JavaScript" in page.evaluate("document.querySelector('noscript').innerText")
    assert not page.locator("#list").is_visible()


# --- search, filters, order ------------------------------------------------------------------


#: What is typed into the search, and the numbers that are found by it.
SEARCHES: tuple[tuple[str, list[str]], ...] = (
    ("ayşe", ["9"]),
    ("AYSE yilmaz", ["9"]),
    ("ışıl", ["10"]),
    ("ISIL", ["10"]),
    ("ibrahim", ["007"]),
    ("İBRAHİM ÖZ", ["007"]),
    ("محمد", ["1001"]),
    ("00", ["007", "1001", "1002"]),
    ("depo", ["007", "10"]),
    ("10.0.0.9", ["9"]),
    ("10.1.0.1", ["1001"]),
    ("cisco", ["1001"]),
    ("satış snom", ["10"]),
    ("  ", ["007", "9", "10", "1001", "1002"]),
)


def test_search_as_you_type(show: Open) -> None:
    page = show(small())
    for words, found in SEARCHES:
        page.locator("#search").fill(words)
        assert numbers(page) == found, words


def test_filters_join(show: Open) -> None:
    page = show(small())
    page.locator("#host").select_option("pbx-a")
    assert numbers(page) == ["007", "9", "10"]
    page.locator("#group").select_option("Depo")
    assert numbers(page) == ["007", "10"]
    chip(page, "idle").click()
    assert numbers(page) == ["10"]
    chip(page, "not registered").click()
    assert numbers(page) == ["007", "10"]
    expect(page.locator("#shown")).to_have_text("2 of 5 extensions")
    page.locator("#search").fill("zzz")
    expect(page.locator("#empty")).to_contain_text("No extension matches")
    page.get_by_role("button", name="Clear filters").click()
    assert len(numbers(page)) == 5
    expect(page.locator("#shown")).to_have_text("5 extensions")
    assert page.evaluate("document.activeElement.id") == "search"


def test_counts_follow_the_filters(show: Open) -> None:
    page = show(small())
    assert chip(page, "idle").locator("b").inner_text() == "1"
    page.locator("#host").select_option("pbx-b")
    assert chip(page, "idle").locator("b").inner_text() == "0"
    assert chip(page, "ringing").locator("b").inner_text() == "1"
    chip(page, "no phone").click()
    assert chip(page, "ringing").locator("b").inner_text() == "1", (
        "a state's count is not that of another one"
    )


def test_a_click_on_a_host_shows_only_its_extensions(show: Open) -> None:
    page = show(small())
    host = page.get_by_role("button", name="pbx-b", exact=True)
    host.click()
    assert numbers(page) == ["1001", "1002"]
    expect(host).to_have_attribute("aria-pressed", "true")
    host.click()
    assert len(numbers(page)) == 5


@pytest.mark.parametrize(
    ("head", "up", "down"),
    [
        ("Number", "007 9 10 1001 1002", "1002 1001 10 9 007"),
        # A number without a name comes last in either direction, as does what has no round trip.
        ("Name", "9 007 10 1001 1002", "1001 10 007 9 1002"),
        ("State", "1001 9 10 007 1002", "1002 007 10 9 1001"),
        ("Host", "007 9 10 1001 1002", "1002 1001 10 9 007"),
        ("Device", "1001 10 9 007 1002", "9 10 1001 007 1002"),
        ("Address", "9 10 1001 007 1002", "1001 10 9 007 1002"),
        ("Round trip", "10 1001 9 007 1002", "9 1001 10 007 1002"),
        ("Groups", "007 9 10 1001 1002", "10 9 007 1001 1002"),
        ("Calls", "9 007 10 1001 1002", "9 007 10 1001 1002"),
    ],
)
def test_sorting(show: Open, head: str, up: str, down: str) -> None:
    page = show(small())
    heading = page.get_by_role("columnheader", name=head)
    if head != "Number":
        heading.get_by_role("button").click()
    assert numbers(page) == up.split()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    heading.get_by_role("button").click()
    assert numbers(page) == down.split()
    expect(heading).to_have_attribute("aria-sort", "descending")


def test_the_choice_is_in_the_address_and_can_be_kept(show: Open) -> None:
    page = show(small())
    page.locator("#search").fill("depo")
    chip(page, "idle").click()
    page.get_by_role("columnheader", name="Name").get_by_role("button").click()
    choice = "#" + page.url.partition("#")[2]
    again = show(small(), choice=choice)
    assert numbers(again) == ["10"]
    assert again.locator("#search").input_value() == "depo"
    expect(chip(again, "idle")).to_have_attribute("aria-pressed", "true")
    expect(again.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")


# --- keys and screen reader ------------------------------------------------------------------


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id")


def test_with_keys_alone(show: Open) -> None:
    page = show(small())
    page.keyboard.press("/")
    assert focused(page) == "search"
    page.keyboard.type("00/")
    page.keyboard.press("Backspace")
    assert numbers(page) == ["007", "1001", "1002"]
    page.keyboard.press("ArrowDown")
    assert focused(page) == "007"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "1002"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("محمد علي")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert focused(page) == "1001"
    page.keyboard.press("Escape")
    assert len(numbers(page)) == 5
    assert page.locator("#search").input_value() == ""


def test_every_control_is_reached_by_the_tabulator_and_rows_once(show: Open) -> None:
    page = show(company())
    order = []
    for _press in range(60):
        page.keyboard.press("Tab")
        order.append(
            page.evaluate("document.activeElement.id || document.activeElement.closest('[id]')?.id || ''")
        )
        if order[-1] == "rows":
            break
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('#rows')"), "334 more rows to go through"
    unique = list(dict.fromkeys(order))
    assert [name for name in unique if name] == ["search", "host", "group", "states", "head", "rows"]


def test_keys_walk_through_rows_that_are_not_there_yet(show: Open) -> None:
    page = show(company())
    page.locator("#search").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    assert focused(page) == "4031"
    expect(page.locator("#rows button:focus")).to_be_in_viewport()
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#rows button:focus")).to_be_in_viewport()
    page.keyboard.press("Home")
    assert focused(page) == "1001"
    covered = page.evaluate("""() => {
        const row = document.activeElement.getBoundingClientRect();
        return document.elementFromPoint(row.x + 5, row.y + 5) !== document.activeElement;
    }""")
    assert not covered, "the head of the table hides it"


def test_a_row_keeps_the_focus_when_it_is_scrolled_away(show: Open) -> None:
    page = show(company())
    page.locator("#search").focus()
    page.keyboard.press("ArrowDown")
    page.mouse.move(600, 600)
    page.mouse.wheel(0, 6000)
    until(page, "scrollY > 5000")
    page.wait_for_timeout(100)
    assert focused(page) == "1001"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "1002"
    expect(page.locator("#rows button:focus")).to_be_in_viewport()


def test_a_screen_reader_is_told_place_and_number(show: Open) -> None:
    page = show(company())
    assert page.get_by_role("table").get_attribute("aria-rowcount") == "336"
    page.evaluate("scrollTo(0, 4000)")
    page.wait_for_timeout(100)
    first = page.locator("#rows .row").first
    index = int(first.get_attribute("aria-rowindex") or 0)
    assert index > 50
    assert page.evaluate(
        "[...document.querySelectorAll('#rows .row')].every((row, i, all) => "
        "!i || row.ariaRowIndex - all[i - 1].ariaRowIndex === 1)"
    )
    page.locator("#search").fill("1001")
    expect(page.get_by_role("status")).to_have_text("1 of 335 extensions")


# --- one extension in full -------------------------------------------------------------------


def test_a_click_tells_everything(show: Open) -> None:
    page = show(company())
    page.get_by_role("row").filter(has_text="Ayşe Yılmaz").first.click()
    dialog = page.get_by_role("dialog")
    for text in (
        "1001",
        "pbx-istanbul",
        "Yurt içi",
        "1002",
        "ayse@mobilya.example",
        "Linphone-Android",
        "→ 05321234567 03:07",
    ):
        expect(dialog).to_contain_text(text)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


# --- language, light, paper, phone -------------------------------------------------------------


def test_in_turkish(show: Open) -> None:
    page = show(small(), language="tr")
    assert page.title() == "Dahililer: anlık durum"
    expect(page.get_by_role("columnheader", name="Kişi")).to_be_visible()
    expect(chip(page, "görüşmede")).to_be_visible()
    expect(page.locator("#shown")).to_have_text("5 dahili")
    expect(page.get_by_role("row").filter(has_text="Ayşe")).to_contain_text("20,0 ms")
    # ç comes after c, ı before i, ö after o, as in a Turkish telephone book
    names = ("Cem", "Çağ", "Isa", "İsa", "Oya", "Öz", "Zeki")
    page = show(
        {"a": answer(*(extension(str(index), name) for index, name in enumerate(reversed(names))))},
        language="tr",
    )
    page.get_by_role("columnheader", name="Kişi").get_by_role("button").click()
    assert tuple(page.locator("#rows .name").all_inner_texts()) == names


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_colours_are_those_of_the_machine(show: Open, scheme: str, dark: bool) -> None:
    colour = show(small(), scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", colour)[:3])) < 200) is dark


def test_state_is_never_colour_alone(show: Open) -> None:
    page = show(company())
    marks = page.locator("#rows .mark, #states .mark")
    assert marks.evaluate_all(
        "all => all.every((one) => one.querySelector('svg use') && one.textContent.trim())"
    )
    hrefs = page.locator("use").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    there = page.locator("symbol").evaluate_all("all => all.map((one) => '#' + one.id)")
    assert set(hrefs) <= set(there)


def test_paper_has_every_chosen_row(show: Open, tmp_path: Path) -> None:
    page = show(company())
    page.locator("#host").select_option("pbx-bursa-fabrika")
    (tmp_path / "paper.pdf").write_bytes(page.pdf())
    assert page.locator("#paper tr").count() == 0, "gone again afterwards"
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#paper tbody tr").count() == 92
    assert page.locator("#paper thead th").count() == 10
    assert not page.locator("#search").is_visible()
    assert not page.locator("#table").is_visible()
    sheets = (tmp_path / "paper.pdf").read_bytes().count(b"/Type /Page\n")
    assert 2 <= sheets <= 8


def test_on_a_phone(show: Open) -> None:
    page = show(company(), viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    row = page.get_by_role("row").filter(has_text="Ayşe Yılmaz").first
    for cell in ("number", "name", "state", "host", "device", "calls"):
        box = row.locator(f".{cell}").bounding_box()
        assert box is not None
        assert 0 <= box["x"] < box["x"] + box["width"] <= PHONE["width"], cell
    page.locator("#sort").select_option("Sort by: Name ↓")
    first = page.locator("#rows .name").first.inner_text()
    page.locator("#sort").select_option("Sort by: Name ↑")
    assert first > page.locator("#rows .name").first.inner_text()
    row = page.locator("#rows .row").first
    row.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert 0 <= box["x"] < box["x"] + box["width"] <= PHONE["width"]


@pytest.mark.parametrize(("width", "height"), [(720, 450), (320, 256)], ids=["200 %", "400 %"])
def test_magnified(show: Open, width: int, height: int) -> None:
    page = show(company(), viewport={"width": width, "height": height})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tops = page.locator("#rows .row").evaluate_all("all => all.map((one) => one.getBoundingClientRect().top)")
    heights = page.locator("#rows .row").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().height)"
    )
    assert all(abs(tops[i + 1] - tops[i] - heights[i]) < 1 for i in range(5)), "rows neither overlap nor gape"


# --- hostile ---------------------------------------------------------------------------------

HOSTILE = [
    "</script><script>document.title='owned'</script>",
    "<!--<script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "<b>bold</b>&amp;",
    "\u2028\u2029line",
    "\u202egnp.exe",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "__proto__",
    "constructor",
    "' onclick='x",
    "a" * 3000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_phones_say_is_text(show: Open, text: str) -> None:
    contact = {**at(text, text), "uri": text}
    call = {"direction": text, "other": text, "seconds": 1, "state": text}
    one = extension("1", text, groups=[text], contacts=[contact], calls=[call])
    ports = {
        text: {"protocol": text, "address": text, "port": text, "certificate_facts": certificate(3, text)}
    }
    other = extension("2", "state", text)
    page = show({text: answer(one, other, pbx_connection_ports=ports), "down": unreachable(text)})
    row = page.get_by_role("row").filter(has=page.get_by_role("button", name=re.compile("^1 ")))
    for cell in ("name", "device", "address", "groups", "host"):
        assert row.locator(f".{cell}").text_content() == text
    page.locator("#group").select_option(index=1)
    assert numbers(page) == ["1"]
    page.locator("#search").fill(text[:40])
    assert numbers(page) == ["1"]
    row.click()
    assert text in (page.get_by_role("dialog").text_content() or "")
    page.keyboard.press("Escape")
    assert page.title() == "Telephones right now"
    assert page.locator("img, #rows b, script").count() == 2
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("img, #paper b").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_policy_is_in_force(show: Open, complaints: list[str]) -> None:
    page = show(small())
    violated = page.evaluate("""() => new Promise((done) => {
        addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
        const script = document.createElement("script");
        script.textContent = "document.title = 'owned'";
        document.body.append(script);
        setTimeout(() => done("nothing was stopped"), 1000);
    })""")
    assert violated == "script-src-elem"
    assert page.title() == "Telephones right now"
    assert "Content Security Policy" in complaints.pop()


# --- following -------------------------------------------------------------------------------


def test_an_open_page_follows_and_keeps_its_place(show: Open, tmp_path: Path) -> None:
    path = tmp_path / "pbx-status.html"
    page = show(company(), refresh=3)
    page.locator("#host").select_option("pbx-istanbul")
    page.locator("#search").fill("a")
    page.locator("#search").press("ArrowLeft")
    page.evaluate("scrollTo(0, 1500)")
    before = page.evaluate("scrollY")
    later = company()
    later["pbx-istanbul"]["ansible_facts"]["pbx_extensions"]["1001"]["name"] = "Ayşe Yeni"
    later["pbx-trabzon"] = answer(extension("5001", "Temel"))
    write(path, later)  # the last round
    until(page, "document.querySelectorAll('.pbx.unreachable').length === 0")
    page.locator("html[data-ready]").wait_for()
    assert page.locator("#search").input_value() == "a"
    assert page.evaluate("[document.activeElement.id, document.activeElement.selectionStart]") == [
        "search",
        0,
    ]
    assert abs(page.evaluate("scrollY") - before) < 200
    assert all("pbx-istanbul" in text for text in page.locator("#rows .host").all_inner_texts())
    assert not page.locator("#follow").is_visible(), "nothing more is to come"
    page.locator("#search").fill("ayse yeni")
    assert numbers(page) == ["1001"]


def test_following_can_be_paused(show: Open, tmp_path: Path) -> None:
    page = show(small(), refresh=1)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#age")).to_contain_text("paused")
    page.evaluate("window.same = true")
    page.wait_for_timeout(4000)
    assert page.evaluate("window.same") is True
    page.get_by_role("button", name="Continue").click()
    until(page, "window.same === undefined")
    expect(page.locator("#age")).to_contain_text("follows every 1 s")


def test_it_does_not_read_itself_again_under_somebodys_fingers(show: Open) -> None:
    page = show(small(), refresh=1)
    page.evaluate("window.same = true")
    for _press in range(8):
        page.locator("#search").press("a")
        page.wait_for_timeout(500)
    assert page.evaluate("window.same") is True


def test_an_open_dialog_is_open_again(show: Open) -> None:
    page = show(small(), refresh=1)
    page.get_by_role("row").filter(has_text="Ayşe").click()
    page.evaluate("window.same = true")
    until(page, "window.same === undefined")
    page.locator("html[data-ready]").wait_for()
    expect(page.get_by_role("dialog")).to_contain_text("Ayşe")


def test_a_page_that_is_no_longer_written_says_so(show: Open) -> None:
    page = show(small(), refresh=10, now=time.time() - 3600)
    expect(page.locator("#age")).to_contain_text("60 min ago · no longer updated")


# --- many ------------------------------------------------------------------------------------


def test_twenty_thousand_extensions(show: Open, capsys: pytest.CaptureFixture[str]) -> None:
    answers = large()
    page = show(answers)
    first = page.evaluate("performance.now()")
    marks = page.evaluate("""() => {
        const entry = performance.getEntriesByType("navigation")[0];
        const paint = performance.getEntriesByName("first-contentful-paint")[0];
        return { ready: entry.domContentLoadedEventEnd, paint: paint?.startTime };
    }""")
    expect(page.locator("#shown")).to_have_text("20,000 extensions")
    assert page.locator("#rows .row").count() < 80
    page.wait_for_timeout(1000)
    measured = """([id, value]) => new Promise((done) => {
        const begin = performance.now();
        const field = document.getElementById(id);
        if (id === "search") { field.value = value; field.dispatchEvent(new Event("input")); }
        else field.click();
        const worked = performance.now() - begin;
        requestAnimationFrame(() => setTimeout(() => done([worked, performance.now() - begin])));
    })"""
    times = {"first rows": (marks["ready"], marks["paint"])}
    times["search, first letter"] = page.evaluate(measured, ["search", "a"])
    times["search, more letters"] = page.evaluate(measured, ["search", "yilmaz ayse"])
    found = page.locator("#shown")
    everybody = [one for host in answers.values() for one in host["ansible_facts"]["pbx_extensions"].values()]
    called = [one for one in everybody if one["name"] == "Ayşe Yılmaz"]
    assert called
    expect(found).to_have_text(f"{len(called)} of 20,000 extensions")
    page.evaluate("document.getElementById('clear').click()")
    page.evaluate("document.querySelectorAll('#head button')[1].id = 'by-name'")
    times["sort by name"] = page.evaluate(measured, ["by-name", ""])
    ordered = page.locator("#rows .name").all_inner_texts()
    assert ordered[0].startswith("Ayşe A")
    page.evaluate("document.querySelectorAll('#states button')[2].id = 'calling'")
    times["filter by state"] = page.evaluate(measured, ["calling", ""])
    page.wait_for_timeout(300)
    calling = sum(1 for one in everybody if one["state"] == "in use")
    expect(found).to_have_text(f"{calling:,} of 20,000 extensions")
    page.evaluate("document.getElementById('clear').click()")
    page.locator("#search").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    expect(page.locator("#rows button:focus")).to_be_in_viewport()
    with capsys.disabled():
        print(f"\n20,000 extensions, page ready after {first:.0f} ms")
        for name, (one, two) in times.items():
            print(f"  {name}: {one:.0f} ms, on the screen after {two:.0f} ms")
