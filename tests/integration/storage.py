# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the tests of the storage of recordings have in common."""

from __future__ import annotations

import base64
import gzip
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from phones.exchange import Call, Line, Room

from .company import RECORDINGS
from .fleet import DIRECTORY, Host

RECORDED = {
    **DIRECTORY,
    "pbx_extensions": [
        {**extension, "record": extension["number"] == "1002"} for extension in DIRECTORY["pbx_extensions"]
    ],
}
WATCH = "voiceops-recordings-watch.service"


def make_devices(host: Host) -> None:
    """Give the host what a container lacks; they are gone with each boot."""
    host.shell(
        "cd /dev; [ -e loop-control ] || mknod loop-control c 10 237;"
        "[ -e fuse ] || mknod -m 666 fuse c 10 229;"
        "for i in $(seq 0 15); do [ -e loop$i ] || mknod loop$i b 7 $i; done"
    )


def put_file_system(host: Host, path: str, size: int, folder: Path) -> None:
    """Put a file with an ext4 of ``size`` bytes on the host, and what it takes to mount it."""
    image = folder / "image"
    with image.open("wb") as file:
        file.truncate(size)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", str(image)], check=True)
    packed = base64.b64encode(gzip.compress(image.read_bytes())).decode()
    host.shell(f"base64 -d | gunzip > {path}", packed)
    make_devices(host)


@contextmanager
def phones(host: Host) -> Iterator[tuple[Line, Line]]:
    """1001, and 1002, which is recorded and answers."""
    with Room(host.address) as room:
        caller = room.phone("1001", "correct-horse-1", tone=400)
        callee = room.phone("1002", "correct-horse-2", tone=600)
        callee.does("answer")
        yield caller, callee


def talk(call: Call) -> Call:
    call.is_up()
    time.sleep(1)
    assert call.hears() == [600]
    return call


def recordings(host: Host) -> dict[str, int]:
    """Return the size of each recording that is seen in the folder."""
    lines = host.shell(f"cd {RECORDINGS} && find . -name '*-1002.wav' -printf '%P %s\\n'").splitlines()
    return {path: int(size) for path, size in (line.split() for line in lines)}


def facts(host: Host) -> dict[str, Any]:
    found = host.module("pbx_extension_facts", gather=["recording"])["ansible_facts"]
    return dict(found["pbx_recording_storage"])


def policy(host: Host, required: str) -> None:
    """What becomes of calls that cannot be recorded. Whether Asterisk starts is not changed by this."""
    host.shell(f"asterisk -rx 'dialplan set global recording_required {required}'")


def is_mounted(host: Host) -> bool:
    return host.shell(f"mountpoint -q {RECORDINGS} && echo yes || true") == "yes\n"
