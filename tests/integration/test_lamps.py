# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Lamps: a phone shows what another one does (RFC 4235), also one that came into being only afterwards."""

from __future__ import annotations

from phones.exchange import Room

from .fleet import Host
from .test_calls import define, password


def test_a_lamp_shows_what_a_phone_does(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"}, {"number": "3002"}, {"number": "3003"})
    with Room(host.address) as room:
        watcher = room.phone("3001", password("3001"))
        watched = room.phone("3003", password("3003"), habit="ring")
        dialog, presence = watcher.watch("3003"), watcher.watch("3003", "presence")
        call = room.phone("3002", password("3002")).dial("3003").rings()
        dialog.shows("early")
        presence.shows("open Ringing")
        watched.incoming().answer()
        call.is_up()
        dialog.shows("confirmed")
        presence.shows("open On the phone")
        call.hang_up()
        dialog.shows("terminated")


def test_a_lamp_for_who_does_not_exist_yet_comes_on_when_he_does(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"}, {"number": "3002"})
    with Room(host.address) as room:
        lamp = room.phone("3001", password("3001")).watch("3009")
        define(host, {"number": "3009"})
        room.phone("3009", password("3009"), habit="ring")
        call = room.phone("3002", password("3002")).dial("3009").rings()
        lamp.shows("early")
        call.hang_up()


def test_only_numbers_can_be_watched(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"})
    with Room(host.address) as room:
        watcher = room.phone("3001", password("3001"))
        wanted = ["trunk-1", "1002&PJSIP/1003", "1" * 16, "s"]
        assert [watcher.watch(number).status for number in wanted] == [404] * len(wanted)
