# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Which connections are a phone's, and which may be closed where there are too many."""

from __future__ import annotations

import ipaddress
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.limits import idle_connections
from ansible_collections.voiceops.asterisk.plugins.module_utils.limits.idle_connections import (
    WEEK,
    Peer,
    connected,
    known_after,
    place,
    registered,
    rules,
    to_close,
    trunks,
)
from hypothesis import given
from hypothesis import strategies as st

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:13CE 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0
   1: 0B5D12C6:13CE C95D12C6:B26E 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0
   2: 0B5D12C6:0016 C95D12C6:B26F 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0
   3: 0B5D12C6:13CE C95D12C6:B270 06 00000000:00000000 00:00000000 00000000     0        0 4 1 0
"""
TABLE6 = """\
   1: 0000000000000000FFFF00000B5D12C6:13CE 0000000000000000FFFF0000C95D12C6:B271 01 0:0 0:0 0 0 0 5 1 0
   2: B80D0120000000000000000001000000:13CE B80D0120000000000000000002000000:B272 01 0:0 0:0 0 0 0 6 1 0
"""


def test_who_is_connected_is_read_from_the_kernel() -> None:
    assert connected(TABLE + TABLE6, {5070}) == {
        Peer("198.18.93.201", 45678),
        Peer("198.18.93.201", 45681),
        Peer("2001:db8::2", 45682),
    }


CONTACTS = """\
/registrar/contact/1001;@6e0 : {"via_addr":"198.18.93.201","uri":"sip:1001@198.18.93.201:45678;transport=TCP"}
/registrar/contact/1002;@6e1 : {"uri":"sips:1002@[2001:db8::2]:5061;transport=tls;x-ast-orig-host=10.0.0.1:1"}
/registrar/contact/1003;@6e2 : {"uri":"sip:1003@999.1.1.1:5060"}
/registrar/contact/1004;@6e3 : {"uri":"sip:1004@phone.example.com:5060"}
"""


def test_where_registered_phones_are_is_read_from_their_contacts() -> None:
    assert registered(CONTACTS) == {Peer("198.18.93.201", 45678), Peer("2001:db8::2", 5061)}


def test_trunks_are_told_by_their_networks() -> None:
    said = "Identify:  trunk-1/trunk-1\n   Match: 192.0.2.5/32\n   Match: 2001:db8:1::/64\n"
    assert trunks(said) == [ipaddress.ip_network("192.0.2.5/32"), ipaddress.ip_network("2001:db8:1::/64")]


peers = st.builds(Peer, st.sampled_from(["192.0.2.5", "198.51.100.7", "2001:db8::1"]), st.integers(1, 9))


@given(st.sets(peers), st.sets(peers), st.sets(peers))
def test_only_who_stays_and_has_no_business_is_closed(
    now: set[Peer], before: set[Peer], phones: set[Peer]
) -> None:
    of_trunks = [ipaddress.ip_network("192.0.2.0/24")]
    closed = to_close(now, before, phones, of_trunks)
    assert set(closed) == {
        peer for peer in (now & before) - phones if not peer.address.startswith("192.0.2.")
    }
    assert closed == sorted(closed)


# --- where phones are known to be --------------------------------------------------------------

NOW = 1_800_000_000


@pytest.mark.parametrize(
    ("where", "by"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7/32", "192.0.2.7"),
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("2001:db8::1:2:3:4", "2001:db8::/64"),
        ("2001:db8:0:1::4/96", "2001:db8:0:1::/64"),
        ("2001:db8::/48", "2001:db8::/48"),
    ],
)
def test_of_ipv6_a_network_of_64_bits_is_one_place(where: str, by: str) -> None:
    assert place(where) == by


@pytest.mark.parametrize(
    ("what", "known", "there", "after"),
    [
        ("a phone comes", {}, ["192.0.2.7"], {"192.0.2.7": NOW}),
        ("a phone stays", {"192.0.2.7": NOW - 9}, ["192.0.2.7"], {"192.0.2.7": NOW}),
        ("a phone goes", {"192.0.2.7": NOW - 9}, [], {"192.0.2.7": NOW - 9}),
        ("a phone has gone a week ago", {"192.0.2.7": NOW - WEEK}, [], {}),
        ("the clock was set back", {"192.0.2.7": NOW + 3600}, [], {"192.0.2.7": NOW}),
        ("two of one network", {}, ["2001:db8::1", "2001:db8::2"], {"2001:db8::/64": NOW}),
    ],
)
def test_an_address_is_known_for_a_week_after_its_last_phone(
    what: str, known: dict[str, int], there: list[str], after: dict[str, int]
) -> None:
    assert known_after(known, there, NOW) == after, what


def test_of_too_many_addresses_those_are_known_where_a_phone_was_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idle_connections, "MOST_KNOWN", 2)
    known = {"192.0.2.1": NOW - 3, "192.0.2.2": NOW - 1, "192.0.2.3": NOW - 2}
    assert known_after(known, ["192.0.2.9"], NOW) == {"192.0.2.9": NOW, "192.0.2.2": NOW - 1}


def test_the_firewall_is_told_all_of_them_in_one_step() -> None:
    assert rules(["2001:db8::/64", "192.0.2.9", "192.0.2.1"]) == (
        "flush set inet voiceops_pbx known4\n"
        "add element inet voiceops_pbx known4 { 192.0.2.1, 192.0.2.9 }\n"
        "flush set inet voiceops_pbx known6\n"
        "add element inet voiceops_pbx known6 { 2001:db8::/64 }\n"
    )
    assert rules([]) == "flush set inet voiceops_pbx known4\nflush set inet voiceops_pbx known6\n"


def test_what_is_in_a_network_of_a_trunk_is_not_told_beside_it() -> None:
    known = ["192.0.2.9", "192.0.2.0/28", "192.0.2.0/24", "192.0.3.0", "2001:db8:0:1::/64", "2001:db8::/48"]
    assert re.findall("{ (.*) }", rules(known)) == ["192.0.2.0/24, 192.0.3.0", "2001:db8::/48"]


class Look:
    """The program's host: what it has in its files, and what was run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder, self.monkeypatch = folder, monkeypatch
        self.said: list[str] = []
        self.given: list[str] = []
        self.fails = ""
        for name in ("KNOWN", "TOLD", "LOADED", "SEEN"):
            monkeypatch.setattr(idle_connections, f"_{name}", str(folder / name.lower()))
        read = idle_connections._read
        self.connections(TABLE)
        places = {"/proc/net/tcp": folder / "tcp", "/proc/net/tcp6": folder / "none"}
        monkeypatch.setattr(idle_connections, "_read", lambda path: read(str(places.get(path, path))))
        monkeypatch.setattr(subprocess, "run", self._run)
        monkeypatch.setattr(sys, "argv", ["idle", "5070"])
        self.at(NOW)
        self.load()

    def _run(self, words: tuple[str, ...], **options: Any) -> subprocess.CompletedProcess[bytes]:
        self.said.append(words[0] if words[0] != "asterisk" else words[-1])
        if words[0] == self.fails:
            raise subprocess.CalledProcessError(1, words, b"", b"Error: No such file or directory")
        if words[0].endswith("nft"):
            self.given.append(options["input"].decode())
        out = CONTACTS if words[-1].startswith("database") else "Match: 203.0.113.5/32 Match: 203.0.113.64/28"
        return subprocess.CompletedProcess(words, 0, out.encode(), b"")

    def at(self, now: int) -> None:
        self.monkeypatch.setattr(time, "time", lambda: now)

    def connections(self, table: str) -> None:
        (self.folder / "tcp").write_text(table, encoding="ascii")

    def load(self, at: int = 1) -> None:
        """Load the firewall again."""
        (self.folder / "loaded").mkdir(exist_ok=True)
        os.utime(self.folder / "loaded", ns=(at, at))

    def look(self) -> list[str]:
        """Look once; return what was run for it."""
        self.said = []
        assert idle_connections.main() == 0
        return self.said


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Look:
    return Look(monkeypatch, tmp_path)


