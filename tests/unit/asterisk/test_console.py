# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Asterisk's console, played by a small program: what is asked of it, and how its answers are read."""

from __future__ import annotations

import itertools
import json
import os
import sys
from types import SimpleNamespace

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import console
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.console import (
    Console,
    ConsoleError,
    StoppedError,
    parsed_table,
    release,
)

#: What Asterisk 22 prints for `pjsip show transport port-1`.
TRANSPORT = """
Transport:  <TransportId........>  <Type>  <cos>  <tos>  <BindAddress....................>
==========================================================================================

Transport:  port-1                    udp      0      0  0.0.0.0:5060

 ParameterName               : ParameterValue
 ============================================
 bind                        : 0.0.0.0:5060
 cert_file                   : \n\
 local_net                   : 10.0.0.0/255.0.0.0
 local_net                   : fd00::/ff00::
 protocol                    : udp
"""
ABSENT = "Unable to find object port-9.\n\n"
STOPPED = (
    "print('Unable to connect to remote asterisk (does /var/run/asterisk/asterisk.ctl exist?)',"
    " file=sys.stderr); sys.exit(1)"
)


class Host:
    """A folder with programs in it, and the file in which Asterisk's process writes its number."""

    def __init__(self, folder):
        self.folder = folder
        self.pid_file = folder / "asterisk.pid"
        self.start()

    def start(self):
        """Write the file again, as Asterisk does when it starts."""
        new = self.folder / "new"
        new.write_text("4711\n")
        new.replace(self.pid_file)

    def program(self, name, body):
        """Make a program that notes how it was called, and then does as ``body`` says."""
        path = self.folder / name
        path.write_text(
            f"#!{sys.executable} -IS\n"
            "import json, sys, time\n"
            f"with open({str(self.folder / 'called')!r}, 'a') as called:\n"
            f"    print(json.dumps([{name!r}, *sys.argv[1:]]), file=called)\n"
            f"{body}\n"
        )
        path.chmod(0o755)
        return str(path)

    def console(self, body="", **options):
        return Console(self.program("asterisk", body), pid_file=str(self.pid_file), **options)

    @property
    def called(self):
        return [json.loads(call) for call in (self.folder / "called").read_text().splitlines()]


@pytest.fixture
def host(tmp_path):
    return Host(tmp_path)


# --- asking ----------------------------------------------------------------------------------


def test_a_command_is_one_argument_and_its_answer_what_is_printed(host):
    asterisk = host.console("print('Verbose off\\nşş')")
    assert asterisk.ask("core show help; rm -rf /") == "Verbose off\nşş\n"
    assert host.called == [["asterisk", "-rx", "core show help; rm -rf /"]]


def test_an_answer_that_is_no_text_is_read_all_the_same(host):
    asterisk = host.console("sys.stdout.buffer.write(b'a \\xff b')")
    assert asterisk.ask("x") == "a \N{REPLACEMENT CHARACTER} b"


def test_where_nobody_is_at_the_console_asterisk_is_stopped(host):
    with pytest.raises(StoppedError, match=r"asterisk -rx core show version: Unable to connect to remote"):
        host.console(STOPPED).ask("core show version")


def test_a_console_that_does_not_answer_in_time_is_not_taken_for_stopped(host):
    asterisk = host.console("time.sleep(60)", timeout=0.2)
    with pytest.raises(ConsoleError, match=r"timed out after 0\.2 seconds") as raised:
        asterisk.running()
    assert not isinstance(raised.value, StoppedError)


def test_a_missing_program_is_not_taken_for_stopped(tmp_path):
    asterisk = Console(str(tmp_path / "asterisk"), pid_file=os.devnull)
    with pytest.raises(ConsoleError, match="No such file or directory") as raised:
        asterisk.running()
    assert not isinstance(raised.value, StoppedError)


# --- whether it runs -------------------------------------------------------------------------


def test_asterisk_runs_when_it_has_booted_and_written_its_number(host):
    start = host.console().running()
    assert host.called == [["asterisk", "-rx", "core waitfullybooted"]]
    assert start.at == host.pid_file.stat().st_mtime_ns


def test_asterisk_is_stopped_where_its_console_says_so(host):
    assert host.console(STOPPED).running() is None


def test_asterisk_is_stopped_where_it_has_no_number(host):
    host.pid_file.unlink()
    assert host.console().running() is None


def test_a_start_is_the_same_until_asterisk_starts_again(host):
    asterisk = host.console()
    first = asterisk.running()
    assert asterisk.running() == first
    host.start()
    assert asterisk.running().identity != first.identity


def test_a_start_at_the_same_moment_is_another_one(host):
    asterisk = host.console()
    first = asterisk.running()
    host.start()
    os.utime(host.pid_file, ns=(first.at, first.at))
    second = asterisk.running()
    assert second.at == first.at
    assert second.identity != first.identity


def test_a_number_written_into_the_same_file_is_another_start(host):
    asterisk = host.console()
    first = asterisk.running()
    os.utime(host.pid_file, ns=(first.at + 1, first.at + 1))
    assert asterisk.running().identity != first.identity


# --- restarting it ---------------------------------------------------------------------------


