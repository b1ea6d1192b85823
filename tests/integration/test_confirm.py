# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A change that nobody confirms is taken back by the host itself, whatever becomes of controller and host."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from phones.exchange import Room

from .conftest import RELEASES, empty_but_for_the_usual
from .fleet import DEADLINE, DIRECTORY, REPOSITORY, Host, booted, command, lab_inventory, site, surroundings
from .killing.kill_run import kill
from .test_calls import define, password
from .test_history import exported, newest

TIMER = "voiceops-confirm.timer"
WAITS = "/var/lib/voiceops/directory.sqlite3-unconfirmed"
KEPT = [WAITS, "/var/lib/voiceops/directory.sqlite3-reserve", "/etc/asterisk/.voiceops-reserve"]
TEXTS = "cd /etc/asterisk; sha256sum pjsip_connection_ports.conf pjsip_trunks.conf http_connection_ports.conf"
#: The shortest wait there is, and how much later a host may be: it looks every 5 s.
WAIT, LATE = 30, 20
#: The number that is deleted, the one with another password, and the one that comes into being.
DELETED, CHANGED, CREATED = "3001", "3002", "3003"
NEW_PASSWORD = "another-horse-of-7919"
#: Has a wait end in so many seconds: for a test, time passes so.
PASS = """
import json, sys
path, seconds = sys.argv[1], float(sys.argv[2])
with open(path, "r+") as file:
    told = json.load(file)
    sys.path.insert(0, "/usr/local/lib/voiceops")
    from voiceops_confirm.host import clock
    now, ago = clock.now(), told["within"] - seconds
    told["since"] = {"clock": now.clock - ago, "boot": now.boot, "up": now.up - ago}
    file.seek(0)
    json.dump(told, file)
    file.truncate()
"""


def until(is_so: Callable[[], bool], seconds: float = LATE) -> None:
    give_up = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up, f"not so after {seconds} s"
        time.sleep(0.5)


def change(
    host: Host,
    folder: Path,
    *more: str,
    within: int = 600,
    deadline: float = DEADLINE,
    **variables: Any,
) -> Any:
    """Run the role: a number goes, one comes, one gets another password, and there is one more port."""
    wanted = {
        **DIRECTORY,
        "pbx_connection_ports": [
            *DIRECTORY["pbx_connection_ports"],
            {"name": "TCP", "protocol": "tcp", "port": 5070},
        ],
        "pbx_extensions": [
            *DIRECTORY["pbx_extensions"],
            {"number": DELETED, "state": "absent"},
            {"number": CHANGED, "password": NEW_PASSWORD},
            {"number": CREATED, "password": password(CREATED)},
        ],
        "pbx_confirm_within": within,
        **variables,
    }
    return site([host], folder, wanted, "--tags", "directory", *more, deadline=deadline)


def confirmation(host: Host) -> dict[str, Any]:
    told = host.module("pbx_extension_facts", gather=["confirmation"])
    assert not told["failed"], told
    return dict(told["ansible_facts"]["pbx_confirmation"])


def time_passes(host: Host, seconds: float = 0) -> None:
    host.python(PASS, WAITS, str(seconds))


def is_taken_back(host: Host) -> bool:
    return confirmation(host)["taken_back"] is not None and is_disarmed(host)


def states(host: Host) -> list[str]:
    """Return whether the timer runs and whether it does at boot, as systemd says it."""
    return host.shell(f"systemctl is-active {TIMER}; systemctl is-enabled {TIMER} 2>/dev/null; true").split()


def is_disarmed(host: Host) -> bool:
    there = host.shell(f"ls {' '.join(KEPT)} 2>/dev/null || true")
    return there == "" and not {"active", "enabled"} & set(states(host))


def is_armed(host: Host) -> bool:
    return states(host) == ["active", "enabled"]


@pytest.fixture
def before(directory: Host) -> Iterator[Host]:
    """A host with two phones' numbers more, on which nothing waits."""
    define(directory, {"number": DELETED}, {"number": CHANGED})
    yield directory
    directory.module("pbx_confirm")
    directory.shell("rm -f " + " ".join(KEPT))
    directory.shell(f"systemctl disable --quiet --now {TIMER} 2>/dev/null || true")
    directory.shell("systemctl start asterisk")
    empty_but_for_the_usual(directory)


