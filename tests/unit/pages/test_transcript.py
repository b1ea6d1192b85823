# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a terminal has shown, on paper."""

from __future__ import annotations

from ansible_collections.voiceops.asterisk.tests.pages.transcript import FIRST, LAST, transcript


def test_each_command_is_followed_by_what_it_has_printed():
    said = {"cd ~/company": "", "ls": "\x1b[32minventory\x1b[0m\n", "pwd": "/home/me/company\n"}
    assert transcript(said, "/home/me") == "$ cd ~/company\n$ ls\ninventory\n$ pwd\n~/company\n"


def test_a_command_that_was_typed_twice_is_shown_as_it_was_typed():
    assert transcript({"ls": "a\n", "ls # 1": "b\n"}, "/home/me") == "$ ls\na\n$ ls\nb\n"


def test_of_much_that_is_printed_the_beginning_and_the_end_are_shown():
    lines = [str(number) for number in range(100)]
    (_command, *shown) = transcript({"run": "\n".join(lines)}, "/home/me").splitlines()
    assert shown == [*lines[:FIRST], f"    … {100 - FIRST - LAST} lines …", *lines[-LAST:]]


def test_one_line_too_many_is_shown_for_to_say_so_takes_a_line_too():
    lines = [str(number) for number in range(FIRST + LAST + 1)]
    assert transcript({"run": "\n".join(lines)}, "/home/me").splitlines()[1:] == lines
