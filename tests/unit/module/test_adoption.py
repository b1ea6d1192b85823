# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The endpoints that phones are registered with, in an Asterisk that somebody else has set up."""

from __future__ import annotations

import json
import os

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.console import Console, ConsoleError
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import adoption, wire

NOW = 1_000_000


class Asterisk:
    """What its console says."""

    def __init__(self, contacts=(), peers=(), calls="", runs=True):
        self._runs = runs
        self._says = {
            "database show registrar/contact": "\n".join([*contacts, f"{len(contacts)} results found."]),
            "database show SIP/Registry": "\n".join([*peers, f"{len(peers)} results found."]),
            "core show channels count": calls,
        }

    def running(self):
        return object() if self._runs else None

    def ask(self, command):
        return self._says[command]


def contact(aor, endpoint, expires=NOW + 60, **values):
    text = json.dumps({"endpoint": endpoint, "expiration_time": str(expires), **values})
    return f"/registrar/contact/{aor};@{'a' * 32}: {text}"


def test_phones_are_counted_by_whose_they_are():
    live = adoption.look(
        Asterisk(
            [
                contact("1001", "1001"),
                contact("front desk", "1001", prune_on_boot="yes"),
                contact("1002", "1002", expires=NOW),
                contact("1003", ""),
                contact("ayse", "ayse", user_agent='x"} /registrar/contact/1009;@b: {"'),
                "/registrar/contact/1005;@c: not JSON",
            ],
            ["/SIP/Registry/1004                : 192.0.2.1:5060:3600:1004:sip:1004@192.0.2.1"],
            "4 active channels\n2 active calls\n9 calls processed\n",
        ),
        NOW,
    )
    assert live == adoption.Live({"1001": 2, "1003": 1, "ayse": 1, "1004": 1}, ["1004"], ["1001"], 2)


def test_of_an_asterisk_that_is_stopped_nothing_is_known():
    assert adoption.look(Asterisk(runs=False), NOW) is None


def test_one_call_is_one():
    live = adoption.look(Asterisk(calls="2 active channels\n1 active call\n"), NOW)
    assert live is not None
    assert live.calls == 1


@pytest.fixture
def etc(tmp_path, capsys, monkeypatch):
    """Run the module where these are Asterisk's files, and its program is; return what it says."""
    monkeypatch.setattr(adoption.shutil, "which", lambda _program: "/usr/sbin/asterisk")

    def run(dest="anywhere", **texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.conf").write_text(text, encoding="utf-8")
        given = {"configuration_folder": str(tmp_path), "dest": dest}
        with patch_module_args(given), pytest.raises(SystemExit):
            adoption.run()
        return json.loads(capsys.readouterr().out)

    run.folder = tmp_path
    return run


def test_files_come_along_as_one_text_with_what_is_known_of_phones(etc, monkeypatch):
    asterisk = Asterisk([contact("1001", "1001", expires=1 << 40)])
    monkeypatch.setattr(Console, "running", lambda _console: asterisk.running())
    monkeypatch.setattr(Console, "ask", lambda _console, command: asterisk.ask(command))
    told = etc(pjsip="[1001]\npassword = tulip-river-93\n")
    assert wire.unpacked(told.pop("packed")) == {
        "directory": str(etc.folder),
        "files": {"pjsip.conf": "[1001]\npassword = tulip-river-93\n"},
    }
    assert "tulip-river-93" not in json.dumps(told)
    assert (told["registered"], told["running"], told["is_ours"]) == ({"1001": 1}, True, False)


def test_a_configuration_of_ours_is_known(etc, monkeypatch):
    monkeypatch.setattr(Console, "running", lambda _console: None)
    told = etc(pjsip="; Written by the role voiceops.asterisk.pbx: changes made here are lost.\n")
    assert (told["is_ours"], told["running"], told["registered"]) == (True, False, {})


def test_where_nothing_is_to_be_written_no_file_is_needed_and_no_password_sent(etc, monkeypatch):
    monkeypatch.setattr(Console, "running", lambda _console: None)
    told = etc(dest=None, pjsip="; Written by the role voiceops.asterisk.pbx\n#include gone/*.conf\n")
    assert (told["packed"], told["is_ours"], told["directory"]) == ("", True, str(etc.folder))


def test_where_there_is_no_asterisk_nobody_asks_it(etc, monkeypatch):
    monkeypatch.setattr(adoption.shutil, "which", lambda _program: None)
    told = etc()
    assert (told["running"], wire.unpacked(told["packed"])["files"]) == (False, {})


def test_an_asterisk_that_cannot_be_asked_is_told(etc, monkeypatch):
    def fail(_console):
        raise ConsoleError("asterisk -rx core waitfullybooted: it did not answer")

    monkeypatch.setattr(Console, "running", fail)
    told = etc(pjsip="")
    assert told["failed"]
    assert "it did not answer" in told["msg"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes things of other users")
def test_what_cannot_be_read_ends_it(etc):
    (etc.folder / "x.conf").symlink_to("/etc/hostname")
    os.lchown(etc.folder / "x.conf", 65534, 65534)
    told = etc(pjsip="#include x.conf\n")
    assert told["failed"]
    assert "x.conf: cannot be read: a link that nobody has made is on the way" in told["msg"]
