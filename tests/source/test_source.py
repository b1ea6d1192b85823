# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Asterisk from source on a host without: one story, in which each test goes on where the last ended."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from integration.company import until
from integration.fleet import REPOSITORY, Host, Run, site
from pages.journal import Journal
from phones.exchange import Call, Line, Room

from .tarballs import Source, Tarball, cut_short, known, that_does_not_compile
from .upstream import Played

PREFIX = "/opt/voiceops/asterisk"
RECORDINGS = "/var/spool/voiceops/recordings"
PASSWORDS = {"1001": "correct-horse-1", "1002": "correct-horse-2"}
TONES = {"1001": 400, "1002": 600}
DIRECTORY: dict[str, Any] = {
    "pbx_connection_ports": [{"name": "Masa telefonları"}],
    "pbx_extension_groups": [{"name": "Satış"}],
    "pbx_extensions": [
        {
            "number": "1001",
            "name": "Ayşe",
            "password": PASSWORDS["1001"],
            "groups": ["Satış"],
            "record": True,
        },
        {"number": "1002", "name": "Mehmet", "password": PASSWORDS["1002"], "groups": ["Satış"]},
    ],
}
#: Longest time for a run that compiles, in seconds.
DEADLINE = 3600.0


def run(host: Host, folder: Path, source: Source | None, *more: str, **variables: Any) -> Run:
    given = {**DIRECTORY, **(source.variables() if source else {}), **variables}
    return site([host], folder, given, *more, deadline=DEADLINE)


@dataclass(frozen=True)
class Telephones:
    """Two that have registered once, in the first test that wants them."""

    first: Line
    second: Line

    def talk(self) -> Call:
        call = self.first.dial("1002")
        assert call.status() == 200
        return call

    def hear_each_other(self, call: Call) -> bool:
        return call.is_up().hears() == [TONES["1002"]]


@pytest.fixture(scope="module")
def telephones(room: Room) -> Telephones:
    both = [room.phone(n, password, register=False, tone=TONES[n]) for n, password in PASSWORDS.items()]
    # Longer than a build takes on a busy machine: what has expired proves nothing.
    assert [phone.register(expires=3600) for phone in both] == [200, 200]
    return Telephones(*both)


def running(host: Host) -> list[str]:
    """Return what tells the Asterisk that runs from any other: process, start, program."""
    return host.shell(
        "p=$(cat /run/asterisk/asterisk.pid); echo $p; stat -c '%i %y' /run/asterisk/asterisk.pid;"
        " readlink /proc/$p/exe; asterisk -rx 'core show version'"
    ).splitlines()


def kept(host: Host) -> dict[str, str]:
    """Return what a change of the release must not change."""
    return {
        **outlasting(host),
        "registrations": host.shell("asterisk -rx 'database show registrar/contact'"),
    }


def outlasting(host: Host) -> dict[str, str]:
    """Return what stays where Asterisk goes."""
    return {
        "directory": host.content(),
        "recordings": host.shell(
            f"cd {RECORDINGS} && find . -name '*.wav' -size +44c | sort | xargs sha256sum"
        ),
        "call detail records": host.python(
            "import sqlite3; c = sqlite3.connect('/var/log/asterisk/master.db');"
            "print(*c.execute('SELECT * FROM calls ORDER BY AcctId'), sep='\\n')"
        ),
    }


def left_behind(host: Host) -> str:
    """Return what a build that failed has left where it worked and where it would have gone."""
    return host.shell(
        f"ls -d {PREFIX}/*.partial /var/tmp/asterisk.* /var/tmp/systemd-private-*-voiceops-asterisk-build*"
        " /var/cache/voiceops-asterisk/built.tar 2>/dev/null || true"
    )


@dataclass(frozen=True)
class Bare:
    """What there is on a host before the role has come."""

    packages: list[str]
    traces: set[str]


def packages(host: Host) -> list[str]:
    """Return what is installed; any package may want adduser, so apt never calls that one needless."""
    shown = host.shell("dpkg-query --show --showformat '${db:Status-Status} ${Package}\\n'").splitlines()
    return [line for line in shown if line.startswith("installed ") and not line.endswith(" adduser")]


def traces(host: Host) -> set[str]:
    """Return every file by which one sees that Asterisk or this collection was there."""
    return set(
        host.shell(
            "find / -xdev \\( -iname '*voiceops*' -o -iname '*asterisk*' -o -nouser -o -nogroup \\)"
            " ! -path '/tmp/*'"
        ).splitlines()
    )


