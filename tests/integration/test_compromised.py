# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""An intruder in Asterisk has its user, and becomes nobody more, whatever he puts where root works."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from phones.phone import Phone

from .fleet import DIRECTORY, Host, Run, site

RECORDINGS = "/var/spool/voiceops/recordings"
STATE = "/var/lib/voiceops-recordings/state.json"
#: Somebody else's, of which nothing may change; and how long the attacker goes on, in seconds.
VICTIM, RACE = "/var/victim", 20

#: Where Asterisk's user may write; nobody else acts there by name.
ITS_OWN = (
    "/var/cache/asterisk",
    "/var/lib/asterisk",
    "/var/lib/voiceops-logs",
    "/var/lib/voiceops-recordings",
    "/var/log/asterisk",
    RECORDINGS,
    "/var/spool/asterisk",
)
#: Where everybody may, and nobody can touch what is another's.
STICKY = ("/tmp", "/var/tmp", "/var/lock", "/run/lock", "/dev")  # noqa: S108

#: What a host has on which a release before this one was the last to run.
AS_BEFORE = f"""
chown asterisk:voiceops-recordings {RECORDINGS.rpartition("/")[0]}; chmod 2750 {RECORDINGS.rpartition("/")[0]}
chown -R asterisk:asterisk /etc/asterisk; chmod 0755 /etc/asterisk
chmod 0770 /var/lib/voiceops; chmod 0660 /var/lib/voiceops/directory.sqlite3*
"""


DATABASE = "/var/lib/voiceops/directory.sqlite3"
TAKING_AWAY = f'import sqlite3; sqlite3.connect(\\"{DATABASE}\\").execute(\\"DELETE FROM extension\\")'  # noqa: S608


def as_asterisk(script: str) -> str:
    """Return a command that runs a script as Asterisk's user, outside of Asterisk's sandbox too."""
    return f"setpriv --reuid asterisk --regid asterisk --init-groups bash -c '{script}'"


@pytest.fixture
def victim(host: Host) -> Iterator[Host]:
    """The host with what belongs to somebody else; afterwards all of it is as it was."""
    host.shell(
        f"rm -rf {VICTIM}; mkdir -m 0700 {VICTIM}; mkdir {VICTIM}/recordings; cd {VICTIM}"
        "; echo precious > precious; echo precious > recordings/precious; chmod 0600 precious"
    )
    before = others(host)
    yield host
    assert others(host) == before
    host.shell(f"rm -rf {VICTIM}")


def others(host: Host) -> dict[str, str]:
    """Return owner, group, mode and content of what is nobody's business here, by path."""
    own = " -o ".join(f"-path {path}" for path in (*ITS_OWN, "/etc/asterisk", "/var/lib/voiceops"))
    passing = " -o ".join(f"-path {path}" for path in (*STICKY, "/proc", "/sys", "/run", "/root/.ansible"))
    owners = host.shell(
        f"find / -xdev \\( {own} -o {passing} -o -path /var/lib/systemd -o -path /var/log -o -path /var/spool"
        " -o -path /var/backups/voiceops-pbx -o -path /var/cache -o -path /opt -o -path /root/.cache"
        " \\) -prune -o -printf '%p\\t%u:%g %m\\n'"
    )
    content = host.shell(
        f"sha256sum /etc/passwd /etc/shadow /etc/group {VICTIM}/precious {VICTIM}/recordings/precious"
    )
    told = dict(line.split("\t") for line in owners.splitlines())
    return {**told, "content": content}


@contextmanager
def laid(host: Host, script: str, away: str = "true") -> Iterator[None]:
    """A host as an older release left it, with what Asterisk's user then put in the way."""
    host.shell(f"{AS_BEFORE}\n{as_asterisk(script)}")
    try:
        yield
    finally:
        host.shell(away)


