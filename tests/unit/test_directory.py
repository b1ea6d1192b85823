# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The library's few functions for scripts: read, plan, apply, end registrations, see."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils import directory
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import ami
from ansible_collections.voiceops.asterisk.plugins.module_utils.directory import (
    DirectoryError,
    InvalidInputError,
    Policy,
)

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