ALONE = {"pbx_install_method": "source"}
NEWEST = known()[0]
FIRST_PLACE, SECOND_PLACE = (
    f"https://downloads.asterisk.org/pub/telephony/asterisk/{folder}asterisk-{NEWEST['version']}.tar.gz"
    for folder in ("", "old-releases/")
)
PJPROJECT = (
    "https://raw.githubusercontent.com/asterisk/third-party/master/pjproject/"
    f"{NEWEST['pjproject']}/pjproject-{NEWEST['pjproject']}.tar.bz2"
)


@pytest.fixture(scope="module")
def bare(host: Host) -> Bare:
    """The host, which has some of what a build needs, and not what https is checked with."""
    host.shell("apt-get update && apt-get install --yes --no-install-recommends patch")
    host.shell("apt-get purge --yes ca-certificates")
    return Bare(packages(host), traces(host))


@pytest.mark.usefixtures("bare")
def test_a_system_that_has_no_asterisk_says_so_before_anything_is_changed(
    host: Host, tmp_path: Path, journal: Journal
) -> None:
    refused = run(host, tmp_path, None)
    assert refused.recap(host.name)["changed"] == 0
    assert refused.status != 0
    said = re.search(r"nothing was changed, because Asterisk cannot be installed on [^\"\n]*", refused.text)
    assert said, refused.text
    with journal.of("a system that has no Asterisk says so before anything is changed") as seen:
        seen.append(said[0])


def test_check_mode_on_the_bare_host_ends_well(
    host: Host, upstream: Played, tmp_path: Path, journal: Journal
) -> None:
    checked = run(host, tmp_path, None, "--check", "--diff", **ALONE)
    assert checked.status == 0, checked.text[-3000:]
    assert host.shell(f"ls {PREFIX} /etc/asterisk 2>/dev/null || true") == ""
    assert upstream.asked_since() == []
    with journal.of("check mode on the bare host ends well, with pbx_install_method: source alone"):
        pass


def not_built(host: Host, folder: Path, **variables: Any) -> str:
    """Return what a run says that ends before anything is built."""
    failed = run(host, folder, None, **ALONE, **variables)
    assert failed.status != 0
    assert host.shell(f"ls {PREFIX} /etc/asterisk 2>/dev/null || true") == ""
    said = re.search(r'"msg": "((?:pbx_source|built could)[^"]*)"', failed.text)
    assert said, failed.text[-3000:]
    assert "\\n" not in said[1]
    return said[1]


def test_what_cannot_be_fetched_is_named_and_nothing_is_built(
    host: Host, first: Source, upstream: Played, tmp_path: Path, *, journal: Journal
) -> None:
    neither = not_built(host, tmp_path)
    assert upstream.asked_since() == [FIRST_PLACE, SECOND_PLACE]
    assert f"{FIRST_PLACE}: HTTP Error 404: Not Found; {SECOND_PLACE}: HTTP Error 404" in neither
    assert "Set pbx_source_archive to" in neither
    # Debian's tarball, which is not upstream's: what the role knows is what counts.
    upstream.files = {FIRST_PLACE: Path(first.asterisk.path), SECOND_PLACE: Path(first.asterisk.path)}
    other = not_built(host, tmp_path)
    assert upstream.asked_since() == [FIRST_PLACE]
    assert f"pbx_source_sha256: {FIRST_PLACE} has the SHA-256 {first.asterisk.sha256}, and not" in other
    without = not_built(host, tmp_path, pbx_source_sha256=first.asterisk.sha256)
    assert upstream.asked_since() == [FIRST_PLACE, PJPROJECT]
    assert f"{PJPROJECT}: HTTP Error 404" in without
    assert "Set pbx_source_pjproject_archive to" in without
    with journal.of("what cannot be fetched is named, and nothing is built") as seen:
        seen += [neither, other, without]


def test_a_release_is_built_and_the_next_run_changes_nothing(
    host: Host, first: Source, upstream: Played, tmp_path: Path, *, journal: Journal
) -> None:
    # As when upstream has published a newer one. What has come in the test before is not fetched again.
    host.shell("rm /var/cache/voiceops-asterisk/asterisk.tar")
    upstream.files = {SECOND_PLACE: Path(first.asterisk.path), PJPROJECT: Path(first.pjproject.path)}
    begun = time.monotonic()
    built = run(host, tmp_path, first)
    took = time.monotonic() - begun
    assert built.status == 0, built.text[-5000:]
    fetched = upstream.asked_since()
    assert fetched == [FIRST_PLACE, SECOND_PLACE, PJPROJECT]
    again = run(host, tmp_path, first)
    assert again.recap(host.name)["changed"] == 0, again.text
    assert again.recap(host.name)["failed"] == 0, again.text
    modules = re.findall(
        r"^load = (\S+)$",
        (REPOSITORY / "roles/pbx/templates/modules.conf.j2").read_text("utf-8"),
        re.MULTILINE,
    )
    shown = host.shell("asterisk -rx 'module show'")
    assert [m for m in modules if not re.search(rf"^{re.escape(m)} .* Running ", shown, re.MULTILINE)] == []
    assert host.shell("ps -o user= -C asterisk").split() == ["asterisk"]
    assert host.shell("systemctl is-enabled asterisk; systemctl is-active asterisk").split() == [
        "enabled",
        "active",
    ]
    with journal.of("a release is built, and the next run changes nothing") as seen:
        seen += [
            *(f"asked for: {url}{' (404)' if url == FIRST_PLACE else ''}" for url in fetched),
            f"site.yml, from bare host to running Asterisk: {took:.0f} s",
            host.shell("tail -n 1 /var/log/voiceops-asterisk-build.log").strip(),
            f"{len(modules)} modules of modules.conf run, as the user asterisk",
        ]


