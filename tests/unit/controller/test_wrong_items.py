# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is wrong with the items of a directory's lists is told together with all else that is wrong."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.filter.wrong_items import FilterModule

wrong_items = FilterModule().filters()["wrong_items"]


def told(**variables):
    return {rule["path"]: rule["say"] for rule in wrong_items(variables)}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"pbx_extensions": [{"number": "1001"}], "pbx_extension_groups": [{"name": "IT"}]},
        # What is not a list is reported by the code that looks at types.
        {"pbx_extensions": {"number": "10 02"}, "pbx_trunks": "Telco", "pbx_emergency_numbers": None},
        {"pbx_rtp_start": "many"},
    ],
    ids=repr,
)
def test_nothing_is_said_of_what_is_right(given):
    assert wrong_items(given) == []


def test_each_mistake_has_its_place_and_whose_it_is():
    found = told(
        pbx_extensions=[
            "correct-horse-1",
            {"number": "10 02", "name": "Ayşe"},
            {"number": "1", "max_calls": 0},
        ],
        pbx_connection_ports=[{"name": "A", "protocol": "smoke"}, 5060],
        pbx_emergency_numbers=["112", "one"],
    )
    assert found.keys() == {
        "pbx_extensions[0]",
        "pbx_extensions[1].number (Ayşe)",
        "pbx_extensions[2].max_calls (1)",
        "pbx_connection_ports[0].protocol (A)",
        "pbx_connection_ports[1]",
        "pbx_emergency_numbers[1]",
    }
    assert found["pbx_extensions[0]"] == "is not a mapping; write its options as `key: value`"


def test_what_many_have_is_said_once():
    found = told(pbx_extensions=[{"number": str(number), "max_calls": 0} for number in range(100, 200)])
    (say,) = found.values()
    assert "the same 99 times more: pbx_extensions[1].max_calls (101)" in say


def test_the_defaults_of_extensions_are_looked_at_too():
    found = told(pbx_extension_defaults={"language": "Turkish", "number": "1001", "max_calls": 10})
    assert found.keys() == {"pbx_extension_defaults.language", "pbx_extension_defaults.number"}


@pytest.mark.parametrize(
    ("allowed", "is_told"),
    [(None, True), (False, True), ("no", True), (0, True), (True, False), ("yes", False), ("perhaps", False)],
)
def test_a_weak_password_is_told_too_unless_it_is_allowed(allowed, is_told):
    weak = {"number": "1001", "password": "hunter2"}
    given = {} if allowed is None else {"pbx_allow_weak_passwords": allowed}
    found = told(pbx_extensions=[weak, {"number": "10 02"}], **given)
    assert ("pbx_extensions[0].password (1001)" in found) == is_told
    assert "pbx_extensions[1].number" in found
    assert "hunter2" not in str(found)
