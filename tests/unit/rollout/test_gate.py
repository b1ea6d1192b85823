# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The gate: a host has to be as well after a change as before, and what has not been seen is said."""

from __future__ import annotations

import json

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import ConnectionPort
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.history import between
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import Directory
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import gate, look, words
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout.look import Look, Phone, TrunkState
from ansible_collections.voiceops.asterisk.tests.unit.directories import OTHER_SECRET, SECRET, ext, line
from ansible_collections.voiceops.asterisk.tests.unit.strategies import directories, plans_for
from hypothesis import given
from hypothesis import strategies as st

BEFORE, CHANGED, AFTER = 1000, 1060, 1090
STANDS = Phone(AFTER + 3000, True)
ANEW = Phone(AFTER + 3590, True)
NUMBERS = ("1001", "1002", "1003", "1004")
PEOPLE = {number: ext(number, password=SECRET) for number in NUMBERS}
PORTS = {"SIP": ConnectionPort("SIP"), "TCP": ConnectionPort("TCP", "tcp")}


def seen(at=AFTER, **fields):
    fields.setdefault("phones", dict.fromkeys(NUMBERS, STANDS))
    return Look(at, newest_change=1, has_directory=True, running=True, **fields)


def judged(before=None, after=None, becomes=None, *, least=100, wait=False, unread=(), new_ports=None):
    """Judge a change of these four people into others."""
    becomes = PEOPLE if becomes is None else becomes
    plan = between(
        Directory("r", PORTS, extensions=PEOPLE), Directory("r", new_ports or PORTS, extensions=becomes)
    )
    change = gate.Change(plan, CHANGED if plan else None, becomes, unread)
    return gate.judge(before or seen(BEFORE), after or seen(), change, least, wait)


def without(*numbers, **instead):
    phones = {number: STANDS for number in NUMBERS if number not in numbers}
    return {**phones, **{number.removeprefix("n"): phone for number, phone in instead.items()}}


def test_a_host_that_is_as_it_was_passes():
    found = judged()
    assert found.passed
    assert (found.expected, found.registered, found.missing, found.apart, found.not_seen) == (
        4,
        4,
        (),
        {},
        {},
    )


@pytest.mark.parametrize(
    ("least", "passes"),
    [(100, False), (76, False), (75, True), (0, True)],
)
def test_phones_that_are_missing_count_against_it(least, passes):
    found = judged(after=seen(phones=without("1002")), least=least)
    assert found.passed is passes
    assert (found.expected, found.registered, found.missing) == (4, 3, ("1002",))
    if not passes:
        (reason,) = found.reasons
        said = words.said(words.ENGLISH, reason.word, reason.values)
        assert said == (f"3 of 4 phones are registered that were before, less than {least} %; missing: 1002")


@pytest.mark.parametrize(
    "becomes",
    [
        {number: PEOPLE[number] for number in NUMBERS[1:]},
        {**PEOPLE, "1001": ext("1001", password=SECRET, enabled=False)},
        {**PEOPLE, "1001": ext("1001", password=OTHER_SECRET)},
        {**PEOPLE, "1001": ext("1001", password=SECRET, username="anna")},
    ],
    ids=["deleted", "disabled", "another password", "another user name"],
)
def test_a_phone_that_the_change_itself_lets_go_is_not_expected(becomes):
    found = judged(after=seen(phones=without("1001")), becomes=becomes)
    assert found.passed
    assert (found.expected, found.registered) == (3, 3)


def test_a_registration_that_ran_out_before_the_change_is_told_apart():
    before = seen(BEFORE, phones=without(n1001=Phone(CHANGED, True), n1002=Phone(CHANGED + 1, True)))
    renamed = {**PEOPLE, "1001": ext("1001", "Ayşe", password=SECRET)}
    found = judged(before, seen(phones=without("1001", "1002")), renamed)
    assert found.apart == {gate.RAN_OUT: ("1001",)}
    assert found.missing == ("1002",), "this one could not re-register any more"


def test_where_nothing_was_changed_no_registration_that_ran_out_counts():
    before = seen(BEFORE, phones=without(n1001=Phone(AFTER, True)))
    found = judged(before, seen(phones=without("1001")))
    assert found.passed
    assert found.apart == {gate.RAN_OUT: ("1001",)}


def test_a_phone_that_did_not_answer_before_is_told_apart():
    before = seen(BEFORE, phones=without(n1001=Phone(AFTER + 900, False)))
    found = judged(before, seen(phones=without("1001")))
    assert found.passed
    assert found.apart == {gate.SILENT: ("1001",)}


@pytest.mark.parametrize(
    ("was", "is_now", "place"),
    [
        (True, False, "missing"),
        (True, None, "here"),
        # After Asterisk's start nobody knows whether it would have answered before.
        (None, False, "apart"),
        (None, None, "here"),
        (False, False, "apart"),
        (False, True, "here"),
    ],
)
def test_a_phone_that_no_longer_answers_is_missing(was, is_now, place):
    before = seen(BEFORE, phones=without(n1001=Phone(AFTER + 900, was)))
    found = judged(before, seen(phones=without(n1001=Phone(AFTER + 900, is_now))))
    assert found.missing == (("1001",) if place == "missing" else ())
    assert found.apart == ({gate.SILENT: ("1001",)} if place == "apart" else {})
    assert found.registered == (4 if place == "here" else 3)


def test_a_phone_that_has_registered_anew_is_there_though_asterisk_has_not_asked_it_yet():
    found = judged(after=seen(phones=without(n1001=Phone(ANEW.until, False))))
    assert found.passed