def rolled_out(host: Host, folder: Path, *more: str, **variables: Any) -> Run:
    """Apply the role; it has to end, however it ends."""
    return site([host], folder, {**DIRECTORY, **variables}, *more, deadline=180)


def test_it_may_write_its_own_folders_and_nothing_else(host: Host, tmp_path: Path) -> None:
    allowed = " -o ".join(f"-path {path}" for path in (*ITS_OWN, *STICKY, "/proc", "/sys", "/run/asterisk"))
    look = f"find / -xdev \\( {allowed} \\) -prune -o \\( -type d -o -type f -o -type p \\) -writable -print"
    assert host.shell(f"{as_asterisk(look)} 2>/dev/null || true").splitlines() == []
    # And no name in a folder above one of its own.
    for own in ITS_OWN:
        above = own.rpartition("/")[0]
        assert host.shell(f"stat -c %U {above}").strip() == "root", above


def test_the_directory_is_there_for_it_to_read_only(directory: Host) -> None:
    host = directory
    database = DATABASE
    assert Phone("1001", "correct-horse-1", host.address).register() == 200
    for change in (
        f"echo x >> {database}",
        f"echo x >> {database}-wal",
        f"echo x >> {database}-shm",
        f"rm -f {database}",
        f"mv {database}-wal {database}-away",
        "touch /var/lib/voiceops/x",
        f'python3 -c "{TAKING_AWAY}"',
    ):
        refused = host.shell(f"{as_asterisk(change)} 2>&1 && echo done || true")
        assert "done" not in refused, change
        assert "denied" in refused or "readonly" in refused, refused
    pid = host.shell("systemctl show -p MainPID --value asterisk").strip()
    opened = host.shell(f"ls -l /proc/{pid}/fd | grep {database}")
    assert {line[:3] for line in opened.splitlines()} == {"lr-"}, opened


def test_it_finds_the_directory_when_it_starts_and_nobody_has_it_open(directory: Host) -> None:
    host = directory
    # The process that closes it last removes the files of its log, and Asterisk cannot make them.
    host.shell(f"systemctl stop asterisk; rm -f {DATABASE}-*; systemctl start asterisk")
    host.shell("timeout 30 sh -c 'until asterisk -rx \"core waitfullybooted\"; do sleep 0.2; done'")
    assert Phone("1001", "correct-horse-1", host.address).register() == 200
    # And what is written after that counts at once.
    changed = host.module("pbx_extension", number="1001", password="correct-horse-7")
    assert not changed["failed"], changed
    assert Phone("1001", "correct-horse-7", host.address).register() == 200
    assert Phone("1001", "correct-horse-1", host.address).register() == 401
    host.module("pbx_extension", number="1001", password="correct-horse-1")


def test_it_has_no_right_of_roots_left(host: Host) -> None:
    for pid in host.shell("pgrep -u asterisk asterisk").split():
        rights = host.shell(f"grep -h -e ^Cap -e ^Uid /proc/{pid}/status")
        held = dict(line.split(":\t", 1) for line in rights.splitlines())
        assert set(held.pop("Uid").split()) == {host.shell("id -u asterisk").strip()}
        assert {int(value, 16) for value in held.values()} == {0}, rights


def test_a_start_gives_it_nothing_that_its_configuration_names(victim: Host) -> None:
    host = victim
    conf = "/etc/asterisk/asterisk.conf"
    host.shell(f"cp -a {conf} /root/asterisk.conf")
    with laid(
        host,
        f'echo "[directories]" > {conf}; echo "astrundir => {VICTIM}" >> {conf}',
        away=f"cp /root/asterisk.conf {conf}; rm /root/asterisk.conf"
        "; systemctl reset-failed asterisk; systemctl restart asterisk",
    ):
        host.shell(f"grep -q {VICTIM} {conf}")
        host.shell("timeout 10 systemctl restart asterisk || true; sleep 1")
        assert host.shell(f"stat -c '%U %a' {VICTIM}").split() == ["root", "700"]
        # It is root's again, as after an upgrade of the package.
        assert host.shell(f"stat -c '%U:%G' {conf} /etc/asterisk").split() == ["root:asterisk"] * 2
    host.shell("timeout 30 sh -c 'until asterisk -rx \"core waitfullybooted\"; do sleep 0.2; done'")


