# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A variable that is nearly one of the role's is a mistake; what is like none of them is somebody else's."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.voiceops.asterisk.plugins.filter.misspelt_variables import FilterModule
from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER

misspelt = FilterModule().filters()["misspelt_variables"]
ROLE = FOLDER.parent / "roles" / "pbx"
SPECS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
OF_PLAYBOOKS = yaml.safe_load((ROLE / "vars/main/preflight.yml").read_text(encoding="utf-8"))[
    "__pbx_variables_of_playbooks"
]
KNOWN = [*SPECS["main"]["options"], *OF_PLAYBOOKS]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("pbx_extension", "pbx_extensions"),
        ("pbx_conection_ports", "pbx_connection_ports"),
        ("pbx_outbound_profile", "pbx_outbound_profiles"),
        ("pbx_recording_keep_day", "pbx_recording_keep_days"),
        ("pbx_extensions_groups", "pbx_extension_groups"),
        ("pbx_emergency_number", "pbx_emergency_numbers"),
        ("pbx_trunk", "pbx_trunks"),
    ],
)
def test_a_misspelt_variable_is_named_with_what_was_meant(name, meant):
    (found,) = misspelt([name, "pbx_trunks"], KNOWN)
    assert found["path"] == name
    assert found["wrong"] is True
    assert f"did you mean {meant}?" in found["say"]


@pytest.mark.parametrize("name", [*KNOWN, "pbx_rack", "pbx_backup_host"])
def test_what_is_known_or_like_nothing_is_left_alone(name):
    assert misspelt([name], KNOWN) == []
