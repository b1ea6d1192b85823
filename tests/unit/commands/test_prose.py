# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What people read is written as an engineer writes, and what is looked for is found."""

from __future__ import annotations

import re

import pytest
from ansible_collections.voiceops.asterisk.tests.commands import prose, prose_turns

FOUND = {
    "It fails.\n\nNor does the other.": (3, "Nor does"),
    "* Neither do those.": (1, "Neither do"),
    "It stays. So does the page.": (1, "So does"),
    "It is read. Never is it written.": (1, "Never is"),
    "Who calls is asked.": (1, "Who calls is asked."),
    "| x | **Whoever listens** hears. |": (1, "Whoever listens** hears."),
    "Left out, it is UDP.": (1, "Left out,"),
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
    "0 is for good.": (1, "for good"),
    "It is made all the same.": (1, "all the same"),
    "a program of ours": (1, "of ours"),
    "It registers anew.": (1, "anew"),
    "It fails, for it lacks a password.": (1, ", for it"),
    "It fails, for the port of the host\nis taken.": (1, ", for the port of the host is"),
    "It runs amid the others.": (1, "amid"),
    "It is shown as ever.": (1, "as ever"),
    "It waits, by lot, a minute.": (1, "by lot"),
    "There is no room to be had. Room is had by a purge.": (1, "is had"),
    "It replaces the one over the number.": (1, "one over the number"),
    "as a change that is lost is lost": (1, "is lost is lost"),
    "The the page.": (1, "The the"),
    "It is told as missing.": (1, "told as"),
    "It tells of a mistake.": (1, "tells of"),
    "YAML reads it otherwise than it is written.": (1, "otherwise than"),
    "'x' is none of these": (1, "is none of"),
    "'x' is no directory": (1, "is no"),
    "a rollout that is gone on with": (1, "gone on with"),
    "Asterisk asks it in vain.": (1, "in vain"),
    "It is counted besides.": (1, "besides"),
    "Asterisk passes over it.": (1, "passes over"),
    "It has no word for that.": (1, "has no word"),
    "phones see to it": (1, "see to it"),
    "Write what shuts out.": (1, "what shuts out"),
    "The file is there and says something else.": (1, "says something else"),
    "another run is at it": (1, "is at it"),
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
    "It is made, for a host that is new.",
    "So it is done. Only those are kept.",
    "Those that had had a phone.",
    "There is no port, it is no longer there, and 0 is no limit.",
    "Tell Asterisk of it. Besides UDP it has TCP.",
    "| who | what |\n| --- | --- |\n| a user | who |",
]
#: By kind of file: a text, and the lines on which turns are found.
KINDS = {
    "module.py": (
        '"""Sets a number anew."""\n'
        'DOCUMENTATION = r"""\n'
        "description:\n"
        "  - It is set\n"
        "    anew, unlike C(anew).\n"
        'notes: [Plain words.]\n"""\n'
        "# Set anew.\n"
        'SQL = "SELECT anew FROM a_table"\n'
        'FORM = r"anew \\d+"\n'
        'WORDS = "{anew} of these"\n'
        'error = f"{SQL}: is needed {FORM} anew"\n'
        'key = "anew"\n',
        [1, 5, 8, 12],
    ),
    "tasks.yml": (
        "# Set anew.\n"
        "- name: Set it anew\n"
        "  ansible.builtin.fail:\n"
        "    msg: >-\n"
        "      {{ anew }} is a variable;\n"
        "      {{ 'it is set anew' if anew else '' }}\n"
        "- name: anew\n",
        [1, 2, 6],
    ),
    "fragment.yml": ("minor_changes:\n  - pbx - it is\n    written anew, as ``anew is``.\n", [3]),
    "sip.conf.j2": (
        "; Written anew.\n{# Set anew. #}\nanew = {{ anew }}\n; As {{ 'anew' }} says.\n",
        [1, 2],
    ),
    "page.md": ("Fine.\n\nIt is set anew.\n", [3]),
}


@pytest.mark.parametrize("text", FOUND)
def test_a_turn_is_found_on_its_line(text, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    assert [(each.line, each.turn) for each in prose.findings(page)] == [FOUND[text]]


@pytest.mark.parametrize("text", PASSED)
def test_plain_words_and_what_is_no_prose_are_passed(text, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    assert prose.findings(page) == []


def test_every_turn_that_is_looked_for_is_found_in_an_example():
    advice = {each.advice for text in FOUND for each in prose_turns.findings(text)}
    assert advice == {*prose_turns.BEGINNINGS.values(), *prose_turns.TURNS.values()}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_file_is_read_and_what_is_no_prose_in_it_is_not(kind, tmp_path):
    text, lines = KINDS[kind]
    path = tmp_path / kind
    path.write_text(text, encoding="utf-8")
    assert [each.line for each in prose.findings(path)] == lines


def test_what_people_read_is_looked_at():
    for name in prose.SKIPPED:
        assert (prose.REPOSITORY / name).exists()
    looked_at = {prose.name(path) for path in prose.files()}
    for pattern in prose.READ:
        assert looked_at & {prose.name(path) for path in prose.REPOSITORY.glob(pattern)}, pattern
    assert {
        "README.md",
        "roles/pbx/README.md",
        "docs/performance.md",
        "plugins/modules/pbx_extension.py",
        "plugins/module_utils/definition/reading.py",
        "roles/pbx/meta/argument_specs.yml",
        "roles/pbx/vars/main/hardening.yml",
    } <= looked_at


def test_the_command_says_where_and_what_instead_and_fails(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("Fine.\n\nMend it.\n", encoding="utf-8")
    assert prose.main([str(page)]) == 1
    assert re.fullmatch(r".*page\.md:3: 'Mend': 'correct', 'fix' or 'repair'\n", capsys.readouterr().out)
    page.write_text("Fine.\n", encoding="utf-8")
    assert prose.main([str(page)]) == 0
    assert capsys.readouterr().out == ""
