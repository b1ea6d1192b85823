# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A change that waits to be confirmed, as modules make, tell, refuse and confirm it."""

from __future__ import annotations

import functools
import os

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import ami
from ansible_collections.voiceops.asterisk.plugins.module_utils.confirming import command, timer
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import unconfirmed
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import files
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.deadline import Moment
from ansible_collections.voiceops.asterisk.tests.unit.module.test_history_modules import HostWithHistory

PHONE = {"number": "1001", "name": "Ayşe"}
#: A program of the role, as it is handed over.
PROGRAM = "# Written by the role voiceops.asterisk.pbx\nprint()\n"


class HostWithTimer(HostWithHistory):
    """A host whose systemd writes down what it is told, and whose clock is the test's."""

    def __init__(self, folder, monkeypatch, capsys, warned):
        super().__init__(folder, monkeypatch, capsys, warned)
        self._told = folder / "systemctl.log"
        self._told.touch()
        systemctl = folder / "programs" / "systemctl"
        systemctl.write_text(f'#!/bin/sh\necho "$*" >> {self._told}\n', encoding="utf-8")
        systemctl.chmod(0o755)
        self.seconds = 0.0
        monkeypatch.setattr(unconfirmed, "now", lambda: Moment(1e9 + self.seconds, "boot", self.seconds))
        monkeypatch.setattr(command, "DATABASE", str(self.database))
        monkeypatch.setattr(command, "FOLDER", str(folder / "etc"))
        monkeypatch.setattr(command, "FAILURE", str(folder / "failure"))
        monkeypatch.setattr(ami, "DEFAULT_SECRET_FILE", str(self.secret))
        monkeypatch.setattr(ami, "DEFAULT_PORT", 5037)
        # By the module that has it as a default, which is read before it is another one.
        monkeypatch.setattr(files.hostfile, "KEPT", str(folder / "kept"))
        self.program = folder / "library" / "program.py"

    def systemd(self):
        told = self._told.read_text(encoding="utf-8").splitlines()
        self._told.write_text("", encoding="utf-8")
        return told

    def waits(self, within=600, **lists):
        programs = [{"path": str(self.program), "content": PROGRAM, "group": self._configuration["group"]}]
        return self.has(confirm_within=within, confirm_files=programs, **lists)

    def confirms(self, **options):
        folder = self._configuration["configuration_folder"]
        return self.call("pbx_confirm", configuration_folder=folder, **options)

    def confirmation(self):
        return self.facts(gather=["confirmation"])["pbx_confirmation"]

    def names(self):
        return [extension.name for extension in self.defined().extensions.values()]


@pytest.fixture
def host(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: warned.append(text))
    warned: list[str] = []
    host = HostWithTimer(tmp_path, monkeypatch, capsys, warned)
    host.has(extensions=[PHONE])
    return host


NEW_NAME = functools.partial(dict, extensions=[{**PHONE, "name": "Fatma"}])
NOTHING = {"waiting": None, "taken_back": None}


def test_a_change_waits_is_told_and_is_confirmed(host):
    assert host.waits(**NEW_NAME())["changed"]
    assert host.program.read_text(encoding="utf-8") == PROGRAM
    assert host.systemd()[-1] == f"restart {timer.TIMER}"
    told = host.confirmation()
    assert told["taken_back"] is None
    assert {name: told["waiting"][name] for name in ("before", "until", "problem")} == {
        "before": 2,
        "until": "2001-09-09T01:56:40Z",
        "problem": "",
    }
    checked = host.confirms(check_mode=True)
    assert (checked["changed"], checked["confirmed"]) == (True, 2)
    assert host.systemd() == []
    confirmed = host.confirms()
    assert (confirmed["changed"], confirmed["confirmed"]) == (True, 2)
    assert host.systemd() == [f"disable --quiet --now {timer.TIMER}"]
    assert host.confirmation() == NOTHING
    host.seconds = 10_000
    assert command.main() == 0
    assert host.names() == ["Fatma"]
    again = host.confirms()
    assert (again["changed"], again["confirmed"]) == (False, None)


