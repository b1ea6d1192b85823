# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A lab that is killed or stopped at any moment leaves nothing behind for long.

Runs as root, in a lab instance of its own (VOICEOPS_LAB_TEST_INSTANCE, 9 if unset),
so that the hosts of other labs on this machine are not touched.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from hostlab import settings as settings_module
from hostlab.mounts import delete_tree
from hostlab.network import IP_FORWARD
from hostlab.settings import Settings

pytestmark = pytest.mark.lab

LAB = Path(__file__).resolve().parent / "lab"
NAME = "pbx-cut"
INSTANCE = os.environ.get("VOICEOPS_LAB_TEST_INSTANCE") or "9"
ENVIRONMENT = {**os.environ, "VOICEOPS_LAB_INSTANCE": INSTANCE}


def lab(*words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LAB, *words], env=ENVIRONMENT, capture_output=True, text=True, timeout=timeout, check=False
    )


def links() -> set[str]:
    return {path.name for path in Path("/sys/class/net").iterdir()}


def processes_with(words: set[str]) -> list[str]:
    """The processes whose command line or environment holds one of the words."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "cmdline").read_bytes() + b"\0" + (folder / "environ").read_bytes()
        except OSError:
            continue
        if folder.name != str(os.getpid()) and any(word.encode() in text for word in words):
            found.append(f"{folder.name} {text[:200]!r}")
    return found


def output(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def remains(settings: Settings) -> dict[str, object]:
    """Everything of this lab that the kernel still knows; all empty when it is down."""
    bridge = settings.bridge
    own = (f"vo{settings.instance}h", settings.phones_link)
    return {
        "mounts": [line for line in Path("/proc/mounts").read_text().splitlines() if bridge in line],
        "links": sorted(name for name in links() if name == bridge or name.startswith(own)),
        "namespaces": [path.name for path in Path("/run/netns").glob(f"{bridge}-*")],
        "tables": [
            line for line in output("nft", "list", "tables").splitlines() if line.endswith(f" {bridge}")
        ],
        "routes": [line for line in output("ip", "route").splitlines() if settings.subnet in line],
        "cgroups": [str(path) for path in Path("/sys/fs/cgroup").glob(f"**/{bridge}-*")],
        "processes": processes_with({f"{bridge}-", f"{settings.hosts}/"}),
        "hosts": [path.name for path in settings.hosts.glob("*")],
    }


@pytest.fixture(scope="module")
def settings() -> Settings:
    """The lab's settings, with warm system trees and nothing up."""
    if os.geteuid() != 0:
        pytest.fail("the lab's tests make namespaces and mounts: run them as root")
    here = settings_module.from_environment(ENVIRONMENT)
    assert not list(here.hosts.glob("*")), f"lab instance {INSTANCE} has hosts: take them down first"
    done = lab("up", NAME, timeout=900)
    assert done.returncode == 0, done.stderr
    assert lab("down").returncode == 0
    return here


@pytest.fixture
def forwarding(settings: Settings) -> str:
    """ip_forward before the test; other labs that are up keep it at 1."""
    return IP_FORWARD.read_text().strip()


@dataclass(frozen=True)
class Moment:
    """A point in a command's work, seen from outside by what it has made so far."""

    name: str
    reached: Callable[[Settings, Path], bool]


def exists(text: str) -> Callable[[Settings, Path], bool]:
    return lambda settings, host: Path(text.format(s=settings, host=host)).exists()


def on_console(word: bytes) -> Callable[[Settings, Path], bool]:
    def reached(_settings: Settings, host: Path) -> bool:
        console = host / "console.log"
        return console.exists() and word in console.read_bytes()

    return reached


def sshd_answers(settings: Settings, host: Path) -> bool:
    if not (host / "pid").exists():
        return False
    record = json.loads((host / "host.json").read_text())
    try:
        with socket.create_connection((settings.address(record["index"]), 22), timeout=1) as connection:
            return connection.recv(4).startswith(b"SSH")
    except OSError:
        return False


MOMENTS = [
    Moment("host recorded", exists("{host}/host.json")),
    Moment("bridge made", exists("/sys/class/net/{s.bridge}")),
    Moment("phones plugged in", exists("/sys/class/net/{s.phones_link}")),
    Moment("host folder filled", exists("{host}/upper/root/.ssh/authorized_keys")),
    Moment("namespace made", exists("/run/netns/{s.bridge}-" + NAME)),
    Moment("supervisor starting", exists("{host}/console.log")),
    Moment("supervisor noted", exists("{host}/pid")),
    # The kernel makes this folder as it mounts the overlay.
    Moment("overlay mounted", exists("{host}/work/work")),
    Moment("systemd started", on_console(b"systemd")),
    Moment("boot nearly done", on_console(b"Reached target")),
]


