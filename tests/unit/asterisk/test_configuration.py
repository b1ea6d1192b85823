# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""How ports and trunks come into force: what is written, what Asterisk is told, and what if it refuses."""

from __future__ import annotations

import errno
import ipaddress
import os
import re
import shutil
import sqlite3
import time

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import (
    configuration,
    sorcery_cache,
    textfile,
    transport,
    trunk,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.configuration import (
    Configuration,
    Outcome,
    RefusedError,
    differences,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.console import (
    ConsoleError,
    Start,
    StoppedError,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.section import Section
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.protocol import (
    ENCRYPTED,
    WEBSOCKETS,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import listener
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import PORTS, TRUNKS, Plan
from ansible_collections.voiceops.asterisk.tests.unit.asterisk_reader import read_sections
from ansible_collections.voiceops.asterisk.tests.unit.directories import OTHER_SECRET, SECRET, planned

PEM = {"certificate": "/pbx.pem", "private_key": "/pbx.key"}
DESK = {"name": "desk", "local_networks": ["10.0.0.0/8", "fd00::/8"]}
BROWSERS = {"name": "browsers", "protocol": "ws"}
PROVIDER = {"name": "Telco", "host": "sip.example.net", "username": "4930", "password": SECRET}
REGISTERING = {**PROVIDER, "register": True}
GATEWAY = {"name": "Santral", "host": "192.0.2.10"}

#: What is secret in the name of a transport.
MARK = re.compile(r"-[0-9a-f]{32}$")

HTTP, SIP = "module reload http", "module reload res_pjsip.so"
#: What Asterisk is told after each SIP.
FORGET = [f"sorcery memory cache expire {cache}" for cache in sorcery_cache.CACHES]


class PlayedAsterisk:
    """An Asterisk with the console of a real one: it reads the files, and shows what it has read."""

    def __init__(self, folder, log):
        self._folder = folder
        self._log = log
        self._starts = 0
        self._files = {}
        self._objects = {}
        #: The objects that it refuses, such as "transport port-1".
        self.refuses = set()
        #: The commands that fail, each with the error.
        self.fails = {}
        #: What of it cannot be reached from outside, by the name of the port.
        self.unreachable = {}
        #: Everything that it was told to do, in this order; and the file of trunks at that moment.
        self.told = []
        self.trunks_when_told = []
        self.start = None
        self.restart()
        self.told.clear()

    # --- what Configuration asks for ---------------------------------------------------------

    def running(self):
        return self.start

    def restart(self):
        self._note("restart")
        self._starts += 1
        self.start = Start(f"start {self._starts}", self._starts * 1000)
        self._read()

    def ask(self, command):
        if self.start is None:
            raise StoppedError("Asterisk is not there")
        self._note(command)
        if command in self.fails:
            raise self.fails[command]
        if command == SIP:
            self._read()
        return "Module 'res_pjsip.so' reloaded successfully.\n"

    def show(self, kind, name):
        # Its answer would hold the digest.
        assert kind != "auth"
        return self._objects.get((kind, name))

    # --- what happens in it ------------------------------------------------------------------

    def _note(self, told):
        self.told.append(told)
        file = self._folder / trunk.FILE
        self.trunks_when_told.append(file.read_text() if file.exists() else "")

    def _read(self):
        self._objects = {}
        for file in (transport.FILE, trunk.FILE):
            path = self._folder / file
            for name, ((_type, kind), *options) in read_sections(path.read_text() if path.exists() else ""):
                if f"{kind} {MARK.sub('', name)}" in self.refuses:
                    with self._log.open("a") as log:
                        print(f"[1] ERROR[7] res_sorcery_config.c: Could not create {kind} {name}", file=log)
                        print("[1] WARNING[7] res_pjsip.c: never mind", file=log)
                    continue
                shown = self._objects[kind, name] = {"type": [kind]}
                for option, value in options:
                    shown.setdefault(option, []).append(self._in_its_words(option, value))

    @staticmethod
    def _in_its_words(option, value):
        if option not in ("local_net", "match"):
            return value
        try:
            network = ipaddress.ip_network(value)
        except ValueError:
            return "192.0.2.77/255.255.255.255"  # what the name server says
        return f"{network.network_address}/{network.netmask}"


class Host:
    """A host with a directory and Asterisk, on which the modules are run."""

    def __init__(self, folder, database):
        self.folder = folder
        self.database = str(database)
        self.log = folder / "messages.log"
        self.asterisk = PlayedAsterisk(folder, self.log)
        self.configuration = Configuration(
            str(folder), os.getgid(), self.asterisk, log_file=str(self.log), read_at_start=[]
        )

    def run(self, kind, *items, **policy):
        """As a module does: plan, write the directory, put it in force, all or nothing."""
        with store.writing(self.database) as directory:
            plan = planned(kind, directory.read(), *items, **policy)
            directory.apply(plan)
            return self.configuration.put_in_force(directory, directory.read(), plan)

    def check(self, kind, *items, **policy):
        """As a module does in check mode."""
        with store.reading(self.database) as directory:
            have = directory.read()
            return self.configuration.foretell(directory, have, planned(kind, have, *items, **policy))

    def told(self):
        """Return what Asterisk has been told since this was asked the last time, without FORGET."""
        told, self.asterisk.told = [each for each in self.asterisk.told if each not in FORGET], []
        self.asterisk.trunks_when_told = []
        return told

    def files(self):
        """Return everything that a run could leave behind."""
        with store.reading(self.database) as directory:
            return {path.name: path.read_bytes() for path in self.folder.iterdir()}, directory.read()

    @property
    def names(self):
        return sorted(path.name for path in self.folder.iterdir() if path != self.log)


@pytest.fixture
def no_disk(monkeypatch):
    """Let nothing wait for the disk, which is most of the time otherwise."""

    def connect(*arguments, connect=sqlite3.connect, **options):
        connection = connect(*arguments, **options)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect)
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture
def host(tmp_path, shared_database, monkeypatch, no_disk):
    folder = tmp_path / "etc"
    folder.mkdir()
    host = Host(folder, shutil.copy(shared_database, tmp_path / "directory.sqlite3"))
    monkeypatch.setattr(
        listener, "wrong_with", lambda port: iter(host.asterisk.unreachable.get(port.name, ()))
    )
    return host


FILES = sorted([transport.FILE, transport.HTTP_FILE, trunk.FILE])


# --- what is done, and what is not -----------------------------------------------------------


def test_a_first_run_writes_every_file_and_has_all_of_them_read(host):
    assert host.run(PORTS, DESK, BROWSERS) == Outcome(changed=True)
    assert host.names == FILES
    assert host.told() == [HTTP, SIP]
    assert "bind = 0.0.0.0:5060" in (host.folder / transport.FILE).read_text()


def test_what_asterisk_has_kept_of_the_former_file_is_forgotten_before_it_is_asked(host):
    host.run(PORTS, DESK)
    host.told()
    host.run(TRUNKS, GATEWAY)
    assert host.asterisk.told == [SIP, *FORGET]


def test_where_nothing_is_outdated_nothing_is_done(host):
    host.run(PORTS, DESK)
    before = [(path.name, path.stat().st_ino) for path in host.folder.iterdir()]
    host.told()
    assert host.run(PORTS, DESK) == Outcome(changed=False)
    assert host.told() == []
    assert [(path.name, path.stat().st_ino) for path in host.folder.iterdir()] == before


def test_a_file_that_somebody_has_changed_is_written_anew_and_read(host):
    host.run(PORTS, DESK)
    host.run(TRUNKS, GATEWAY)
    host.told()
    written = (host.folder / trunk.FILE).read_text()
    (host.folder / trunk.FILE).write_text(written + "rubbish")
    assert host.run(PORTS, DESK) == Outcome(changed=True)
    assert (host.folder / trunk.FILE).read_text() == written
    assert host.told() == [SIP]


@pytest.mark.parametrize(
    ("kind", "item", "told"),
    [
        pytest.param(PORTS, {"name": "wan", "protocol": "tcp"}, [SIP], id="a port for phones"),
        pytest.param(PORTS, {**DESK, "external_address": "192.0.2.9"}, [SIP], id="a changed port"),
        pytest.param(PORTS, BROWSERS, [HTTP, SIP], id="a port for browsers"),
        pytest.param(TRUNKS, GATEWAY, [SIP], id="a trunk"),
    ],
)
def test_the_http_server_is_told_to_read_only_what_is_its_own(host, kind, item, told):
    host.run(PORTS, DESK)
    host.told()
    assert host.run(kind, item) == Outcome(changed=True)
    assert host.told() == told


def test_what_the_text_does_not_hold_needs_no_reload(host):
    host.run(TRUNKS, GATEWAY)
    host.told()
    assert host.run(TRUNKS, {**GATEWAY, "emergency": False}) == Outcome(changed=False)
    assert host.told() == []


def test_where_asterisk_is_stopped_the_files_are_written_and_nothing_is_asked(host):
    host.asterisk.start = None
    host.configuration.may_restart = True
    assert host.run(PORTS, DESK, BROWSERS) == Outcome(changed=True)
    assert host.run(TRUNKS, REGISTERING) == Outcome(changed=True)
    assert host.run(TRUNKS, {"name": "Telco", "state": "absent"}) == Outcome(changed=True)
    assert host.run(PORTS, {**DESK, "port": 5070}) == Outcome(changed=True)
    assert host.names == FILES
    assert host.told() == []


def test_a_console_that_does_not_answer_is_an_error_before_anything_is_written(host, monkeypatch):
    def silent():
        raise ConsoleError("timed out")

    monkeypatch.setattr(host.asterisk, "running", silent)
    with pytest.raises(ConsoleError, match="timed out"):
        host.run(PORTS, DESK)
    assert host.names == []


def test_files_are_for_asterisk_and_root_alone(host):
    host.run(PORTS, DESK)
    assert {path.stat().st_mode & 0o777 for path in host.folder.iterdir()} == {0o640}


# --- when Asterisk refuses -------------------------------------------------------------------


def refusal(host, kind, *items, **policy):
    """Run what Asterisk refuses; return what the error says, line by line, without the first."""
    before = host.files()
    host.told()
    with pytest.raises(RefusedError) as refused:
        host.run(kind, *items, **policy)
    (files, directory), (files_now, directory_now) = before, host.files()
    assert {name: text for name, text in files_now.items() if name != host.log.name} == {
        name: text for name, text in files.items() if name != host.log.name
    }
    assert directory_now == directory
    first, *lines = str(refused.value).splitlines()
    assert first == "Asterisk did not take what was written, so everything is as it was before:"
    return lines


def test_a_refused_port_is_told_by_its_name_and_the_texts_of_before_are_back(host):
    host.run(PORTS, DESK)
    host.run(TRUNKS, GATEWAY)
    host.asterisk.refuses = {"transport port-2"}
    lines = refusal(host, PORTS, {"name": "Müşteri ]\\;", "protocol": "tcp"}, {"name": "b", "protocol": "ws"})
    assert lines[0] == "port 'Müşteri ]\\\\;': there is no transport port-2"
    assert host.told() == [HTTP, SIP, HTTP, SIP]


def test_a_refused_trunk_is_told_by_its_name(host):
    host.run(TRUNKS, GATEWAY)
    host.asterisk.refuses = {"registration trunk-2", "identify trunk-1"}
    # Another's fault would come to light as well.
    assert refusal(host, TRUNKS, REGISTERING)[:2] == [
        "trunk 'Santral': there is no identify trunk-1",
        "trunk 'Telco': there is no registration trunk-2",
    ]
    assert host.told() == [SIP, SIP]


def test_where_there_was_no_file_there_is_none_again(host):
    host.asterisk.refuses = {"transport port-1"}
    refusal(host, PORTS, DESK)
    assert host.names == []


def test_a_text_in_any_state_is_back_as_it_was(host):
    host.run(PORTS, DESK)
    (host.folder / trunk.FILE).write_text("; by hand: ğ\n\n")
    host.asterisk.refuses = {"transport port-2"}
    refusal(host, PORTS, {"name": "wan", "protocol": "tcp"})


def test_only_what_the_log_says_of_this_run_is_told_and_only_errors(host):
    host.log.write_text("[0] ERROR[7] ğ an old one\n")
    host.asterisk.refuses = {"transport port-1"}
    assert refusal(host, PORTS, DESK) == [
        "port 'desk': there is no transport port-1",
        "Asterisk's log: [1] ERROR[7] res_sorcery_config.c: Could not create transport port-1",
    ]


def test_an_endless_log_does_not_become_an_endless_message(host):
    host.asterisk.refuses = {f"transport port-{number}" for number in range(1, 41)}
    lines = refusal(host, PORTS, *({"name": f"p{n}", "port": 5000 + n} for n in range(40)))
    assert len([line for line in lines if line.startswith("Asterisk's log: ")]) == 20


def test_a_port_that_does_not_answer_is_refused(host):
    host.asterisk.unreachable = {"desk": ["tcp 0.0.0.0:5060 does not answer: Connection refused"]}
    lines = refusal(host, PORTS, {**DESK, "protocol": "tcp"})
    assert lines == ["port 'desk': tcp 0.0.0.0:5060 does not answer: Connection refused"]


def test_a_port_for_browsers_that_does_not_answer_is_refused(host):
    host.run(PORTS, BROWSERS)
    host.asterisk.unreachable = {"browsers": ["ws 0.0.0.0:8090 does not answer: Connection refused"]}
    assert refusal(host, PORTS, {**BROWSERS, "port": 8090}) == [
        "port 'browsers': ws 0.0.0.0:8090 does not answer: Connection refused"
    ]


def test_a_reload_that_fails_is_a_refusal(host):
    host.run(PORTS, DESK)
    host.told()
    failing, host.asterisk.fails[HTTP] = HTTP, ConsoleError("asterisk -rx module reload http: timed out")

    def works_again(command, ask=host.asterisk.ask):
        try:
            return ask(command)
        finally:
            host.asterisk.fails.pop(failing, None)

    host.asterisk.ask = works_again
    assert refusal(host, PORTS, BROWSERS) == ["asterisk -rx module reload http: timed out"]
    assert host.told() == [HTTP, HTTP, SIP]


def test_a_console_that_goes_on_failing_is_told_with_what_it_failed_at_first(host):
    host.run(PORTS, DESK)
    host.asterisk.fails = {SIP: ConsoleError("module reload res_pjsip.so: timed out")}
    assert refusal(host, PORTS, {"name": "wan", "protocol": "tcp"}) == [
        "module reload res_pjsip.so: timed out",
        "and what was there before could not be put back: module reload res_pjsip.so: timed out",
    ]


def fill_the_disk(monkeypatch, at_file):
    write, paths = textfile.write, []

    def runs_full(path, *more):
        paths.append(path)
        if len(paths) == at_file:
            raise OSError(errno.ENOSPC, "No space left on device", path)
        write(path, *more)

    monkeypatch.setattr(textfile, "write", runs_full)


def test_a_disk_that_is_full_half_way_leaves_nothing_half(host, monkeypatch):
    host.run(PORTS, DESK)
    before = host.files()
    fill_the_disk(monkeypatch, at_file=2)
    with pytest.raises(RefusedError, match="the configuration could not be written, so everything is as it"):
        host.run(PORTS, BROWSERS)
    assert host.files() == before


@pytest.mark.parametrize("full_at", [1, 2, 3])
def test_a_disk_that_is_full_at_the_first_run_leaves_no_file(host, monkeypatch, full_at):
    before = host.files()
    fill_the_disk(monkeypatch, at_file=full_at)
    with pytest.raises(RefusedError) as raised:
        host.run(PORTS, DESK)
    assert "could not be put back" not in str(raised.value)
    assert host.files() == before


def test_a_refused_restart_is_taken_back_by_another(host):
    host.run(PORTS, DESK)
    host.configuration.may_restart = True
    host.asterisk.refuses = {"transport port-1"}
    refusal(host, PORTS, {**DESK, "port": 5070})
    assert host.told() == ["restart", "restart"]


SHOWN = {"protocol": ["udp"], "bind": ["[::]:5060"], "local_net": ["10.0.0.0/255.0.0.0", "fd00::/ff00::"]}


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("bind", "[::]:5060", False),
        ("bind", "[::]:5061", True),
        ("local_net", "10.0.0.0/8", False),
        ("local_net", "fd00::/8", False),
        ("local_net", "10.0.0.0/9", True),
        ("match", "192.0.2.1", True),
        ("match", "gw.example.net", False),  # it shows the addresses
        ("external_media_address", "192.0.2.9", True),
        ("method", "tlsv1_2", False),  # it has words of its own for it
    ],
)
def test_an_option_is_missed_where_asterisk_shows_another_value(option, value, told):
    found = list(differences(Section("port-1", "transport", ((option, value),)), SHOWN))
    assert found == ([f"transport port-1 has no {option} = {value}"] if told else [])


def test_an_object_that_is_not_there_is_told_once():
    section = Section("port-1", "transport", (("bind", "0.0.0.0:1"), ("protocol", "udp")))
    assert list(differences(section, None)) == ["there is no transport port-1"]


# --- registrations ---------------------------------------------------------------------------

UNREGISTER, REGISTER = "pjsip send unregister trunk-1", "pjsip send register trunk-1"


def test_a_deleted_trunk_says_goodbye_before_its_credentials_are_gone(host):
    host.run(TRUNKS, REGISTERING)
    host.told()
    host.run(TRUNKS, {"name": "Telco", "state": "absent"})
    assert "[trunk-1]" in host.asterisk.trunks_when_told[0]
    assert "[trunk-1]" not in host.asterisk.trunks_when_told[1]
    assert host.told() == [UNREGISTER, SIP]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param(
            REGISTERING, {**REGISTERING, "password": OTHER_SECRET}, [SIP, REGISTER], id="a password"
        ),
        pytest.param(REGISTERING, {"name": "Telco", "codecs": ["g722"]}, [SIP], id="anything else"),
        pytest.param(
            REGISTERING, {"name": "Telco", "register": False}, [UNREGISTER, SIP], id="registers no more"
        ),
        pytest.param(PROVIDER, {**PROVIDER, "password": OTHER_SECRET}, [SIP], id="no registration"),
        pytest.param(PROVIDER, REGISTERING, [SIP], id="a registration to come"),
        pytest.param(
            PROVIDER, {**REGISTERING, "password": OTHER_SECRET}, [SIP], id="a registration and a password"
        ),
        pytest.param(PROVIDER, {"name": "Telco", "state": "absent"}, [SIP], id="deleted unregistered"),
    ],
)
def test_who_registers_anew_when_a_trunk_changes(host, before, after, told):
    host.run(TRUNKS, before)
    host.told()
    host.run(TRUNKS, after)
    assert host.told() == told