@pytest.mark.parametrize(
    ("becomes", "why"),
    [
        (ext("1001", password=OTHER_SECRET), "password"),
        (ext("1001", password=SECRET, connection_port="TCP"), "port"),
    ],
)
def test_what_shows_only_when_a_phone_registers_anew_is_not_taken_for_seen(becomes, why):
    changed = {**PEOPLE, "1001": becomes}
    found = judged(becomes=changed)
    assert found.passed
    assert found.not_seen == {why: ("1001",)}
    assert judged(after=seen(phones=without(n1001=ANEW)), becomes=changed).not_seen == {}


def test_another_user_name_is_another_credential():
    found = judged(becomes={**PEOPLE, "1001": ext("1001", password=SECRET, username="anna")})
    # The digest is bound to the user name.
    assert found.not_seen == {"password": ("1001",), "username": ("1001",)}


def test_phones_of_a_port_that_moved_are_not_seen_until_they_are_back():
    moved = {**PORTS, "SIP": ConnectionPort("SIP", port=5070)}
    there = {**PEOPLE, "1002": ext("1002", password=SECRET, connection_port="TCP")}
    assert judged(new_ports=moved).not_seen == {"port": NUMBERS}, "without a port of its own it may use any"
    plan = between(Directory("r", PORTS, extensions=there), Directory("r", moved, extensions=there))
    change = gate.Change(plan, CHANGED, there)
    assert gate.judge(seen(BEFORE), seen(), change, 100).not_seen == {"port": ("1001", "1003", "1004")}


def test_who_waits_has_what_was_not_seen_count():
    changed = {**PEOPLE, "1001": ext("1001", password=OTHER_SECRET)}
    waiting = judged(after=seen(phones=without("1001")), becomes=changed, wait=True)
    assert not waiting.passed
    assert waiting.missing == ("1001",)
    assert judged(after=seen(phones=without(n1001=ANEW)), becomes=changed, wait=True).passed


@pytest.mark.parametrize(
    ("was", "is_now", "said"),
    [
        (TrunkState("registered"), TrunkState("registered"), None),
        (TrunkState("registered"), TrunkState("rejected"), "trunk line was registered, and is now: rejected"),
        (TrunkState("rejected"), TrunkState("unregistered"), None),
        # It no longer registers: that is the change.
        (TrunkState("registered"), TrunkState(None), None),
        (TrunkState(None, True), TrunkState(None, False), "the far end of trunk line answered before"),
        (TrunkState(None, False), TrunkState(None, False), None),
        (TrunkState(None, True), TrunkState(None, None), None),
    ],
)
def test_trunks_have_to_be_as_they_were(was, is_now, said):
    found = judged(seen(BEFORE, trunks={"line": was}), seen(trunks={"line": is_now}))
    assert found.passed is (said is None)
    if said:
        (reason,) = found.reasons
        assert words.said(words.ENGLISH, reason.word, reason.values).startswith(said)


def test_a_trunk_that_was_deleted_is_not_missed():
    plan = between(Directory("r", trunks={"line": line()}), Directory("r"))
    before = seen(BEFORE, trunks={"line": TrunkState("registered", True)})
    assert gate.judge(before, seen(trunks={}), gate.Change(plan, CHANGED), 100).passed


def test_asterisk_has_to_run_where_it_ran():
    stopped = Look(AFTER, has_directory=True)
    found = judged(after=stopped)
    assert [reason.word for reason in found.reasons] == ["gate stopped", "gate phones"]
    assert judged(before=Look(BEFORE, has_directory=True), after=stopped).passed


def test_asterisk_has_to_have_what_the_directory_has():
    (reason,) = judged(unread=("1001", "1002")).reasons
    said = words.said(words.ENGLISH, reason.word, reason.values)
    assert said == "Asterisk does not show what the directory has of 1001, 1002"


PHONES = st.builds(Phone, st.integers(0, 5000), st.sampled_from([True, False, None]))


@st.composite
def changes(draw):
    """Any directory, any plan for it, and any phones before and after."""
    have = draw(directories())
    plan = draw(plans_for(have))
    after = have.after(plan)
    before = draw(st.dictionaries(st.sampled_from(sorted(have.extensions) or ["1"]), PHONES))
    now = draw(st.dictionaries(st.sampled_from(sorted(after.extensions) or ["1"]), PHONES))
    at = draw(st.none() | st.integers(0, 2000))
    return (
        Look(BEFORE, phones=before, running=True),
        Look(AFTER, phones=now, running=True),
        gate.Change(plan, at, after.extensions),
    )


@given(changes(), st.floats(0, 100), st.booleans())
def test_each_phone_is_in_one_place_whatever_was_changed(drawn, least, wait):
    before, after, change = drawn
    found = gate.judge(before, after, change, least, wait)
    told = [*found.missing, *(number for numbers in found.apart.values() for number in numbers)]
    assert len(told) == len(set(told))
    assert set(told) <= before.phones.keys()
    assert found.expected == found.registered + len(found.missing)
    deleted = {extension.number for extension in change.plan.extensions.delete}
    assert not deleted & set(told)
    assert all(set(numbers) <= before.phones.keys() for numbers in found.not_seen.values())
    assert found.passed is (found.registered * 100 >= least * found.expected)
    assert json.loads(json.dumps(found.written()))["passed"] is found.passed


@given(changes())
def test_a_look_is_what_is_read_of_it(drawn):
    for each in drawn[:2]:
        assert look.read(json.loads(json.dumps(each.written()))) == each


@pytest.mark.parametrize("wrong", [{}, [], None, "x", {"at": 1}, {**Look(1).written(), "phones": [1]}])
def test_what_is_no_mark_is_refused(wrong):
    with pytest.raises(ValueError, match="this is not a mark of a host"):
        look.read(wrong)
