# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Recordings on a file system of their own: full, lost, missing at boot."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages.manual import Kind, blocks

from .company import RECORDINGS, until
from .fleet import DIRECTORY, Host, site
from .storage import (
    RECORDED,
    WATCH,
    facts,
    is_mounted,
    make_devices,
    phones,
    policy,
    put_file_system,
    recordings,
    talk,
)

IMAGE, BLANK = "/srv/storage.img", "/srv/blank.img"
MIB = 2**20
#: An image, because the lab has no disks; to systemd and mount(8) it is a device like another.
ON_AN_IMAGE = {
    **RECORDED,
    "pbx_recording_device": IMAGE,
    "pbx_recording_required": True,
    "pbx_recording_keep_days": 30,
    "pbx_recording_keep_free": "4MiB",
    "pbx_recording_holds": [{"name": "Case 7919", "number": "1003"}],
}


def nobody_can_write_underneath(host: Host) -> bool:
    """Whether the folder is empty and closed once what is mounted on it is taken away."""
    script = f"umount -l {RECORDINGS} 2>/dev/null; stat -c '%U %a' {RECORDINGS}; ls -A {RECORDINGS};"
    script += f" runuser -u asterisk -- touch {RECORDINGS}/x 2>/dev/null && echo written || true"
    return host.shell(f'unshare --mount --propagation private sh -c "{script}"').split() == ["root", "0"]


def test_what_cannot_be_the_storage_is_refused_and_nothing_is_formatted(host: Host, tmp_path: Path) -> None:
    host.shell(f"truncate -s 8M {BLANK}; install -D /dev/null {RECORDINGS}/2026/01/01/before")
    before = host.shell(f"sha256sum {BLANK}")
    try:
        variables = {**ON_AN_IMAGE, "pbx_recording_device": BLANK}
        run = site([host], tmp_path, variables, "--tags", "recording")
    finally:
        host.shell(f"rm -rf {RECORDINGS}/2026/01/01")
    assert (run.recap(host.name)["failed"], run.recap(host.name)["changed"]) == (1, 0), run.text
    said = " ".join(run.text.split())
    assert f"mkfs.ext4 {BLANK}" in said
    assert f"what is in it would not be seen any more: {RECORDINGS}/2026" in said
    assert host.shell(f"sha256sum {BLANK}; rm {BLANK}") == before


