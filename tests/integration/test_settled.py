# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A host that is as the last run has left it is asked one question, and one that is not is judged again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.voiceops.asterisk.plugins.action import pbx_look
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import carried
from ansible_collections.voiceops.asterisk.plugins.module_utils.settled import record

from integration.company import PORTS, until
from integration.fleet import DIRECTORY, Host, site

PASSWORD = "correct-horse-1"
VARIABLES: dict[str, Any] = {
    "pbx_connection_ports": PORTS,
    "pbx_extensions": [{"number": number, "password": PASSWORD} for number in ("1001", "1002")],
    # As for the other tests of this host.
    "pbx_fail2ban_ignore": DIRECTORY["pbx_fail2ban_ignore"],
}


@dataclass
class Settled:
    """A host whose last run had nothing to do."""

    host: Host
    folder: Path

    def site(self, *options: str, **variables: Any) -> dict[str, int]:
        outcome = site([self.host], self.folder, {**VARIABLES, **variables}, *options)
        assert outcome.status == 0, outcome.text
        self.text = outcome.text
        return outcome.recap(self.host.name)

    def record(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.host.shell(f"cat {record.PATH}"))
        return told

    def is_settled(self, key: str) -> bool:
        """Ask the host what a run asks first."""
        asked = json.dumps({"key": key}).encode("ascii")
        given = (carried.program(pbx_look.FILES, "answer ") + asked).decode("ascii")
        said = self.host.shell(f"python3 -IBc '{carried.BEGIN}'", given=given)
        return bool(json.loads(said.partition("answer ")[2])["settled"])


@pytest.fixture(scope="module")
def settled(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settled]:
    settled = Settled(host, tmp_path_factory.mktemp("settled"))
    host.whole_directory(pbx_connection_ports=PORTS)
    more = [*VARIABLES["pbx_extensions"], {"number": "1009", "password": PASSWORD}]
    settled.site(pbx_extensions=more)
    # What it has changed is judged by the next one.
    assert settled.site()["changed"] == 0
    yield settled
    host.whole_directory(pbx_connection_ports=PORTS)


def test_a_run_with_nothing_to_do_asks_one_question(settled: Settled) -> None:
    for options in ((), ("--tags", "directory"), ("--check",)):
        recap = settled.site(*options)
        assert (recap["ok"], recap["changed"]) == (1, 0), settled.text
        assert "0 of 3 registered" in settled.text
        # A run that judges warns of it, too.
        assert "1 on this host and not in the list, left as they are: 1009" in " ".join(settled.text.split())


def test_what_it_goes_by_is_for_root_alone_and_holds_no_password(settled: Settled) -> None:
    assert settled.host.shell(f"stat -c '%U %a' {record.PATH}").strip() == "root 600"
    assert PASSWORD not in settled.host.shell(f"cat {record.PATH}")


#: What makes a host another one, and what makes it the same again.
DIFFERENCES = {
    "a file is written": (
        "cp -p /etc/asterisk/rtp.conf /root/before; echo ';' >> /etc/asterisk/rtp.conf",
        "cp -p /root/before /etc/asterisk/rtp.conf",
    ),
    "a file is there for all to read": (
        "chmod 644 /etc/asterisk/manager.conf",
        "chmod 640 /etc/asterisk/manager.conf",
    ),
    "a file is gone": (
        "mv /etc/asterisk/pjsip_trunks.conf /root/before",
        "mv /root/before /etc/asterisk/pjsip_trunks.conf",
    ),
    "the database can be written by others": (
        "chmod 660 /var/lib/voiceops/directory.sqlite3",
        "chmod 640 /var/lib/voiceops/directory.sqlite3",
    ),
    "a unit does not start at boot": ("systemctl disable asterisk", "systemctl enable asterisk"),
    "the record is for others to write": (f"chmod 620 {record.PATH}", f"chmod 600 {record.PATH}"),
    "the record is Asterisk's": (f"chown asterisk {record.PATH}", f"chown root {record.PATH}"),
    "nobody answers on the manager interface": (
        "mv /etc/asterisk/voiceops-ami-secret.conf /root/before",
        "mv /root/before /etc/asterisk/voiceops-ami-secret.conf",
    ),
}


@pytest.mark.parametrize(("change", "back"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_host_that_is_different_is_judged_anew(settled: Settled, change: str, back: str) -> None:
    key = settled.record()["key"]
    assert settled.is_settled(key)
    settled.host.shell(change)
    try:
        assert not settled.is_settled(key)
    finally:
        settled.host.shell(back)
    assert settled.is_settled(key)


def test_it_is_judged_anew_after_a_change_of_the_directory_and_after_a_start_of_asterisk(
    settled: Settled,
) -> None:
    key = settled.record()["key"]
    assert settled.host.module("pbx_extension", number="1003", password=PASSWORD)["changed"]
    assert not settled.is_settled(key)
    # It is back as it was, but by another change.
    assert settled.host.module("pbx_extension", number="1003", state="absent")["changed"]
    assert not settled.is_settled(key)
    assert settled.site()["ok"] > 1
    assert settled.is_settled(key)
    settled.host.shell("systemctl restart asterisk && asterisk -rx 'core waitfullybooted'")
    assert not settled.is_settled(key)
    until(lambda: settled.site()["changed"] == 0 and settled.is_settled(key), 60)


def test_what_somebody_has_changed_is_put_right(settled: Settled) -> None:
    settled.host.shell("echo '; mine' >> /etc/asterisk/rtp.conf")
    assert settled.site()["changed"] > 0
    assert "mine" not in settled.host.shell("cat /etc/asterisk/rtp.conf")
    settled.site()
    assert settled.site()["ok"] == 1


def test_other_variables_are_other_variables(settled: Settled) -> None:
    key = settled.record()["key"]
    people = [*VARIABLES["pbx_extensions"], {"number": "1004", "password": PASSWORD}]
    assert settled.site(pbx_extensions=people)["changed"] > 0
    # Extensions that are not in the list stay; so this finds nothing to do, and has another host before it.
    assert settled.site()["ok"] > 1
    assert settled.record()["key"] == key
    assert settled.site()["ok"] == 1
    assert "1004" in settled.text