def test_a_goodbye_is_taken_back_where_the_run_is(host):
    host.run(TRUNKS, REGISTERING)
    host.run(TRUNKS, GATEWAY)
    host.asterisk.refuses = {"endpoint trunk-2"}
    gone = {"name": "Telco", "state": "absent"}
    assert refusal(host, TRUNKS, gone, {**GATEWAY, "codecs": ["g722"]})[0].startswith("trunk 'Santral'")
    assert host.told() == [UNREGISTER, SIP, SIP, REGISTER]


def test_a_password_that_cannot_be_registered_with_is_taken_back(host):
    host.run(TRUNKS, REGISTERING)
    before = host.files()
    host.asterisk.fails = {REGISTER: ConsoleError("pjsip send register: timed out")}
    assert refusal(host, TRUNKS, {**REGISTERING, "password": OTHER_SECRET})[0].endswith("timed out")
    assert host.files() == before


def test_the_new_password_is_in_the_text_when_it_is_registered_with(host):
    host.run(TRUNKS, REGISTERING)
    old = (host.folder / trunk.FILE).read_text()
    host.told()
    host.run(TRUNKS, {**REGISTERING, "password": OTHER_SECRET})
    assert host.asterisk.told[-1] == REGISTER
    assert host.asterisk.trunks_when_told[-1] == (host.folder / trunk.FILE).read_text() != old