ASKED = ["database show registrar/contact", "pjsip show identifies"]


def test_asterisk_is_asked_where_an_address_is_new_and_else_once_an_hour(host: Look) -> None:
    assert host.look() == [*ASKED, "/usr/sbin/nft"]
    assert "known4 { 198.18.93.201, 203.0.113.5, 203.0.113.64/28 }" in host.given[-1]
    assert "known6 { 2001:db8::/64 }" in host.given[-1]
    assert host.look() == []
    host.at(NOW + 3599)
    assert host.look() == []
    host.at(NOW + 3600)
    assert host.look() == ASKED
    host.connections(TABLE.replace("C95D12C6", "CA5D12C6"))
    assert host.look() == ASKED
    host.connections("")
    host.at(NOW + 2 * WEEK)
    assert host.look() == ["/usr/sbin/nft"]
    assert "add" not in host.given[-1]


@pytest.mark.parametrize("at", [2, 0], ids=["later", "by a clock that was set back"])
def test_a_firewall_that_was_loaded_anew_is_told_again_and_none_is_told_nothing(host: Look, at: int) -> None:
    host.look()
    host.load(at)
    assert host.look() == ["/usr/sbin/nft"]
    assert host.look() == []
    (host.folder / "loaded").rmdir()
    assert host.look() == []


