# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A fleet in a terminal: aligned in any script, and nothing that a terminal would obey."""

from __future__ import annotations

import time
import unicodedata

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.status import terminal
from ansible_collections.voiceops.asterisk.plugins.module_utils.status.answers import read
from ansible_collections.voiceops.asterisk.tests.browser.example import (
    answer,
    blocked,
    certificate,
    extension,
    unreachable,
)
from hypothesis import given
from hypothesis import strategies as st


def table(answers, language="en", most=0):
    return terminal.table(read(answers), language, most)


def texts(*arguments, **options):
    return [line.text for line in table(*arguments, **options)]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("Ayşe", 4),
        ("S\u0327enol", 5),
        ("محمد", 4),
        ("田中", 4),
        ("☎", 1),
        ("🏢", 2),
        ("a\u200bb", 2),
    ],
)
def test_width(text, cells):
    assert terminal.width(text) == cells


def test_columns_are_aligned_whatever_the_script():
    names = ["Ayşe Yılmaz", "محمد علي", "田中", "S\u0327enol"]
    lines = texts({"a": answer(*(extension(str(100 + index), name) for index, name in enumerate(names)))})[
        1:5
    ]
    assert len({terminal.width(line.partition("idle")[0]) for line in lines}) == 1


def test_after_arabic_the_line_runs_to_the_right_again():
    line = texts({"a": answer(extension("1", "محمد"))})[1]
    assert "محمد\u200e" in line


def test_hosts_that_are_not_there_stand_out_and_come_last():
    lines = table({"down": unreachable("timed out"), "up": answer(extension("1", "Ayşe"))})
    assert [(line.text, line.kind) for line in lines if line.text.startswith(("up", "down"))] == [
        ("up: Asterisk running, 1 of 1 extensions registered", "plain"),
        ("down: UNREACHABLE: timed out", "bad"),
    ]
    assert lines[-1] == ("1 of 2 hosts running, 1 of 1 extensions registered: idle 1", "plain")


def test_what_can_register_is_counted_and_the_rest_named():
    ones = [extension("1", "Ayşe"), extension("2", "Kapı", "no phone", forward_to="1")]
    lines = table({"a": answer(*ones, extension("3", "", "disabled"))})
    assert lines[0] == ("a: Asterisk running, 1 of 1 extensions registered, 2 cannot register", "plain")
    assert lines[2].text == "  2  Kapı  no phone  forwards to 1"
    assert lines[-1].kind == "good", "all is well"


def test_a_phone_that_is_gone_stands_out_everywhere(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    ones = [extension("1", "Ayşe", "unregistered"), extension("2", "", "unregistered")]
    seen = read({"a": answer(*ones, extension("3", "", "unreachable"))}, {"a": {"1": 1_700_000_000.0}})
    assert [line for line in terminal.table(seen) if line.kind == "bad"] == [
        ("a: Asterisk running, 1 of 3 extensions registered, 1 unreachable, 1 gone", "bad"),
        ("  1  Ayşe  gone            last seen 2023-11-14 22:13 UTC", "bad"),
        ("  3        unreachable     198.51.100.7:5060               3.1 ms  Desk phone 1.2", "bad"),
        ("a: phone does not answer (1): 3", "bad"),
        ("a: no longer registered (1): 1", "bad"),
    ]
    assert "telefonun kaydı düştü (1): 1" in str(terminal.table(seen, "tr"))
    assert [line.text for line in terminal.table(seen, most=1)][-2] == "a: no longer registered (1): 1"


def test_a_long_list_can_be_cut_and_says_so():
    lines = texts({"a": answer(*(extension(str(n), "") for n in range(5)))}, most=2)
    assert [line.split()[0] for line in lines[1:3]] == ["0", "1"]
    assert lines[3] == "  … and 3 more"


def test_certificates_are_told():
    ports = {"Tarayıcı": {"protocol": "wss", "certificate_facts": certificate(9)}}
    assert "a: the certificate of Tarayıcı expires in 9 days" in texts(
        {"a": answer(pbx_connection_ports=ports)}
    )


def test_blocked_addresses_are_listed_with_the_command_that_lifts_a_block():
    strangers = [
        blocked("2001:db8::5", until=None),
        blocked("198.51.100.7", tried=["1002"], registered=["1001", "1"]),
    ]
    summary = {"asterisk": "running", "blocked_addresses": 4}
    host = answer(pbx_blocked_addresses=strangers, pbx_extension_summary=summary)
    lines = texts({"pbx-a": host, "b": answer()})
    begin = lines.index("Blocked addresses (4):")
    since = "since 2026-12-01T10:41:09Z"
    assert lines[begin + 1 : begin + 6] == [
        f"  pbx-a  198.51.100.7  {since}  until 2026-12-01T11:41:09Z  tried 1002  phones of 1001, 1",
        f"  pbx-a  2001:db8::5   {since}  permanently",
        "  … and 2 more",
        "  No phone there reaches the host. To lift a block, type on its host:"
        " fail2ban-client set voiceops-asterisk unbanip ADDRESS",
        "",
    ]
    assert "pbx-a: 198.51.100.7 is blocked, so these phones do not reach the host (2): 1001, 1" in lines


def test_where_nothing_is_blocked_nothing_is_said_of_it():
    for nothing in ([], None):
        assert "locked" not in str(texts({"a": answer(pbx_blocked_addresses=nothing)}))


def test_in_turkish():
    lines = texts({"a": answer(extension("1", "Ayşe", "unregistered"))}, language="tr")
    assert lines[0] == "a: Asterisk çalışıyor, 1 dahiliden 0 kayıtlı"
    assert "kayıtlı değil" in lines[1]


def test_calls_are_told():
    calls = [{"direction": "incoming", "other": "0532", "seconds": 3, "state": "connected"}]
    assert texts({"a": answer(extension("1", "Ayşe", "in use", calls=calls))})[1].endswith("from 0532")


@given(st.text())
def test_nothing_that_a_terminal_obeys_gets_through(text):
    contact = {"address": text, "user_agent": text}
    one = extension(
        text, text, text, groups=[text], contacts=[contact], calls=[{"direction": text, "other": text}]
    )
    strange = blocked(text, since=text, until=text, tried=[text], registered=[text])
    answers = {text: answer(one, pbx_blocked_addresses=[strange]), "down": unreachable(text)}
    for line in texts(answers):
        assert not {unicodedata.category(character) for character in line} & {"Cc", "Cs", "Zl", "Zp"}
        assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(st.text(), st.integers(2, 40))
def test_a_cell_is_never_wider_than_it_may_be(text, most):
    assert terminal.width(terminal.cut(terminal.clean(text), most)) <= most