# --- what Asterisk holds on to until it restarts ---------------------------------------------

DUE = "it holds on to the connection port 'desk' as it was"
PORT = {
    "udp": {"name": "desk", "protocol": "udp", "port": 5060},
    "tcp": {"name": "desk", "protocol": "tcp", "port": 5060},
    "tls": {"name": "desk", "protocol": "tls", "port": 5061, **PEM},
    "ws": {"name": "desk", "protocol": "ws", "port": 8088},
    "wss": {"name": "desk", "protocol": "wss", "port": 8089, **PEM},
}
#: What is changed, and whether a port for phones and trunks is held on to then.
CHANGES = {
    "nothing": ({}, False),
    "address": ({"address": "127.0.0.1"}, True),
    "port": ({"port": 5999}, True),
    "certificate": ({"certificate": "/new.pem"}, True),
    "private_key": ({"private_key": "/new.key"}, True),
    "external_address": ({"external_address": "192.0.2.9"}, False),
    "local_networks": ({"local_networks": ["10.0.0.0/8"]}, False),
    "deleted": ({"state": "absent"}, True),
}


@pytest.mark.parametrize(
    ("protocol", "change"),
    [(p, change) for p in PORT for change in CHANGES if change not in PEM or p in ENCRYPTED],
)
def test_which_changes_of_a_port_need_a_restart(host, protocol, change):
    fields, held = CHANGES[change]
    host.run(PORTS, PORT[protocol])
    due = host.run(PORTS, {**PORT[protocol], **fields}).restart_due
    assert due == ((DUE,) if held and protocol not in WEBSOCKETS else ())


