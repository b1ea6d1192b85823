# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the role writes on a host it also takes away; which of it is there depends on the variables."""

from __future__ import annotations

import json

from playbooks.playing import rendered

from .test_variables_as_text import ALL_OFF, ALL_ON, BESIDES


def test_each_file_that_the_role_writes_is_among_those_that_it_takes_away():
    places = ("__pbx_all_files", "__pbx_confirm_files", "__pbx_files_to_remove")
    made = rendered([{**BESIDES, **ALL_ON}, ALL_OFF], *places)
    written = {file["path"] for each in made for place in places[:2] for file in json.loads(each[place])}
    assert len(written) > 80
    assert not written - set(json.loads(made[0]["__pbx_files_to_remove"]))
