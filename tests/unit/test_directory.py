# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The library's few functions for scripts: read, plan, apply, end registrations, see."""

from __future__ import annotations

import dataclasses
import os
import socket
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils import directory
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import ami
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import ConnectionPort
from ansible_collections.voiceops.asterisk.plugins.module_utils.directory import (
    DirectoryError,
    InvalidInputError,
    Policy,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import occupied
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.history import between

WANTED = {
    "emergency_numbers": ["112"],
    "outbound_profiles": [{"name": "Yurt içi", "rules": []}],
    "extension_groups": [{"name": "Satış"}],
    "extensions": [
        {"number": "1001", "name": "Ayşe", "password": "correct-horse-1", "groups": ["Satış"]},
        {"number": "1002"},
    ],
}
SUCCESS = "Response: Success\r\nActionID: {id}\r\n\r\n"
NOBODY = "Response: Error\r\nActionID: {id}\r\nMessage: No Contacts found\r\n\r\n"


def empty(complete):
    """An answer of Asterisk that lists nothing."""
    return (
        "Response: Success\r\nActionID: {id}\r\nEventList: start\r\n\r\n"
        f"Event: {complete}\r\nActionID: {{id}}\r\nEventList: Complete\r\nListItems: 0\r\n\r\n"
    )


def contact_of(number):
    """An answer that lists one phone of this number."""
    return (
        "Response: Success\r\nActionID: {id}\r\nEventList: start\r\n\r\n"
        f"Event: ContactList\r\nActionID: {{id}}\r\nObjectName: {number};@abc\r\n\r\n"
        "Event: ContactListComplete\r\nActionID: {id}\r\nEventList: Complete\r\nListItems: 1\r\n\r\n"
    )


@pytest.fixture
def secret_file(tmp_path):
    file = tmp_path / "secret.conf"
    file.write_text("secret = of-the-manager\n", encoding="utf-8")
    return str(file)


def test_what_is_applied_is_there_and_nothing_is_left_to_do(path):
    done = directory.apply(WANTED, path)
    assert done
    there = directory.read(path)
    assert set(there.extensions) == {"1001", "1002"}
    assert set(there.emergency_numbers) == {"112"}
    assert there.extensions["1001"].groups == {"Satış"}
    assert not directory.apply(WANTED, path)


def test_a_plan_tells_what_would_be_done_and_writes_nothing(path):
    before = Path(path).read_bytes()
    planned = directory.plan(WANTED, path)
    assert planned.diff_text()["after"].startswith("emergency_numbers:")
    assert Path(path).read_bytes() == before
    assert directory.apply(WANTED, path) == planned


def test_everything_that_is_wrong_is_told_with_its_place_and_nothing_is_changed(path):
    wrong = {"extensions": [{"number": "10 01"}, {"number": "1002", "groups": ["Nobody"]}]}
    for function in (directory.plan, directory.apply):
        with pytest.raises(InvalidInputError) as refused:
            function(wrong, path)
        assert [problem.path for problem in refused.value.problems] == [
            "extensions[0].number",
            "extensions[1].groups",
        ]
    assert not directory.read(path).extensions


@pytest.mark.parametrize("name", ["connection_ports", "trunks", "extension"])
def test_what_asterisk_would_have_to_be_told_of_cannot_be_changed(path, name):
    with pytest.raises(InvalidInputError, match=f"^{name}: cannot be changed here; the lists that can: "):
        directory.apply({name: []}, path)


def test_only_a_policy_that_says_so_deletes_what_is_not_named(path):
    directory.apply(WANTED, path)
    fewer = {"extensions": WANTED["extensions"][:1]}
    assert not directory.apply(fewer, path)
    directory.apply(fewer, path, Policy(purge=True))
    assert set(directory.read(path).extensions) == {"1001"}


def test_a_directory_is_created_once(tmp_path):
    path = str(tmp_path / "directory.sqlite3")
    assert directory.create(path, os.getgid(), (22, 10))
    directory.apply(WANTED, path)
    assert not directory.create(path, os.getgid())
    assert directory.read(path).extensions


def test_without_a_directory_it_says_what_creates_one(tmp_path):
    with pytest.raises(DirectoryError, match="there is no directory database"):
        directory.read(str(tmp_path / "directory.sqlite3"))


def test_phones_that_lost_the_right_to_it_are_not_registered_any_more(path, scripted_asterisk, secret_file):
    directory.apply(WANTED, path)
    done = directory.apply({"extensions": [{"number": "1001", "password": "correct-horse-2"}]}, path)
    with scripted_asterisk(("PJSIPShowContacts", contact_of("1001")), ("DBPut", SUCCESS)) as asterisk:
        assert directory.end_registrations(done, secret_file, asterisk.port) == 1
    assert asterisk.asked("DBPut")[0]["Key"] == "1001;@abc"


def test_asterisk_is_not_asked_where_nobody_has_lost_it(path):
    assert directory.end_registrations(directory.apply(WANTED, path), "/no/such/secret") == 0


def test_asterisk_is_told_whose_lamps_there_are(path, scripted_asterisk, secret_file):
    directory.apply(WANTED, path)
    script = [("ShowDialPlan", empty("ShowDialPlanComplete")), ("DialplanExtensionAdd", SUCCESS)]
    with scripted_asterisk(*script) as asterisk:
        directory.show_lamps(path, secret_file, asterisk.port)
    (added,) = asterisk.asked("DialplanExtensionAdd")
    assert (added["Context"], added["Extension"], added["Priority"]) == ("lamps", "_100[12;]", "hint")


def test_asterisk_is_told_to_go_by_a_change(scripted_asterisk, secret_file):
    with scripted_asterisk(*[("SorceryMemoryCacheExpire", SUCCESS)] * 3) as asterisk:
        directory.tell_asterisk(secret_file, asterisk.port)
    assert len(asterisk.asked("SorceryMemoryCacheExpire")) == 3


def test_extensions_are_seen_with_their_phones(path, scripted_asterisk, secret_file):
    directory.apply(WANTED, path)
    script = [
        ("PJSIPShowContacts", NOBODY),
        ("DeviceStateList", empty("DeviceStateListComplete")),
        ("Status", empty("StatusComplete")),
        *[("Getvar", "Response: Success\r\nActionID: {id}\r\nValue: \r\n\r\n")] * 2,
    ]
    with scripted_asterisk(*script) as asterisk:
        seen = directory.see(path, secret_file, asterisk.port)
    assert seen["pbx_extensions"]["1001"]["registered"] is False
    assert seen["pbx_extension_summary"]["asterisk"] == "running"


def test_of_a_stopped_asterisk_the_definitions_are_seen(path, secret_file):
    directory.apply(WANTED, path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ami.AmiError, match="AMI secret"):
        directory.see(path, "/no/such/secret", port)
    seen = directory.see(path, secret_file, port)
    assert seen["pbx_extensions"]["1001"]["registered"] is None
    assert seen["pbx_extension_summary"]["asterisk"] == "stopped"


# --- the history -----------------------------------------------------------------------------


@pytest.fixture
def stopped(tmp_path, monkeypatch):
    """The folder of Asterisk's configuration on a host where it is stopped."""
    programs, folder = tmp_path / "programs", tmp_path / "etc"
    programs.mkdir()
    folder.mkdir()
    program = programs / "asterisk"
    program.write_text(
        "#!/bin/sh\necho 'Unable to connect to remote asterisk' >&2; exit 1\n", encoding="utf-8"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return folder


def with_port(path, number):
    """Have a connection port, as only its module makes one."""
    port = ConnectionPort("Ofis", port=number)
    with store.writing(path) as database:
        there = database.read()
        ports = {**there.ports, "Ofis": port}
        database.apply(between(there, dataclasses.replace(there, ports=ports)))


def test_a_host_goes_back_with_its_ports_where_asterisk_is_stopped(path, stopped, secret_file):
    with_port(path, 5070)
    mark, there = directory.newest_change(path) + 1, directory.read(path)
    directory.apply(WANTED, path, origin=directory.Origin("anna", "host", "ticket"))
    with_port(path, 5080)
    planned = directory.plan_back(mark, path)
    done = directory.go_back(mark, os.getgid(), path, str(stopped), secret_file=secret_file)
    assert done.plan == planned
    assert (done.restarted, done.restart_due) == (False, ())
    assert directory.read(path) == there
    assert "bind = 0.0.0.0:5070" in (stopped / "pjsip_connection_ports.conf").read_text(encoding="utf-8")
    newest, *_between, applied, _port = directory.history(path)
    assert newest.back_to == mark
    assert (applied.user, applied.comment) == ("anna", "ticket")
    assert directory.history(path, most=1) == [newest]
    # Again, as where it was killed: nothing is left to do.
    assert not directory.go_back(mark, os.getgid(), path, str(stopped), secret_file=secret_file).plan
    assert directory.newest_change(path) == newest.number


def test_where_a_port_cannot_be_had_nothing_is_changed(path, stopped, secret_file, monkeypatch):
    with_port(path, 5070)
    with_port(path, 5080)
    there = directory.read(path)
    monkeypatch.setattr(occupied, "wrong_with", lambda port: [f"port {port.port} is taken"])
    with pytest.raises(DirectoryError, match="port 5070 is taken"):
        directory.go_back(2, os.getgid(), path, str(stopped), secret_file=secret_file)
    assert directory.read(path) == there
    assert list(stopped.iterdir()) == []


def test_where_asterisk_cannot_be_told_the_host_goes_back_all_the_same(path, stopped, tmp_path):
    directory.apply(WANTED, path)
    done = directory.go_back(1, os.getgid(), path, str(stopped), secret_file=str(tmp_path / "missing"))
    assert not directory.read(path).extensions
    assert "the phones of 1001, 1002 stay registered" in done.warnings[-1]
