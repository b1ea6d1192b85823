# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Hosts in trouble: the run says what is wrong, and the directory is as it was."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .company import until
from .fleet import DIRECTORY, Host, ansible_playbook, lab, lab_inventory, site

MORE = {**DIRECTORY, "pbx_extensions": [*DIRECTORY["pbx_extensions"], {"number": "1009", "name": "x" * 60}]}


@contextlib.contextmanager
def without_python(host: Host) -> Iterator[None]:
    host.shell("mv /usr/bin/python3 /usr/bin/python3.away")
    try:
        yield
    finally:
        host.shell("mv /usr/bin/python3.away /usr/bin/python3")


@contextlib.contextmanager
def full_disk(host: Host) -> Iterator[None]:
    """Put the directory on a file system that has no byte left."""
    host.shell(
        "systemctl stop asterisk && mv /var/lib/voiceops /var/lib/voiceops.away && mkdir /var/lib/voiceops"
    )
    try:
        host.shell(
            "set -e; cd /var/lib/voiceops.away; size=$(($(stat -c %s directory.sqlite3) / 1024 + 128))"
            '; mount -t tmpfs -o size="${size}k",mode=0770,gid=asterisk tmpfs /var/lib/voiceops'
            "; cp -a directory.sqlite3 /var/lib/voiceops/"
            "; dd if=/dev/zero of=/var/lib/voiceops/ballast bs=1k 2>/dev/null || true"
        )
        yield
    finally:
        host.shell(
            "umount /var/lib/voiceops; rmdir /var/lib/voiceops"
            " && mv /var/lib/voiceops.away /var/lib/voiceops && systemctl start asterisk"
        )


@pytest.mark.shown_on("asterisk16")
def test_a_host_that_is_off(directory: Host, tmp_path: Path) -> None:
    host = directory
    lab("up", "gone=forky")
    inventory = Path(tmp_path, "with-the-gone.yml")
    inventory.write_text(Path(lab_inventory()).read_text(encoding="utf-8"), encoding="utf-8")
    lab("down", "gone")
    run = ansible_playbook(
        *("-i", str(inventory), "--limit", f"gone,{host.name}"),
        *("-e", '{"pbx_extensions": []}', "--tags", "directory", "playbooks/site.yml"),
    )
    assert run.returncode != 0
    assert "UNREACHABLE" in run.stdout + run.stderr
    assert "can be reached over ssh: ssh: connect to host" in run.stdout + run.stderr
    # The others are none the worse for it.
    assert f"{host.name}" in run.stdout
    assert "unreachable=1" in run.stdout


def test_a_host_without_python(directory: Host, tmp_path: Path) -> None:
    host = directory
    before = host.database()
    with without_python(host):
        run = site([host], tmp_path, MORE)
    assert run.recap(host.name)["failed"] == 1
    assert "has no Python 3.9 or newer" in run.text
    assert "apt-get install python3" in run.text
    assert host.database() == before


@pytest.mark.shown_on("asterisk22")
def test_a_user_who_is_not_root_is_told_what_to_set(directory: Host) -> None:
    host = directory
    host.shell("useradd --create-home helpdesk && cp -r /root/.ssh ~helpdesk/ && chown -R helpdesk ~helpdesk")
    try:
        runs = [
            ansible_playbook(
                *("-i", lab_inventory(), "--limit", host.name),
                *("-e", "ansible_user=helpdesk pbx_status_page=", playbook),
            )
            for playbook in ("playbooks/site.yml", "playbooks/status.yml")
        ]
        for module, options in (
            ("pbx_extension", {"number": "1001"}),
            ("pbx_extension_facts", {}),
            ("pbx_directory", {}),
            ("pbx_files", {"absent": ["/etc/asterisk/sip.conf"]}),
        ):
            result = host.module_by_ansible(module, "-e", "ansible_user=helpdesk", **options)
            assert result["msg"].startswith("not root, but helpdesk: set ansible_become: true"), result
    finally:
        host.shell("userdel --force --remove helpdesk")
    for run in runs:
        assert run.returncode == 2
        assert "not root, but helpdesk: set ansible_become: true" in run.stdout + run.stderr


#: A program that has ports which Asterisk is to have, and one that a firewall would close.
ELSEWHERE = """
import socket, time
for kind, port in (socket.SOCK_DGRAM, 5070), (socket.SOCK_STREAM, 5071), (socket.SOCK_DGRAM, 40000):
    globals()[f"at_{port}"] = held = socket.socket(socket.AF_INET, kind)
    held.bind(("0.0.0.0", port))
at_5071.listen()
time.sleep(300)
"""
CANNOT_BE = {
    "pbx_timezone": "Europe/Istambul",
    "pbx_recording_device": "/dev/no-such-disk",
    "pbx_firewall": "yes",
}
TAKEN = [
    {"name": "Taken", "port": 5070},
    {"name": "Taken too", "protocol": "tcp", "port": 5071},
    {"name": "No certificate", "protocol": "tls", "certificate": "/etc/no.pem", "private_key": "/etc/no.pem"},
]


