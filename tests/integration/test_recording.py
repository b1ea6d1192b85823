# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""An extension with ``record`` is recorded, however the conversation came about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from phones.exchange import Call

from .company import RECORDINGS, TONES, Office

#: How long people talk, in seconds, and by how much a recording may differ from it.
TALK, TOLERANCE = 1.5, 0.5


@pytest.fixture
def office(office: Office) -> Office:
    office.forget()
    return office


def talk(call: Call) -> Call:
    call.is_up()
    time.sleep(TALK)
    return call


def direct(office: Office) -> None:
    talk(office.phones["1001"].dial("1002")).hang_up()


def direct_from_who_is_recorded(office: Office) -> None:
    talk(office.phones["1002"].dial("1001")).hang_up()


def forwarded(office: Office) -> None:
    office.host.module("pbx_extension", number="1004", forward_to="1002")
    talk(office.phones["1001"].dial("1004")).hang_up()
    office.host.module("pbx_extension", number="1004", forward_to="1001")


def outbound(office: Office) -> None:
    talk(office.phones["1002"].dial("02121234567")).hang_up()


def outbound_by_the_second_trunk(office: Office) -> None:
    office.trunks["Telco"].does(503)
    talk(office.phones["1002"].dial("02121234567")).hang_up()


def emergency(office: Office) -> None:
    talk(office.phones["1002"].dial("112")).hang_up()


def inbound(office: Office) -> None:
    talk(office.trunks["Telco"].dial("+902121112202")).hang_up()


def inbound_by_registration(office: Office) -> None:
    to = "<sip:+902125550001@telco.example>"
    talk(office.trunks["Registered"].dial("x", uri=office.line_contact(), to=to)).hang_up()


def picked_up(office: Office) -> None:
    office.phones["1001"].does("ring")
    call = office.phones["1003"].dial("1001").rings()
    assert office.phones["1002"].dial("*81001").status() == 200
    talk(call).hang_up()


def picked_up_from_the_group(office: Office) -> None:
    office.phones["1001"].does("ring")
    call = office.phones["1003"].dial("1001").rings()
    assert office.phones["1002"].dial("*8").status() == 200
    talk(call).hang_up()


def handed_over_blindly(office: Office) -> None:
    at = len(office.phones["1001"].received())
    call = office.phones["1003"].dial("1001").is_up()
    now = len(office.phones["1002"].received())
    assert office.phones["1001"].incoming(at).transfer("1002")["progress"][-1] == 200
    talk(office.phones["1002"].incoming(now))
    call.hang_up()


def hand_over_while_it_rings(office: Office, call: Call, held: Call, to: str) -> None:
    """1001 hands over the party on hold to somebody who is still ringing; those two talk."""
    held.hold()
    office.phones[to].does("ring")
    at = len(office.phones[to].received())
    asked = office.phones["1001"].dial(to).rings()
    assert held.transfer(to, replaces=asked)["status"] == 202
    talk(office.phones[to].incoming(at).answer())
    call.hang_up()


def handed_over_while_it_rings(office: Office) -> None:
    at = len(office.phones["1001"].received())
    call = office.phones["1003"].dial("1001").is_up()
    hand_over_while_it_rings(office, call, office.phones["1001"].incoming(at), "1002")


#: How a conversation comes about; who is heard in the recording of 1002; which column names it.
WAYS: list[tuple[Callable[[Office], None], list[str], str]] = [
    (direct, ["1001", "1002"], "callee_recording"),
    (direct_from_who_is_recorded, ["1001", "1002"], "caller_recording"),
    (forwarded, ["1001", "1002"], "callee_recording"),
    (outbound, ["1002", "Telco"], "caller_recording"),
    (outbound_by_the_second_trunk, ["1002", "Backup"], "caller_recording"),
    (emergency, ["1002", "Telco"], "caller_recording"),
    (inbound, ["1002", "Telco"], "callee_recording"),
    (inbound_by_registration, ["1002", "Registered"], "callee_recording"),
    (picked_up, ["1002", "1003"], "callee_recording"),
    (picked_up_from_the_group, ["1002", "1003"], "callee_recording"),
    (handed_over_blindly, ["1002", "1003"], "callee_recording"),
    (handed_over_while_it_rings, ["1002", "1003"], "callee_recording"),
]


