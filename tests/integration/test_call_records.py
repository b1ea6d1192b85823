# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The record of a call names both sides, the trunk, and why it ended, whatever has connected the two."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from phones.exchange import Call

from .company import Office, until
from .test_takeover import between, joined


@pytest.fixture
def office(office: Office) -> Office:
    office.forget()
    return office


def ended(*calls: Call) -> None:
    """Talk, and hang up: who hangs up at once may do so before Asterisk has connected them."""
    until(calls[0].hears)
    calls[0].hang_up()
    for call in calls[1:]:
        call.has_ended()


def called(office: Office) -> None:
    ended(*between(office, "1003", "1001").values())


def called_and_busy(office: Office) -> None:
    office.phones["1001"].does(486)
    assert office.phones["1003"].call("1001") == 486


def not_allowed(office: Office) -> None:
    assert office.phones["1003"].call("1004") == 403


def to_nobody(office: Office) -> None:
    assert office.phones["1003"].call("5555") == 404


def forwarded(office: Office) -> None:
    at = len(office.phones["1001"].received())
    call = office.phones["1002"].dial("1004").is_up()
    ended(call, office.phones["1001"].incoming(at))


def picked_up(office: Office) -> None:
    office.phones["1001"].does("ring")
    call = office.phones["1003"].dial("1001").rings()
    assert office.phones["1002"].dial("*81001").status() == 200
    call.is_up().hang_up()


def to_the_outside(office: Office) -> None:
    ended(*between(office, "1001", "Telco").values())


def from_outside(office: Office) -> None:
    ended(*between(office, "Telco", "1001").values())


def no_trunk(office: Office) -> None:
    office.trunks["Telco"].does(503)
    office.trunks["Backup"].does(503)
    assert office.phones["1001"].call("02121234567") == 503


def handed_over(office: Office) -> None:
    call = between(office, "1003", "1001")
    assert call["1001"].transfer("1002")["progress"][-1] == 200
    ended(call["1003"])


def handed_over_by_the_caller(office: Office) -> None:
    call = between(office, "1001", "1003")
    assert call["1001"].transfer("1002")["progress"][-1] == 200
    ended(call["1003"])


def handed_over_to_nobody(office: Office) -> None:
    call = between(office, "1003", "1001")
    assert call["1001"].transfer("5555")["progress"][-1] >= 400
    call["1003"].has_ended()


def handed_over_without_right(office: Office) -> None:
    call = between(office, "1001", "1003")
    assert call["1003"].transfer("1004")["progress"][-1] >= 400
    call["1001"].has_ended()


def connected(office: Office) -> None:
    ended(*joined(office, ("1003", "1001"), ("1001", "1002")).values())


def connected_with_both_called(office: Office) -> None:
    ended(*joined(office, ("1001", "1003"), ("1001", "1002")).values())


def connected_outside(office: Office) -> None:
    ended(*joined(office, ("Telco", "1001"), ("1001", "Backup")).values())


def connected_while_it_rang(office: Office) -> None:
    call = between(office, "1003", "1001")
    office.phones["1002"].does("ring")
    ringing = between(office, "1001", "1002", rings=True)
    call["1001"].transfer("1000", replaces=ringing["1001"])
    ringing["1002"].answer()
    ringing["1002"].is_up()
    ended(call["1003"], ringing["1002"])


def of_another_call(office: Office) -> None:
    own = between(office, "1003", "1001")
    theirs = between(office, "1002", "Telco")
    own["1003"].transfer("1000", replaces=theirs["1002"])
    own["1001"].has_ended()


#: side_a, side_b, disposition, cause, reason of a row.
Row = tuple[str, str, str, str, str]

WAYS: list[tuple[Callable[[Office], None], Row]] = [
    (called, ("1003", "1001", "ANSWERED", "16", "")),
    (called_and_busy, ("1003", "1001", "BUSY", "17", "")),
    (not_allowed, ("1003", "", "FAILED", "21", "")),
    (to_nobody, ("1003", "", "FAILED", "1", "")),
    (forwarded, ("1002", "1001", "ANSWERED", "16", "")),
    (picked_up, ("1003", "1002", "ANSWERED", "16", "")),
    (to_the_outside, ("1001", "trunk", "ANSWERED", "16", "")),
    (from_outside, ("trunk", "1001", "ANSWERED", "16", "")),
    (no_trunk, ("1001", "trunk", "CONGESTION", "34", "")),
    (handed_over, ("1003", "1001", "ANSWERED", "16", "transferred")),
    (handed_over, ("1003", "1002", "ANSWERED", "16", "")),
    (handed_over_by_the_caller, ("1001", "1003", "ANSWERED", "16", "transferred")),
    (handed_over_by_the_caller, ("1003", "1002", "ANSWERED", "16", "")),
    (handed_over_to_nobody, ("1003", "", "FAILED", "21", "")),
    (handed_over_without_right, ("1001", "", "FAILED", "21", "")),
    (connected, ("1003", "1001", "ANSWERED", "16", "transferred")),
    (connected, ("1003", "1002", "ANSWERED", "16", "")),
    (connected_with_both_called, ("1003", "1002", "ANSWERED", "16", "")),
    (connected_outside, ("trunk", "trunk", "ANSWERED", "16", "")),
    (connected_while_it_rang, ("1003", "1002", "ANSWERED", "16", "")),
    (of_another_call, ("1001", "trunk", "ANSWERED", "16", "not-connected")),
]


def told(call: dict[str, str]) -> Row:
    side_a, side_b = (call[side].partition("-")[0] for side in ("side_a", "side_b"))
    return (side_a, side_b, call["disposition"], call["cause"], call["reason"])


@pytest.mark.parametrize(
    ("way", "row"), WAYS, ids=[f"{way.__name__}-{row[4] or row[2]}" for way, row in WAYS]
)
def test_a_record_tells_who_was_connected_and_why_it_ended(
    office: Office, way: Callable[[Office], None], row: Row
) -> None:
    way(office)
    # A row is written some time after its channels have ended.
    until(lambda: row in [told(call) for call in office.calls()], seen=office.calls)
    rows = office.calls()
    for call in rows:
        assert call["caller"], rows
        assert call["callee"], rows
        assert (call["disposition"] == "ANSWERED") <= bool(call["side_b"])
        if "trunk" in call["side_a"] + call["side_b"]:
            assert call["trunk"], rows


#: Makes the table what it was, without the columns that are named.
WITHOUT = """
import sqlite3, sys
calls = sqlite3.connect("/var/log/asterisk/master.db")
old = [row[1] for row in calls.execute("PRAGMA table_info(calls)") if row[1] not in sys.argv]
calls.execute(f"CREATE TABLE old (AcctId INTEGER PRIMARY KEY, {', '.join(old[1:])})")
calls.execute(f"INSERT INTO old SELECT {', '.join(old)} FROM calls")
calls.execute("DROP TABLE calls")
calls.execute("ALTER TABLE old RENAME TO calls")
calls.commit()
"""


def test_a_table_of_before_gets_its_new_columns_and_loses_no_row(office: Office) -> None:
    called(office)
    (before,) = office.calls()
    new = ("side_a", "side_b", "cause", "reason")
    office.host.python(WITHOUT, *new)
    office.host.shell("systemctl restart asterisk && timeout 60 asterisk -rx 'core waitfullybooted'")
    until(lambda: office.phones["1001"].register() == 200)
    called(office)
    kept, fresh = office.calls()
    assert kept == {**before, **dict.fromkeys(new)}
    assert (fresh["side_a"], fresh["side_b"], fresh["cause"]) == ("1003", "1001", "16")