def test_it_complains_of_nothing_when_it_starts(host: Host, journal: Journal) -> None:
    complaints = host.shell(
        "systemctl restart asterisk; sleep 1;"
        "tac /var/log/asterisk/messages.log | sed '/built by/q' | grep -E 'ERROR|WARNING' || true"
    )
    # As with Debian's package: pbx_config says so of a file that nobody has asked it to read.
    assert [line for line in complaints.splitlines() if "users.conf is deprecated" not in line] == []
    with journal.of("it complains of nothing when it starts"):
        pass


def test_telephones_register_and_speak_and_are_recorded(
    host: Host, telephones: Telephones, journal: Journal
) -> None:
    call = telephones.talk()
    assert telephones.hear_each_other(call)
    time.sleep(2)
    call.hang_up()
    time.sleep(1)
    recordings = kept(host)["recordings"].splitlines()
    assert len(recordings) == 1
    with journal.of("telephones register and speak, and are recorded") as seen:
        seen.append(recordings[0].split()[1])


@pytest.mark.parametrize(
    "how", ["wrong SHA-256", "cut short", "another pjproject", "does not compile", "stopped"]
)
def test_a_build_that_fails_leaves_the_call_alone(
    host: Host, second: Source, telephones: Telephones, how: str, *, tmp_path: Path, journal: Journal
) -> None:
    source, say = {
        "wrong SHA-256": (second.with_asterisk(Tarball(second.asterisk.path, "0" * 64)), "pbx_source_sha256"),
        "cut short": (cut_short(second), "Unexpected EOF in archive"),
        "another pjproject": (second, "is built with pjproject 2."),
        "does not compile": (that_does_not_compile(second), "strcompat.c"),
        "stopped": (second, "could not be built"),
    }[how]
    more: dict[str, Any] = {}
    if how == "another pjproject":
        # As if upstream had gone on to one that the role does not know.
        older = {**NEWEST, "pjproject": "1.0", "pjproject_sha256": second.pjproject.sha256}
        more = {"pbx_source_pjproject_sha256": "", "__pbx_source_releases": [older]}
    before = running(host)
    call = telephones.talk()
    if how == "stopped":
        # For a while: a host that goes down, or somebody who has thought better of it.
        host.shell(
            "(for i in $(seq 600); do sleep 1; systemctl is-active -q voiceops-asterisk-build && sleep 20 &&"
            " systemctl kill -s KILL voiceops-asterisk-build && break; done) > /dev/null 2>&1 < /dev/null &"
        )
    begun = time.monotonic()
    failed = run(host, tmp_path, source, **more)
    took = time.monotonic() - begun
    assert failed.status != 0
    assert say in failed.text, failed.text[-5000:]
    assert telephones.hear_each_other(call)
    call.hang_up()
    assert running(host) == before
    # systemd deletes a scratch folder on its own account, after it has said that the build is over.
    until(lambda: left_behind(host) == "", 60)
    with journal.of(f"a build that fails ({how}) leaves the running Asterisk and its call alone") as seen:
        seen.append(f"failed after {took:.0f} s")


