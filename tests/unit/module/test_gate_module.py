# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The gate as a module: it looks at a host before a change, and fails where the host is worse afterwards."""

from __future__ import annotations

import time
from contextlib import nullcontext

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import test_call
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.console import Console
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import gate, wire
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import look
from ansible_collections.voiceops.asterisk.tests.unit.module.test_modules import NOBODY, SUCCESS, Host

PEOPLE = [{"number": number, "password": f"correct-horse-{number[-1]}"} for number in ("1001", "1002")]
LATER = 99999999999


def registered(*contacts):
    """Asterisk's answer with these contacts: the name of the AOR, until when, and whether it answers."""
    events = "".join(
        f"Event: ContactList\r\nActionID: {{id}}\r\nObjectName: {name};@a{index}\r\n"
        f"ExpirationTime: {until}\r\nStatus: {status}\r\n\r\n"
        for index, (name, until, status) in enumerate(contacts)
    )
    return (
        f"{SUCCESS}EventList: start\r\n\r\n{events}"
        f"Event: ContactListComplete\r\nActionID: {{id}}\r\nListItems: {len(contacts)}\r\n\r\n"
    )


BOTH = registered(("1001", LATER, "Reachable"), ("1002", LATER, "NonQualified"))


class HostWithPhones(Host):
    """A host whose Asterisk says who is registered."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.scripted = None

    def gate(self, answer=None, **options):
        options = {"ami_secret_file": str(self.secret), "settle": 0, **options}
        if answer is None:
            return self.call("pbx_gate", **options)
        with self.scripted(("PJSIPShowContacts", answer)) as asterisk:
            return self.call("pbx_gate", ami_port=asterisk.port, **options)

    def marked(self, answer=None):
        told = self.gate(answer)
        assert not told.get("failed"), told
        return told


@pytest.fixture
def host(tmp_path, monkeypatch, capsys, scripted_asterisk):
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: warned.append(text))
    warned: list[str] = []
    host = HostWithPhones(tmp_path, monkeypatch, capsys, warned)
    host.scripted = scripted_asterisk
    # What Asterisk reads of the directory.
    monkeypatch.setattr(Console, "show", lambda _console, kind, number: {} if number in host.shown else None)
    host.shown = {"1001", "1002"}
    return host


def test_how_a_host_is_before(host):
    host.has(extensions=PEOPLE)
    told = host.marked(BOTH)
    assert (told["registered"], told["newest_change"], told["keeps_history"], told["running"]) == (
        ["1001", "1002"],
        1,
        True,
        True,
    )
    assert told["asterisk"] == "22.10"
    assert told["free_megabytes"] > 0
    before = look.read(wire.unpacked(told["mark"]))
    assert before.phones == {"1001": look.Phone(LATER, True), "1002": look.Phone(LATER, None)}
    assert before.has_directory


def test_a_host_that_has_nothing_yet(host):
    told = host.marked()
    assert (told["registered"], told["newest_change"], told["running"]) == ([], 0, False)
    assert look.read(wire.unpacked(told["mark"])) == look.Look(pytest.approx(time.time(), abs=60))


def test_a_host_without_asterisk_and_without_the_folder_of_the_directory(host):
    (host.folder / "programs" / "asterisk").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    told = host.gate(database=str(host.folder / "yet" / "to come" / "directory.sqlite3"))
    assert (told["asterisk"], told["newest_change"]) == ("", 0)
    assert told["free_megabytes"] > 0


def test_an_asterisk_that_is_not_ours_yet_tells_nothing_and_one_that_is_has_to_answer(host):
    refusal = "Response: Error\r\nActionID: {id}\r\nMessage: Permission denied\r\n\r\n"
    assert not host.marked(refusal)["running"]
    host.has(extensions=PEOPLE)
    assert "Permission denied" in host.gate(refusal)["msg"]


def test_a_host_without_a_history_is_known(host):
    host.has(history_changes=0)
    assert not host.marked()["keeps_history"]


def test_of_two_phones_the_one_that_is_there_counts(host):
    host.has(extensions=PEOPLE)
    two = registered(
        ("1001", LATER, "Unreachable"), ("1001", LATER - 5, "Reachable"), ("1002", 1, "Reachable")
    )
    before = look.read(wire.unpacked(host.marked(two)["mark"]))
    assert before.phones == {"1001": look.Phone(LATER, True)}


def test_a_phone_with_a_connection_is_there_as_long_as_that_is(host):
    host.has(extensions=PEOPLE)
    answer = registered(("1001", LATER, "Unreachable"), ("1002", LATER, "Unreachable")).replace(
        "ObjectName: 1001", "Uri: sip:1001@192.0.2.1:5061;transport=TCP;x-ast-txp=a\r\nObjectName: 1001"
    )
    phones = look.read(wire.unpacked(host.marked(answer)["mark"])).phones
    assert [phone.answers for phone in phones.values()] == [None, False]


def test_a_change_that_is_well_passes(host):
    host.has(extensions=PEOPLE)
    mark = host.marked(BOTH)["mark"]
    host.has(extensions=[{"number": "1001", "name": "Ayşe"}])
    told = host.gate(BOTH, mark=mark)
    assert not told.get("failed"), told
    assert (told["changes"], told["newest_change"]) == (1, 2)
    assert told["gate"]["passed"]
    assert (told["gate"]["expected"], told["gate"]["registered"]) == (2, 2)


def test_a_change_that_loses_a_phone_fails(host):
    host.has(extensions=PEOPLE)
    mark = host.marked(BOTH)["mark"]
    host.has(extensions=[{"number": "1001", "name": "Ayşe"}])
    told = host.gate(registered(("1001", LATER, "Reachable")), mark=mark)
    assert told["failed"]
    assert told["gate"]["missing"] == ["1002"]
    assert told["msg"] == (
        "the host is not as well as it was before: 1 of 2 phones are registered that were before, less than"
        " 95 %; missing: 1002"
    )
    assert not host.gate(registered(("1001", LATER, "Reachable")), mark=mark, min_registered=50).get("failed")


def test_what_the_change_has_done_itself_follows_from_the_history(host):
    host.has(extensions=PEOPLE)
    mark = host.marked(BOTH)["mark"]
    host.has(extensions=[{"number": "1002", "password": "another-horse-2"}])
    told = host.gate(registered(("1001", LATER, "Reachable")), mark=mark)
    assert not told.get("failed"), told
    assert told["gate"]["not_seen"] == {"password": ["1002"]}
    assert "horse" not in str(told)


@pytest.mark.parametrize(
    ("extensions", "shown", "unread"),
    [
        ([{"number": "1003", "password": "correct-horse-3"}], {"1001", "1002", "1003"}, None),
        ([{"number": "1003", "password": "correct-horse-3"}], {"1001", "1002"}, "1003"),
        ([{"number": "1002", "state": "absent"}], {"1001"}, None),
        ([{"number": "1002", "state": "absent"}], {"1001", "1002"}, "1002"),
        ([{"number": "1002", "enabled": False}], {"1001", "1002"}, "1002"),
        ([], {"1001", "1002"}, None),
        # Nothing was changed, and Asterisk reads another directory.
        ([], set(), "1001"),
    ],
)
def test_whether_asterisk_reads_the_directory_is_looked_at(host, extensions, shown, unread):
    host.has(extensions=PEOPLE)
    mark = host.marked(BOTH)["mark"]
    host.has(extensions=extensions)
    host.shown = shown
    told = host.gate(BOTH, mark=mark)
    assert bool(told.get("failed")) is (unread is not None)
    if unread:
        assert f"Asterisk does not show what the directory has of {unread}" in told["msg"]


@pytest.mark.parametrize(
    ("number", "why", "said"),
    [
        ("1002", "", None),
        ("1002", "it did not ring within 5 s", "the test call to 1002 failed: it did not ring within 5 s"),
        ("1009", "", "the test call to 1009 failed: there is no such extension"),
    ],
)
def test_a_phone_is_rung_where_all_else_is_well(host, monkeypatch, number, why, said):
    rung, log_in = [], gate.log_in
    monkeypatch.setattr(test_call, "ring", lambda _console, _client, number: rung.append(number) or why)
    host.has(extensions=PEOPLE)
    mark = host.marked(BOTH)["mark"]
    host.gate(BOTH, mark=mark, test_call=number)
    assert rung == [], "nothing was changed yet"
    host.has(extensions=[{"number": "1001", "name": "Ayşe"}])
    host.gate(registered(("1001", LATER, "Reachable")), mark=mark, test_call=number)
    assert rung == [], "a phone is missing"
    # The first time for the look, and again for the call.
    logged_in = iter([log_in, lambda _module: nullcontext()])

    def at_the_next(module):
        return next(logged_in)(module)

    monkeypatch.setattr(gate, "log_in", at_the_next)
    told = host.gate(BOTH, mark=mark, test_call=number)
    assert rung == [number] * (number in ("1001", "1002"))
    assert bool(told.get("failed")) is (said is not None)
    assert (said or "") in told.get("msg", "")
    assert told["gate"]["passed"] is (said is None)


def test_an_asterisk_that_does_not_run_places_no_call(host):
    host.has(extensions=PEOPLE)
    mark = host.marked()["mark"]
    host.has(extensions=[{"number": "1001", "name": "Ayşe"}])
    told = host.gate(mark=mark, test_call="1001")
    assert told["msg"].endswith("the test call to 1001 failed: Asterisk does not run")


def test_an_asterisk_that_stopped_is_a_failure(host):
    host.has(extensions=PEOPLE)
    mark = host.marked(NOBODY)["mark"]
    told = host.gate(mark=mark, ami_port=1)
    assert (
        told["msg"] == "the host is not as well as it was before: Asterisk ran before, and does not run now"
    )


def test_trunks_are_looked_at(host):
    trunk = {"name": "Telco", "host": "a.example", "register": True, "username": "u", "password": "p4ssw0rd-"}
    host.has(trunks=[trunk], connection_ports=[{"name": "SIP", "port": 5070}])
    before = look.read(wire.unpacked(host.marked(registered(("trunk-1", 0, "Reachable")))["mark"]))
    assert before.trunks == {"Telco": look.TrunkState("registered", True)}
    assert before.phones == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mark": "x"}, "mark: not a text into which facts were packed"),
        ({"mark": wire.packed({"at": 1})}, "mark: this is not a mark of a host"),
        ({"min_registered": 101}, "min_registered: 101 is not a percentage from 0 to 100"),
        ({"settle": -1}, "settle: -1 is not a number of seconds"),
    ],
)
def test_what_makes_no_sense_is_refused(host, given, said):
    told = host.gate(**given)
    assert told["failed"]
    assert told["msg"].startswith(said)


def test_a_directory_that_is_another_one_is_refused(host):
    host.has(extensions=PEOPLE)
    host.has(extensions=[{"number": "1001", "name": "Ayşe"}])
    mark = host.marked(NOBODY)["mark"]
    for file in host.folder.glob("directory.sqlite3*"):
        file.unlink()
    host.has(extensions=PEOPLE)
    told = host.gate(mark=mark)
    assert "has 1 changes, and had 2 before: somebody has put another in its place" in told["msg"]


def test_it_looks_again_until_the_time_is_over(host, monkeypatch):
    host.has(extensions=PEOPLE)
    mark = host.marked(BOTH)["mark"]
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    answers = [registered(("1001", LATER, "Reachable")), BOTH]
    with (
        host.scripted(("PJSIPShowContacts", answers[0])) as first,
        host.scripted(("PJSIPShowContacts", answers[1])) as second,
    ):
        ports = iter([first.port, second.port])
        log_in = gate.log_in

        def at_the_next(module):
            module.params["ami_port"] = next(ports)
            return log_in(module)

        monkeypatch.setattr(gate, "log_in", at_the_next)
        told = host.call("pbx_gate", mark=mark, settle=30, ami_secret_file=str(host.secret))
    assert not told.get("failed"), told
    assert told["gate"]["registered"] == 2
    assert len(slept) == 1
