# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The way back is judged as any other plan."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    EmergencyNumber,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.going_back import plan_back
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    DESK,
    OTHER_SECRET,
    SECRET,
    directory,
    ext,
    line,
    problems,
)
from ansible_collections.voiceops.asterisk.tests.unit.strategies import directories
from hypothesis import given


@given(directories(), directories())
def test_from_any_sound_state_a_way_leads_to_any_other(have, want):
    assert have.after(plan_back(have, want)) == want


#: A state to which something else has written, and what is said of it.
UNSOUND = {
    "a user name that two have": (
        directory(ext("1001"), ext("1002", username="1001")),
        [("extension '1002'.username", "1001 is the user name of extension 1001; give one of them another")],
    ),
    "ports in each other's way": (
        directory(DESK, ConnectionPort("other")),
        [("port 'other'", "udp 0.0.0.0:5060 is already the port 'desk'")],
    ),
    "an extension with an emergency number": (
        directory(EmergencyNumber("112"), ext("112")),
        [
            (
                "extension '112'.number",
                "112 is an emergency number (pbx_emergency_numbers) and cannot be an extension's",
            )
        ],
    ),
    "a trunk through a port of browsers": (
        directory(ConnectionPort("web", "ws", port=8088), line(connection_port="web")),
        [("trunk 'line'.connection_port", "'web' is a port of ws, which only browsers connect to")],
    ),
}


@pytest.mark.parametrize(("want", "said"), UNSOUND.values(), ids=UNSOUND)
def test_a_state_that_cannot_be_is_refused(want, said):
    assert problems(plan_back, directory(), want) == said


def test_whose_password_is_another_again_is_told():
    have = directory(ext("1001", password=OTHER_SECRET), ext("1003"))
    want = directory(ext("1001", password=SECRET), ext("1002", password=SECRET), ext("1003"), ext("1004"))
    assert plan_back(have, want).warnings == (
        "these extensions have the password again that they had: 1001, 1002",
    )


def test_what_leads_nowhere_again_is_told():
    want = directory(ext("1001", forward_to="1002"), line(inbound=[("*", "1009"), ("030", "1001")]))
    assert plan_back(directory(), want).warnings == (
        "extension 1001 forwards to 1002, which is not there",
        "trunk 'line' sends calls to extensions that are not there: 1009",
    )
    assert plan_back(want, want).warnings == ()