#: What it puts in the way, what is there afterwards, and what the run says where it does not go on.
IN_THE_WAY = {
    "a link in place of the recordings": (
        f"mv {RECORDINGS} {RECORDINGS}.away; ln -s {VICTIM}/recordings {RECORDINGS}",
        f"rm {RECORDINGS}; mv {RECORDINGS}.away {RECORDINGS}",
        "remove it",
    ),
    "a link in place of the mark": (
        f"rm -f {RECORDINGS}/.storage; ln -s {VICTIM}/precious {RECORDINGS}/.storage",
        "true",
        "",
    ),
    "a link in place of a file": (
        "ln -sf /etc/shadow /etc/asterisk/rtp.conf",
        "rm -f /etc/asterisk/rtp.conf",
        "a link that asterisk has made",
    ),
    "a FIFO in place of a file": (
        "rm /etc/asterisk/rtp.conf; mkfifo /etc/asterisk/rtp.conf",
        "rm -f /etc/asterisk/rtp.conf",
        "FIFO",
    ),
    "a folder in place of a file": (
        "rm /etc/asterisk/rtp.conf; mkdir /etc/asterisk/rtp.conf",
        "rmdir /etc/asterisk/rtp.conf",
        "Is a directory",
    ),
    "a link in place of the directory's log": (
        f"cd /var/lib/voiceops; rm -f directory.sqlite3-wal; ln -s {VICTIM}/precious directory.sqlite3-wal",
        "rm -f /var/lib/voiceops/directory.sqlite3-wal; systemctl restart asterisk",
        "is not an ordinary file; move it away",
    ),
}


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_a_run_does_nothing_to_what_is_not_its_own(victim: Host, tmp_path: Path, what: str) -> None:
    host = victim
    put, away, says = IN_THE_WAY[what]
    with laid(host, put, away):
        run = rolled_out(host, tmp_path)
        assert run.status == 0 or says, run.text[-3000:]
        assert run.status == 0 or says in run.text, run.text[-3000:]


def test_with_all_that_out_of_the_way_a_run_closes_it(victim: Host, tmp_path: Path) -> None:
    host = victim
    mark = f"rm -f {RECORDINGS}/.storage; mkfifo {RECORDINGS}/.storage"
    with laid(host, mark):
        run = rolled_out(host, tmp_path)
    assert run.status == 0, run.text[-3000:]
    where = f"{RECORDINGS}/.. {RECORDINGS} {RECORDINGS}/.storage /etc/asterisk /var/lib/voiceops"
    assert host.shell(f"stat -c '%U:%G %a' {where} /var/lib/voiceops/*").splitlines() == [
        "root:root 755",
        "asterisk:voiceops-recordings 2750",
        "asterisk:voiceops-recordings 640",
        *["root:asterisk 750"] * 2,
        *["root:asterisk 640"] * 3,
    ]
    assert rolled_out(host, tmp_path).recap(host.name)["changed"] == 0


def test_facts_do_not_wait_for_it(host: Host) -> None:
    host.shell(f"{as_asterisk(f'mv {STATE} {STATE}.away; mkfifo {STATE}')} 2>/dev/null || true")
    try:
        begun = time.monotonic()
        assert "1001" in host.facts()["pbx_extensions"]
        assert time.monotonic() - begun < 30
        # A user who looks by hand does not either.
        assert "has not been looked at" in host.shell("timeout 10 voiceops-recordings status 2>&1 || true")
    finally:
        host.shell(f"rm -f {STATE}; voiceops-recordings retain")


