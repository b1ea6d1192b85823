# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The page: whatever phones say comes back unchanged, and never becomes part of the page itself."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re
import string

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.status import board, overview, words
from ansible_collections.voiceops.asterisk.plugins.module_utils.status.answers import read
from ansible_collections.voiceops.asterisk.tests.browser.example import (
    answer,
    blocked,
    certificate,
    company,
    extension,
    unreachable,
)
from hypothesis import example, given
from hypothesis import strategies as st

NOW = 1_700_000_000.5
#: Any text, also such as no file can hold (halves of surrogate pairs), and what browsers look for.
TEXT = st.text(st.characters(), max_size=12) | st.lists(
    st.sampled_from(
        [
            "</script>",
            "<!--",
            "-->",
            "<script>",
            "]]>",
            "\u2028",
            "\u2029",
            "&lt;",
            '"',
            "'",
            "\\",
            "\ud800",
            "\0",
            "{{ 7*7 }}",
            "{%",
            "<b>",
        ]
    ),
    max_size=4,
).map("".join)


class Reader(html.parser.HTMLParser):
    """What a browser makes of a page: its elements, and what stands in each script."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self.attributes, self.text = [], [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _value in attrs]
        if tag in ("script", "style"):
            self.scripts.append((tag, dict(attrs), ""))

    def handle_data(self, data):
        if self.lasttag in ("script", "style") and self.scripts and data.strip():
            tag, attributes, before = self.scripts[-1]
            if self.cdata_elem:
                self.scripts[-1] = (tag, attributes, before + data)
        self.text += data


def render(answers, **options):
    return board.page(read(answers), NOW, **options)


def embedded(page):
    return json.loads(
        re.search(r'<script type="application/json" id="facts">(.*?)</script>', page, re.DOTALL)[1]
    )


def hostile(text):
    contact = {"address": text, "user_agent": text, "uri": text, "round_trip_ms": 1.5, "expires_in": 3}
    call = {"direction": text, "other": text, "seconds": 4, "state": text}
    one = extension(text, text, text or None, groups=[text], contacts=[contact], calls=[call])
    one.update(connection_port=text, outbound_profile=text, forward_to=text, email=text)
    ports = {
        text: {"protocol": text, "address": text, "port": text, "certificate_facts": certificate(1, text)}
    }
    trunks = {text: {"host": text, "registration": text}}
    return {
        f"h{text}": answer(one, pbx_connection_ports=ports, pbx_trunks=trunks),
        f"z{text}": unreachable(text),
    }


PLAIN = hostile("x")


@pytest.mark.no_cover
@given(TEXT)
@example("</script><script>alert(1)</script>")
@example("<!--<script>")
@example("\u2028\u2029")
@example("\ud800")
def test_any_text_comes_back_unchanged(text):
    facts = embedded(render(hostile(text)))
    one = facts["extensions"][0]
    expected = text or None
    assert [host["name"] for host in facts["hosts"]] == [f"z{text}", f"h{text}"]
    assert one["number"] == text
    for key in ("name", "port", "profile", "forward", "email"):
        assert one.get(key) == expected
    assert one["state"] == (text or "unknown")
    assert one["groups"] == [text]
    assert [one["contacts"][0].get(key) for key in ("address", "agent", "uri")] == [expected] * 3
    assert [one["calls"][0].get(key) for key in ("direction", "number", "state")] == [expected] * 3


@pytest.mark.no_cover
@given(TEXT.filter(bool))
@example("</script><script>alert(1)</script>")
@example("<!--<script>")
@example('"><img src=x onerror=alert(1)>')
@example("</title><style>*{}</style>")
def test_no_text_becomes_part_of_the_page(text):
    seen, plain = Reader(render(hostile(text))), Reader(render(PLAIN))
    # A trunk that says "Registered" is the one thing that words decide.
    assert seen.tags == plain.tags
    assert seen.attributes == plain.attributes


@given(TEXT)
def test_embedded_json_cannot_end_its_element(text):
    stands = board.embedded({"text": text})
    assert set(stands) <= set(string.printable) - set("<>&\n\r\v\f")
    assert json.loads(stands) == {"text": text}


def test_the_policy_lets_nothing_in_but_the_two_blocks_it_names():
    page = render(company())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1].replace(
        "&#39;", "'"
    )
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[directive] == f"'sha256-{digest}'"


def test_nothing_is_loaded_and_nothing_is_inline():
    page = render(company())
    assert not re.search(r"<[^>]*\s(?:on\w+|style|src|srcset)=", page)
    assert set(re.findall(r'href="([^"]*)"', page)) <= {
        f"#{name}" for name in re.findall(r'id="([^"]*)"', page)
    }
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    for dangerous in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Function(",
        "fetch(",
        "import(",
    ):
        assert dangerous not in script
    assert "url(" not in page
    assert "@import" not in page


@pytest.mark.parametrize("language", ["en", "tr"])
def test_it_speaks_the_language(language):
    page = render(company(), language=language)
    assert f'<html lang="{language}">' in page
    assert words.LANGUAGES[language]["attention"] in Reader(page).text


@pytest.mark.parametrize("language", ["en", "tr"])
def test_blocked_addresses_are_listed_with_the_command_that_lifts_a_block(language):
    strange = blocked("203.0.113.9", until=None, tried=["1001"], registered=["7"])
    summary = {"asterisk": "running", "blocked_addresses": 3}
    answers = {"a": answer(pbx_blocked_addresses=[strange], pbx_extension_summary=summary)}
    page = render(answers, language=language)
    said = Reader(re.search(r'<section class="blocked".*?</section>', page, re.DOTALL)[0]).text
    vocabulary = words.LANGUAGES[language]
    for wanted in (
        vocabulary["blocked"],
        "203.0.113.9",
        "2026-12-01T10:41:09Z",
        vocabulary["permanently"],
        words.fill(vocabulary["tried"], {"numbers": "1001"}),
        words.fill(vocabulary["phones there"], {"numbers": "7"}),
        words.fill(vocabulary["more"], {"count": 2}),
        "fail2ban-client set voiceops-asterisk unbanip ADDRESS",
    ):
        assert wanted in said
    assert '<section class="blocked"' not in render({"a": answer()}, language=language)


def test_both_languages_have_the_same_words_and_gaps():
    assert words.ENGLISH.keys() == words.TURKISH.keys()
    for key, english in words.ENGLISH.items():
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", words.TURKISH[key])), key


def test_every_state_has_a_word():
    assert set(overview.STATES) <= words.ENGLISH.keys()


@given(st.text(), st.text())
def test_what_fills_a_gap_is_not_read_for_gaps(one, two):
    assert words.fill("{a}-{b}", {"a": one, "b": two}) == f"{one}-{two}"


def test_hosts_are_on_the_page_also_without_their_facts():
    text = Reader(render({"up": answer(extension("1", "Ayşe")), "down": unreachable("timed out")})).text
    assert "down could not be reached: timed out" in " ".join(text.split())


def test_a_fleet_without_anything():
    assert embedded(render({}))["extensions"] == []


def test_the_page_knows_when_to_look_again():
    assert embedded(render({}, refresh=15))["refresh"] == 15
    assert embedded(render({}))["generated"] == NOW


def test_the_page_remembers_who_was_registered_until_the_phone_is_back():
    """Four runs: registered, gone, its host down meanwhile, back."""
    there, away = extension("1", "Ayşe"), extension("1", "Ayşe", "unregistered")
    never = extension("2", "", "unregistered")
    first = render({"a": answer(there, never)})
    assert board.last_seen(first) == {"a": {"1": NOW}}
    second = board.page(read({"a": answer(away, never)}, board.last_seen(first)), NOW + 60)
    assert [one["state"] for one in embedded(second)["extensions"]] == ["gone", "unregistered"]
    assert embedded(second)["extensions"][0]["seen"] == NOW
    third = board.page(read({"a": unreachable("no route")}, board.last_seen(second)), NOW + 120)
    fourth = board.page(read({"a": answer(away, never)}, board.last_seen(third)), NOW + 180)
    assert board.last_seen(fourth) == {"a": {"1": NOW}}
    fifth = board.page(read({"a": answer(there, never)}, board.last_seen(fourth)), NOW + 240)
    assert board.last_seen(fifth) == {"a": {"1": NOW + 240}}


@pytest.mark.no_cover
@given(TEXT)
def test_what_is_remembered_is_the_same_whatever_names_are(text):
    assert board.last_seen(render(hostile(text))) == {f"h{text}": {text: NOW}}


@pytest.mark.parametrize(
    "facts",
    [
        "",
        "{",
        "[]",
        "7",
        '{"extensions": 7}',
        '{"extensions": [7]}',
        '{"generated": 1, "hosts": [], "extensions": [{"host": 0, "number": "1", "contacts": [{}]}]}',
        '{"hosts": [{"name": "a"}], "extensions": [{"host": 0, "number": "1", "seen": NaN}]}',
        '{"hosts": [{"name": "a"}], "extensions": [{"host": 0, "number": "1", "seen": 1e99}]}',
        '{"not_asked": {"a": {"1": "yesterday"}}}',
        '{"not_asked": {"a": {"1": 1' + "0" * 400 + "}}}",
        "[" * 100_000,
    ],
    ids=lambda facts: facts[:60],
)
def test_from_a_damaged_page_nothing_is_remembered(facts):
    assert board.last_seen(f'<script type="application/json" id="facts">{facts}</script>') == {}


@pytest.mark.parametrize("page", ["", "before", "<html></html>"])
def test_from_another_page_nothing_is_remembered(page):
    assert board.last_seen(page) == {}


def test_a_healthy_host_has_a_full_meter():
    page = render({"a": answer(extension("1", ""), extension("2", "", "no phone", forward_to="1"))})
    assert 'class="pbx running well"' in page
    assert 'viewBox="0 0 1 1"' in page
    assert '<rect class="there" width="1" height="1"/>' in page


def test_numbers_that_json_does_not_have_are_left_out():
    one = extension("1", "", contacts=[{"round_trip_ms": float("nan"), "expires_in": float("inf")}])
    assert embedded(render({"a": answer(one)}))["extensions"][0]["contacts"] == [{}]
