# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A name that there is not, and the one that is meant."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.nearest import nearest

KNOWN = ["Depot", "Sales", "Satış", "Floor 1", "Floor 12"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sales", ("Sales", True)),
        ("Sat is", ("Satış", True)),
        ("floor1", ("Floor 1", True)),
        ("Sale", ("Sales", False)),
        ("Slaes", ("Sales", False)),
        ("Sakes", ("Sales", False)),
        ("Depo", ("Depot", False)),
        ("Flor 12", ("Floor 12", False)),
    ],
)
def test_a_slip_of_the_keyboard_is_recognised(written, meant):
    assert nearest(written, KNOWN) == meant


@pytest.mark.parametrize("written", ["Marketing", "IT", "X", "", "Floor 2", "Floor 21", "Sales 2"])
def test_a_name_that_resembles_none_is_not_taken_for_one(written):
    assert nearest(written, KNOWN) is None


def test_where_there_are_no_names_none_is_meant():
    assert nearest("Sales", []) is None
