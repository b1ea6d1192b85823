# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The program with a port that Asterisk is to have is named; here it is the tests themselves."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import ConnectionPort
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import occupied

PROGRAM = Path("/proc/self/comm").read_text(encoding="utf-8").strip()


def held(kind: int, address: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    taken = socket.socket(family, kind)
    taken.bind((address, 0))
    if kind == socket.SOCK_STREAM:
        taken.listen()
    return taken


def said(protocol: str, address: str, number: int) -> list[str]:
    return list(occupied.wrong_with(ConnectionPort("Ofis", protocol=protocol, address=address, port=number)))


@pytest.mark.parametrize(
    ("protocol", "kind", "its", "wanted", "is_taken"),
    [
        ("udp", socket.SOCK_DGRAM, "127.0.0.1", "127.0.0.1", True),
        ("udp", socket.SOCK_DGRAM, "127.0.0.1", "0.0.0.0", True),
        ("udp", socket.SOCK_DGRAM, "0.0.0.0", "127.0.0.1", True),
        ("udp", socket.SOCK_DGRAM, "127.0.0.1", "127.0.0.2", False),
        ("udp", socket.SOCK_DGRAM, "::1", "::1", True),
        ("udp", socket.SOCK_STREAM, "127.0.0.1", "127.0.0.1", False),
        ("tcp", socket.SOCK_STREAM, "127.0.0.1", "127.0.0.1", True),
        ("wss", socket.SOCK_STREAM, "127.0.0.1", "0.0.0.0", True),
        ("tcp", socket.SOCK_DGRAM, "127.0.0.1", "127.0.0.1", False),
    ],
)
def test_who_has_a_port_is_named(protocol, kind, its, wanted, is_taken):
    with held(kind, its) as taken:
        number = taken.getsockname()[1]
        layer = "udp" if protocol == "udp" else "tcp"
        cure = "stop that, or give 'Ofis' another port or address"
        by = f"port {number}/{layer} is taken by {PROGRAM} (pid {os.getpid()}); {cure}"
        assert said(protocol, wanted, number) == ([by] if is_taken else [])


def test_what_asterisk_has_itself_is_free(monkeypatch):
    monkeypatch.setattr(occupied, "_owner", lambda _inode: (7, "asterisk"))
    with held(socket.SOCK_DGRAM, "127.0.0.1") as taken:
        assert said("udp", "127.0.0.1", taken.getsockname()[1]) == []


def test_one_whose_owner_cannot_be_seen_is_taken_all_the_same(monkeypatch):
    monkeypatch.setattr(occupied, "_owner", lambda _inode: (0, ""))
    with held(socket.SOCK_DGRAM, "127.0.0.1") as taken:
        (told,) = said("udp", "127.0.0.1", taken.getsockname()[1])
    assert "is taken by another program;" in told
