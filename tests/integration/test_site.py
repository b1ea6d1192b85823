# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""From a bare host to registered phones in one run of site.yml, and nothing to do in the next."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from phones.phone import Phone

from .fleet import DIRECTORY, Host, Run, ansible_playbook, lab_inventory, site

PASSWORDS = {"1001": "correct-horse-1", "1002": "correct-horse-2"}


def phone(host: Host, number: str, password: str | None = None) -> Phone:
    return Phone(number, password or PASSWORDS[number], host.address)


#: What a host is asked in a run with nothing to do, and how many tasks more take a process of the controller:
#: whether the variables are sound.
NOTHING_TO_DO = (["Look at the variables, and at the host", "See whether there is anything to do"], 1)
#: The same where nothing is different since such a run.
NOTHING_DIFFERENT = (["Look at the variables, and at the host"], 0)


def told_apart(run: Run, host: Host) -> tuple[list[str], int]:
    """Return the tasks that have asked the host, and how many were skipped."""
    tasks = re.findall(
        r"^TASK \[(?:voiceops\.asterisk\.pbx : )?(.*)\] \*+\n((?:.+\n)*)", run.text, re.MULTILINE
    )
    asked = [name for name, said in tasks if re.search("^ok: ", said, re.MULTILINE)]
    return asked, run.recap(host.name)["skipped"]


def test_the_first_run_installs_and_the_second_changes_nothing(
    directory: Host, first_run: Run, tmp_path: Path
) -> None:
    host = directory
    assert first_run.recap(host.name)["changed"] > 0
    second = site([host], tmp_path, DIRECTORY)
    assert second.recap(host.name)["changed"] == 0, second.text
    assert second.recap(host.name)["failed"] == 0, second.text
    assert told_apart(second, host) == NOTHING_TO_DO, second.text
    # In the end each run says what has become of each host: a port, two groups, three extensions.
    told = [re.search(rf"^{host.name} .*registered$", run.text, re.MULTILINE) for run in (first_run, second)]
    assert [line and line.group().split()[1:5] for line in told] == [
        ["6", "0", "0", "0"],
        ["0", "0", "0", "6"],
    ]


def test_the_second_run_promises_to_change_nothing_too(directory: Host, tmp_path: Path) -> None:
    host = directory
    checked = site([host], tmp_path, DIRECTORY, "--check", "--diff")
    assert checked.recap(host.name)["changed"] == 0, checked.text
    assert told_apart(checked, host) == NOTHING_DIFFERENT, checked.text


def test_what_is_exported_from_a_host_changes_nothing_there(directory: Host, tmp_path: Path) -> None:
    host = directory
    words = ("-i", lab_inventory(), "--limit", host.name, "-e", f"export_folder={tmp_path}")
    run = ansible_playbook(*words, "playbooks/export.yml")
    assert run.returncode == 0, run.stdout + run.stderr
    exported = f"@{tmp_path}/{host.name}/directory.yml"
    again = site([host], tmp_path, {**DIRECTORY, "pbx_purge": True}, "-e", exported)
    assert again.recap(host.name)["changed"] == 0, again.text


#: Every file with its content and rights, but for those that programs write by themselves.
LOOK = (
    "find /etc /usr/local /var/backups /var/lib /var/spool/voiceops -xdev"
    " ! -path '/var/lib/asterisk/astdb*' ! -path '/var/lib/fail2ban/*' ! -path '/var/lib/systemd/*'"
    " ! -name 'directory.sqlite3-*' ! -path '*/private/*' "
)


@pytest.mark.shown_on("asterisk16")
def test_check_mode_of_a_run_that_would_change_much_writes_nothing(directory: Host, tmp_path: Path) -> None:
    host = directory
    much = {
        **DIRECTORY,
        "pbx_extensions": [{"number": "1005", "password": "correct-horse-5"}],
        "pbx_purge": True,
        "pbx_purge_limit": 100,
        "pbx_rtp_end": 18999,
        "pbx_timezone": "Europe/Istanbul",
        "pbx_log_weeks": 2,
        "pbx_firewall": True,
        "pbx_recording_keep_days": 90,
    }

    def seen() -> str:
        return host.shell(
            f"{LOOK} -printf '%p %m %u %g %l\\n' | sort; {LOOK} -type f -exec sha256sum {{}} + | sort"
        )

    before = seen()
    for more in ([], ["-e", "pbx_state=absent"]):
        checked = site([host], tmp_path, much, "--check", "--diff", *more)
        assert checked.recap(host.name)["changed"] > 0, checked.text
        assert seen() == before


