# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The program on the host: what it asks, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import (
    ami,
    listening,
    registration,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.events import (
    carried,
    happening,
    reader,
    record,
)

PONG = "Response: Success\r\nActionID: {id}\r\nPing: Pong\r\n\r\n"
URI = "sip:1001@10.0.0.7:5060"


class Asked:
    """In the place of a connection: what was asked, and the ActionID of each question."""

    def __init__(self):
        self.variables = []

    def __call__(self, name, **fields):
        assert name == "Getvar"
        self.variables.append(fields["Variable"])
        return f"voiceops-{len(self.variables)}"

    def answer(self, which, value):
        return {"Response": "Success", "ActionID": f"voiceops-{which}", "Variable": "x", "Value": value}


@pytest.fixture
def asked():
    return Asked()


@pytest.fixture
def program(asked):
    return reader.Reader(asked)


def contact(state):
    return {"Event": "ContactStatus", "AOR": "1001", "URI": URI, "ContactStatus": state}


def channel(event, **more):
    return {"Event": event, "Channel": "PJSIP/1001-1", "Uniqueid": "1.1", "Linkedid": "1.1", **more}


def told(records):
    return [(each["record"], each.get("state", "")) for each in records]


def test_a_new_contact_is_told_with_its_user_agent(program, asked):
    assert program.take(contact("NonQualified"), 0) == []
    assert asked.variables == [f"PJSIP_CONTACT({record.contact_id(contact('NonQualified'))},user_agent)"]
    assert program.take(contact("Reachable"), 0) == []
    (made,) = program.take(asked.answer(1, "Snom D785"), 0)
    assert (made["user_agent"], made["state"]) == ("Snom D785", "reachable")
    assert program.take(contact("Reachable"), 0) == []
    assert told(program.take(contact("Unreachable"), 0)) == [("contact", "unreachable")]
    assert len(asked.variables) == 1


def test_one_that_goes_before_it_is_known_is_only_gone(program, asked):
    program.take(contact("NonQualified"), 0)
    assert told(program.take(contact("Removed"), 0)) == [("contact", "gone")]
    assert program.take(asked.answer(1, "Snom"), 0) == []


def test_one_whose_registration_has_been_ended_is_gone_when_asterisk_throws_it_out(program, asked):
    program.take(contact("NonQualified"), 0)
    (made,) = program.take(asked.answer(1, "Snom"), 0)
    ended = {"URI": registration.ended(URI)}
    # Asterisk may still ask it whether it is there.
    assert program.take({**contact("Unreachable"), **ended}, 0) == []
    (gone,) = program.take({**contact("Removed"), **ended}, 0)
    assert (gone["state"], gone["contact"]) == ("gone", made["contact"])


def test_one_that_was_there_is_asked_nothing(program, asked):
    there = record.of({"Event": "ContactList", "ObjectName": "1001;@x", "Uri": URI, "Status": "Reachable"})
    program.known(there)
    assert program.take(contact("Reachable"), 0) == []
    assert asked.variables == []


@pytest.mark.parametrize(("value", "is_one"), [("112", True), ("", False)])
def test_whether_a_number_is_an_emergency_number_is_asked_once_a_minute(program, asked, value, is_one):
    begins = channel("Newchannel", Exten="112")
    assert told(program.take(begins, 0)) == [("call", "")]
    assert asked.variables == ["REALTIME_FIELD(pbx_emergency,number,112,number)"]
    expected = [("emergency", "")] if is_one else []
    assert told(program.take(asked.answer(1, value), 0)) == expected
    assert told(program.take(begins, 59)) == [("call", ""), *expected]
    program.take(begins, 61)
    assert len(asked.variables) == 2


def test_a_call_that_ends_before_that_is_known_ends_afterwards(program, asked):
    program.take(channel("Newchannel", Exten="112"), 0)
    assert program.take(channel("Hangup", Cause="34"), 0) == []
    assert told(program.take(asked.answer(1, "112"), 0)) == [("emergency", ""), ("hangup", "")]
    assert told(program.take(channel("Hangup", Cause="34"), 0)) == [("hangup", "")]


@pytest.mark.parametrize("number", ["1234567", "1", "${X}", "+49"])
def test_of_other_numbers_nothing_is_asked(program, asked, number):
    program.take(channel("Newchannel", Exten=number), 0)
    assert asked.variables == []


def test_a_strangers_response_is_no_answer_to_a_question(program, asked):
    program.take(contact("NonQualified"), 0)
    attempt = {"Event": "InvalidPassword", "Response": "x", "ActionID": "voiceops-1", "Value": "x"}
    assert program.take(attempt, 0) == []
    assert told(program.attempts.told()) == [("attempts", "")]


def test_an_asterisk_that_invents_phones_is_left(program, monkeypatch):
    monkeypatch.setattr(reader, "MOST_KNOWN_CONTACTS", 3)
    invented = [{**contact("NonQualified"), "URI": f"sip:{number}@10.0.0.7"} for number in range(5)]
    for each in invented[:4]:
        program.take(each, 0)
    with pytest.raises(ami.AmiError, match="more phones or calls than there can be"):
        program.take(invented[4], 0)


