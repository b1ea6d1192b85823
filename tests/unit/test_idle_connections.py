# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Which connections are a phone's, and which may be closed where there are too many."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils import idle_connections
from ansible_collections.voiceops.asterisk.plugins.module_utils.idle_connections import (
    Peer,
    connected,
    registered,
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
    monkeypatch.setattr(idle_connections, "_SEEN", str(tmp_path / "seen"))
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