def stop_at(moment: Moment, settings: Settings, number: int, *words: str) -> int:
    """Runs a lab command and sends it a signal at a moment of its work."""
    host = settings.hosts / NAME
    command = subprocess.Popen(
        [LAB, *words], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 240
    try:
        while not moment.reached(settings, host):
            assert command.poll() is None, f"the lab ended before: {moment.name}"
            assert time.monotonic() < deadline, f"never came: {moment.name}"
            time.sleep(0.0005)
        command.send_signal(number)
        return command.wait(30)
    finally:
        command.kill()
        command.wait()


def assert_nothing_remains(settings: Settings) -> None:
    left = {what: found for what, found in remains(settings).items() if found}
    assert not left


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_down_removes_what_a_killed_up_left(settings: Settings, forwarding: str, moment: Moment) -> None:
    assert stop_at(moment, settings, signal.SIGKILL, "up", NAME) == -signal.SIGKILL
    done = lab("down")
    assert done.returncode == 0, done.stderr
    assert_nothing_remains(settings)
    assert IP_FORWARD.read_text().strip() == forwarding


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_up_replaces_what_a_killed_up_left(settings: Settings, moment: Moment) -> None:
    assert stop_at(moment, settings, signal.SIGKILL, "up", NAME) == -signal.SIGKILL
    try:
        done = lab("up", NAME)
        assert done.returncode == 0, done.stderr
        assert lab("ssh", NAME, "hostname").stdout.strip() == NAME
    finally:
        done = lab("down")
    assert done.returncode == 0, done.stderr
    assert_nothing_remains(settings)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(
    "moment",
    # The last: as the lab itself learns that the host is ready.
    [*MOMENTS[::3], Moment("sshd answers", sshd_answers)],
    ids=lambda moment: moment.name,
)
def test_a_stopped_up_tidies_after_itself(
    settings: Settings, moment: Moment, number: int, status: int
) -> None:
    assert stop_at(moment, settings, number, "up", NAME) == status
    assert_nothing_remains(settings)


@pytest.mark.parametrize(
    "moment",
    [
        Moment("overlay gone", lambda _settings, host: not (host / "root").exists()),
        Moment(
            "cable gone",
            lambda settings, _host: not any(link.startswith(f"vo{INSTANCE}h") for link in links()),
        ),
    ],
    ids=lambda moment: moment.name,
)
def test_down_goes_on_after_a_killed_down(settings: Settings, moment: Moment) -> None:
    assert lab("up", NAME).returncode == 0
    stop_at(moment, settings, signal.SIGKILL, "down")
    assert lab("down").returncode == 0
    assert_nothing_remains(settings)


def test_a_host_that_ended_by_itself_is_made_anew(settings: Settings) -> None:
    assert lab("up", NAME).returncode == 0
    lab("ssh", NAME, "systemctl", "poweroff")
    deadline = time.monotonic() + 20
    while '"dead"' not in lab("list", "--json").stdout:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    done = lab("up", NAME)
    assert done.returncode == 0, done.stderr
    assert "left over" in done.stdout
    assert lab("down").returncode == 0
    assert_nothing_remains(settings)


def test_a_host_mounts_its_own_tmp_and_mounts_it_once(settings: Settings) -> None:
    assert lab("up", f"{NAME}=forky").returncode == 0
    try:
        # A unit with PrivateTmp= wants /tmp mounted.
        lab("ssh", NAME, "systemd-run", "--wait", "--quiet", "--property=PrivateTmp=yes", "true")
        mounts = lab("ssh", NAME, "findmnt --noheadings --output OPTIONS /tmp").stdout.splitlines()
    finally:
        assert lab("down").returncode == 0
    # As the host's own tmp.mount says: nr_inodes=1m.
    assert len(mounts) == 1, mounts
    assert "nr_inodes=1048576" in mounts[0]


def test_a_killed_build_leaves_no_process_and_no_mount(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENVIRONMENT, "VOICEOPS_LAB_CACHE", str(tmp_path))
    unpacking = Moment("debootstrap unpacks", lambda *_: any(tmp_path.glob("*.partial/tree/proc/version")))
    try:
        assert stop_at(unpacking, settings, signal.SIGKILL, "up", NAME) == -signal.SIGKILL
        assert lab("down").returncode == 0
        deadline = time.monotonic() + 5
        while processes_with({str(tmp_path)}) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not processes_with({str(tmp_path)})
        assert str(tmp_path) not in Path("/proc/mounts").read_text()
        assert_nothing_remains(settings)
    finally:
        delete_tree(tmp_path)