class State:
    """What a host is, to be compared with what it is later."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._was = self._now()

    def _now(self) -> tuple[dict[str, Any], str]:
        return exported(self._host), self._host.shell(TEXTS)

    def is_there_again(self) -> bool:
        return self._now() == self._was


def test_what_nobody_confirms_is_taken_back_and_its_phones_register_again(
    before: Host, tmp_path: Path
) -> None:
    host, state, mark = before, State(before), newest(before) + 1
    with Room(host.address) as room:
        deleted, changed = (room.phone(number, password(number)) for number in (DELETED, CHANGED))
        checked = change(host, tmp_path, "--check", within=WAIT)
        assert checked.status == 0, checked.text
        assert is_disarmed(host)
        began = time.monotonic()
        run = change(host, tmp_path, within=WAIT)
        assert run.status == 0, run.text
        assert is_armed(host)
        assert confirmation(host)["waiting"]["before"] == mark
        assert "5070" in host.shell("ss -Hltn")
        assert (deleted.register(), changed.register()) == (401, 401)
        until(lambda: is_taken_back(host), WAIT + LATE)
        assert time.monotonic() - began > WAIT
        assert state.is_there_again()
        assert "5070" not in host.shell("ss -Hltn"), "Asterisk was restarted"
        assert (deleted.register(), changed.register()) == (200, 200)
        assert deleted.call(CHANGED) == 200
    told = confirmation(host)["taken_back"]
    assert (told["before"], told["comment"]) == (mark, f"not confirmed in {WAIT} s")
    said = f"taken back change {mark} and later, not confirmed in {WAIT} s; Asterisk was restarted"
    assert said in host.shell("journalctl -q -o cat -u voiceops-confirm.service")
    assert "ERROR" not in host.shell(
        "journalctl -q -o cat -u voiceops-confirm.service | grep -i error || true"
    )
    shown = play(host, "status", "-e", f"pbx_status_page={tmp_path}/page.html")
    assert "a change was taken back at " in shown.stdout
    assert "a change was taken back at " in (tmp_path / "page.html").read_text(encoding="utf-8")
    refused = play(host, "confirm")
    assert refused.returncode != 0
    assert "there is nothing to confirm any more" in refused.stdout


def play(host: Host, name: str, *more: str) -> subprocess.CompletedProcess[str]:
    playbook = REPOSITORY / "playbooks" / f"{name}.yml"
    return command("ansible-playbook", "-i", lab_inventory(), "--limit", host.name, str(playbook), *more)


def test_what_is_confirmed_stays_and_a_run_without_a_change_arms_nothing(
    before: Host, tmp_path: Path
) -> None:
    host, mark = before, newest(before) + 1
    assert change(host, tmp_path).status == 0
    assert is_armed(host)
    waits = confirmation(host)
    again = change(host, tmp_path)
    assert again.recap(host.name)["changed"] == 0
    assert confirmation(host)["waiting"]["until"][:16] == waits["waiting"]["until"][:16], "nor takes it over"
    checked = play(host, "confirm", "--check")
    assert "changed=1" in checked.stdout
    confirmed = play(host, "confirm")
    assert confirmed.returncode == 0, confirmed.stdout
    assert "changed=1" in confirmed.stdout
    assert is_disarmed(host)
    assert confirmation(host) == {"waiting": None, "taken_back": None}
    assert newest(host) == mark
    assert "changed=0" in play(host, "confirm").stdout
    assert change(host, tmp_path).status == 0
    assert is_disarmed(host)


def test_the_next_run_is_refused_or_takes_the_deadline_over(before: Host, tmp_path: Path) -> None:
    host, state, mark = before, State(before), newest(before) + 1
    assert change(host, tmp_path, within=60).status == 0
    another = [*DIRECTORY["pbx_extensions"], {"number": "3009"}]
    for more in ((), ("--check",)):
        refused = change(host, tmp_path, *more, within=0, pbx_extensions=another)
        assert refused.status != 0
        assert f"change {mark}, of " in refused.text
        assert "Confirm it (playbook confirm)" in refused.text
    assert newest(host) == mark
    assert change(host, tmp_path, within=600, pbx_extensions=another).status == 0
    assert confirmation(host)["waiting"]["before"] == mark
    time_passes(host)
    until(lambda: is_taken_back(host))
    assert state.is_there_again()


def test_without_its_controller_a_host_goes_back_by_itself(before: Host, tmp_path: Path) -> None:
    """The controller is gone with all that it has begun, as soon as the change is there."""
    host, state, mark = before, State(before), newest(before) + 1
    variables = tmp_path / "variables.yml"
    wanted = {
        **DIRECTORY,
        "pbx_confirm_within": 600,
        "pbx_extensions": [*DIRECTORY["pbx_extensions"], {"number": CHANGED, "password": NEW_PASSWORD}],
    }
    variables.write_text(yaml.safe_dump(wanted, allow_unicode=True), encoding="utf-8")
    words = ["ansible-playbook", "-i", lab_inventory(), "--limit", host.name, "-e", f"@{variables}"]
    run = subprocess.Popen(
        [
            f"{Path(sys.executable).parent}/{words[0]}",
            *words[1:],
            "playbooks/site.yml",
            "--tags",
            "directory",
        ],
        cwd=REPOSITORY,
        env=surroundings(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: host.shell(f"ls {WAITS} 2>/dev/null || true") != "", 120)
    finally:
        kill(run.pid)
        run.wait()
    until(lambda: newest(host) == mark)
    time_passes(host)
    until(lambda: is_taken_back(host))
    assert state.is_there_again()
    with Room(host.address) as room:
        room.phone(CHANGED, password(CHANGED))


def test_a_host_whose_asterisk_is_stopped_goes_back_and_it_starts_as_it_was(
    before: Host, tmp_path: Path
) -> None:
    host, state = before, State(before)
    assert change(host, tmp_path).status == 0
    host.shell("systemctl stop asterisk")
    time_passes(host)
    until(lambda: is_disarmed(host))
    assert state.is_there_again()
    host.shell("systemctl start asterisk")
    assert "5070" not in host.shell("ss -Hltn")
    with Room(host.address) as room:
        for number in (DELETED, CHANGED):
            room.phone(number, password(number))
    assert is_taken_back(host)


@pytest.mark.parametrize("is_over", [False, True], ids=["in time", "too late"])
def test_a_host_that_is_booted_anew_goes_back(before: Host, tmp_path: Path, is_over: bool) -> None:
    host, state = before, State(before)
    assert change(host, tmp_path, within=WAIT if is_over else 600).status == 0
    if is_over:
        host.shell(f"systemctl stop {TIMER}")
        time.sleep(WAIT)
    host.reboot(60)
    if not is_over:
        until(lambda: is_armed(host))
        assert confirmation(host)["waiting"]
        time_passes(host)
    until(lambda: is_disarmed(host), 60)
    until(lambda: host.facts()["pbx_extension_summary"]["asterisk"] == "running", 60)
    assert is_taken_back(host)
    assert state.is_there_again()
    with Room(host.address) as room:
        room.phone(CHANGED, password(CHANGED))


@contextmanager
def small_disk(host: Host) -> Iterator[None]:
    """Have the directory on a file system of its own that is small; Asterisk and its watch begin again."""
    restart = "systemctl restart asterisk voiceops-lamps"
    host.shell(
        "set -e; mkdir -p /mnt/small; mount -t tmpfs -o size=6m tmpfs /mnt/small;"
        "systemctl stop voiceops-lamps asterisk;"
        "chown root:asterisk /mnt/small; chmod 750 /mnt/small; cp -a /var/lib/voiceops/. /mnt/small/;"
        f"mount --bind /mnt/small /var/lib/voiceops; {restart}"
    )
    yield
    host.shell(
        "set -e; systemctl stop voiceops-lamps asterisk; umount /var/lib/voiceops;"
        f"cp -a /mnt/small/. /var/lib/voiceops/; umount /mnt/small; {restart}"
    )


def test_where_the_disk_is_full_the_room_that_was_kept_is_enough(before: Host, tmp_path: Path) -> None:
    host, state = before, State(before)
    fill = "dd if=/dev/zero of=/var/lib/voiceops/{} bs=4096 2>/dev/null; true"
    with small_disk(host):
        # Too little room for the way back: then nothing is changed.
        host.shell(fill.format("filling") + "; truncate -s -200K /var/lib/voiceops/filling")
        refused = change(host, tmp_path, within=WAIT)
        assert refused.status != 0
        assert "there is no room for the way back" in refused.text
        assert state.is_there_again()
        host.shell("rm /var/lib/voiceops/filling")
        assert change(host, tmp_path, within=WAIT).status == 0
        host.shell(fill.format("filling"))
        assert host.shell("df --output=avail /var/lib/voiceops").split()[1] == "0"
        until(lambda: is_taken_back(host), WAIT + LATE)
        host.shell("rm /var/lib/voiceops/filling")
    assert state.is_there_again()


@pytest.mark.shown_on("asterisk22")
@pytest.mark.parametrize("release", ["asterisk22"])
def test_what_waits_goes_with_all_else_that_is_taken_away(tmp_path: Path, release: str) -> None:
    with booted("confirm-away", RELEASES[release]) as host:
        assert site([host], tmp_path, DIRECTORY).status == 0
        changed = [*DIRECTORY["pbx_extensions"], {"number": CREATED}]
        wanted = {**DIRECTORY, "pbx_extensions": changed, "pbx_confirm_within": 600}
        run = site([host], tmp_path, wanted, "--tags", "directory")
        assert run.status == 0, run.text
        assert is_armed(host)
        gone = site([host], tmp_path, {**DIRECTORY, "pbx_state": "absent"})
        assert gone.status == 0, gone.text
        assert is_disarmed(host)
        find = "find / -xdev -path /proc -prune -o -name '*voiceops[-_]confirm*' -print"
        assert host.shell(find) == ""
        assert host.shell("systemctl list-timers --all | grep voiceops || true") == ""