#: Swaps names for links and FIFOs, as fast as it can, where it may.
SWAPPING = r"""
import itertools, os, sys, time
victim, recordings, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
give_up = time.monotonic() + seconds

def swap(path, make):
    away = path + ".away"
    try:
        os.rename(path, away)
        make(path)
        os.sched_yield()
    except OSError:
        pass
    try:
        if os.path.lexists(away):
            if os.path.lexists(path) and not os.path.isdir(away):
                os.unlink(path)
            elif os.path.islink(path):
                os.unlink(path)
            os.rename(away, path)
    except OSError:
        pass

def lay(path, target):
    try: os.symlink(target, path)
    except OSError: pass

for turn in itertools.count():
    if time.monotonic() > give_up:
        break
    swap(recordings, lambda path: os.symlink(victim + "/recordings", path))
    swap("/etc/asterisk/rtp.conf", lambda path: os.symlink("/etc/shadow", path))
    swap("/etc/asterisk/features.conf", os.mkfifo)
    swap("/var/lib/voiceops-recordings/state.json", os.mkfifo)
    swap(recordings + "/.storage", lambda path: os.symlink(victim + "/precious", path))
    for name in ("rtp.conf", "pjsip.conf", "extensions.conf"):
        lay("/etc/asterisk/%s.voiceops-partial" % name, victim + "/precious")
"""

#: Waits until a new directory is being filled, and gives its name to a link; as fast as it can.
LYING_IN_WAIT = r"""
import os, sys, time
victim, partial = sys.argv[1] + "/precious", "/var/lib/voiceops/directory.sqlite3.new"
give_up = time.monotonic() + float(sys.argv[3])
while time.monotonic() < give_up:
    if os.path.exists(partial + "-wal"):
        try:
            os.unlink(partial)
            os.symlink(victim, partial)
        except OSError:
            pass
"""

#: Makes the directory again and again, as the first run does in a folder that an older release has made.
CREATING = """
import contextlib, os, shutil, sys, time
sys.path.insert(0, "/opt")
from voiceops_asterisk.database import store
from voiceops_asterisk.definition import problem
give_up, made, refused = time.monotonic() + float(sys.argv[1]), 0, set()
while time.monotonic() < give_up:
    shutil.rmtree("/var/lib/voiceops", ignore_errors=True)
    with contextlib.suppress(FileExistsError):
        os.mkdir("/var/lib/voiceops")
    shutil.chown("/var/lib/voiceops", "root", "asterisk")
    os.chmod("/var/lib/voiceops", 0o770)
    try:
        store.create(store.DEFAULT_PATH, int(sys.argv[2]))
        made += 1
    except problem.DirectoryError as error:
        refused.add(str(error))
print(made, refused)
"""


def race(host: Host, script: str, doing: Callable[[], None]) -> None:
    """Do something, again and again, while Asterisk's user runs a script."""
    host.shell("cat > /tmp/swapping.py; chmod 0644 /tmp/swapping.py", script)
    with ThreadPoolExecutor() as beside:
        swapping = beside.submit(
            host.shell, as_asterisk(f"exec python3 /tmp/swapping.py {VICTIM} {RECORDINGS} {RACE}")
        )
        while not swapping.done():
            doing()
        swapping.result()


def whole_again(host: Host) -> str:
    """Return a script that takes away what a race may have left."""
    return (
        "cd /etc/asterisk; for each in *.away; do [ ! -e $each ] || mv -fT $each ${each%.away}; done"
        "; rm -f *-partial *.away"
        # A run may have made it root's before it refused it.
        rf"; find /etc/asterisk -mindepth 1 \( -type p -o -lname '{VICTIM}*' \) -delete"
        f"; rm -f /var/lib/voiceops-recordings/*; rm -rf {RECORDINGS}/.storage*"
        f"; [ ! -e {RECORDINGS}.away ] || {{ rm -rf {RECORDINGS}; mv {RECORDINGS}.away {RECORDINGS}; }}"
    )