def test_a_firewall_that_takes_nothing_keeps_no_stranger(
    host: Look, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_connections, "MANY", 0)
    host.connections(TABLE.replace("C95D12C6", "CA5D12C6"))
    host.fails = "/usr/sbin/nft"
    assert host.look() == [*ASKED, "/usr/sbin/nft"]
    assert host.look() == [*ASKED, "/usr/sbin/nft", "ss"]
    assert "was not told where phones are: Error: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["{", "[]", '{"nowhere": 1}', '{"192.0.2.1": "x"}', "7"])
def test_a_note_that_is_damaged_is_none(host: Look, damage: str) -> None:
    (host.folder / "known").write_text(damage, encoding="ascii")
    assert host.look() == [*ASKED, "/usr/sbin/nft"]


@pytest.mark.parametrize(("many", "looks"), [(0, 2), (0, 1), (99, 2)])
def test_only_where_there_are_many_and_at_the_second_look(
    many: int, looks: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said: list[tuple[str, ...]] = []

    def run(words: tuple[str, ...], **_options: Any) -> subprocess.CompletedProcess[bytes]:
        said.append(words)
        return subprocess.CompletedProcess(
            words, 0, CONTACTS.encode() if words[-1].startswith("database") else b""
        )

    table = tmp_path / "tcp"
    table.write_text(TABLE + TABLE6, encoding="ascii")
    read = idle_connections._read
    places = {"/proc/net/tcp": str(table), "/proc/net/tcp6": str(tmp_path / "none")}
    monkeypatch.setattr(idle_connections, "_read", lambda path: read(places.get(path, path)))
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(idle_connections, "MANY", many)
    for name in ("SEEN", "KNOWN", "TOLD", "LOADED"):
        monkeypatch.setattr(idle_connections, f"_{name}", str(tmp_path / name.lower()))
    monkeypatch.setattr(sys, "argv", ["idle", "5070"])
    for _look in range(looks):
        assert idle_connections.main() == 0
    closed = [words[-1] for words in said if words[0] == "ss"]
    if many or looks == 1:
        assert closed == []
    else:
        assert closed == ["( sport = :5070 ) and ( dst 198.18.93.201:45681 or dst [2001:db8::2]:45682 )"]
    assert (tmp_path / "seen").exists() == (many == 0)
    monkeypatch.setattr(idle_connections, "MANY", 99)
    assert idle_connections.main() == 0
    assert not (tmp_path / "seen").exists()
