# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Phones that get other settings are asked to fetch them, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import ami
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.check_sync import (
    EVENT,
    MODULE,
    SENT_WITHIN,
    send,
    with_other_settings,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import Extension
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import Changes, Plan
from ansible_collections.voiceops.asterisk.tests.unit.asterisk.played_modules import PlayedModules

WAS = Extension("1001", digest="a" * 32, connection_port="UDP", name="Ayşe")


def plan(*changes, create=(), delete=()):
    return Plan(extensions=Changes(create=tuple(create), change=tuple(changes), delete=tuple(delete)))


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({"digest": "b" * 32}, True),
        ({"username": "ayse"}, True),
        ({"connection_port": "TLS"}, True),
        ({"name": "Ayşe Demir"}, False),
        ({"max_calls": 2}, False),
        ({"enabled": False}, False),
        ({"digest": None}, False),
    ],
)
def test_a_phone_is_asked_that_has_to_register_in_another_way(options, asked):
    assert with_other_settings(plan((WAS, replace(WAS, **options)))) == ({"1001"} if asked else set())


def test_who_comes_and_who_goes_is_not_asked():
    assert with_other_settings(plan(create=[WAS], delete=[WAS])) == frozenset()


class PlayedAsterisk(PlayedModules):
    """Console and manager interface at once."""

    def __init__(self, unknown=(), **options):
        super().__init__(MODULE, **options)
        self.unknown = unknown
        self.sent, self.slept = [], []

    def action(self, name, **fields):
        assert self.loaded
        if fields["Endpoint"] in self.unknown:
            raise ami.AmiRefusedError("Unable to retrieve endpoint")
        self.sent.append((name, fields))
        return {}

    def send(self, *numbers):
        return send(self, self, numbers, "check-sync;reboot=false", self.slept.append)


def test_each_phone_gets_one_notify_and_the_module_goes_when_they_are_sent():
    asterisk = PlayedAsterisk()
    assert asterisk.send("1002", "1001") == ""
    variable = "Event=check-sync;reboot=false"
    assert asterisk.sent == [
        ("PJSIPNotify", {"Endpoint": number, "Variable": variable}) for number in ("1001", "1002")
    ]
    assert asterisk.slept == [SENT_WITHIN]
    assert asterisk.asked[-1] == f"module unload {MODULE}"
    assert not asterisk.loaded


def test_a_module_that_somebody_has_loaded_stays():
    asterisk = PlayedAsterisk(loaded=True)
    assert asterisk.send("1001") == ""
    assert asterisk.loaded


def test_without_the_module_it_is_said_what_it_needs():
    asterisk = PlayedAsterisk(has_module=False)
    assert "pjsip_notify.conf" in asterisk.send("1001")
    assert asterisk.sent == []


def test_one_that_asterisk_does_not_know_holds_up_no_other():
    asterisk = PlayedAsterisk(unknown=["1001"])
    assert asterisk.send("1001", "1002") == "1001: Unable to retrieve endpoint"
    assert len(asterisk.sent) == 1


@pytest.mark.parametrize(
    "event", ["check-sync", "check-sync;reboot=false", "resync", "ua-profile", "a.b;c=d;e=f"]
)
def test_what_phone_makers_have_is_an_event(event):
    assert EVENT.fullmatch(event)


@pytest.mark.parametrize(
    "event",
    ["", "check sync", "check-sync;", "check-sync\r\nX: y", "check-sync,Content=x", "a=b", "ç", "x" * 41],
)
def test_what_would_be_something_else_in_the_header_is_none(event):
    assert not EVENT.fullmatch(event)