def assert_told(runs: list[Run]) -> None:
    """Each run is done or says what it cannot do; none ends in a way that nobody has thought of."""
    for run in runs:
        assert run.status in (0, 2), run.text[-3000:]
        assert "Traceback" not in run.text, run.text[-3000:]
        assert "MODULE FAILURE" not in run.text, run.text[-3000:]


@pytest.mark.shown_on("asterisk22")
def test_a_race_against_runs_changes_nothing_else(victim: Host, tmp_path: Path) -> None:
    host = victim
    said: list[Run] = []

    def doing() -> None:
        host.shell(AS_BEFORE)
        said.append(rolled_out(host, tmp_path))

    try:
        race(host, SWAPPING, doing)
    finally:
        host.shell(whole_again(host))
    assert_told(said)
    last = rolled_out(host, tmp_path)
    assert last.status == 0, last.text[-3000:]


@pytest.mark.shown_on("asterisk16")
def test_a_race_against_facts_and_retention_changes_nothing_else(victim: Host) -> None:
    host = victim

    def doing() -> None:
        host.shell(AS_BEFORE)
        assert "pbx_extensions" in host.facts()
        host.shell("timeout 20 voiceops-recordings retain 2>&1 || [ $? != 124 ]")
        host.shell("timeout 20 voiceops-recordings status 2>&1 || [ $? != 124 ]")

    try:
        race(host, SWAPPING, doing)
    finally:
        host.shell(whole_again(host))


@pytest.mark.shown_on("asterisk22")
def test_a_race_against_the_making_of_the_directory_changes_nothing_else(victim: Host) -> None:
    host = victim
    host.put_library("/opt/voiceops_asterisk")
    host.shell("systemctl stop asterisk; cp -a /var/lib/voiceops /root/voiceops")
    try:
        gid = host.shell("id -g asterisk").strip()
        said: list[str] = []
        race(host, LYING_IN_WAIT, lambda: said.append(host.python(CREATING, str(RACE / 2), gid)))
        assert sum(int(line.split()[0]) for line in said) > 0, said
    finally:
        host.shell("rm -rf /var/lib/voiceops; mv /root/voiceops /var/lib/voiceops; systemctl start asterisk")


@pytest.mark.shown_on("asterisk16")
def test_a_race_against_taking_it_all_away_changes_nothing_else(host: Host, tmp_path: Path) -> None:
    # Packages and their files go, so only what is somebody else's is compared.
    look = f"find {VICTIM} -printf '%p %u:%g %m %s\\n'; cat {VICTIM}/precious {VICTIM}/recordings/precious"
    before = host.shell(
        f"rm -rf {VICTIM}; mkdir -m 0700 {VICTIM}; mkdir {VICTIM}/recordings; cd {VICTIM}"
        f"; echo precious | tee precious > recordings/precious; {look}"
    )
    host.shell(f"{AS_BEFORE}\nmkdir -p {RECORDINGS}/2026/01/02; ln -s {VICTIM} {RECORDINGS}/2026/01/03")
    host.shell(
        "cd /etc/asterisk; for each in pjsip extensions rtp"
        f"; do ln -sf {VICTIM}/precious $each.conf.voiceops-partial; done"
    )
    gone: list[Run] = []
    away = {"pbx_state": "absent", "pbx_absent_removes": ["recordings", "database"]}
    try:
        race(host, SWAPPING, lambda: gone.append(rolled_out(host, tmp_path, **away)))
        assert host.shell(look) == before
    finally:
        # A run may have refused what was in its way: then all is still there.
        host.shell(f"[ ! -d /etc/asterisk ] || {{ {whole_again(host)}; }}")
        last = rolled_out(host, tmp_path, **away)
        back = rolled_out(host, tmp_path)
    assert_told(gone)
    assert last.status == 0, last.text[-5000:]
    assert back.status == 0, back.text[-5000:]
    assert host.shell(look) == before