@pytest.mark.parametrize(
    ("was", "becomes", "held"),
    [
        ("udp", "tcp", True),
        ("udp", "ws", True),
        ("tls", "wss", True),
        ("ws", "udp", False),
        ("ws", "wss", False),
    ],
)
def test_another_protocol_needs_a_restart_where_the_old_one_is_held_on_to(host, was, becomes, held):
    host.run(PORTS, PORT[was])
    assert host.run(PORTS, PORT[becomes]).restart_due == ((DUE,) if held else ())


def test_a_new_port_needs_no_restart(host):
    assert host.run(PORTS, *({**each, "name": p} for p, each in PORT.items())).restart_due == ()


def test_a_port_under_another_name_goes_on_listening_and_asterisk_does_not_notice(host):
    host.run(PORTS, DESK, {**DESK, "name": "wan", "port": 5080})
    host.told()
    gone = [{"name": name, "state": "absent"} for name in ("desk", "wan")]
    renamed = host.run(PORTS, *gone, {**DESK, "name": "Ofis"}, {**DESK, "name": "WAN", "port": 5080})
    assert renamed == Outcome(False)
    assert host.told() == []
    _files, directory = host.files()
    assert {port.name: port.id for port in directory.ports.values()} == {"Ofis": 1, "WAN": 2}


