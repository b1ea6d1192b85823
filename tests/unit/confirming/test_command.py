# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The program that takes a change back: what it does at each look, and what it says."""

from __future__ import annotations

import os
import time

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import ami
from ansible_collections.voiceops.asterisk.plugins.module_utils.confirming import arming, command, timer
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store, unconfirmed
from ansible_collections.voiceops.asterisk.plugins.module_utils.database.history import Origin
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import DirectoryError
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.deadline import Moment
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    Changes,
    ExtensionGroup,
    Plan,
)
from ansible_collections.voiceops.asterisk.tests.unit.databases import read, write_groups

AYSE = Origin("ayse", "ansible.example.com")
#: Asterisk is not there to be told, and its console says so.
STOPPED = "#!/bin/sh\necho 'Unable to connect to remote asterisk' >&2\nexit 1\n"


class Host:
    """A host with a directory, whose clock is the test's and whose systemd writes down what it is told."""

    def __init__(self, path, folder, monkeypatch, capsys):
        self.path, self.folder = path, str(folder / "etc")
        self._capsys = capsys
        self._told = folder / "systemctl.log"
        self._told.touch()
        self.seconds = 0.0
        programs = folder / "programs"
        for made in (programs, folder / "etc", folder / "run"):
            made.mkdir()
        systemctl = f'#!/bin/sh\necho "$*" >> {self._told}\n[ ! -e {folder}/no-systemd ]\n'
        for name, text in (("systemctl", systemctl), ("asterisk", STOPPED)):
            (programs / name).write_text(text, encoding="utf-8")
            (programs / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        monkeypatch.setattr(unconfirmed, "now", lambda: Moment(1e9 + self.seconds, "boot", self.seconds))
        monkeypatch.setattr(command, "DATABASE", path)
        monkeypatch.setattr(command, "FOLDER", self.folder)
        monkeypatch.setattr(command, "FAILURE", str(folder / "run" / "failure"))
        secret = folder / "secret.conf"
        secret.write_text("secret = of-the-manager\n", encoding="utf-8")
        monkeypatch.setattr(ami, "DEFAULT_SECRET_FILE", str(secret))
        # Nobody listens there: a port that the system gives out is above this one.
        monkeypatch.setattr(ami, "DEFAULT_PORT", 5037)
        self._no_systemd = folder / "no-systemd"

    def systemd(self):
        """What systemd was told since this was last asked."""
        told = self._told.read_text(encoding="utf-8").splitlines()
        self._told.write_text("", encoding="utf-8")
        return told

    def has_no_systemd(self):
        self._no_systemd.touch()

    def changes(self, name, within=600, fails=False):
        """Create a group, and have that wait."""
        wish = arming.Wish(within, may_restart=True, folder=self.folder, put_programs=lambda: None)
        with store.writing(self.path) as directory:
            directory.apply(Plan(groups=Changes(create=(ExtensionGroup(name),))), AYSE, to_confirm=True)
            with arming.armed(directory, self.path, AYSE, wish):
                if fails:
                    raise DirectoryError("Asterisk did not take what was written")

    def looks(self):
        """Run the program; return its status, and what the journal gets."""
        status = command.main()
        return status, self._capsys.readouterr().err

    def groups(self):
        return sorted(read(self.path).groups)

    def kept(self):
        """What is there for the way back."""
        places = (
            unconfirmed.place(self.path),
            unconfirmed.reserved(self.path),
            arming.room_beside(self.folder),
        )
        return [os.path.exists(place) for place in places]


@pytest.fixture
def host(path, tmp_path, monkeypatch, capsys):
    write_groups(path, {"name": "Sales"})
    return Host(path, tmp_path, monkeypatch, capsys)


DISARMED = [f"disable --quiet --now {timer.TIMER}"]


def test_a_change_that_waits_has_its_way_back_and_a_timer(host):
    host.changes("Destek")
    assert host.kept() == [True, True, True]
    assert host.systemd() == ["daemon-reload", f"enable --quiet {timer.TIMER}", f"restart {timer.TIMER}"]


def test_until_its_time_is_over_nothing_happens(host):
    host.changes("Destek")
    host.systemd()
    host.seconds = 599
    assert host.looks() == (0, "")
    assert host.groups() == ["Destek", "Sales"]
    assert host.systemd() == []


def test_then_it_is_taken_back_once_and_the_timer_ends(host):
    host.changes("Destek")
    host.systemd()
    host.seconds = 601
    status, said = host.looks()
    assert (status, said) == (0, "<5>taken back change 2 and later, not confirmed in 600 s\n")
    assert host.groups() == ["Sales"]
    assert host.kept() == [False, False, False]
    assert host.systemd() == DISARMED
    with store.reading(host.path) as directory:
        (change,) = directory.history.changes(most=1)
    assert (change.comment, change.back_to) == ("not confirmed in 600 s", 2)
    assert host.looks() == (0, "")
    with store.reading(host.path) as directory:
        assert directory.history.newest() == 3


def test_what_is_confirmed_stays(host):
    host.changes("Destek")
    host.systemd()
    host.seconds = 599
    assert arming.confirm(host.path, host.folder).before == 2
    assert host.systemd() == DISARMED
    assert host.kept() == [False, False, False]
    host.seconds = 10_000
    host.looks()
    assert host.groups() == ["Destek", "Sales"]
    assert arming.confirm(host.path, host.folder) is None


def test_the_second_of_two_takes_the_deadline_over_and_both_are_taken_back(host):
    host.changes("Destek", within=600)
    host.seconds = 500
    host.changes("Depo", within=60)
    host.seconds = 559
    host.looks()
    assert host.groups() == ["Depo", "Destek", "Sales"]
    host.seconds = 561
    assert "change 2 and later, not confirmed in 60 s" in host.looks()[1]
    assert host.groups() == ["Sales"]


def test_a_run_that_fails_leaves_nothing_and_what_waited_before_it_waits_on(host):
    with pytest.raises(DirectoryError):
        host.changes("Destek", fails=True)
    assert host.kept() == [False, False, False]
    host.systemd()
    host.looks()
    assert host.systemd() == DISARMED
    host.changes("Destek", within=600)
    host.seconds = 300
    with pytest.raises(DirectoryError):
        host.changes("Depo", within=600, fails=True)
    host.seconds = 601
    host.looks()
    assert host.groups() == ["Sales"]


def test_without_systemd_nothing_is_changed(host):
    host.has_no_systemd()
    with pytest.raises(DirectoryError, match="systemctl daemon-reload"):
        host.changes("Destek")
    assert host.groups() == ["Sales"]
    assert host.kept() == [False, False, False]


def test_without_room_for_the_way_back_nothing_is_changed(host, monkeypatch):
    monkeypatch.setattr(arming.reserve, "hold", lambda _path, _size: os.stat("/nowhere"))
    with pytest.raises(DirectoryError, match=r"there is no room for the way back, for which [0-9,]+ bytes"):
        host.changes("Destek")
    assert host.groups() == ["Sales"]
    assert host.kept() == [False, False, False]


def test_a_run_that_was_killed_before_its_commit_has_nothing_to_be_taken_back(host):
    with store.writing(host.path) as directory:
        directory.note(unconfirmed.FIRST, "2")
        wish = arming.Wish(600, may_restart=True, folder=host.folder, put_programs=lambda: None)
        with arming.armed(directory, host.path, AYSE, wish):
            pass
    host.seconds = 300
    host.looks()
    assert host.kept() == [True, True, True], "it may be about to commit"
    host.seconds = 601
    assert (
        host.looks()[1] == "<5>nothing had to be taken back of change 2 and later, not confirmed in 600 s\n"
    )
    assert host.kept() == [False, False, False]


def test_what_somebody_has_taken_back_already_is_left_alone(host):
    host.changes("Destek")
    with store.writing(host.path) as directory:
        directory.apply(directory.history.way_back(2, directory.read()), AYSE, 2)
    host.systemd()
    assert host.looks() == (0, "")
    assert host.systemd() == DISARMED


def test_one_that_is_confirmed_in_the_last_moment_stays(host, monkeypatch):
    host.changes("Destek")
    host.seconds = 601
    due = command.deadline.left

    def confirmed_now(waiting, now):
        monkeypatch.setattr(command.deadline, "left", due)
        arming.confirm(host.path, host.folder)
        return due(waiting, now)

    monkeypatch.setattr(command.deadline, "left", confirmed_now)
    assert host.looks() == (0, "")
    assert host.groups() == ["Destek", "Sales"]
    assert host.kept() == [False, False, False]


def test_one_whose_deadline_is_taken_over_in_the_last_moment_waits_on(host, monkeypatch):
    host.changes("Destek")
    host.seconds = 601
    due = command.deadline.left

    def taken_over_now(waiting, now):
        monkeypatch.setattr(command.deadline, "left", due)
        host.changes("Depo")
        host.systemd()
        return due(waiting, now)

    monkeypatch.setattr(command.deadline, "left", taken_over_now)
    assert host.looks() == (0, "")
    assert host.systemd() == []
    assert host.groups() == ["Depo", "Destek", "Sales"]
    assert host.kept() == [True, True, True]


def test_what_cannot_be_done_is_said_once_and_tried_again(host, monkeypatch):
    host.changes("Destek")
    host.seconds = 601
    tried = []

    def fails(*_of, **_by):
        tried.append(host.seconds)
        raise DirectoryError("ports are taken")

    with monkeypatch.context() as patch:
        patch.setattr(
            "ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.going_back.go_back", fails
        )
        said = "<3>an unconfirmed change was not taken back, and is tried again: ports are taken\n"
        assert host.looks() == (1, said)
        assert host.kept() == [True, True, True], "the room is kept again"
        assert host.looks() == (1, "")
        assert command.failed_before() == "ports are taken"
        # It does not keep a host busy without end.
        host.seconds = 700
        assert host.looks() == (0, "")
        assert len(tried) == 2
        assert command.failed_before()
    long_ago = time.time() - 61
    os.utime(command.FAILURE, (long_ago, long_ago))
    assert host.looks()[0] == 0
    assert host.groups() == ["Sales"]
    assert command.failed_before() is None


def test_where_the_directory_is_gone_there_is_nothing_to_take_back(host):
    host.changes("Destek")
    host.systemd()
    os.unlink(host.path)
    host.seconds = 601
    assert host.looks() == (0, "")
    assert host.systemd() == DISARMED
    assert host.kept() == [False, False, False]


def test_whatever_goes_wrong_is_tried_again(host):
    host.changes("Destek")
    with open(unconfirmed.place(host.path), "w", encoding="utf-8") as file:
        file.write("{}")
    status, said = host.looks()
    assert status == 1
    assert "does not say which change waits" in said