@pytest.fixture(scope="module")
def on_an_image(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """The host with its recordings on an image, required."""
    folder = tmp_path_factory.mktemp("image")
    put_file_system(host, IMAGE, 24 * MIB, folder)
    host.shell(f"rm -rf {RECORDINGS}/2*")
    run = site([host], folder, ON_AN_IMAGE)
    assert run.status == 0, run.text[-5000:]
    yield host
    run = site([host], folder, DIRECTORY)
    assert run.status == 0, run.text[-5000:]
    assert not is_mounted(host)
    host.shell(f"rm {IMAGE}; ! ls /etc/systemd/system | grep -E 'watch|[.]mount$'")
    assert facts(host)["problems"] == []


def test_recordings_are_on_the_declared_file_system_and_the_next_run_changes_nothing(
    on_an_image: Host, tmp_path: Path
) -> None:
    host = on_an_image
    with phones(host) as (caller, _callee):
        talk(caller.dial("1002")).hang_up()
    until(lambda: len(recordings(host)) == 1)
    # Not all loops: the other hosts of the lab have the same kernel.
    mounted = (
        f"findmnt -n -o FSTYPE {RECORDINGS}; losetup -n -O BACK-FILE $(findmnt -n -o SOURCE {RECORDINGS})"
    )
    assert host.shell(mounted).split() == ["ext4", IMAGE]
    options = host.shell(f"findmnt -n -o OPTIONS {RECORDINGS}").strip().split(",")
    assert {"nodev", "nosuid", "noexec"} <= set(options)
    assert host.shell(f"stat -c '%a %U:%G' {RECORDINGS}") == "2750 asterisk:voiceops-recordings\n"
    assert nobody_can_write_underneath(host)
    found = facts(host)
    assert (found["device"], found["usable"], found["problems"]) == (IMAGE, True, [])
    again = site([host], tmp_path, ON_AN_IMAGE)
    assert (again.recap(host.name)["changed"], again.recap(host.name)["failed"]) == (0, 0), again.text


def test_a_mount_that_is_lost_during_a_call_harms_no_call_and_comes_back_by_itself(on_an_image: Host) -> None:
    host = on_an_image
    before = set(recordings(host))
    with phones(host) as (caller, _callee):
        call = talk(caller.dial("1002"))
        # Away, or the watch has it mounted again before all of this is looked at.
        host.shell(f"mv {IMAGE} {IMAGE}.away; umount -l {RECORDINGS}")
        asterisk = host.shell("systemctl show -p MainPID asterisk")
        talk(call)
        for required, status in (("no", 200), ("yes", 503)):
            policy(host, required)
            assert caller.call("1002") == status
        assert nobody_can_write_underneath(host)
        found = facts(host)
        assert found["usable"] is False
        assert f"nothing is mounted on {RECORDINGS}, where {IMAGE} should be" in found["problems"]
        assert found["problems"][-1].endswith(": calls are refused")
        host.shell(f"mv {IMAGE}.away {IMAGE}")
        until(lambda: is_mounted(host), 40)
        talk(call).hang_up()
        talk(caller.dial("1002")).hang_up()
        until(lambda: len(set(recordings(host)) - before) == 2)
    first, _second = sorted(set(recordings(host)) - before)
    # All of it, also what was said while nothing was mounted: over three seconds of 16,000 bytes.
    assert recordings(host)[first] > 3 * 16_000
    assert host.shell("systemctl show -p MainPID asterisk") == asterisk
    said = host.shell(f"journalctl -u {WATCH} -o cat")
    assert f"nothing is mounted on {RECORDINGS}, where {IMAGE} should be" in said


def age(days: float, number: str, size: int, unique: int = 1) -> str:
    """A shell command that makes a recording of so many days ago."""
    began = time.gmtime(time.time() - days * 86400)
    path = RECORDINGS + time.strftime("/%Y/%m/%d/%H%M%S", began) + f"-{unique}.1-{number}.wav"
    moment = time.strftime("%Y-%m-%d %H:%M:%SZ", began)
    return (
        f"runuser -u asterisk -- sh -c 'umask 027; mkdir -p {path.rpartition('/')[0]};"
        f' head -c {size} /dev/zero > {path}; touch -d "{moment}" {path}\''
    )


def test_the_timers_job_removes_what_is_old_and_what_room_is_needed_for(on_an_image: Host) -> None:
    host = on_an_image
    assert host.shell("systemctl is-active voiceops-recordings.timer") == "active\n"
    held = [age(days, "1003", 100_000) for days in (40, 20)]
    host.shell("; ".join([age(40, "1002", 100_000), age(31, "1001", 200_000), age(29, "1001", MIB), *held]))
    fill = "; ".join(age(10 - n / 10, "1001", 2 * MIB, n) for n in range(1, 12))
    host.shell(f"{fill}; head -c 30000000 /dev/zero > {RECORDINGS}/ballast 2>/dev/null || true")
    try:
        policy(host, "no")
        with phones(host) as (caller, _callee):
            before = recordings(host)
            assert caller.call("1002") == 200
            assert {path: size for path, size in recordings(host).items() if size} == before
            found = facts(host)
            assert "it is full" in found["problems"]
            assert (
                "extension 1002 is not recorded"
                in host.shell("tail -5 /var/log/asterisk/messages.log").lower()
            )
            promised = host.shell("voiceops-recordings retain --dry-run")
            host.shell("systemctl start voiceops-recordings")
            until(lambda: facts(host)["problems"] in ([], found["problems"][-1:]))
            until(lambda: caller.call("1002") == 200 and len(recordings(host)) >= len(before), 30)
    finally:
        host.shell(f"rm -f {RECORDINGS}/ballast")
    log = [
        json.loads(line)
        for line in host.shell("cat /var/log/asterisk/recordings-removed-*.jsonl").splitlines()
    ]
    gone = [(entry["file"].rpartition("-")[2], entry["why"]) for entry in log]
    assert gone[:2] == [("1002.wav", "older than 30 days"), ("1001.wav", "older than 30 days")]
    assert set(gone[2:]) == {("1001.wav", "room is needed")}
    assert [line.split()[2] for line in promised.splitlines() if line.startswith("would remove ")] == [
        entry["file"] for entry in log
    ]
    # The oldest first, and no more than needed; what is on hold is there.
    assert [entry["file"] for entry in log[2:]] == sorted(entry["file"] for entry in log[2:])
    assert host.shell(f"find {RECORDINGS} -name '*-1003.wav' | wc -l") == "2\n"
    assert "removed " + log[0]["file"] in host.shell("journalctl -u voiceops-recordings -o cat")
    found = facts(host)
    assert (found["held"], found["last_retention"]["removed"]) == (2, len(log))
    assert found["bytes_free"] >= 4 * MIB
    assert found["oldest"].startswith(time.strftime("%Y-%m-%d", time.gmtime(time.time() - 40 * 86400)))
    assert found["retention_problems"] == []
    assert "2 of them on hold" in host.shell("voiceops-recordings status")


def test_every_command_of_the_documentation_does_what_it_says(on_an_image: Host) -> None:
    host = on_an_image
    typed = [block for block in blocks("docs/recordings.md") if block.kind is Kind.HOST]
    assert typed
    host.shell(age(3, "1001", 100))
    for block in typed:
        host.shell(f"set -e; {block.text}")
        host.shell(f"systemctl start {WATCH}")
        until(lambda: is_mounted(host))


def boot_without_the_storage(host: Host) -> None:
    host.shell(f"mv {IMAGE} {IMAGE}.away")
    host.reboot(60)


@pytest.mark.shown_on("asterisk22")
def test_a_boot_without_the_storage_where_it_is_required(on_an_image: Host) -> None:
    host = on_an_image
    boot_without_the_storage(host)
    why = f"Asterisk does not start: nothing is mounted on {RECORDINGS}"
    until(lambda: why in host.shell("journalctl -b -o cat"), 30)
    assert host.shell("systemctl is-active asterisk || true").strip() in ("activating", "inactive", "failed")
    found = facts(host)
    assert (found["folder"], found["required"], found["usable"]) == (RECORDINGS, True, False)
    assert found["problems"] == [f"nothing is mounted on {RECORDINGS}, where {IMAGE} should be"]
    assert nobody_can_write_underneath(host)
    # Nobody has to start anything once it is back.
    make_devices(host)
    host.shell(f"mv {IMAGE}.away {IMAGE}")
    until(lambda: host.shell("systemctl is-active asterisk || true") == "active\n", 60)
    assert is_mounted(host)


@pytest.mark.shown_on("asterisk16")
def test_a_boot_without_the_storage_where_it_is_not_required(on_an_image: Host, tmp_path: Path) -> None:
    host = on_an_image
    run = site([host], tmp_path, {**ON_AN_IMAGE, "pbx_recording_required": False})
    assert run.status == 0, run.text
    boot_without_the_storage(host)
    until(lambda: host.shell("systemctl is-active asterisk || true") == "active\n", 60)
    with phones(host) as (caller, _callee):
        assert caller.call("1002") == 200
    assert facts(host)["problems"][0] == f"nothing is mounted on {RECORDINGS}, where {IMAGE} should be"
    assert nobody_can_write_underneath(host)
    make_devices(host)
    host.shell(f"mv {IMAGE}.away {IMAGE}")
    until(lambda: is_mounted(host), 60)


@pytest.mark.shown_on("asterisk22")
def test_another_file_system_than_the_declared_one_is_refused(on_an_image: Host, tmp_path: Path) -> None:
    host = on_an_image
    run = site(
        [host], tmp_path, {**ON_AN_IMAGE, "pbx_recording_device": "LABEL=elsewhere"}, "--tags", "recording"
    )
    assert (run.recap(host.name)["failed"], run.recap(host.name)["changed"]) == (1, 0), run.text
    said = " ".join(run.text.split())
    assert f"is mounted on {RECORDINGS}, and not LABEL=elsewhere" in said