@pytest.mark.shown_on("asterisk22")
def test_what_cannot_be_is_known_before_the_first_change(directory: Host, tmp_path: Path) -> None:
    host = directory
    host.shell("cat > /run/elsewhere.py", ELSEWHERE)
    host.shell("systemd-run --quiet --unit elsewhere python3 /run/elsewhere.py")
    look = "find /etc /var/lib/voiceops -type f ! -name '*-shm' -exec sha256sum {} + | sort"
    ports = [*DIRECTORY["pbx_connection_ports"], *TAKEN]
    try:
        until(lambda: host.shell("ss -Hlnu sport = 40000"))
        before = host.shell(look)
        runs = [
            site([host], tmp_path, {**DIRECTORY, **CANNOT_BE}),
            site([host], tmp_path, {**DIRECTORY, "pbx_rtp_end": 18999, "pbx_connection_ports": ports}),
        ]
        after = host.shell(look)
        taken = host.module("pbx_connection_port", **TAKEN[0])
    finally:
        host.shell("systemctl stop elsewhere")
    assert [run.recap(host.name)["changed"] for run in runs] == [0, 0]
    assert after == before
    for said in ("does not know Europe/Istambul", "there is no /dev/no-such-disk", "40000/udp by"):
        assert said in " ".join(runs[0].text.split())
    for said in (
        r"port 5070/udp is taken by python3 \(pid \d+\)",
        r"port 5071/tcp is taken by python3",
        "put both on",
    ):
        assert re.search(said, runs[1].text), said
    assert "port 5070/udp is taken by python3" in taken["msg"]


def test_a_host_with_a_full_disk(directory: Host, tmp_path: Path) -> None:
    host = directory
    host.shell("systemctl stop asterisk")
    before = host.database()
    with full_disk(host):
        run = site([host], tmp_path, MORE, "--tags", "directory")
        assert run.recap(host.name)["failed"] == 1
        assert "is the disk full? Nothing was changed" in run.text
        host.shell("rm /var/lib/voiceops/ballast")
        assert host.database() == before
    assert host.module("pbx_extension", extensions=MORE["pbx_extensions"])["created"] == ["1009"]


@pytest.mark.shown_on("asterisk16")
@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        pytest.param("echo rubbish > directory.sqlite3", "not a database", id="rubbish"),
        pytest.param("rm directory.sqlite3*", "there is no directory database", id="missing"),
        pytest.param("ln -sf /etc/hostname directory.sqlite3", "is not an ordinary file", id="a link"),
    ],
)
def test_a_host_whose_database_is_spoilt(directory: Host, break_it: str, message: str) -> None:
    host = directory
    host.shell("systemctl stop asterisk && cp -a /var/lib/voiceops /var/lib/voiceops.good")
    try:
        host.shell(f"cd /var/lib/voiceops && rm -f directory.sqlite3-* && {break_it}")
        result = host.module("pbx_extension", number="1009")
        assert result["failed"]
        assert message in result["msg"]
    finally:
        host.shell(
            "rm -rf /var/lib/voiceops && mv /var/lib/voiceops.good /var/lib/voiceops"
            " && systemctl start asterisk"
        )


@pytest.mark.shown_on("asterisk22")
@pytest.mark.parametrize(
    "line",
    ["number: 0123  # Ayşe", "password: 01234567012", "outbound_caller_id: +90212"],
)
def test_a_number_that_yaml_misreads_is_found_in_the_text(directory: Host, tmp_path: Path, line: str) -> None:
    host = directory
    inventory = tmp_path / "inventory"
    (inventory / "host_vars").mkdir(parents=True)
    hosts = Path(lab_inventory()).read_text(encoding="utf-8")
    (inventory / "hosts.yml").write_text(hosts, encoding="utf-8")
    extensions = inventory / "host_vars" / f"{host.name}.yml"
    third = f"name: A\n    {line}" if line.startswith("number") else f'number: "0043"\n    {line}'
    extensions.write_text(
        f'pbx_connection_ports: []\npbx_extensions:\n  - number: "0042"\n  - number: 1009\n  - {third}\n',
        encoding="utf-8",
    )
    # Of no other host, and of no play: nobody loads it.
    (inventory / "host_vars" / "elsewhere.yml").write_text("pbx_extensions: [{number: 0777}]\n")
    before = host.database()
    play = ["-i", str(inventory), "--limit", host.name, "--tags", "directory"]
    refused = ansible_playbook(*play, "playbooks/site.yml")
    assert refused.returncode != 0
    assert f"{host.name}.yml:6:" in refused.stdout
    assert "put them in quotes" in refused.stdout
    assert "elsewhere.yml" not in refused.stdout
    assert "01234567012" not in refused.stdout
    assert host.database() == before
    extensions.write_text(
        'pbx_connection_ports: []\npbx_extensions:\n  - {number: "0042"}\n  - number: 1009\n',
        encoding="utf-8",
    )
    assert ansible_playbook(*play, "playbooks/site.yml").returncode == 0
    assert {"0042", "1009"} <= set(host.facts()["pbx_extensions"])