def test_a_restart_is_over_when_asterisk_is_there_again(host, monkeypatch):
    monkeypatch.setenv("PATH", str(host.folder), prepend=os.pathsep)
    pid_file = str(host.pid_file)
    host.program("systemctl", f"import os\nif sys.argv[1] == 'restart': os.unlink({pid_file!r})")
    # It comes up while it is asked for the second time.
    body = f"calls = open({str(host.folder / 'called')!r}).read().count('asterisk')\n"
    body += f"if calls > 2: open({pid_file!r}, 'w').close()"
    host.console(body, unit="asterisk-2").restart()
    booted = ["asterisk", "-rx", "core waitfullybooted"]
    reload, restart = ["systemctl", "daemon-reload"], ["systemctl", "restart", "asterisk-2"]
    assert host.called == [reload, restart, booted, booted]


def test_a_restart_after_which_asterisk_does_not_come_up_is_an_error(host, monkeypatch):
    monkeypatch.setenv("PATH", str(host.folder), prepend=os.pathsep)
    host.program("systemctl", "")
    clock = itertools.count(step=25)
    monkeypatch.setattr(
        console, "time", SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda _seconds: None)
    )
    with pytest.raises(ConsoleError, match="asterisk did not come up within 60 s of its restart"):
        host.console(STOPPED).restart()
    assert host.called[1] == ["systemctl", "restart", "asterisk"]
    assert len(host.called) == 2 + 3


def test_a_restart_that_is_refused_is_an_error(host, monkeypatch):
    monkeypatch.setenv("PATH", str(host.folder), prepend=os.pathsep)
    host.program("systemctl", "if sys.argv[1] == 'restart': sys.exit('Unit asterisk.service not found.')")
    with pytest.raises(ConsoleError, match=r"systemctl restart asterisk: Unit asterisk\.service not"):
        host.console().restart()


# --- what an object shows of itself ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "table"),
    [
        pytest.param(
            TRANSPORT,
            {
                "bind": ["0.0.0.0:5060"],
                "cert_file": [""],
                "local_net": ["10.0.0.0/255.0.0.0", "fd00::/ff00::"],
                "protocol": ["udp"],
            },
            id="a transport",
        ),
        pytest.param(ABSENT, None, id="an object that is not there"),
        pytest.param("", None, id="nothing"),
        pytest.param("No such command 'pjsip show transport port-1'\n", None, id="without the module"),
        pytest.param(
            " ParameterName : ParameterValue\n ====\n contact : sip:h:5060;transport=tcp\n a : b : c\n",
            {"contact": ["sip:h:5060;transport=tcp"], "a": ["b : c"]},
            id="a value with colons",
        ),
        pytest.param(
            " ParameterName : ParameterValue\n ====\n from_user :\n match : \n",
            {"from_user": [""], "match": [""]},
            id="empty values, with and without the blank",
        ),
        pytest.param(" ParameterName : ParameterValue\n ====\n", {}, id="no options"),
    ],
)
def test_the_options_of_an_object_are_read(text, table):
    assert parsed_table(text) == table


def test_an_object_is_asked_for_by_its_type_and_name(host):
    asterisk = host.console(f"print({ABSENT!r})")
    assert asterisk.show("transport", "port-9") is None
    assert host.called == [["asterisk", "-rx", "pjsip show transport port-9"]]


# --- which release ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("Asterisk 22.10.1~dfsg+~cs6.17.60671433-1", (22, 10)),
        ("Asterisk 16.28.0~dfsg-0+deb11u4", (16, 28)),
        ("Asterisk certified/20.7-cert3", (20, 7)),
        ("Asterisk 21.0.0-rc1", (21, 0)),
    ],
)
def test_the_release_is_branch_and_minor(host, version, numbers):
    assert release(host.program("asterisk", f"print({version!r})")) == numbers
    assert host.called == [["asterisk", "-V"]]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("print('Asterisk GIT-master-abc')", id="built from git"),
        pytest.param("print('Asterisk 22')", id="no minor"),
        pytest.param("print('Asterisk 22.x')", id="a minor that is not a number"),
        pytest.param("print('Asterisk')", id="no version"),
        pytest.param("", id="nothing"),
        pytest.param("print('Asterisk 22.10.1'); sys.exit(1)", id="fails"),
    ],
)
def test_a_release_that_cannot_be_told_is_an_error(host, body):
    with pytest.raises(
        ConsoleError, match=r"asterisk -V does not tell a version .*; is Asterisk installed\?"
    ):
        release(host.program("asterisk", body))


def test_the_release_of_a_missing_program_is_an_error(tmp_path):
    with pytest.raises(ConsoleError, match=r"No such file or directory.*; is Asterisk installed\?"):
        release(str(tmp_path / "asterisk"))


# --- registrations ---------------------------------------------------------------------------

REGISTRATIONS = """
 <Registration/ServerURI..............................>  <Auth....................>  <Status.......>
==========================================================================================

 trunk-1/sip:sip.example.net:5060                        trunk-1                  Registered (exp. 285s)
 trunk-12/sip:a-very-long-name-of-a-host-that-is-cut-to  trunk-12                    Rejected
 trunk-3/sip:10.0.0.1:5060                               n/a                         Unregistered
 other/sip:10.0.0.1:5060                                 n/a                         Registered

Objects found: 4
"""


@pytest.mark.parametrize(
    ("text", "states"),
    [
        (REGISTRATIONS, {"trunk-1": "registered", "trunk-12": "rejected", "trunk-3": "unregistered"}),
        ("No objects found.\n", {}),
        ("", {}),
    ],
)
def test_the_registrations_of_trunks_are_read(text, states):
    assert console.parsed_registrations(text) == states


def test_asterisk_is_asked_for_the_registrations_of_trunks(host):
    assert host.console(f"print({REGISTRATIONS!r})").registrations()["trunk-12"] == "rejected"
    assert host.called[-1][1:] == ["-rx", "pjsip show registrations"]