#: What somebody does to a host by hand, and what shows whether it is as it should be.
BY_HAND = {
    "chmod 0777 /var/lib/voiceops": "stat -c %a /var/lib/voiceops",
    "chmod 0755 /var/log/asterisk": "stat -c %a /var/log/asterisk",
    "rm /var/spool/voiceops/recordings/.storage": "ls -A /var/spool/voiceops/recordings | grep storage",
    "chown root: /var/spool/voiceops/recordings": "stat -c '%U %G' /var/spool/voiceops/recordings",
    "systemctl disable --now voiceops-recordings.timer": "systemctl is-active voiceops-recordings.timer",
    "echo '; mine' >> /etc/asterisk/extensions.conf": "sha256sum < /etc/asterisk/extensions.conf",
    "systemctl disable --now asterisk": "systemctl is-active asterisk; systemctl is-enabled asterisk",
}


def test_what_somebody_has_changed_by_hand_is_put_right_and_nothing_else(
    directory: Host, tmp_path: Path
) -> None:
    host = directory
    look = "; ".join([*BY_HAND.values(), "true"])
    before = host.shell(look)
    host.shell("; ".join(BY_HAND))
    assert host.shell(look) != before
    run = site([host], tmp_path, DIRECTORY)
    assert run.status == 0, run.text[-3000:]
    assert host.shell(look) == before
    # For each of them there is one task.
    assert run.recap(host.name)["changed"] == len(BY_HAND)


#: Where a host has programs of an earlier release of this collection.
BEFORE = [
    *(
        f"/usr/local/lib/voiceops/voiceops_recordings/{name}.py"
        for name in ("recordings", "retention", "beneath")
    ),
    *(
        f"/usr/local/lib/voiceops/voiceops_lamps/{name}.py"
        for name in ("lamp_watch", "database_files", "ami")
    ),
]


@pytest.mark.shown_on("asterisk22")
def test_programs_of_an_earlier_release_are_taken_away_and_the_present_ones_go_on(
    directory: Host, tmp_path: Path
) -> None:
    host = directory
    for path in BEFORE:
        host.shell(
            f"cat > {path}", "# Written by the role voiceops.asterisk.pbx: changes made here are lost.\n"
        )
    run = site([host], tmp_path, DIRECTORY)
    assert run.status == 0, run.text[-3000:]
    assert host.shell(f"ls {' '.join(BEFORE)} 2>/dev/null || true") == ""
    assert host.shell("voiceops-recordings --help") != ""
    assert host.shell("systemctl is-active voiceops-lamps").strip() == "active"


