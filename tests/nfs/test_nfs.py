# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Recordings on an NFS server: one story, in which each test goes on where the last ended."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from integration.company import RECORDINGS, until
from integration.fleet import Host, Run, site
from integration.storage import RECORDED, WATCH, facts, is_mounted, phones, policy, talk
from pages.journal import Journal

from .conftest import Server

#: Longest time for a run on an emulated machine, in seconds; the first one installs Asterisk.
DEADLINE = 1200.0
#: How soon a call is decided that the storage must not hold up, in seconds.
SOON = 5.0


def run(host: Host, folder: Path, server: Server, *more: str, **variables: Any) -> Run:
    given = {
        **RECORDED,
        "pbx_recording_device": server.export,
        "pbx_recording_filesystem": "nfs4",
        # It takes minutes to install on an emulated machine, and has nothing to do with recordings.
        "pbx_fail2ban": False,
        **variables,
    }
    return site([host], folder, given, *more, deadline=DEADLINE)


def decided(caller: Any, status: int) -> float:
    """Call the extension that is recorded; return after how many seconds that was decided."""
    began = time.monotonic()
    assert caller.call("1002") == status
    took = time.monotonic() - began
    assert took < SOON
    return took


def is_active(host: Host, unit: str = "asterisk") -> bool:
    return host.shell(f"systemctl is-active {unit} || true") == "active\n"


def nothing_is_underneath(host: Host) -> bool:
    return host.shell(f"stat -c '%U %a' {RECORDINGS}; ls -A {RECORDINGS}").split() == ["root", "0"]


def boot(host: Host) -> float:
    """Boot the host; return the seconds until Asterisk runs, or 60 if it does not."""
    host.reboot(180)
    began = time.monotonic()
    while not is_active(host) and time.monotonic() - began < 60:
        time.sleep(0.5)
    return time.monotonic() - began


def test_an_export_that_root_may_not_prepare_is_refused_with_what_to_type(
    host: Host, server: Server, tmp_path: Path, journal: Journal
) -> None:
    refused = run(host, tmp_path, server)
    assert refused.recap(host.name)["failed"] == 1, refused.text[-3000:]
    said = " ".join(refused.text.replace("\\n", "\n").split())
    assert "root_squash" in said
    typed = re.search(
        r"(chown \d+:\d+ \.) (chmod 2750 \.) (install -o \d+ -g \d+ -m 640 /dev/null \.storage)", said
    )
    assert typed, said[-3000:]
    server.host.shell(f"set -e; cd /srv/recordings; {'; '.join(typed.groups())}")
    with journal.of(
        "a bare host, and an export that root may not write to: the run says what to type"
    ) as seen:
        seen.extend(typed.groups())


def test_typed_it_is_taken_and_the_next_run_changes_nothing(
    host: Host, server: Server, tmp_path: Path, journal: Journal
) -> None:
    taken = run(host, tmp_path, server)
    assert taken.status == 0, taken.text[-5000:]
    again = run(host, tmp_path, server)
    assert (again.status, again.recap(host.name)["changed"]) == (0, 0), again.text[-5000:]
    assert facts(host)["problems"] == []
    mounted = host.shell(f"findmnt -n -o FSTYPE,OPTIONS --mountpoint {RECORDINGS}").split()
    assert mounted[0] == "nfs4"
    assert {"softerr", "noexec", "nosuid", "nodev"} <= set(mounted[1].split(","))
    with journal.of("typed on the server it is taken, and the next run changes nothing") as seen:
        seen.append(host.shell(f"findmnt -n -o SOURCE,FSTYPE,OPTIONS --mountpoint {RECORDINGS}").strip())


def test_nothing_listens_that_was_not_declared(host: Host, journal: Journal) -> None:
    shown = [line.split() for line in host.shell("ss -H -lntu").splitlines()]
    # Asterisk's own questions to the name server come from ports that the system gives out.
    asking = {row[4] for row in shown if row[0] == "udp" and int(row[4].rpartition(":")[2]) >= 32768}
    listening = {f"{row[0]} {row[4]}" for row in shown if row[4] not in asking}
    assert listening == {"udp 0.0.0.0:5060", "tcp 127.0.0.1:5038", "tcp 0.0.0.0:22", "tcp [::]:22"}
    with journal.of("nothing listens that was not declared: no portmapper, no callback of NFS"):
        pass


def test_a_recorded_call_is_on_the_server(host: Host, server: Server, journal: Journal) -> None:
    with phones(host) as (caller, _callee):
        talk(caller.dial("1002")).hang_up()
    until(lambda: len(server.recordings()) == 1)
    with journal.of("a recorded call is on the server") as seen:
        seen.extend(server.recordings())