@pytest.mark.parametrize(("way", "voices", "column"), WAYS, ids=[way.__name__ for way, *_rest in WAYS])
def test_a_conversation_is_recorded(
    office: Office, way: Callable[[Office], None], voices: list[str], column: str
) -> None:
    way(office)
    (recording,) = office.recordings()
    assert recording.number == "1002"
    heard = sorted(TONES[voice] for voice in voices)
    assert (recording.first, recording.last) == (heard, heard)
    assert abs(recording.seconds - TALK) <= TOLERANCE
    assert (recording.mode, recording.owner) == ("640", "asterisk:voiceops-recordings")
    answered = [call for call in office.calls() if call["disposition"] == "ANSWERED"]
    assert answered[-1][column] == recording.path


def test_a_recording_goes_on_when_the_other_side_is_replaced(office: Office) -> None:
    at = len(office.phones["1001"].received())
    call = talk(office.phones["1002"].dial("1001"))
    held = office.phones["1001"].incoming(at)
    held.hold()
    now = len(office.phones["1003"].received())
    asked = office.phones["1001"].dial("1003").is_up()
    assert held.transfer("1003", replaces=asked)["progress"][-1] == 200
    talk(office.phones["1003"].incoming(now))
    call.hang_up()
    (recording,) = office.recordings()
    assert recording.first == sorted([TONES["1001"], TONES["1002"]])
    assert recording.last == sorted([TONES["1002"], TONES["1003"]])
    assert {call["caller_recording"] for call in office.calls() if call["caller"] == "1002"} == {
        recording.path
    }


def test_a_recording_goes_on_when_who_is_recorded_waits_for_another(office: Office) -> None:
    at = len(office.phones["1001"].received())
    call = talk(office.phones["1002"].dial("1001"))
    hand_over_while_it_rings(office, call, office.phones["1001"].incoming(at), "1003")
    (recording,) = office.recordings()
    assert recording.first == sorted([TONES["1001"], TONES["1002"]])
    assert recording.last == sorted([TONES["1002"], TONES["1003"]])


def test_nobody_is_recorded_whose_entry_does_not_say_so(office: Office) -> None:
    talk(office.phones["1003"].dial("1001")).hang_up()
    talk(office.phones["1001"].dial("02121234567")).hang_up()
    assert office.recordings() == []
    assert all(not call["caller_recording"] and not call["callee_recording"] for call in office.calls())


def test_when_somebody_else_picks_up_the_called_one_is_not_recorded(office: Office) -> None:
    office.phones["1002"].does("ring")
    call = office.phones["1003"].dial("1002").rings()
    assert office.phones["1001"].dial("*81002").status() == 200
    talk(call).hang_up()
    assert office.recordings() == []


def test_a_call_that_nobody_answers_leaves_no_file_and_its_record_names_none(office: Office) -> None:
    office.phones["1001"].does("ring")
    office.phones["1002"].dial("1001").rings().hang_up()
    office.phones["1001"].does(486)
    assert office.phones["1002"].call("1001") == 486
    office.trunks["Telco"].does(503)
    office.trunks["Backup"].does(503)
    assert office.phones["1002"].call("02121234567") == 503
    calls = office.calls()
    assert [call["disposition"] for call in calls] == ["NO ANSWER", "BUSY", "CONGESTION", "CONGESTION"]
    assert not any(call["caller_recording"] or call["callee_recording"] for call in calls)
    assert office.host.shell(f"find {RECORDINGS} -name '*.wav'") == ""


def test_each_record_of_a_call_that_was_picked_up_says_who_called(office: Office) -> None:
    picked_up(office)
    picked_up_from_the_group(office)
    calls = office.calls()
    assert {(call["caller"], call["callee"]) for call in calls} == {("1003", "1001")}
    assert [call["answered_by"] for call in calls if call["disposition"] == "ANSWERED"] == ["1002", "1002"]


def test_recording_counts_from_the_next_call_on(office: Office) -> None:
    office.host.module("pbx_extension", number="1001", record=True)
    talk(office.phones["1003"].dial("1001")).hang_up()
    office.host.module("pbx_extension", number="1001", record=False)
    talk(office.phones["1003"].dial("1001")).hang_up()
    assert [recording.number for recording in office.recordings()] == ["1001"]