@pytest.mark.shown_on("asterisk22")
def test_each_entry_point_can_be_used_alone(directory: Host, tmp_path: Path) -> None:
    host = directory
    roles = [
        {
            "hosts": host.name,
            "gather_facts": False,
            "tasks": [
                {"ansible.builtin.include_role": {"name": "voiceops.asterisk.pbx", "tasks_from": entry}}
            ],
        }
        for entry in ("install", "configure", "recording", "directory")
    ]
    (tmp_path / "entries.yml").write_text(json.dumps(roles), encoding="utf-8")
    (tmp_path / "variables.json").write_text(json.dumps(DIRECTORY), encoding="utf-8")
    run = ansible_playbook(
        *("-i", lab_inventory(), "-e", f"@{tmp_path}/variables.json", str(tmp_path / "entries.yml"))
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert Run(run.returncode, run.stdout).recap(host.name)["changed"] == 0


def test_asterisk_starts_with_the_host_and_runs_unprivileged(host: Host) -> None:
    assert host.shell("systemctl is-enabled asterisk; systemctl is-active asterisk").split() == [
        "enabled",
        "active",
    ]
    assert host.shell("ps -o user= -C asterisk").split() == ["asterisk"]


def test_asterisk_complains_of_nothing_when_it_starts(directory: Host) -> None:
    host = directory
    complaints = host.shell(
        "systemctl restart asterisk; sleep 1;"
        "tac /var/log/asterisk/messages.log | sed '/built by/q' | grep -E 'ERROR|WARNING' || true"
    )
    expected = (
        # pbx_config of Asterisk 22 says so of a file that nobody has asked it to read.
        "users.conf is deprecated",
        # Asterisk keeps the lamps that a phone watches; the extension of this one was deleted since.
        "Failed recreating '3001' subscription: The endpoint was not found",
    )
    assert [line for line in complaints.splitlines() if not any(each in line for each in expected)] == []


def test_only_what_was_declared_listens(directory: Host) -> None:
    host = directory
    listening = {
        tuple(line.split()[i] for i in (0, 4))
        for line in host.shell("ss -H -lntu").splitlines()
        # Asterisk's own questions to the name server come from ephemeral ports (pjlib-util resolver).
        if not (line.startswith("udp") and int(line.split()[4].rpartition(":")[2]) >= 32768)
    }
    assert listening == {
        ("udp", "0.0.0.0:5060"),
        ("tcp", "127.0.0.1:5038"),
        ("tcp", "0.0.0.0:22"),
        ("tcp", "[::]:22"),
    }


def test_phones_register_call_each_other_and_are_reported(directory: Host) -> None:
    host = directory
    ayse, mehmet = phone(host, "1001"), phone(host, "1002")
    assert phone(host, "1001", "wrong-password").register() == 401
    with ayse.on_the_desk(), mehmet.on_the_desk() as display:
        assert ayse.call("1002") == 200
        (shown,) = display.callers()
        assert shown.startswith(r'"Ayşe \"Ay\" Yılmaz; $5" <sip:1001@')
        extensions = host.facts()["pbx_extensions"]
        assert {number: e["registered"] for number, e in extensions.items()} == {
            "1001": True,
            "1002": True,
            "1003": False,
        }
        (contact,) = extensions["1001"]["contacts"]
        assert contact["address"].endswith(f":{ayse.port}")
        assert contact["user_agent"] == "Desk phone (SIPp)"
        assert contact["reachable"] is not False  # None until Asterisk has asked for the first time
        assert 0 < contact["expires_in"] <= 3600
        assert extensions["1001"]["state"] == "idle"
        assert extensions["1003"]["state"] == "no phone"
    # Both were switched off properly.
    facts = host.facts()
    assert facts["pbx_extensions"]["1001"]["registered"] is False
    nobody = {"extensions": 3, "call_limit_reached": None, "no_room_at": None, "blocked_addresses": 0}
    assert facts["pbx_extension_summary"] == {**nobody, "asterisk": "running", "registered": 0}


def test_what_cannot_be_reached_is_refused_properly(directory: Host) -> None:
    host = directory
    caller = phone(host, "1001")
    outcomes = {
        "7777": 404,  # no such extension
        "1003": 480,  # an extension without a phone
        "1002": 480,  # its phone is not registered
        "1002&PJSIP": 404,  # not a number at all
    }
    assert {dialled: caller.call(dialled) for dialled in outcomes} == outcomes


def test_a_stranger_cannot_tell_which_extensions_exist(directory: Host) -> None:
    host = directory
    nobody = {number: Phone(number, "wrong-password", host.address) for number in ("1001", "1003", "7777")}
    assert {number: phone.register() for number, phone in nobody.items()} == dict.fromkeys(nobody, 401)
    assert {number: phone.call("1002") for number, phone in nobody.items()} == dict.fromkeys(nobody, 401)
    challenges = host.shell("grep -c ChallengeSent /var/log/asterisk/security.log")
    assert int(challenges) > 0


def test_facts_stand_while_asterisk_is_stopped(directory: Host) -> None:
    host = directory
    running = host.facts()
    host.shell("systemctl stop asterisk")
    try:
        stopped = host.facts()
    finally:
        host.shell("systemctl start asterisk")
    nobody = {"extensions": 3, "call_limit_reached": None, "no_room_at": None, "blocked_addresses": 0}
    assert stopped["pbx_extension_summary"] == {**nobody, "asterisk": "stopped", "registered": None}
    assert stopped["pbx_extensions"]["1001"]["name"] == running["pbx_extensions"]["1001"]["name"]
    assert stopped["pbx_extensions"]["1001"]["registered"] is None