# --- the whole program -----------------------------------------------------------------------


def event(**fields):
    return "".join(f"{key}: {value}\r\n" for key, value in fields.items()) + "\r\n"


def lines(descriptor):
    with os.fdopen(descriptor, "rb") as file:
        for line in file:
            yield happening.understood(line)


@pytest.fixture
def pipes():
    """What it hears, and what it says."""
    end, hold = os.pipe()
    heard, out = os.pipe()
    return end, hold, heard, out


def test_it_says_that_there_is_no_secret(pipes, monkeypatch, tmp_path):
    _end, _hold, heard, out = pipes
    monkeypatch.setattr(ami, "DEFAULT_SECRET_FILE", str(tmp_path / "none"))
    reader.run(["calls"], 1, end=pipes[0], out=out)
    os.close(out)
    (said,) = lines(heard)
    assert said["record"] == "trouble"
    assert said["why"].endswith("No such file or directory")


def test_it_tells_what_there_is_and_what_happens_until_nobody_listens(pipes, scripted_asterisk):
    end, hold, heard, out = pipes
    happens = event(**channel("Newchannel", Exten="12345678", CallerIDNum="1001"))
    with scripted_asterisk(("Ping", PONG + happens), stalls=True) as asterisk:
        with listening.Listener("s3cret", "call", asterisk.port) as listener:
            output, program = reader.Output(out), reader.Reader(listener.ask)
            asked = listener.ask("Ping")
            thread = threading.Thread(target=reader._tell, args=(listener, program, output, 60.0, end))
            thread.start()
            os.set_blocking(heard, True)
            said = lines(heard)
            assert [next(said)["record"], next(said)["record"]] == ["alive", "call"]
            os.close(hold)
            thread.join(10)
            assert not thread.is_alive()
        assert asterisk.asked("Login")[0]["Events"] == "call"
        assert asked == "voiceops-2"


def test_it_waits_until_asterisk_has_booted_and_keeps_what_comes_meanwhile(scripted_asterisk):
    booted = event(**channel("Hangup")) + event(Event="FullyBooted")
    with (
        scripted_asterisk(("Ping", booted + PONG), stalls=True) as asterisk,
        listening.Listener("s3cret", "system", asterisk.port) as listener,
    ):
        assert [message.get("Event") for message in reader.begun(listener)] == ["Hangup", "FullyBooted", None]


def test_where_the_account_may_read_no_events_it_says_what_to_do(scripted_asterisk):
    with (
        scripted_asterisk(("Ping", PONG), stalls=True) as asterisk,
        listening.Listener("s3cret", "system", asterisk.port) as listener,
        pytest.raises(ami.AmiError, match=r"apply the role voiceops\.asterisk\.pbx to this host"),
    ):
        reader.begun(listener, 0.3)


def test_what_is_not_asked_for_is_not_told(asked):
    program = reader.Reader(asked, ["security"])
    assert program.take(contact("NonQualified"), 0) == []
    assert program.take(channel("Newchannel", Exten="112"), 0) == []
    assert asked.variables == []
    program = reader.Reader(asked, ["calls"])
    program.take({"Event": "InvalidPassword"}, 0)
    assert program.attempts.told() == []
    assert told(program.take(channel("Newchannel", Exten="1"), 0)) == [("call", "")]


def test_it_asks_for_what_is_there_by_another_connection(scripted_asterisk):
    begins = "Response: Success\r\nActionID: {id}\r\n\r\n"
    rows = "".join(
        event(Event="ContactList", ActionID="{id}", ObjectName=name, Uri=URI, ExpirationTime=until)
        for name, until in (("1001;@x", "99999999999"), ("1002;@x", "1"))
    )
    done = event(Event="ContactListComplete", ActionID="{id}", ListItems=2)
    with (
        scripted_asterisk(("PJSIPShowContacts", begins + rows + done)) as asterisk,
        ami.Client("s3cret", asterisk.port) as client,
    ):
        assert told(reader.existing(client, ["registrations", "security"])) == [("contact", "there")]


def test_who_does_not_read_is_left(pipes):
    _end, _hold, _heard, out = pipes
    output = reader.Output(out)
    much = [record.trouble("x" * record.LONGEST)] * 10_000
    output.say(much)
    output.flush()
    with pytest.raises(ami.AmiError, match="the reader of the events is too slow"):
        output.say([*much, *much])


def test_carried_to_a_host_it_needs_nothing_but_python(tmp_path):
    """It gets as far as looking for the secret, which is not there."""
    command = carried.command([], sys.executable, become=False)
    run = subprocess.run(
        command,
        check=False,
        input=carried.program(["registrations"], 5),
        capture_output=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (0, b"")
    said = json.loads(run.stdout)
    assert said["record"] == "trouble"


def test_ssh_is_given_one_word_that_a_shell_understands():
    words = carried.command(["ssh", "--", "pbx"], "/usr/bin/python3", become=True)
    assert words[:3] == ["ssh", "--", "pbx"]
    assert words[3].startswith("sudo -n /usr/bin/python3 -IBc '")
    assert len(words) == 4