def test_a_port_in_the_place_of_one_that_is_held_on_to_says_what_to_do(host):
    host.run(PORTS, DESK)
    host.run(PORTS, {"name": "desk", "state": "absent"})
    host.asterisk.refuses = {"transport port-2"}
    assert refusal(host, PORTS, {**DESK, "name": "Ofis"})[-1] == (
        "perhaps because it holds on to 'desk' until it restarts: set restart: if_needed"
    )


def test_what_is_held_on_to_is_not_taken_for_refused(host):
    host.run(PORTS, DESK)
    host.asterisk.refuses = {"transport port-1"}
    host.asterisk.unreachable = {"desk": ["does not answer"]}
    assert host.run(PORTS, {**DESK, "port": 5070}) == Outcome(True, (DUE,))


def test_a_new_port_of_a_name_that_is_held_on_to_is_looked_at(host):
    host.run(PORTS, DESK)
    host.run(PORTS, {"name": "desk", "state": "absent"})
    host.asterisk.refuses = {"transport port-2"}
    assert refusal(host, PORTS, {**DESK, "port": 5099})[0] == "port 'desk': there is no transport port-2"


def test_a_restart_stays_due_over_runs_until_asterisk_has_started_again(host):
    host.run(PORTS, DESK)
    assert host.run(PORTS, {**DESK, "port": 5070}) == Outcome(True, (DUE,))
    host.told()
    assert host.run(PORTS, {**DESK, "port": 5070}) == Outcome(False, (DUE,))
    assert host.run(TRUNKS, GATEWAY) == Outcome(True, (DUE,))
    assert host.told() == [SIP]
    host.asterisk.restart()
    assert host.run(PORTS, {**DESK, "port": 5070}) == Outcome(False)