def test_a_server_that_is_gone_holds_up_no_call(
    host: Host, server: Server, tmp_path: Path, journal: Journal
) -> None:
    with phones(host) as (caller, _callee):
        until(lambda: host.shell("cat /run/voiceops-recordings/alive && echo yes || true").endswith("yes\n"))
        call = talk(caller.dial("1002"))
        with server.silent():
            began = time.monotonic()
            talk(call)
            # What is silent for longer is not asked any more.
            time.sleep(12)
            took = []
            for required, status in (("no", 200), ("yes", 503)):
                policy(host, required)
                took.append(decided(caller, status))
            found = facts(host)
            assert found["problems"][-1].endswith(": calls are refused"), found
            refused = run(host, tmp_path, server, "--tags", "recording")
            assert refused.recap(host.name)["failed"] == 1, refused.text[-3000:]
            # Longer than the mount waits (softerr), so what was not written is lost, and nothing else.
            time.sleep(max(0.0, 60 - (time.monotonic() - began)))
            talk(call)
            took.append(decided(caller, 503))
            away = time.monotonic() - began
        policy(host, "no")
        said = f"{RECORDINGS} can be written to again"
        until(lambda: said in host.shell(f"journalctl -u {WATCH} -o cat"), 120)
        talk(call).hang_up()
        before = len(server.recordings())
        talk(caller.dial("1002")).hang_up()
        until(lambda: len(server.recordings()) == before + 1, 30)
    until(lambda: facts(host)["problems"] == [], 60)
    assert is_active(host)
    with journal.of(
        "a server without power holds up no call, and is written to again when it is back"
    ) as seen:
        seen += [
            f"silent for {away:.0f} s, during a recorded call, which went on",
            f"calls to an extension that is recorded: 200 after {took[0]:.1f} s where pbx_recording_required"
            f" is false, 503 after {took[1]:.1f} and {took[2]:.1f} s where it is true",
            f"facts: {found['problems'][0]}; {re.sub(r'since .*Z', 'since …', found['problems'][-1])}",
        ]


def test_an_export_that_is_withdrawn_holds_up_no_call(host: Host, server: Server, journal: Journal) -> None:
    with phones(host) as (caller, _callee):
        call = talk(caller.dial("1002"))
        with server.without_the_export():
            until(lambda: "Stale file handle" in " ".join(facts(host)["problems"]), 60)
            # Whether Asterisk asks by itself or is told by the watch.
            time.sleep(10)
            took = []
            for required, status in (("no", 200), ("yes", 503)):
                policy(host, required)
                took.append(decided(caller, status))
            found = facts(host)["problems"]
            talk(call)
        policy(host, "no")
        until(lambda: "Stale file handle" not in " ".join(facts(host)["problems"]), 120)
        talk(call).hang_up()
        before = len(server.recordings())
        talk(caller.dial("1002")).hang_up()
        until(lambda: len(server.recordings()) == before + 1, 30)
    # Asterisk itself knows it from the call that was recorded.
    until(lambda: facts(host)["problems"] == [], 60)
    with journal.of("an export that is withdrawn holds up no call") as seen:
        seen += [
            f"200 after {took[0]:.1f} s, 503 after {took[1]:.1f} s; facts: {found[0]}",
            "exported again, it is written to again; nobody has to mount anything",
        ]


def test_a_boot_without_the_server_where_it_is_not_required(
    host: Host, server: Server, journal: Journal
) -> None:
    with server.silent():
        seconds = boot(host)
        assert is_active(host)
        with phones(host) as (caller, _callee):
            took = decided(caller, 200)
        assert "nothing is mounted" in facts(host)["problems"][0]
        assert nothing_is_underneath(host)
    until(lambda: is_mounted(host), 120)
    before = len(server.recordings())
    with phones(host) as (caller, _callee):
        talk(caller.dial("1002")).hang_up()
    until(lambda: len(server.recordings()) == before + 1, 30)
    until(lambda: facts(host)["problems"] == [], 60)
    with journal.of("a boot without the server, pbx_recording_required: false: calls are made") as seen:
        seen += [
            f"Asterisk ran {seconds:.0f} s after ssh answered; a call took {took:.1f} s",
            "nothing was written underneath; once the server was back, all went on by itself",
        ]


def test_a_boot_without_the_server_where_it_is_required(
    host: Host, server: Server, tmp_path: Path, journal: Journal
) -> None:
    strict = run(host, tmp_path, server, "--tags", "configure", pbx_recording_required=True)
    assert strict.status == 0, strict.text[-5000:]
    with server.silent():
        boot(host)
        assert not is_active(host)
        why = f"Asterisk does not start: nothing is mounted on {RECORDINGS}"
        until(lambda: why in host.shell("journalctl -b -o cat"), 60)
        found = facts(host)
        assert (found["required"], found["usable"]) == (True, False)
        assert nothing_is_underneath(host)
    until(lambda: is_active(host), 180)
    assert is_mounted(host)
    until(lambda: facts(host)["problems"] == [], 60)
    before = len(server.recordings())
    with phones(host) as (caller, _callee):
        talk(caller.dial("1002")).hang_up()
    until(lambda: len(server.recordings()) == before + 1, 30)
    with journal.of("a boot without the server, pbx_recording_required: true: Asterisk waits for it") as seen:
        seen += [why, "once the server was back, Asterisk started and recorded, and nobody did anything"]
