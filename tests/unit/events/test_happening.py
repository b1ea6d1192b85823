# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What has happened, of what a host tells: once each, in order, and in words that nothing obeys."""

from __future__ import annotations

import json

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.events import happening, record
from hypothesis import given
from hypothesis import strategies as st

SETTLE = 5.0
BEGIN, READY = {"record": "begin"}, {"record": "ready"}


def contact(state, number="1001", which="a", user_agent="Snom"):
    return {
        "record": "contact",
        "number": number,
        "contact": which,
        "address": "10.0.0.7:5060",
        "user_agent": user_agent,
        "state": state,
    }


def call(which="1.1", caller="1001", called="1002"):
    return {"record": "call", "call": which, "caller": caller, "called": called}


def kinds(events):
    return [event["kind"] for event in events]


def take(host, *records, now=0.0):
    return kinds([event for each in records for event in host.take(each, now)])


@pytest.fixture
def host():
    """A host that has told what there is: nothing."""
    host = happening.Happening("pbx-istanbul", SETTLE)
    assert take(host, BEGIN, READY) == ["source_connected"]
    return host


# --- registrations ---------------------------------------------------------------------------


def test_a_phone_that_registers_is_told_with_its_address(host):
    assert host.take(contact("there"), 0) == [
        {
            "kind": "registration_gained",
            "host": "pbx-istanbul",
            "number": "1001",
            "address": "10.0.0.7:5060",
            "user_agent": "Snom",
        }
    ]
    assert take(host, contact("reachable", user_agent="")) == []


def test_it_is_lost_once_it_has_been_gone_for_long_enough(host):
    take(host, contact("there"))
    assert take(host, contact("gone"), now=10) == []
    assert host.look(14.9) == []
    assert kinds(host.look(15)) == ["registration_lost"]
    assert host.look(16) == []
    assert take(host, contact("there"), now=17) == ["registration_gained"]


@pytest.mark.parametrize(
    "records",
    [
        [contact("there", which="b"), contact("gone")],
        [contact("gone"), contact("there", which="b")],
        [contact("gone"), contact("there")],
        [contact("gone", which="never-seen")],
    ],
    ids=["from elsewhere", "from elsewhere, the old one first", "again", "what was never there"],
)
def test_one_that_registers_anew_is_not_told(host, records):
    take(host, contact("there"))
    assert take(host, *records, now=10) == []
    assert host.look(1000) == []


def test_who_was_there_before_has_not_come_now():
    host = happening.Happening("pbx-istanbul", SETTLE)
    (event,) = [e for each in (BEGIN, contact("reachable"), READY) for e in host.take(each, 0)]
    assert event == {"kind": "source_connected", "registered": 1, "host": "pbx-istanbul"}
    take(host, contact("gone"), now=1)
    assert kinds(host.look(7)) == ["registration_lost"]


def test_a_phone_that_does_not_answer_is_told_once_and_so_is_its_return(host):
    take(host, contact("reachable"))
    assert take(host, contact("unreachable"), contact("unreachable")) == ["phone_unreachable"]
    assert take(host, contact("reachable")) == ["phone_reachable"]


def test_one_of_two_phones_is_enough(host):
    take(host, contact("reachable"), contact("reachable", which="b"))
    assert take(host, contact("unreachable"), contact("gone")) == []
    assert host.look(100) == []


# --- calls -----------------------------------------------------------------------------------


def test_a_call_begins_is_answered_and_ends(host):
    assert take(host, call(), now=1) == ["call_began"]
    answer = {"record": "answer", "call": "1.1", "by": "1003"}
    (answered,) = host.take(answer, 3)
    assert (answered["kind"], answered["by"]) == ("call_answered", "1003")
    assert host.take(answer, 4) == []
    assert host.take({"record": "hangup", "call": "1.1", "cause": "16"}, 63) == [
        {
            "kind": "call_ended",
            "host": "pbx-istanbul",
            "call": "1.1",
            "caller": "1001",
            "called": "1002",
            "emergency": False,
            "answered": True,
            "by": "1003",
            "seconds": 60,
            "cause": 16,
        }
    ]
    assert take(host, {"record": "hangup", "call": "1.1", "cause": "16"}) == []


def test_an_emergency_call_is_told_and_remembered(host):
    take(host, call(called="112"))
    emergency = {"record": "emergency", "call": "1.1"}
    assert take(host, emergency, emergency) == ["emergency_call"]
    (ended,) = host.take({"record": "hangup", "call": "1.1", "cause": "34"}, 1)
    assert (ended["emergency"], ended["answered"], ended["cause"]) == (True, False, 34)


@pytest.mark.parametrize("name", ["answer", "emergency", "hangup"])
def test_a_call_of_which_nobody_has_seen_the_beginning_is_not_told(host, name):
    told = {"record": name, "call": "9.9", "by": "1001", "cause": "16"}
    assert take(host, told) == []


