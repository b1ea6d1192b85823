# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Recordings on a server that does not answer any more: the host goes on without it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .company import RECORDINGS, until
from .fleet import DIRECTORY, Host, site
from .storage import RECORDED, WATCH, facts, is_mounted, make_devices, phones, policy, talk

#: Not every kernel has an NFS client: what hangs here when its server stops is a FUSE file system over ssh.
OVER_THE_NETWORK = {
    **RECORDED,
    "pbx_recording_device": "storage@127.0.0.1:/srv/remote",
    "pbx_recording_filesystem": "fuse.sshfs",
    "pbx_recording_mount_options": [
        *("allow_other", "default_permissions", "IdentityFile=/root/.ssh/storage"),
        "StrictHostKeyChecking=accept-new",
    ],
}


@pytest.fixture(scope="module")
def over_the_network(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """The host with its recordings on a server, which is itself by another name."""
    folder = tmp_path_factory.mktemp("network")
    make_devices(host)
    host.shell(
        "set -e; apt-get -qq update; apt-get -qq install --yes --no-install-recommends sshfs >/dev/null 2>&1;"
        "ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/storage <<< y >/dev/null;"
        "id storage >/dev/null 2>&1 || useradd -o -u $(id -u asterisk) -g asterisk -G voiceops-recordings"
        " -s /bin/sh -d /srv/storage storage 2>/dev/null;"
        "install -d -o asterisk -m 700 /srv/storage /srv/storage/.ssh;"
        "install -o asterisk -m 600 /root/.ssh/storage.pub /srv/storage/.ssh/authorized_keys;"
        "install -d -o asterisk -g voiceops-recordings -m 2750 /srv/remote;"
        "install -o asterisk -g voiceops-recordings -m 640 /dev/null /srv/remote/.storage;"
        f"rm -rf {RECORDINGS}/2*"
    )
    run = site([host], folder, OVER_THE_NETWORK)
    assert run.status == 0, run.text[-5000:]
    yield host
    run = site([host], folder, DIRECTORY)
    assert run.status == 0, run.text[-5000:]
    assert not is_mounted(host)
    host.shell("rm -rf /srv/remote /srv/storage /root/.ssh/storage*; userdel storage 2>/dev/null || true")


@contextmanager
def silent_server(host: Host) -> Iterator[None]:
    """The server takes what it is sent and answers nothing."""
    (server,) = host.shell("pgrep -x sftp-server").split()
    host.shell(f"kill -STOP {server}")
    try:
        yield
    finally:
        host.shell(f"kill -CONT {server}")


def test_a_server_that_is_gone_holds_up_no_call(over_the_network: Host, tmp_path: Path) -> None:
    host = over_the_network
    with phones(host) as (caller, _callee):
        until(lambda: host.shell("cat /run/voiceops-recordings/alive && echo yes || true").endswith("yes\n"))
        talk(caller.dial("1002")).hang_up()
        before = host.shell("find /srv/remote -name '*.wav' | wc -l")
        assert before == "1\n"
        call = talk(caller.dial("1002"))
        with silent_server(host):
            talk(call)
            # What is silent for longer is not asked any more.
            time.sleep(10)
            for required, status, answered in (("no", 200, ""), ("yes", 503, ""), ("yes", 503, "1 hour")):
                policy(host, required)
                if answered:
                    # As it is after the clock was set back.
                    host.shell(f"touch -d '{answered}' /run/voiceops-recordings/alive")
                began = time.monotonic()
                assert caller.call("1002") == status
                assert time.monotonic() - began < 2
            found = facts(host)
            assert found["problems"][0] == "it has not answered within 5 s"
            assert found["problems"][-1].endswith(": calls are refused")
            # For 20 s sshfs answers from what it knows (cache_timeout), and a run finds nothing wrong.
            time.sleep(20)
            refused = site([host], tmp_path, OVER_THE_NETWORK, "--tags", "recording")
            assert f"{RECORDINGS} does not answer" in " ".join(refused.text.split())
        policy(host, "no")
        said = f"{RECORDINGS} can be written to again"
        until(lambda: said in host.shell(f"journalctl -u {WATCH} -o cat"), 20)
        assert "it does not answer. Asterisk leaves it alone" in host.shell(f"journalctl -u {WATCH} -o cat")
        talk(call).hang_up()
        talk(caller.dial("1002")).hang_up()
    until(lambda: host.shell("find /srv/remote -name '*.wav' -size +44c | wc -l") == "3\n")
    assert facts(host)["problems"] == []
