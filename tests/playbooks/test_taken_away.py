# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the role writes on a host it also takes away; which of it is there depends on the variables."""

from __future__ import annotations

import json

from playbooks.playing import rendered

from .test_variables_as_text import ALL_OFF, ALL_ON, BESIDES


def test_each_file_that_the_role_writes_is_among_those_that_it_takes_away():
    made = rendered([{**BESIDES, **ALL_ON}, ALL_OFF], "__pbx_all_files", "__pbx_files_to_remove")
    written = {file["path"] for each in made for file in json.loads(each["__pbx_all_files"])}
    assert len(written) > 40
    assert not written - set(json.loads(made[0]["__pbx_files_to_remove"]))