def test_ports_of_several_runs_are_all_held_on_to(host):
    host.run(PORTS, DESK, {**DESK, "name": "wan", "port": 5080})
    host.run(PORTS, {"name": "wan", "state": "absent"})
    due = host.run(PORTS, {**DESK, "port": 5070}).restart_due
    assert due == (DUE, DUE.replace("desk", "wan"))


def test_nothing_is_due_where_asterisk_was_stopped_in_the_meantime(host):
    host.run(PORTS, DESK)
    host.run(PORTS, {**DESK, "port": 5070})
    host.asterisk.start = None
    assert host.run(PORTS, {**DESK, "port": 5070}) == Outcome(False)


def test_where_it_may_asterisk_is_restarted_once(host):
    host.run(PORTS, DESK)
    host.configuration.may_restart = True
    host.told()
    assert host.run(PORTS, {**DESK, "port": 5070}) == Outcome(True, restarted=True)
    # Instead of a reload, because it reads everything.
    assert host.told() == ["restart"]
    assert host.run(PORTS, {**DESK, "port": 5070}) == Outcome(False)
    assert host.told() == []


def test_where_it_may_asterisk_is_restarted_for_an_earlier_run(host):
    host.run(PORTS, DESK)
    host.run(PORTS, {**DESK, "port": 5070})
    host.configuration.may_restart = True
    host.told()
    assert host.run(PORTS, {**DESK, "port": 5070}) == Outcome(True, restarted=True)
    assert host.told() == ["restart"]
    host.configuration.may_restart = False
    assert host.run(PORTS, {**DESK, "port": 5070}) == Outcome(False)