def test_both_sides_have_a_recording_of_their_own(office: Office) -> None:
    office.host.module("pbx_extension", number="1001", record=True)
    talk(office.phones["1001"].dial("1002")).hang_up()
    office.host.module("pbx_extension", number="1001", record=False)
    recordings = {recording.number: recording.path for recording in office.recordings()}
    assert set(recordings) == {"1001", "1002"}
    (call,) = office.calls()
    assert (call["caller_recording"], call["callee_recording"]) == (recordings["1001"], recordings["1002"])


#: What is wrong with the storage: how it comes about, and how it is put right.
BROKEN = {
    "not mounted": (
        f"mv {RECORDINGS} {RECORDINGS}.away; install -d -o asterisk {RECORDINGS}",
        f"rmdir {RECORDINGS}; mv {RECORDINGS}.away {RECORDINGS}",
    ),
    "full": (
        f"mount -t tmpfs -o size=40k,mode=2750,uid=asterisk,gid=voiceops-recordings none {RECORDINGS};"
        f" install -o asterisk /dev/null {RECORDINGS}/.storage;"
        f" dd if=/dev/zero of={RECORDINGS}/fill 2>/dev/null; true",
        f"umount {RECORDINGS}",
    ),
    "the folder of the day not writable": (
        f"cd {RECORDINGS} && mkdir -p $(date -u +%Y/%m/%d) && chmod -R go-w 2*",
        f"rm -rf {RECORDINGS}/2*",
    ),
    "not writable": (
        f"chown root: {RECORDINGS}/.storage",
        f"chown asterisk:voiceops-recordings {RECORDINGS}/.storage",
    ),
}


#: What the facts say of it, besides that Asterisk cannot write there.
SAID_OF = {
    "not mounted": ".storage is not there",
    "full": "it is full",
    "the folder of the day not writable": "Asterisk has not",
    "not writable": "Asterisk has not",
}


def storage_facts(office: Office) -> dict[str, Any]:
    facts = office.host.module("pbx_extension_facts", gather=["recording"])["ansible_facts"]
    return dict(facts["pbx_recording_storage"])


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize(
    ("required", "answer", "becomes"), [("no", 200, "not recorded"), ("yes", 503, "refused")]
)
def test_what_becomes_of_a_call_that_cannot_be_recorded(
    office: Office, broken: str, required: str, answer: int, becomes: str
) -> None:
    breaks, mends = BROKEN[broken]
    office.asterisk(f"dialplan set global recording_required {required}")
    office.host.shell(breaks)
    try:
        assert office.phones["1001"].call("1002") == answer
        assert office.phones["1002"].call("1001") == answer
        assert office.phones["1002"].call("02121234567") == answer
        assert office.trunks["Telco"].call("+902121112202") == answer
        assert office.phones["1003"].call("1001") == 200
        # Nobody dies for the sake of a recording.
        assert office.phones["1002"].call("112") == 200
        found = storage_facts(office)
        assert found["usable"] is False
        assert found["problems"][-1].endswith(f": calls are {becomes}")
        assert any(SAID_OF[broken] in problem for problem in found["problems"])
    finally:
        office.host.shell(mends)
        office.asterisk("dialplan set global recording_required no")
    assert (
        f"extension 1002 is {becomes}" in office.host.shell("tail -40 /var/log/asterisk/messages.log").lower()
    )
    assert office.phones["1001"].call("1002") == 200
    assert storage_facts(office)["problems"] == []


def test_only_the_recording_group_can_read(office: Office) -> None:
    talk(office.phones["1001"].dial("1002")).hang_up()
    office.recordings()
    folders = office.host.shell(f"find {RECORDINGS} -type d -exec stat -c '%a %U:%G' {{}} +")
    assert set(folders.splitlines()) == {"2750 asterisk:voiceops-recordings"}
    logs = office.host.shell("stat -c '%a' /var/log/asterisk /var/log/asterisk/master.db")
    assert logs.split() == ["750", "640"]


def test_asterisk_complains_of_nothing_while_calls_are_recorded_and_their_records_written(
    office: Office,
) -> None:
    log = "/var/log/asterisk/messages.log"
    before = int(office.host.shell(f"stat -c %s {log}"))
    direct(office)
    outbound(office)
    picked_up(office)
    office.phones["1001"].does("ring")
    office.phones["1002"].dial("1001").rings().hang_up()
    assert len(office.calls()) > 3
    said = office.host.shell(f"tail -c +{before + 1} {log}").splitlines()
    assert [line for line in said if "WARNING" in line or "ERROR" in line] == []