def test_another_release_takes_over_at_a_restart_and_everything_is_kept(
    host: Host, second: Source, telephones: Telephones, tmp_path: Path, journal: Journal
) -> None:
    # As if it had been built long ago: more than pbx_source_keep are not kept.
    host.shell(
        f"mkdir -p {PREFIX}/18.0.0-ancient/sbin && touch -d 2020-01-01 {PREFIX}/18.0.0-ancient/sbin/asterisk"
    )
    before, was = kept(host), running(host)
    call = telephones.talk()
    begun = time.monotonic()
    built = run(host, tmp_path, second, pbx_restart="never")
    took = time.monotonic() - begun
    assert built.status == 0, built.text[-5000:]
    assert "has to be restarted" in built.text
    assert telephones.hear_each_other(call)
    call.hang_up()
    assert running(host)[:3] == was[:3]
    time.sleep(1)
    with_call = kept(host)
    begun = time.monotonic()
    restarted = run(host, tmp_path, second)
    switch = time.monotonic() - begun
    assert restarted.recap(host.name)["changed"] == 1, restarted.text
    assert kept(host) == with_call
    assert {k: v for k, v in before.items() if k in {"directory", "registrations"}} == {
        k: with_call[k] for k in ("directory", "registrations")
    }
    assert f"Asterisk {second.version} " in running(host)[3]
    assert host.shell(f"ls {PREFIX}/18.0.0-ancient 2>/dev/null || true") == ""
    # Nobody has registered again.
    again = telephones.talk()
    assert telephones.hear_each_other(again)
    again.hang_up()
    assert run(host, tmp_path, second).recap(host.name)["changed"] == 0
    with journal.of("another release takes over at a restart, and everything is kept") as seen:
        seen += [
            f"built beside a call, with pbx_restart: never, in {took:.0f} s: the call goes on",
            f"restarted with pbx_restart: if_needed by a run of {switch:.0f} s",
            f"now it is {running(host)[3]}",
            "directory, registrations, recordings and call detail records are the same, byte for byte",
        ]


def test_one_goes_back_without_a_tarball(
    host: Host, first: Source, telephones: Telephones, upstream: Played, *, tmp_path: Path, journal: Journal
) -> None:
    time.sleep(1)
    before = kept(host)
    upstream.files = {}
    begun = time.monotonic()
    back = run(host, tmp_path, first)
    took = time.monotonic() - begun
    assert back.status == 0, back.text[-5000:]
    assert kept(host) == before
    assert f"Asterisk {first.version} " in running(host)[3]
    call = telephones.talk()
    assert telephones.hear_each_other(call)
    call.hang_up()
    assert run(host, tmp_path, first).recap(host.name)["changed"] == 0
    assert upstream.asked_since() == []
    with journal.of("one goes back without a tarball") as seen:
        seen.append(f"a run of {took:.0f} s, the restart in it; everything is kept")
    for command in (
        "cat /etc/debian_version",
        "asterisk -V",
        f"ls -l {PREFIX} | tail -n +2",
        f"du -sh {PREFIX}/*/",
        "systemctl show asterisk -p ActiveState -p MainPID -p User -p ExecStart",
    ):
        journal.show(command, host.shell(command))


def test_all_of_it_goes_again_and_nothing_else(
    host: Host, first: Source, bare: Bare, *, tmp_path: Path, journal: Journal
) -> None:
    # That is somebody's from then on.
    host.shell("echo '; our offices' >> /etc/asterisk/acl.conf; echo ours > /opt/notes")
    was = running(host)
    promised = run(host, tmp_path, first, "--check", pbx_state="absent")
    assert promised.recap(host.name)["failed"] == 0, promised.text
    assert promised.recap(host.name)["changed"] > 0, promised.text
    assert running(host) == was
    before = outlasting(host)
    assert len(before["recordings"].splitlines()) > 1

    gone = run(host, tmp_path, first, pbx_state="absent")
    assert gone.status == 0, gone.text[-5000:]
    assert packages(host) == bare.packages
    assert (
        host.shell(f"ls -d {PREFIX} /opt/voiceops /usr/sbin/asterisk /run/asterisk 2>/dev/null || true") == ""
    )
    assert host.shell("systemctl cat asterisk 2>/dev/null || true") == ""
    assert host.shell("ls /etc/asterisk /opt").split() == ["/etc/asterisk:", "acl.conf", "/opt:", "notes"]
    assert outlasting(host) == before
    assert host.shell("id -un asterisk").strip() == "asterisk"
    again = run(host, tmp_path, first, pbx_state="absent")
    assert again.recap(host.name)["changed"] == 0, again.text

    host.shell("rm /etc/asterisk/acl.conf")
    everything = ["database", "recordings", "call_records"]
    rest = run(host, tmp_path, first, pbx_state="absent", pbx_absent_removes=everything)
    assert rest.status == 0, rest.text[-5000:]
    # What a package leaves behind that was removed, but not purged.
    assert {path for path in traces(host) - bare.traces if not path.startswith("/etc/fail2ban/")} == set()
    assert host.shell("getent passwd asterisk; getent group asterisk voiceops-recordings; true") == ""
    with journal.of("all of it goes again, and nothing else") as seen:
        seen += [
            "pbx_state: absent: builds, unit, configuration and compiler are gone",
            "directory, recordings and call records stay until pbx_absent_removes names them",
            "then no file on the host tells that it was there",
        ]