def test_what_nobody_confirms_is_taken_back_with_its_ports(host):
    host.has(connection_ports=[{"name": "SIP", "port": 5070}])
    before = {
        path.name: path.read_text() for path in (host.folder / "etc").iterdir() if path.suffix == ".conf"
    }
    host.waits(connection_ports=[{"name": "SIP", "port": 5080}], **NEW_NAME())
    host.seconds = 601
    assert command.main() == 0
    assert host.names() == ["Ayşe"]
    assert {path.name: path.read_text() for path in (host.folder / "etc").iterdir()} == before, (
        "room for the way back is given free, too"
    )
    told = host.confirmation()
    assert told["waiting"] is None
    taken_back = told["taken_back"]
    assert (taken_back["before"], taken_back["number"]) == (3, 4)
    assert taken_back["comment"] == host.history()[0]["comment"] == "not confirmed in 600 s"
    refused = host.confirms()
    assert refused["failed"]
    assert "there is nothing to confirm any more: at " in refused["msg"]
    assert "what it was before change 3 (not confirmed in 600 s)" in refused["msg"]
    # As long as nothing was changed since.
    host.has(**NEW_NAME())
    assert host.confirmation() == NOTHING
    assert not host.confirms()["changed"]


@pytest.mark.parametrize(
    "options",
    [{"check_mode": True, **NEW_NAME()}, {"extensions": [PHONE]}],
    ids=["check mode", "nothing to do"],
)
def test_what_changes_nothing_arms_nothing(host, options):
    told = host.call("pbx_directory", ami_secret_file=str(host.secret), confirm_within=600, **options)
    assert not told.get("failed"), told
    assert host.systemd() == []
    assert host.confirmation() == NOTHING
    assert not host.program.exists()


@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check mode"])
@pytest.mark.parametrize("module", ["pbx_directory", "pbx_extension"])
def test_another_change_is_refused_as_long_as_one_waits(host, module, check_mode):
    host.waits(**NEW_NAME())
    refused = host.call(module, extensions=[{"number": "1002"}], check_mode=check_mode)
    assert refused["failed"]
    assert "change 2, of " in refused["msg"]
    assert "Nothing was changed. Confirm it (playbook confirm)" in refused["msg"]
    assert host.names() == ["Fatma"]
    # What changes nothing is not refused, and confirms nothing.
    assert not host.has(**NEW_NAME())["changed"]
    assert host.confirmation()["waiting"]


def test_the_next_one_that_waits_takes_the_deadline_over(host):
    host.waits(within=60, **NEW_NAME())
    host.seconds = 50
    checked = host.call("pbx_directory", check_mode=True, confirm_within=600, extensions=[{"number": "1002"}])
    assert not checked.get("failed"), checked
    host.waits(within=600, extensions=[{"number": "1002"}])
    host.seconds = 100
    command.main()
    assert host.confirmation()["waiting"]["before"] == 2
    host.seconds = 651
    command.main()
    assert host.names() == ["Ayşe"]


def test_one_that_waits_is_taken_back_at_once_by_a_rollback(host):
    host.waits(**NEW_NAME())
    host.goes_back(before=-1)
    assert host.names() == ["Ayşe"]
    assert host.confirmation() == NOTHING
    host.systemd()
    command.main()
    assert host.systemd() == [f"disable --quiet --now {timer.TIMER}"]


def test_why_it_could_not_be_taken_back_is_told(host):
    host.waits(**NEW_NAME())
    host.seconds = 601
    (host.folder / "failure").write_text("ports are taken", encoding="utf-8")
    assert host.confirmation()["waiting"]["problem"] == "ports are taken"


def test_programs_of_an_older_release_are_replaced_as_long_as_a_change_waits(host):
    host.waits(**NEW_NAME())
    host.program.write_text("# Written by the role voiceops.asterisk.pbx\nolder\n", encoding="utf-8")
    host.waits(within=0, **NEW_NAME())
    assert host.program.read_text(encoding="utf-8") == PROGRAM


@pytest.mark.parametrize(("by_role", "name"), [(False, "confirm_within"), (True, "pbx_confirm_within")])
@pytest.mark.parametrize("seconds", [-1, 1, 29, 86_401])
def test_a_wait_that_makes_no_sense_is_refused(host, seconds, by_role, name):
    refused = host.call("pbx_directory", confirm_within=seconds, by_role=by_role, **NEW_NAME())
    assert refused["msg"] == f"{name}: {seconds} is neither 0 nor a number of seconds from 30 to 86400"


def test_elsewhere_nothing_would_take_it_back(host, monkeypatch):
    monkeypatch.setattr(command, "DATABASE", "/var/lib/voiceops/directory.sqlite3")
    refused = host.call("pbx_directory", confirm_within=600, **NEW_NAME())
    assert refused["msg"].startswith(
        "confirm_within: a change is taken back in /var/lib/voiceops/directory.sqlite3"
    )
    assert host.names() == ["Ayşe"]


def test_where_there_is_no_directory_there_is_nothing_to_confirm(host):
    os.unlink(host.database)
    refused = host.confirms()
    assert "there is no directory database" in refused["msg"]