# --- connections -----------------------------------------------------------------------------


def test_what_was_missed_is_told_once_the_host_can_be_heard_again(host):
    take(host, contact("there"), contact("there", "1002"), call("1.1"), call("2.2"))
    (lost,) = host.lost("ssh: connect to host pbx-istanbul: \x1b[2J{{ x }}")
    assert lost["why"] == "ssh: connect to host pbx-istanbul: \ufffd[2J(( x ))"
    # Nobody knows what is true of a host that says nothing, and it is said once that it does.
    assert host.look(1000) == []
    assert host.lost("still") == []
    again = [BEGIN, contact("there"), contact("there", "1003"), {"record": "going_on", "call": "2.2"}, READY]
    assert take(host, *again, now=1000) == ["registration_gained", "source_reconnected", "call_ended"]
    assert host.look(1004) == []
    (gone,) = host.look(1005)
    assert (gone["kind"], gone["number"]) == ("registration_lost", "1002")


def test_a_host_that_was_never_reached_is_told():
    host = happening.Happening("pbx-istanbul", SETTLE)
    assert kinds(host.lost("no route")) == ["source_lost"]


# --- what a host cannot do -------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"[]", b"null", b'"x"', b"{", b"\xff", b"1" * 5000, b"[" * 100_000),
        *(b'{"record": "begin", "more": "x"}', b'{"record": ["begin"]}', b'{"record": "_said"}', b"{}"),
        b'{"record": "hangup", "call": "1.1", "cause": 16}',
        b'{"record": "hangup", "call": "1 -e x", "cause": "16"}',
        b'{"record": "call", "call": "1.1", "caller": "x@y", "called": "1"}',
    ],
)
def test_a_line_that_is_no_record_is_none(line):
    assert happening.understood(line) is None


@given(st.text(max_size=300))
def test_no_text_of_others_is_obeyed(text):
    told = happening.understood(json.dumps({"record": "trouble", "why": text}).encode())
    assert told is not None
    assert "{" not in told["why"]
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in told["why"])


def test_a_host_that_invents_phones_and_calls_takes_no_memory(host, monkeypatch):
    monkeypatch.setattr(happening, "MOST_NUMBERS", 3)
    monkeypatch.setattr(happening, "MOST_CALLS", 3)
    events = [each for n in range(9) for each in take(host, contact("there", str(n)), call(f"{n}.1"))]
    assert (events.count("registration_gained"), events.count("call_began")) == (3, 3)
    monkeypatch.setattr(happening, "MOST_CONTACTS", 2)
    assert [take(host, contact("unreachable", "1", str(n))) for n in range(4)][2:] == [[], []]


NUMBERS, CALLS = st.sampled_from(["1001", "1002"]), st.sampled_from(["1.1", "2.2"])
RECORDS = st.one_of(
    st.builds(
        contact,
        st.sampled_from([record.THERE, record.REACHABLE, record.UNREACHABLE, record.GONE]),
        NUMBERS,
        st.sampled_from("ab"),
    ),
    st.builds(call, CALLS),
    st.builds(lambda which: {"record": "answer", "call": which, "by": "1002"}, CALLS),
    st.builds(lambda which: {"record": "emergency", "call": which}, CALLS),
    st.builds(lambda which: {"record": "going_on", "call": which}, CALLS),
    st.builds(lambda which: {"record": "hangup", "call": which, "cause": "16"}, CALLS),
    st.sampled_from([BEGIN, READY, {"record": "alive"}, {"record": "lost"}]),
)


@given(st.lists(st.tuples(RECORDS, st.floats(0, 10)), max_size=60))
def test_whatever_is_told_each_kind_follows_the_one_that_it_follows(steps):
    host, now, events = happening.Happening("pbx-istanbul", SETTLE), 0.0, []
    for told, seconds in steps:
        now += seconds
        events += host.look(now)
        events += host.lost("x") if told["record"] == "lost" else host.take(told, now)
    assert all(isinstance(value, (str, int, bool)) for event in events for value in event.values())
    for number in ("1001", "1002"):
        of_number = [e["kind"] for e in events if e.get("number") == number and "registration" in e["kind"]]
        assert all(a != b for a, b in zip(of_number, of_number[1:]))
    for which in ("1.1", "2.2"):
        of_call = [e["kind"] for e in events if e.get("call") == which]
        begun = False
        for kind in of_call:
            assert begun is (kind != "call_began")
            begun = kind != "call_ended"
    sources = [e["kind"] for e in events if e["kind"].startswith("source_")]
    assert all(a != b or a == "source_reconnected" for a, b in zip(sources, sources[1:]))
