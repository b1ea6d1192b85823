# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A test call: the phone rings for a second, calls of others are left alone, and nothing stays behind."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import ami, test_call
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.test_call import MODULE, ring
from ansible_collections.voiceops.asterisk.tests.unit.asterisk.played_modules import PlayedModules

OTHERS = {
    "PJSIP/1001-00000001": ("Ringing", "AppDial"),
    "PJSIP/1001-00000002": ("Up", "Dial"),
    "PJSIP/10011-00000003": ("Ringing", ""),
}
OURS = "PJSIP/1001-00000009"


class PlayedAsterisk(PlayedModules):
    """Console and manager interface at once, with a clock of its own."""

    def __init__(self, rings_after=1.0, ends_itself=False, **options):
        super().__init__(MODULE, **options)
        self.rings_after, self.ends_itself = rings_after, ends_itself
        self.now, self.placed = 0.0, None
        self.hung_up = []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds

    def ask(self, command):
        if command.startswith("channel originate"):
            self.placed = self.now
        return super().ask(command)

    def list(self, *_listing):
        channels = dict(OTHERS)
        if self.placed is not None and OURS not in self.hung_up:
            rings = self.rings_after is not None and self.now - self.placed >= self.rings_after
            channels[OURS] = ("Ringing" if rings else "Down", "")
        return [
            {"Channel": name, "ChannelStateDesc": state, "Application": application}
            for name, (state, application) in channels.items()
        ]

    def action(self, name, **fields):
        assert name == "Hangup"
        self.hung_up.append(fields["Channel"])
        if self.ends_itself:
            raise ami.AmiRefusedError("AMI Hangup: No such channel")
        return {}

    def ring(self):
        return ring(self, self, "1001", self.clock, self.sleep)


def test_the_phone_rings_for_a_second_and_no_call_of_others_is_touched():
    asterisk = PlayedAsterisk()
    assert asterisk.ring() == ""
    assert asterisk.hung_up == [OURS]
    assert asterisk.now == pytest.approx(1.0 + test_call.RINGS, abs=2 * test_call.PAUSE)
    assert "channel originate PJSIP/1001 application Wait 1" in asterisk.asked
    assert not asterisk.loaded


def test_a_phone_that_does_not_ring_is_called_no_longer_than_its_patience():
    asterisk = PlayedAsterisk(rings_after=None)
    assert asterisk.ring() == "it did not ring within 5 s"
    assert asterisk.hung_up == [OURS]
    assert asterisk.now == pytest.approx(test_call.PATIENCE, abs=2 * test_call.PAUSE)
    assert not asterisk.loaded


def test_a_call_that_has_ended_by_itself_has_rung():
    assert PlayedAsterisk(ends_itself=True).ring() == ""


def test_a_module_that_somebody_has_loaded_stays():
    asterisk = PlayedAsterisk(loaded=True)
    assert asterisk.ring() == ""
    assert asterisk.loaded
    assert f"module load {MODULE}" not in asterisk.asked


def test_an_asterisk_that_was_built_without_the_module_says_so():
    asterisk = PlayedAsterisk(has_module=False)
    assert asterisk.ring() == f"Asterisk has no module {MODULE}, which places calls"
    assert asterisk.placed is None


def test_the_module_goes_also_where_asterisk_does_not_answer():
    asterisk = PlayedAsterisk()

    def silent(*_listing):
        raise ami.AmiError("Asterisk did not answer")

    asterisk.list = silent
    with pytest.raises(ami.AmiError):
        asterisk.ring()
    assert not asterisk.loaded
