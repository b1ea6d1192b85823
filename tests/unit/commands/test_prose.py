# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The manual is written as an engineer writes, and what is looked for is found."""

from __future__ import annotations

import re

import pytest
from ansible_collections.voiceops.asterisk.tests.commands import prose

FOUND = {
    "It fails.\n\nNor does the other.": (3, "Nor does"),
    "* Neither do those.": (1, "Neither do"),
    "It stays. So does the page.": (1, "So does"),
    "It is read. Never is it written.": (1, "Never is"),
    "Who calls is asked.": (1, "Who calls is asked."),
    "| x | **Whoever listens** hears. |": (1, "Whoever listens** hears."),
    "A number shown to\nwho is called.": (1, "to who"),
    "The groups whom it may call.": (1, "whom"),
    "Which trunk is next: that of the list.": (1, "Which trunk is next"),
    "| `no such port` | just that |": (1, "just that"),
    "Mend it and run it again.": (1, "Mend"),
    "for 1 thing(s) are wrong": (1, "g(s)"),
    "It rings where nobody is there.": (1, "nobody is there"),
    "A certificate that nobody vouches for.": (1, "vouch"),
    "called by the right of A": (1, "by the right"),
    "Without a word said it is UDP.": (1, "Without a word"),
    "It stays for\never.": (1, "for ever"),
    "It is made all the same.": (1, "all the same"),
    "a program of ours": (1, "of ours"),
    "It registers anew.": (1, "anew"),
    "It fails, for it has no password.": (1, ", for it"),
    "It runs amid the others.": (1, "amid"),
    "It is shown as ever.": (1, "as ever"),
    "It waits, by lot, a minute.": (1, "by lot"),
    "There is no room to be had. Room is had by a purge.": (1, "is had"),
    "It replaces the one over the number.": (1, "one over the number"),
    "as a change that is lost is lost": (1, "is lost is lost"),
    "The the page.": (1, "The the"),
}
PASSED = [
    "It tells who called whom.",
    "Who calls whom? The log tells.",
    "Somebody has left who knew it.",
    "## Who connects",
    "`Nor does` is code, and [a link](whom.md) leads somewhere.",
    "```text\nwhom\n```",
    "<!-- whom -->",
    "It waits for each of them, and then for it.",
    "A line is shown, for those hosts too.",
    "So it is done. Only those are kept.",
    "Those that had had a phone.",
    "| who | what |\n| --- | --- |\n| a user | who |",
]


@pytest.mark.parametrize("text", FOUND)
def test_a_turn_is_found_on_its_line(text):
    assert [(each.line, each.turn) for each in prose.findings(text)] == [FOUND[text]]


@pytest.mark.parametrize("text", PASSED)
def test_plain_words_and_what_is_no_prose_are_passed(text):
    assert prose.findings(text) == []


def test_every_turn_that_is_looked_for_is_found_in_an_example():
    advice = {each.advice for text in FOUND for each in prose.findings(text)}
    assert advice == {*prose.BEGINNINGS.values(), *prose.TURNS.values()}


@pytest.mark.parametrize("page", prose.pages(), ids=prose.name)
def test_a_page_is_clean(page):
    found = prose.findings(page.read_text(encoding="utf-8"))
    assert found == []


def test_pages_that_are_passed_over_are_there_and_few():
    for page in prose.NOT_YET | prose.NOT_ENGLISH:
        assert (prose.REPOSITORY / page).exists()
    assert len(prose.NOT_YET) <= 2
    looked_at = {prose.name(page) for page in prose.pages()}
    assert {"README.md", "roles/pbx/README.md", "docs/security.md"} <= looked_at


def test_the_command_says_where_and_what_instead_and_fails(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("Fine.\n\nMend it.\n", encoding="utf-8")
    assert prose.main([str(page)]) == 1
    assert re.fullmatch(r".*page\.md:3: 'Mend': 'correct', 'fix' or 'repair'\n", capsys.readouterr().out)
    page.write_text("Fine.\n", encoding="utf-8")
    assert prose.main([str(page)]) == 0
    assert capsys.readouterr().out == ""
