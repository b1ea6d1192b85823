# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The answer of the program on the host: whether anything is different from what the record says."""

from __future__ import annotations

import dataclasses
import io
import json
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.voiceops.asterisk.plugins.action import pbx_look
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.console import (
    Start,
    StoppedError,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import carried
from ansible_collections.voiceops.asterisk.plugins.module_utils.settled import (
    comparing,
    program,
    record,
    said,
    state,
)
from ansible_collections.voiceops.asterisk.tests.unit.settled.test_record import RECORD

KEY = RECORD.key


def contacts(*numbers):
    entries = "".join(
        f"Event: ContactList\r\nActionID: {{id}}\r\nObjectName: {number};@a\r\n"
        "ExpirationTime: 99999999999\r\n\r\n"
        for number in numbers
    )
    end = f"Event: ContactListComplete\r\nActionID: {{id}}\r\nListItems: {len(numbers)}\r\n\r\n"
    return "PJSIPShowContacts", "Response: Success\r\nActionID: {id}\r\n\r\n" + entries + end


class Host:
    """A host with one file, whose Asterisk is the test's."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.console = folder, SimpleNamespace(running=lambda: Start("1", 1))
        monkeypatch.setattr(comparing.console, "Console", lambda: self.console)
        self.file = folder / "pjsip.conf"
        self.file.write_text("ours", encoding="utf-8")
        (folder / "secret.conf").write_text("secret = s3cret\n", encoding="utf-8")
        self.path = str(folder / "settled.json")

    def keep(self, **changes):
        paths = [str(self.file)]
        as_it_is = {
            "paths": paths,
            "folder": str(self.folder / "kept"),
            "state": state.look(paths, str(self.folder / "kept")).digest,
            "said": program.look(RECORD.script),
            "secret_file": str(self.folder / "secret.conf"),
        }
        record.write(dataclasses.replace(RECORD, **{**as_it_is, **changes}), self.path)

    def asked(self, key=KEY):
        return program.answered(key, self.path)


@pytest.fixture
def host(tmp_path, monkeypatch):
    return Host(tmp_path, monkeypatch)


def test_where_nothing_is_different_it_says_so_and_how_many_phones_there_are(host, scripted_asterisk):
    with scripted_asterisk(contacts("1001", "1002")) as asterisk:
        host.keep(ami_port=asterisk.port, until=time.time() + 60)
        answer = host.asked()
    assert answer["settled"]
    assert answer["phones"] == {"asterisk": "running", "extensions": 1, "registered": 1}
    assert (answer["directory"], answer["warnings"]) == (RECORD.directory, RECORD.warnings)


def stopped():
    raise StoppedError


DIFFERENCES = {
    "there is no record": lambda host: Path(host.path).unlink(),
    "a file": lambda host: host.file.write_text("Ours", encoding="utf-8"),
    "Asterisk is stopped": lambda host: setattr(host.console, "running", lambda: None),
    "Asterisk does not answer": lambda host: setattr(host.console, "running", stopped),
    "other variables, or another role": lambda host: host.keep(key="d" * 64),
    "it counts no more": lambda host: host.keep(until=time.time() - 1),
    "another look": lambda host: host.keep(said="e" * 64),
    "nobody listens on the manager interface": lambda host: host.keep(ami_port=1),
    "no secret": lambda host: host.keep(secret_file="/no/such/file"),
}


@pytest.mark.parametrize("difference", DIFFERENCES.values(), ids=DIFFERENCES)
def test_where_anything_is_different_it_says_no_more(host, difference):
    host.keep()
    difference(host)
    assert host.asked() == {"settled": False}


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ((0, " a \r\nb\n"), (0, "a\nb"), True),
        ((0, "a\n"), (1, "a\n"), False),
        ((0, "a\nb"), (0, "b\na"), False),
        ((0, "a\n\n"), (0, "a\n"), False),
    ],
)
def test_looks_are_told_apart(one, other, is_same):
    assert (said.digest(*one) == said.digest(*other)) is is_same


def test_the_question_comes_by_standard_input_and_the_answer_after_a_mark(host, monkeypatch, capsys):
    asked = json.dumps({"key": KEY}).encode("ascii")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(asked + b"\n")))
    program.run("mark ", host.path)
    assert capsys.readouterr().out == 'mark {"settled": false}\n'


def test_carried_to_a_host_it_needs_nothing_but_python(tmp_path):
    given = carried.program(pbx_look.FILES, "mark ") + b'{"key": "none"}\n'
    run = subprocess.run(
        [sys.executable, "-IBc", carried.BEGIN],
        check=False,
        input=given,
        capture_output=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, b'mark {"settled": false}\n', b"")
