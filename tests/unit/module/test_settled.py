# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""When a run that has had nothing to do leaves a record for the next one."""

from __future__ import annotations

import os
import time
from types import SimpleNamespace

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import ConnectionPort
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import settled
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import Changes, Plan
from ansible_collections.voiceops.asterisk.plugins.module_utils.settled import program

SCRIPT = "echo has asterisk"
SECURE = ConnectionPort(
    "TLS", "tls", port=5061, certificate="/etc/ssl/pbx.pem", private_key="/etc/ssl/pbx.key"
)


class Run:
    """A run on a host with a directory, a file, and one that must not be there."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        for name in ("directory.sqlite3", "rtp.conf", *settled.configuration.FILES):
            (folder / name).write_text("ours", encoding="utf-8")
        self.params = {
            "settled": {"key": "a" * 64, "script": SCRIPT, "said": program.look(SCRIPT)},
            "files": [{"path": str(folder / "rtp.conf")}],
            "confirm_files": [],
            "absent": [str(folder / "absent.conf")],
            "read_at_start": [str(folder / "not-everywhere.conf")],
            "configuration_folder": str(folder),
            "database": str(folder / "directory.sqlite3"),
            "ami_secret_file": str(folder / "secret.conf"),
            "ami_port": 5038,
        }
        self.check_mode, self.ports = False, ()
        # As where Asterisk runs on the machine of the tests.
        monkeypatch.setattr(settled.state, "PID_FILE", str(folder / "asterisk.pid"))
        monkeypatch.setattr(settled.state, "PROGRAM", str(folder / "asterisk"))
        self.kept = []
        monkeypatch.setattr(settled.record, "write", self.kept.append)
        time.sleep(0.02)
        self.began = time.time_ns()
        time.sleep(0.02)

    def keep(self):
        module = SimpleNamespace(params=self.params, check_mode=self.check_mode)
        plan = Plan(ports=Changes(keep=self.ports))
        settled.keep(module, plan, ["1002", "1001"], {"extensions": {"unchanged": 2}}, self.began)
        return self.kept


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(settled, "get_warning_messages", lambda: ("somebody is not in the list",))
    return Run(tmp_path, monkeypatch)


def test_it_says_what_was_found_and_by_what_it_counts(run):
    (kept,) = run.keep()
    assert (kept.key, kept.script, kept.said) == ("a" * 64, SCRIPT, program.look(SCRIPT))
    assert kept.warnings == ["somebody is not in the list"]
    assert (kept.numbers, kept.directory) == (["1001", "1002"], {"extensions": {"unchanged": 2}})
    assert kept.until is None
    named = {os.path.relpath(path, run.folder) for path in kept.paths}
    assert named == {
        *("directory.sqlite3", "directory.sqlite3-wal", "rtp.conf", "absent.conf", "not-everywhere.conf"),
        *settled.configuration.FILES,
    }


NONE = {
    "nobody asks for one": lambda run: run.params.update(settled=None),
    "variables that cannot be told apart": lambda run: run.params["settled"].update(key=""),
    "check mode": lambda run: setattr(run, "check_mode", True),
    "the host is another one since it was looked at": lambda run: run.params["settled"].update(said="b" * 64),
    "a file is another one since it was judged": lambda run: (run.folder / "rtp.conf").write_text("theirs"),
    "the directory is": lambda run: (run.folder / "directory.sqlite3").chmod(0o600),
    "Asterisk was started since": lambda run: (run.folder / "asterisk.pid").touch(),
    "a file is gone since": lambda run: (run.folder / "rtp.conf").unlink(),
    "what must not be there is": lambda run: os.link(run.folder / "old", run.folder / "absent.conf"),
}


@pytest.mark.parametrize("reason", NONE.values(), ids=NONE)
def test_there_is_none_where_it_would_say_what_was_not_judged(run, reason):
    old = run.folder / "old"
    old.touch()
    os.utime(old, (1, 1))
    reason(run)
    assert run.keep() == []


@pytest.mark.parametrize("warned", [["it expires in 3 days"], []])
def test_with_a_certificate_it_counts_for_a_day_in_which_nobody_has_to_be_warned(run, monkeypatch, warned):
    run.ports = (SECURE,)
    monkeypatch.setattr(settled.port_certificate, "warnings_of", lambda _ports, _at: warned)
    before = time.time()
    kept = run.keep()
    assert len(kept) == (not warned)
    for each in kept:
        assert before + 24 * 3600 <= each.until <= time.time() + 24 * 3600
        assert {SECURE.certificate, SECURE.private_key} <= set(each.paths)


def test_one_that_cannot_be_written_is_no_trouble(run, monkeypatch):
    def full(_record):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(settled.record, "write", full)
    assert run.keep() == []