def test_asterisk_is_not_restarted_where_none_is_due(host):
    host.configuration.may_restart = True
    host.run(PORTS, DESK)
    host.run(PORTS, {**DESK, "external_address": "192.0.2.9"})
    assert "restart" not in host.told()


def test_after_a_restart_a_changed_port_is_looked_at(host):
    host.run(PORTS, DESK)
    host.configuration.may_restart = True
    host.asterisk.refuses = {"transport port-1"}
    assert "port 'desk': there is no transport port-1" in refusal(host, PORTS, {**DESK, "port": 5070})


@pytest.mark.parametrize(
    ("written_at", "due"), [(999, False), (1000, False), (1001, True)], ids=["before", "with it", "after"]
)
def test_a_file_written_after_the_start_needs_a_restart(host, written_at, due):
    modules = host.folder / "modules.conf"
    modules.touch()
    os.utime(modules, ns=(written_at, written_at))
    host.configuration.read_at_start = [str(modules), str(host.folder / "missing.conf")]
    told = (f"it has not read {modules} since that was written",) if due else ()
    assert host.run(PORTS, DESK).restart_due == told
    assert host.run(PORTS, DESK).restart_due == told
    host.told()
    host.configuration.may_restart = True
    assert host.run(PORTS, DESK) == Outcome(changed=due, restarted=due)
    assert host.told() == (["restart"] if due else [])


def test_an_asterisk_of_others_reads_nothing_of_ours_until_it_may_be_restarted(host):
    """It would lose its own phones by a reload, and those of the directory would not be there either."""
    host.configuration.read_at_start = [__file__]
    for port in (5060, 5070):
        outcome = host.run(PORTS, {**DESK, "port": port})
        assert outcome.changed
        assert outcome.restart_due
    assert host.told() == []
    host.configuration.may_restart = True
    assert host.run(PORTS, DESK).restarted
    assert host.told() == ["restart"]
    # From then on it is ours.
    host.configuration.may_restart = False
    host.run(TRUNKS, GATEWAY)
    assert host.told() == [SIP]


def test_where_the_clock_was_set_back_there_is_one_restart_and_not_one_in_each_run(host):
    modules = host.folder / "modules.conf"
    modules.touch()
    ahead = time.time_ns() + 3600 * 10**9
    os.utime(modules, ns=(ahead, ahead))
    host.configuration.read_at_start = [str(modules), str(host.folder / "missing.conf")]
    host.configuration.may_restart = True
    before = time.time_ns()
    host.run(PORTS, DESK)
    assert host.told().count("restart") == 1
    # What starts now has read it.
    assert before <= modules.stat().st_mtime_ns <= time.time_ns()


def test_a_file_written_while_asterisk_is_stopped_needs_no_restart(host):
    host.configuration.read_at_start = [__file__]
    host.asterisk.start = None
    assert host.run(PORTS, DESK) == Outcome(changed=True)


# --- what would be done ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "situation",
    ["in order", "may restart", "held on to", "held on to, may restart", "held on to, stopped, may restart"],
)
@pytest.mark.parametrize(
    ("kind", "items"),
    [
        pytest.param(PORTS, [DESK], id="nothing changes"),
        pytest.param(PORTS, [{**DESK, "external_address": "192.0.2.9"}], id="a port changes"),
        pytest.param(PORTS, [{**DESK, "address": "127.0.0.1"}], id="a port changes and is held on to"),
        pytest.param(PORTS, [BROWSERS], id="a new port"),
        pytest.param(PORTS, [{"name": "desk", "state": "absent"}], id="a port goes"),
        pytest.param(PORTS, [{"name": "old", "state": "absent"}], id="a port that is not there goes"),
        pytest.param(TRUNKS, [PROVIDER], id="a new trunk"),
        pytest.param(TRUNKS, [{**GATEWAY, "port": 5070}], id="a trunk changes"),
        pytest.param(TRUNKS, [{"name": "Santral", "state": "absent"}], id="a trunk goes"),
    ],
)
def test_what_is_foretold_is_what_is_done(host, situation, kind, items):
    host.run(PORTS, DESK, {**DESK, "name": "wan", "port": 5080})
    host.run(TRUNKS, GATEWAY)
    if "held on to" in situation:
        host.run(PORTS, {"name": "wan", "state": "absent"})
    if "stopped" in situation:
        host.asterisk.start = None
    host.configuration.may_restart = "may restart" in situation
    before = host.files()
    host.told()
    foretold = host.check(kind, *items, check_mode=True)
    assert host.files() == before
    assert host.told() == []
    assert foretold == host.run(kind, *items)


def test_an_outdated_file_is_foretold_where_nothing_is_planned(host):
    host.run(PORTS, DESK)
    (host.folder / trunk.FILE).unlink()
    assert host.check(PORTS, DESK) == Outcome(changed=True)
    assert not (host.folder / trunk.FILE).exists()


def test_a_first_run_is_foretold_on_an_empty_folder(host):
    assert host.check(PORTS, DESK) == Outcome(changed=True)
    assert host.names == []


def test_files_written_since_the_start_are_foretold(host):
    host.run(PORTS, DESK)
    host.configuration.read_at_start = [__file__]
    foretold = host.check(PORTS, DESK)
    assert foretold == Outcome(False, (f"it has not read {__file__} since that was written",))
    assert foretold == host.run(PORTS, DESK)
    host.configuration.may_restart = True
    assert host.check(PORTS, DESK) == Outcome(changed=True, restarted=True)


def test_files_that_an_earlier_task_would_write_are_foretold(host):
    host.run(PORTS, DESK)
    modules = host.folder / "modules.conf"
    modules.touch()
    os.utime(modules, ns=(1, 1))
    host.configuration.read_at_start = [str(modules), str(host.folder / "new.conf")]
    assert host.check(PORTS, DESK) == Outcome(changed=False)
    for written in host.configuration.read_at_start:
        host.configuration.to_be_written = [written]
        due = (f"it has not read {written} since that was written",)
        host.configuration.may_restart = False
        assert host.check(PORTS, DESK) == Outcome(False, due)
        host.configuration.may_restart = True
        assert host.check(PORTS, DESK) == Outcome(changed=True, restarted=True)
    # A stopped Asterisk reads them when it starts.
    host.asterisk.start = None
    assert host.check(PORTS, DESK) == Outcome(changed=False)


# --- what there is to write ------------------------------------------------------------------


def test_the_texts_are_those_of_ports_and_trunks(host):
    host.run(PORTS, DESK, BROWSERS)
    host.run(TRUNKS, {**GATEWAY, "connection_port": "desk"})
    with store.reading(host.database) as directory:
        have = directory.read()
    assert configuration.texts(have) == {name: (host.folder / name).read_text() for name in FILES}
    assert "transport = port-2" in configuration.texts(have)[trunk.FILE]
    assert configuration.held_on_to(Plan()) == {}


# --- ports of an older release ---------------------------------------------------------------


def forget_marks(host):
    with store.writing(host.database) as directory:
        directory._connection.execute("UPDATE connection_port SET mark = ''")
        host.configuration.put_in_force(directory, directory.read(), Plan())
    host.told()


def test_a_port_without_a_mark_gets_one_with_a_restart_and_not_before(host):
    host.run(PORTS, DESK)
    forget_marks(host)
    due = ("its connection port 'desk' does not tell yet from where a phone has registered",)
    assert host.check(PORTS, DESK).restart_due == due
    assert host.run(PORTS, DESK) == Outcome(changed=False, restart_due=due)
    assert host.told() == []
    host.configuration.may_restart = True
    assert host.check(PORTS, DESK) == Outcome(changed=True, restarted=True)
    assert host.run(PORTS, DESK) == Outcome(changed=True, restarted=True)
    assert host.told() == ["restart"]
    text = (host.folder / transport.FILE).read_text()
    assert re.search(r"^\[port-1-[0-9a-f]{32}\]$", text, re.MULTILINE)
    assert "symmetric_transport = yes" in text
    assert host.run(PORTS, DESK) == Outcome(changed=False)


def test_where_asterisk_is_stopped_it_finds_the_marks_when_it_starts(host):
    host.run(PORTS, DESK)
    forget_marks(host)
    host.asterisk.start = None
    assert host.check(PORTS, DESK) == Outcome(changed=True)
    assert host.run(PORTS, DESK) == Outcome(changed=True)
    assert re.search(r"\[port-1-[0-9a-f]{32}\]", (host.folder / transport.FILE).read_text())
